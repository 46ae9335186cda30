//! A client that sends one request after the other over one connection, and adds little to them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Result;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

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
        self.send("GET", path, "")
    }

    /// `POST` of JSON
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Result<Answer> {
        self.send("POST", path, &body.to_string())
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
        if !self.token.is_empty() {
            request += &format!("authorization: Token {}\r\n", self.token);
        }
        if !body.is_empty() {
            request +=
                &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        request += "\r\n";
        request += body;
        let begun = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, body) = self.receive()?;
        Ok(Answer { status, body, took: begun.elapsed() })
    }

    fn receive(&mut self) -> Result<(u16, Vec<u8>)> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).ok_or("not an answer of HTTP")?.parse()?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }
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
