//! A client that sends one request after the other over one connection, and adds little to them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Result;

/// How long nothing may come.
const PATIENCE: Duration = Duration::from_secs(120);

/// A connection.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    token: String,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// From the first byte of the request to the last of the answer.
    pub(crate) took: Duration,
}

impl Client {
    /// Connects; an empty token is none.
    pub(crate) fn connect(address: SocketAddr, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), token: token.to_owned() })
    }

    /// `GET`
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer> {
        self.send("GET", path, "", b"")
    }

    /// `POST` of JSON
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Result<Answer> {
        self.post_as(path, "application/json", body.to_string().as_bytes())
    }

    /// `POST` of anything
    pub(crate) fn post_as(&mut self, path: &str, kind: &str, body: &[u8]) -> Result<Answer> {
        self.send("POST", path, kind, body)
    }

    /// `GET` of something long, which is looked at as it comes; how long that took.
    pub(crate) fn stream(&mut self, path: &str, mut see: impl FnMut(&[u8])) -> Result<Duration> {
        let begun = self.ask("GET", path, "", b"")?;
        let (status, Length::Unknown) = self.head()? else {
            return Err(format!("{path} is not answered by a stream").into());
        };
        if status != 200 {
            return Err(format!("{path} is answered {status}").into());
        }
        let mut line = String::new();
        let mut piece = Vec::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim_end(), 16)?;
            // With the end of its line.
            piece.resize(length + 2, 0);
            self.stream.read_exact(&mut piece)?;
            if length == 0 {
                return Ok(begun.elapsed());
            }
            see(&piece[..length]);
        }
    }

    fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Answer> {
        let begun = self.ask(method, path, kind, body)?;
        let (status, Length::Known(length)) = self.head()? else {
            return Err(format!("{path} is answered by a stream").into());
        };
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Answer { status, body, took: begun.elapsed() })
    }

    /// Sends a request; when that began.
    fn ask(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Instant> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
        if !self.token.is_empty() {
            request += &format!("authorization: Token {}\r\n", self.token);
        }
        if !body.is_empty() {
            request += &format!("content-type: {kind}\r\ncontent-length: {}\r\n", body.len());
        }
        request += "\r\n";
        let mut request = request.into_bytes();
        request.extend_from_slice(body);
        let begun = Instant::now();
        self.stream.get_mut().write_all(&request)?;
        Ok(begun)
    }

    /// Reads the head of an answer: its status, and how long the body is.
    fn head(&mut self) -> Result<(u16, Length)> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).ok_or("not an answer of HTTP")?.parse()?;
        let mut length = Length::Known(0);
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = Length::Known(value.parse()?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                length = Length::Unknown;
            }
        }
        Ok((status, length))
    }
}

/// How long a body is.
enum Length {
    Known(usize),
    /// It comes in pieces.
    Unknown,
}

impl Answer {
    /// The JSON, if the status is the expected one.
    pub(crate) fn expect(&self, status: u16) -> Result<Value> {
        if self.status != status {
            let text = String::from_utf8_lossy(&self.body);
            return Err(format!("answered {} instead of {status}: {text}", self.status).into());
        }
        Ok(serde_json::from_slice(&self.body)?)
    }
}
