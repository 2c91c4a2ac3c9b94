//! A call of any method with any bytes.

use bytes::{Buf, BufMut};
use e2e::{door::Door, steps::reason};
use std::time::Duration;
use tonic::{
    Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
};
use tonic_types::StatusExt;

/// Bytes as they are; of the reply nothing is read.
#[derive(Debug, Default, Clone, Copy)]
pub struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        buffer.advance(buffer.remaining());
        Ok(Some(()))
    }
}

/// Calls a method with these bytes as its message, in a language.
pub async fn call(door: &Door, path: &str, bytes: Vec<u8>, language: &str) -> Result<(), Status> {
    let mut request = Request::new(bytes);
    request.metadata_mut().insert("accept-language", language.parse().unwrap());
    send(door, path, request).await
}

/// Sends a request as it is.
pub async fn send(door: &Door, path: &str, request: Request<Vec<u8>>) -> Result<(), Status> {
    let mut grpc = Grpc::new(door.clone());
    grpc.ready().await.unwrap();
    let path = PathAndQuery::try_from(path).unwrap();
    // A refusal may come before the reply or in its place.
    let mut reply = grpc.server_streaming(request, path, Raw).await?.into_inner();
    reply.message().await.map(drop)
}

/// A refusal that says everything that one has to: a reason, a text in the language asked for, and
/// the limit where it is one.
#[track_caller]
pub fn says(status: &Status, why: &str, words: &str) {
    assert_eq!(reason(status), why, "{status:?}");
    assert!(status.message().contains(words), "{why}: {:?}", status.message());
}

/// How long a refusal asks to wait.
#[track_caller]
pub fn wait_of(status: &Status) -> Duration {
    status.get_details_retry_info().unwrap().retry_delay.unwrap()
}
