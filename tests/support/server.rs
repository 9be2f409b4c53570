//! The real binary as a server, and requests to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A running earful and the address that it told.
pub struct Server {
    child: Child,
    address: String,
    logs: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(mut command: Command) -> Server {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let told = lines.find_map(|line| {
            let line = line.unwrap();
            let at = line.find("127.0.0.1:")?;
            Some(line[at..].split(|c: char| !(c.is_ascii_digit() || ".:".contains(c))).next()?.to_owned())
        });
        // The rest must be read, or the child would block on a full pipe.
        let logs: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&logs);
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line))
        });
        let server = Server { child, address: told.expect("the address is logged"), logs };
        server.until("readyz", |answer| answer.contains("\"ready\""));
        server
    }

    pub fn request(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{head} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn get(&self, path: &str) -> String {
        self.request(&format!("GET /{path}"), "")
    }

    /// Asks until the answer is as wanted; half a minute is far more than it takes.
    pub fn until(&self, path: &str, wanted: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "/{path} stays: {answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What was logged after the start.
    pub fn logs(&self) -> String {
        self.logs.lock().unwrap().join("\n")
    }

    pub fn signal(&self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }

    pub fn stop(mut self, signal: &str) {
        self.signal(signal);
        let status = self.child.wait().unwrap();
        assert!(signal == "-KILL" || status.success(), "{status}");
    }
}

impl Drop for Server {
    /// A failed test leaves no process behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
