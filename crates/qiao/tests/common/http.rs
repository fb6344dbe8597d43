//! HTTP/1.1 with keep-alive over a plain stream: enough for our own server, and nothing of it hides what is sent.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Header names in small letters, and their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    /// The body as JSON; `Null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
    /// Asserts a problem of this type and status.
    #[track_caller]
    pub fn is_problem(&self, status: u16, slug: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        assert!(
            self.header("content-type")
                .is_some_and(|t| t.starts_with("application/problem+json")),
            "{self:?}"
        );
        assert_eq!(self.json()["type"], format!("/problems/{slug}"), "{}", self.text());
    }
}

/// One connection.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects to `host:port`.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn connect(address: &str) -> io::Result<Self> {
        Self::over(TcpStream::connect(address)?)
    }

    /// Connects to `127.0.0.1:port` from another address of this machine: another client for what is limited by client.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn connect_from(source: std::net::Ipv4Addr, address: &str) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let stream = runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4()?;
            socket.bind((source, 0).into())?;
            let address = address.parse().map_err(|_| io::ErrorKind::InvalidInput)?;
            socket.connect(address).await?.into_std()
        })?;
        stream.set_nonblocking(false)?;
        Self::over(stream)
    }

    fn over(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        // Longer than any answer may take; a test that hangs says nothing.
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        self.stream.get_mut().write_all(&request)?;
        self.read()
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }

    fn read(&mut self) -> io::Result<Answer> {
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        let status = self
            .line()?
            .get(9..12)
            .and_then(|s| s.parse().ok())
            .ok_or_else(broken)?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(broken)?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
        };
        if let Some(length) = answer.header("content-length").and_then(|n| n.parse().ok()) {
            answer.body.resize(length, 0);
            self.stream.read_exact(&mut answer.body)?;
        } else if answer.header("transfer-encoding") == Some("chunked") {
            loop {
                let size = usize::from_str_radix(&self.line()?, 16).map_err(|_| broken())?;
                let mut chunk = vec![0; size];
                self.stream.read_exact(&mut chunk)?;
                self.line()?;
                if size == 0 {
                    break;
                }
                answer.body.append(&mut chunk);
            }
        }
        Ok(answer)
    }

    /// `GET`.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, &[], b"")
    }

    /// A request of a member of staff.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn staff(&mut self, token: &str, method: &str, path: &str, body: &Value) -> io::Result<Answer> {
        let bearer = format!("Bearer {token}");
        let (headers, body) = match body {
            Value::Null => (vec![("authorization", bearer.as_str())], Vec::new()),
            body => {
                let typed = ("content-type", "application/json");
                (
                    vec![("authorization", bearer.as_str()), typed],
                    body.to_string().into_bytes(),
                )
            }
        };
        self.send(method, path, &headers, &body)
    }

    /// A payment notice over these bytes, signed with the account's secret.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn signed(&mut self, account: &str, secret: &str, body: &[u8]) -> io::Result<Answer> {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let signature = data_encoding::HEXLOWER.encode(ring::hmac::sign(&key, body).as_ref());
        let headers = [
            ("content-type", "application/json"),
            ("x-signature", signature.as_str()),
        ];
        self.send("POST", &format!("/api/v1/notices/{account}"), &headers, body)
    }

    /// A plain signed notice of a made-up gift.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn notice(&mut self, secret: &str, trade_no: &str, amount_fen: i64) -> io::Result<Answer> {
        self.signed("notice", secret, notice(trade_no, amount_fen).to_string().as_bytes())
    }
}

/// The body of a notice of a made-up gift.
pub fn notice(trade_no: &str, amount_fen: i64) -> Value {
    json!({
        "trade_no": trade_no, "amount_fen": amount_fen, "paid_at": "2026-05-08T09:30:00+08:00",
        "payer": { "name": "王示例" },
    })
}
