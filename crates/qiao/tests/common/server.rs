//! A running `qiao serve`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use super::{Client, House};

/// How long a server may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(40);

/// A server that this test started.
pub struct Server {
    child: Child,
    /// `127.0.0.1:port`.
    pub address: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts it on a free port.
    pub fn start(house: &House) -> Self {
        Self::start_with(house, &[])
    }

    /// The same with more arguments.
    pub fn start_with(house: &House, more: &[&str]) -> Self {
        Self::start_or_end(house, more).unwrap_or_else(|log| panic!("the server does not start: {log}"))
    }

    /// The same; what it logged where it ended before it listened.
    pub fn start_or_end(house: &House, more: &[&str]) -> Result<Self, String> {
        let mut command = house.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(more);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("qiao serve starts");
        let stderr = child.stderr.take().expect("a pipe");
        let log = Arc::new(Mutex::new(String::new()));
        let (told, address) = mpsc::sync_channel(1);
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("http://") {
                    let _ = told.try_send(address.trim_end_matches('/').to_owned());
                }
                let mut log = kept.lock().expect("the log");
                log.push_str(&line);
                log.push('\n');
            }
        });
        let Ok(address) = address.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(log.lock().expect("the log").clone());
        };
        Ok(Self { child, address, log })
    }

    /// A new connection.
    pub fn client(&self) -> Client {
        Client::connect(&self.address).unwrap_or_else(|e| panic!("no connection: {e}\n{}", self.log()))
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop with SIGTERM.
    pub fn ask_to_stop(&self) {
        let done = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(done.success());
    }

    /// Stops it gracefully and returns its exit code.
    pub fn stop(mut self) -> i32 {
        self.ask_to_stop();
        self.ended()
    }

    /// Waits for its end and returns its exit code.
    pub fn ended(&mut self) -> i32 {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                return status.code().unwrap_or(-1);
            }
            assert!(begin.elapsed() < PATIENCE, "the server does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it as a power cut would: SIGKILL, no time for anything.
    pub fn kill_9(mut self) {
        self.child.kill().expect("the server runs");
        self.child.wait().expect("the server ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
