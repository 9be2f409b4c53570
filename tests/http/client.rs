//! A server for a test, and just enough of an HTTP client.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use earful::analysis::text::TextOptions;
use earful::feeds::push::PushIntake;
use earful::http::{AppState, HttpLimits, Readiness, Server, State, View, ViewLimits, serve};
use earful::metrics::Metrics;
use earful::model::Timestamp;
use serde_json::Value;

use crate::samples;

pub struct Site {
    pub state: AppState,
    pub server: Server,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e} in {}", self.body))
    }

    /// Asserts a Problem Details answer and gives its `code`.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], status);
        assert_eq!(json["type"], "about:blank");
        assert!(json["detail"].as_str().is_some_and(|d| !d.is_empty()), "{json}");
        json["code"].as_str().unwrap().to_owned()
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis() as i64)
}

impl Site {
    pub fn new() -> Site {
        Site::with(None, HttpLimits::default(), ViewLimits::default())
    }

    pub fn with(push: Option<PushIntake>, limits: HttpLimits, view: ViewLimits) -> Site {
        let readiness = Arc::new(Readiness::default());
        readiness.set(State::Ready);
        let view = Arc::new(View::new(samples::brands(), view));
        let text = TextOptions::default();
        let metrics = Metrics::new().unwrap();
        let state = AppState { view, metrics, push, corrections: None, text, readiness, now, limits };
        Site::of(state)
    }

    pub fn of(state: AppState) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = serve(listener, state.clone()).unwrap();
        Site { state, server }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.local_addr()
    }

    pub fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], b"")
    }

    /// The rows of a CSV answer, the header first.
    pub fn csv(&self, target: &str) -> Vec<Vec<String>> {
        let answer = self.send("GET", target, &[("Accept", "text/csv")], b"");
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(answer.body.as_bytes());
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    pub fn post(&self, content_type: &str, body: &str) -> Answer {
        self.send("POST", "/v1/posts", &[("Content-Type", content_type)], body.as_bytes())
    }

    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !headers.iter().any(|(n, _)| *n == "Transfer-Encoding" || *n == "Content-Length") {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        self.raw(&[head.as_bytes(), body].concat())
    }

    pub fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // The server may answer (413) and close before it has read everything.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        parse(&answer)
    }
}

fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP answer: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| line.split_once(": ").map(|(n, v)| (n.to_lowercase(), v.to_owned())).unwrap();
    Answer { status, headers: lines.map(header).collect(), body: body.to_owned() }
}
