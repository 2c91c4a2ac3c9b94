//! The gateway as a browser sees it: requests over HTTP/1.1, written by hand so that nothing of a
//! client library helps.

use crate::Suite;
use prost::Message;
use std::fmt::Write;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status of HTTP.
    pub status: u16,
    /// Names in lower case, as `name: value`.
    pub headers: Vec<(String, String)>,
    /// Everything after the headers, as it came over the wire.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body, put together when it came in chunks.
    ///
    /// # Panics
    /// When its chunks do not end.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        if self.header("transfer-encoding") != Some("chunked") {
            return self.body.clone();
        }
        let (mut content, mut rest) = (Vec::new(), &self.body[..]);
        loop {
            let end = rest.windows(2).position(|w| w == b"\r\n").expect("a chunk has a length");
            let length = String::from_utf8_lossy(&rest[..end]);
            let length = usize::from_str_radix(&length, 16).expect("a length in hexadecimal");
            if length == 0 {
                return content;
            }
            let start = end + 2;
            content.extend_from_slice(&rest[start..start + length]);
            rest = &rest[start + length + 2..];
        }
    }

    /// The `grpc-status`, from the headers or from the trailers in the body.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn grpc_status(&self) -> i32 {
        if let Some(status) = self.header("grpc-status") {
            return status.parse().expect("a number");
        }
        let body = String::from_utf8_lossy(&self.body);
        let (_, rest) = body.split_once("grpc-status:").expect("a grpc-status");
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a number")
    }
}

impl Suite {
    /// One POST, with these headers besides the needed ones.
    ///
    /// # Panics
    /// When the gateway does not answer in HTTP.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.ask("POST", path, headers, body).await
    }

    /// One GET, with these headers besides the needed ones.
    ///
    /// # Panics
    /// When the gateway does not answer in HTTP.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, b"").await
    }

    async fn ask(&self, verb: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let host = self.address.trim_start_matches("http://");
        let mut request = format!(
            "{verb} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").expect("text takes it");
        }
        request.push_str("\r\n");
        let mut stream = TcpStream::connect(host).await.expect("the gateway listens");
        stream.write_all(request.as_bytes()).await.expect("it takes the headers");
        stream.write_all(body).await.expect("it takes the body");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("it answers and closes");
        parse(&answer)
    }

    /// One unary call by gRPC-Web, as a page of ours makes it.
    ///
    /// # Panics
    /// When the gateway does not answer in HTTP.
    pub async fn call_web<M: Message>(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        message: &M,
    ) -> Answer {
        let bytes = message.encode_to_vec();
        let length = u32::try_from(bytes.len()).expect("a short message");
        let frame = [&[0][..], &length.to_be_bytes(), &bytes].concat();
        let web = [("Content-Type", "application/grpc-web+proto")];
        self.post(path, &[&web, headers].concat(), &frame).await
    }
}

fn parse(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("headers end");
    let head = String::from_utf8_lossy(&answer[..end]);
    let mut lines = head.lines();
    let first = lines.next().expect("a status line");
    let status = first.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(n, v)| (n.to_ascii_lowercase(), v.trim().to_owned())).collect();
    Answer { status, headers, body: answer[end + 4..].to_vec() }
}
