//! A text of any encoding, read as UTF-8.

use super::{Encoding, UTF_8_MARK};
use encoding_rs::Decoder;
use std::io::{self, BufRead, Read};

/// A text of any encoding, as UTF-8. What no character stands for becomes U+FFFD.
pub struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    out: Vec<u8>,
    at: usize,
    done: bool,
}

impl<R: BufRead> Decoded<R> {
    /// A text in this encoding; its mark is dropped.
    pub fn new(mut inner: R, encoding: Encoding) -> Self {
        // What the disk refuses here it refuses again.
        if inner.fill_buf().is_ok_and(|buffer| buffer.starts_with(UTF_8_MARK)) {
            inner.consume(UTF_8_MARK.len());
        }
        let decoder = encoding.codec().new_decoder_with_bom_removal();
        Self { inner, decoder, out: Vec::new(), at: 0, done: false }
    }
}

impl<R: BufRead> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at >= self.out.len() && !self.done {
            let buffer = self.inner.fill_buf()?;
            let last = buffer.is_empty();
            self.out.resize(64 * 1024, 0);
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(buffer, &mut self.out, last);
            self.inner.consume(read);
            self.out.truncate(written);
            self.at = 0;
            self.done = last && result == encoding_rs::CoderResult::InputEmpty;
        }
        Ok(&self.out[self.at.min(self.out.len())..])
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(into.len());
        into[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}
