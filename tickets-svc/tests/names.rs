//! A name server of the tests' own: it says what it is told to, and that nothing else is there.

use std::{
    collections::HashMap,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Texts by name, in lower case without the last dot.
pub type Texts = HashMap<String, String>;

/// The server; it ends with this.
pub struct Names {
    address: SocketAddr,
    end: Arc<AtomicBool>,
}

impl Names {
    /// Serves TXT records by UDP.
    pub fn serve(texts: Texts) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let address = socket.local_addr().unwrap();
        let end = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&end);
        thread::spawn(move || {
            let mut packet = [0; 1_500];
            while !ended.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut packet) else { continue };
                if let Some(answer) = answer(&packet[..length], &texts) {
                    socket.send_to(&answer, from).unwrap();
                }
            }
        });
        Self { address, end }
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
    }
}

/// The answer to a question (RFC 1035 §4).
fn answer(packet: &[u8], texts: &Texts) -> Option<Vec<u8>> {
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(packet.get(at..at + length)?).to_lowercase());
        at += length;
    }
    let question = packet.get(12..at + 4)?;
    let kind = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
    let text = texts.get(&labels.join("."));
    let found = text.filter(|_| kind == 16);
    let missing = if text.is_some() { 0x8180_u16 } else { 0x8183 };
    let mut answer = packet[..2].to_vec();
    answer.extend(missing.to_be_bytes());
    answer.extend([0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0]);
    answer.extend(question);
    if let Some(text) = found {
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(255).collect();
        let length = pieces.iter().map(|piece| piece.len() + 1).sum::<usize>();
        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        answer.extend(u16::try_from(length).ok()?.to_be_bytes());
        for piece in pieces {
            answer.push(u8::try_from(piece.len()).ok()?);
            answer.extend(piece);
        }
    }
    Some(answer)
}
