//! An HTTP/1.1 client that knows as much of the protocol as our own server speaks: one connection kept alive, one
//! request at a time, answers with a `Content-Length`. The load shares the machine with what it measures, so it must
//! cost little.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use uuid::{Uuid, fmt::Hyphenated};

/// Answers are small; this holds the largest we ask for.
const LARGEST_ANSWER: usize = 4 << 20;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// One connection to the server.
pub(super) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// What the first line and the headers of an answer say.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    body: usize,
    end: usize,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect to the server")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4096) })
    }

    /// Sends a whole request and gives the status of the answer.
    pub(super) async fn send(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.received.clear();
        loop {
            let read = self.stream.read_buf(&mut self.received).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some(head) = Head::parse(&self.received)?
                && self.received.len() >= head.end
            {
                ensure!(self.received.len() == head.end, "the server sent more than one answer");
                return Ok(head.status);
            }
            ensure!(self.received.len() < LARGEST_ANSWER, "the server's answer is too long");
        }
    }

    /// [`Connection::send`] for those who cannot know how long it takes; the load is timed as a whole.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<u16> {
        let answer = tokio::time::timeout(PATIENCE, self.send(request)).await;
        answer.context("the server does not answer")?
    }

    /// The id that the last answer begins with, without reading the rest: the load must cost little.
    pub(super) fn id(&self) -> Result<Uuid> {
        let head = Head::parse(&self.received)?.context("there was no answer")?;
        let body = self.received.get(head.body..head.end).unwrap_or_default();
        let id = body.strip_prefix(br#"{"id":""#).and_then(|rest| rest.get(..Hyphenated::LENGTH));
        Ok(Uuid::try_parse_ascii(id.context("the answer begins with no id")?)?)
    }

    /// The body of the last answer, as JSON.
    pub(super) fn json(&self) -> Result<Value> {
        let head = Head::parse(&self.received)?.context("there was no answer")?;
        let body = self.received.get(head.body..head.end).unwrap_or_default();
        serde_json::from_slice(body)
            .with_context(|| format!("not JSON: {}", String::from_utf8_lossy(body)))
    }
}

impl Head {
    /// `None`: there is more to come.
    fn parse(received: &[u8]) -> Result<Option<Self>> {
        let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = std::str::from_utf8(&received[..end]).context("a header is not text")?;
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok())
            .with_context(|| format!("not an HTTP answer: {head}"))?;
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
        });
        let Some(length) = length else { bail!("the answer does not tell its length: {head}") };
        let body = end + 4;
        Ok(Some(Self { status, body, end: body + length? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_up_to_its_length() {
        let answer = b"HTTP/1.1 201 Created\r\nX: y\r\ncontent-LENGTH: 2\r\n\r\n{}";
        let head = Head::parse(answer).expect("it is well formed").expect("it is whole");
        assert_eq!(head, Head { status: 201, body: answer.len() - 2, end: answer.len() });
    }

    #[test]
    fn half_a_head_waits_for_the_rest() {
        let half = Head::parse(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n");
        assert_eq!(half.expect("nothing is wrong yet"), None);
    }

    #[test]
    fn an_answer_without_a_length_is_an_error() {
        Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").expect_err("nobody knows where it ends");
    }
}
