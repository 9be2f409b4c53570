//! A receiver of alerts: it answers as it is told to and remembers what came.
#![allow(dead_code)]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

const LONGEST: Duration = Duration::from_secs(120);

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub path: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    pub fn key(&self) -> &str {
        self.header("idempotency-key")
    }
}

/// How to answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// Whole lines.
    pub headers: String,
    /// `{echo}` stands for the request itself.
    pub body: String,
    pub after: Duration,
}

pub fn reply(status: u16) -> Reply {
    Reply { status, headers: String::new(), body: String::new(), after: Duration::ZERO }
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Vec<Seen>>,
    /// For the next requests; then `last`.
    replies: Mutex<VecDeque<Reply>>,
    is_over: AtomicBool,
}

/// Listens on 127.0.0.1 until dropped.
pub struct Receiver {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    /// Answers with `replies` one after the other, then 200.
    pub fn start(replies: impl IntoIterator<Item = Reply>) -> Receiver {
        Receiver::listen(TcpListener::bind("127.0.0.1:0").unwrap(), replies, None)
    }

    pub fn tls(config: ServerConfig) -> Receiver {
        Receiver::listen(TcpListener::bind("127.0.0.1:0").unwrap(), [], Some(Arc::new(config)))
    }

    pub fn listen(
        listener: TcpListener,
        replies: impl IntoIterator<Item = Reply>,
        tls: Option<Arc<ServerConfig>>,
    ) -> Receiver {
        let shared =
            Arc::new(Shared { replies: Mutex::new(replies.into_iter().collect()), ..Shared::default() });
        let (address, owned) = (listener.local_addr().unwrap(), Arc::clone(&shared));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if owned.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let (shared, tls) = (Arc::clone(&owned), tls.clone());
                std::thread::spawn(move || match tls {
                    None => drop(serve(stream, &shared)),
                    Some(config) => {
                        let connection = ServerConnection::new(config).unwrap();
                        drop(serve(StreamOwned::new(connection, stream), &shared));
                    }
                });
            }
        });
        Receiver { address, shared }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The idempotency keys in the order of their coming.
    pub fn keys(&self) -> Vec<String> {
        self.seen().iter().map(|seen| seen.key().to_owned()).collect()
    }

    /// Waits until so many requests have come.
    pub fn wait_for(&self, count: usize) -> Vec<Seen> {
        let began = Instant::now();
        while self.seen().len() < count {
            assert!(began.elapsed() < LONGEST, "{} of {count} requests came", self.seen().len());
            std::thread::sleep(Duration::from_millis(10));
        }
        self.seen()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Wakes the listener, which then ends and closes its port.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: impl Read + Write, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let pair = |line: &String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers: Vec<(String, String)> = lines[1..].iter().filter_map(pair).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or("0", |(_, value)| value);
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body)?;
    let path = lines[0].split(' ').nth(1).unwrap_or_default().to_owned();
    let body = String::from_utf8(body).unwrap();
    let echo = format!("{}\n{body}", lines.join("\n"));
    shared.seen.lock().unwrap().push(Seen { path, headers, body });
    let reply = shared.replies.lock().unwrap().pop_front().unwrap_or_else(|| reply(200));
    std::thread::sleep(reply.after);
    let text = reply.body.replace("{echo}", &echo);
    let (status, more, length) = (reply.status, reply.headers, text.len());
    let answer = format!(
        "HTTP/1.1 {status} As told\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n{text}"
    );
    reader.get_mut().write_all(answer.as_bytes())?;
    reader.get_mut().flush()
}
