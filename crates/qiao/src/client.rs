//! The way out over HTTP: the one place that makes a network client.

use std::time::Duration;

use integrations::payments::http::{ANSWER_BYTES_MAX, Http, Method, NoAnswer, Request, Response, Sent};
use proof::log::{Answer, Reply, Wire};
use sandbox::{Post, Posted};

/// A payment provider answers within a second; who waits longer keeps a donor waiting.
const TIMEOUT: Duration = Duration::from_secs(15);
/// A host that does not even accept.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A stream of lines, such as all decisions of a pool, takes longer than an answer.
const STREAM_TIMEOUT: Duration = Duration::from_secs(600);
/// A stream is read whole into memory by whoever asks for it.
const STREAM_BYTES_MAX: u64 = 2 << 30;
/// A line of such a stream: a pool with its rule has some kilobytes.
const LINE_BYTES_MAX: usize = 1 << 20;

/// The client of this program.
pub struct Client(Result<reqwest::Client, String>);

impl Client {
    /// Makes it. That the machine has no root certificates is told when something is to be sent, so that everything
    /// else works without a network.
    pub fn new() -> Self {
        // The second call in one process finds the first one's provider: the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            // An answer that leads elsewhere is no answer of the provider.
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Self(client.map_err(|error| format!("no network client: {error}")))
    }

    async fn fetch(&self, request: Request) -> Result<Response, NoAnswer> {
        let client = self.0.as_ref().map_err(|why| NoAnswer(why.clone()))?;
        let mut building = match request.method {
            Method::Get => client.get(&request.url),
            Method::Post => client.post(&request.url),
        };
        for (name, value) in request.headers {
            building = building.header(name, value);
        }
        // The address may hold a token: reqwest's words without it.
        let told = |error: reqwest::Error| NoAnswer(error.without_url().to_string());
        let mut answer = building.body(request.body).send().await.map_err(told)?;
        let status = answer.status().as_u16();
        let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect();
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(told)? {
            if body.len() + piece.len() > ANSWER_BYTES_MAX {
                return Err(NoAnswer("the answer is too long".into()));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Response { status, headers, body })
    }
}

impl Client {
    /// Hands every line at an address to `take`, the last one too if nothing ends it.
    ///
    /// # Errors
    /// Words: no answer, another status than 200, a line or stream that is too long, or what `take` says.
    pub async fn lines(&self, url: &str, mut take: impl FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
        let client = self.0.as_ref().map_err(Clone::clone)?;
        let told = |error: reqwest::Error| error.without_url().to_string();
        let asked = client.get(url).timeout(STREAM_TIMEOUT).send().await;
        let mut answer = asked.map_err(told)?;
        if answer.status().as_u16() != 200 {
            return Err(format!("answered {}", answer.status().as_u16()));
        }
        let (mut waiting, mut read) = (Vec::new(), 0u64);
        while let Some(piece) = answer.chunk().await.map_err(told)? {
            read = read.saturating_add(piece.len() as u64);
            waiting.extend_from_slice(&piece);
            let whole = waiting.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            waiting[..whole]
                .split_inclusive(|byte| *byte == b'\n')
                .try_for_each(&mut take)?;
            waiting.drain(..whole);
            if read > STREAM_BYTES_MAX || waiting.len() > LINE_BYTES_MAX {
                return Err("the answer is too long".into());
            }
        }
        match waiting.is_empty() {
            true => Ok(()),
            false => take(&waiting),
        }
    }
}

impl Http for Client {
    fn send(&self, request: Request) -> Sent<'_> {
        Box::pin(self.fetch(request))
    }
}

impl Wire for Client {
    fn get(&self, url: String) -> Reply<'_> {
        Box::pin(self.exchange(Method::Get, url, Vec::new()))
    }
    fn post(&self, url: String, body: String) -> Reply<'_> {
        Box::pin(self.exchange(Method::Post, url, body.into_bytes()))
    }
}

impl Client {
    /// One exchange without headers.
    async fn exchange(&self, method: Method, url: String, body: Vec<u8>) -> Result<Answer, String> {
        let request = Request {
            method,
            url,
            headers: Vec::new(),
            body,
        };
        let answer = self.fetch(request).await.map_err(|error| error.to_string())?;
        Ok(Answer {
            status: answer.status,
            body: answer.body,
        })
    }
}

impl Post for Client {
    fn post(&self, url: String, headers: Vec<(&'static str, String)>, body: String) -> Posted<'_> {
        Box::pin(async move {
            // The providers write their headers in capitals; on the wire that makes no difference.
            let request = Request {
                method: Method::Post,
                url,
                headers,
                body: body.into_bytes(),
            };
            let answer = self.fetch(request).await.map_err(|error| error.to_string())?;
            Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned()))
        })
    }
}
