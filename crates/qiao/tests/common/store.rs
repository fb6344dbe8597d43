//! A store that speaks S3, which nobody here wrote, and what may stand between it and the program.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::http::Answer;

/// The bucket that it has.
pub const BUCKET: &str = "public-log";
/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running store; ended when dropped.
pub struct Store {
    child: Child,
    /// It serves until this is closed.
    _open: ChildStdin,
    /// `127.0.0.1:port`.
    pub address: String,
}

impl Store {
    /// Starts it with its bucket; `None` where it is not installed.
    pub fn start() -> Option<Self> {
        let python = python()?;
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("it").port();
        drop(free);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/store/run.py");
        let mut child = Command::new(python)
            .arg(script)
            .args([&port.to_string(), BUCKET])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the store starts");
        let open = child.stdin.take().expect("a pipe");
        let mut said = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut said).expect("it speaks");
        assert_eq!(said.trim(), "ready", "the store does not start");
        Some(Self {
            child,
            _open: open,
            address: format!("127.0.0.1:{port}"),
        })
    }

    /// What everybody is given of a name in its bucket. It goes by the name of the host, which the tests' own client makes up.
    pub fn get(&self, name: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).expect("the store answers");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        let request = format!(
            "GET /{BUCKET}/{name} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("asked");
        let mut all = Vec::new();
        stream.read_to_end(&mut all).expect("an answer");
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.get(9..12))
            .and_then(|word| word.parse().ok());
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Answer {
            status: status.expect("a status"),
            headers: lines.filter_map(header).collect(),
            body: all[end + 4..].to_vec(),
        }
    }

    /// Where everybody reads what stands behind this prefix.
    pub fn public(&self, prefix: &str) -> String {
        format!("http://{}/{BUCKET}/{prefix}", self.address)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Ours, started above.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python that has it (3.11 or newer), which `scripts/setup.sh test` makes in `target/store`; `SHANQIAO_STORE` names
/// another place. `None` only where `SHANQIAO_WITHOUT_STORE` says that the machine has none, as `make test` does and tells
/// in its last lines.
///
/// # Panics
/// When it is missing: what was not tried must not look like what held.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/store");
    let place = std::env::var_os("SHANQIAO_STORE").map_or(own, PathBuf::from);
    let path = place.join("bin/python");
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("SHANQIAO_WITHOUT_STORE").is_some(),
        "{} is missing: the public log is published to a store that nobody here wrote. Install Python 3.11 or newer with its \
         venv module (Debian: python3-venv) and run `scripts/setup.sh test`, which installs moto; or name its folder with \
         SHANQIAO_STORE",
        path.display()
    );
    println!("NOT RUN: the store is not installed ({})", path.display());
    None
}

/// What becomes of requests on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They come through.
    None,
    /// Nobody is there.
    Silent,
    /// A write of a name with this word is done, and its answer lost.
    Answer(&'static str),
    /// A write of a name with this word is lost.
    Request(&'static str),
}

/// A line to a store that can be bad. It ends with the process.
pub struct Line {
    /// `127.0.0.1:port`.
    pub address: String,
    fault: Arc<Mutex<Fault>>,
}

impl Line {
    /// To this address.
    pub fn to(store: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("it").to_string();
        let fault = Arc::new(Mutex::new(Fault::None));
        let (seen, store) = (Arc::clone(&fault), store.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (seen, store) = (Arc::clone(&seen), store.clone());
                std::thread::spawn(move || {
                    let fault = *seen.lock().expect("a fault");
                    // A connection that breaks is what this is for.
                    let _ = carry(&client, &store, fault);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, fault }
    }

    /// From the next connection on.
    pub fn set(&self, fault: Fault) {
        *self.fault.lock().expect("a fault") = fault;
    }
}

/// One request and its answer; the store closes after each.
fn carry(client: &TcpStream, store: &str, fault: Fault) -> std::io::Result<()> {
    if fault == Fault::Silent {
        return Ok(());
    }
    client.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(client);
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let begin = head.len();
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&head[begin..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let first = String::from_utf8_lossy(&head);
    let first = first.lines().next().unwrap_or_default().to_owned();
    let hits = |word: &str| first.starts_with("PUT ") && first.contains(word);
    if matches!(fault, Fault::Request(word) if hits(word)) {
        return Ok(());
    }
    let mut up = TcpStream::connect(store)?;
    up.set_read_timeout(Some(PATIENCE))?;
    // The name of the host is signed: nothing of the head is changed.
    up.write_all(&head)?;
    up.write_all(&body)?;
    up.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    up.read_to_end(&mut answer)?;
    if matches!(fault, Fault::Answer(word) if hits(word)) {
        return Ok(());
    }
    let mut client = client;
    client.write_all(&answer)
}
