//! A TCP proxy between a process and the broker, with a hand on the wire: it passes bytes on, holds them back,
//! is slow with them, cuts the connections, or makes a single request late.
//!
//! The broker hands out the proxy's port to those who come through it, so they never find a way around it.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use super::broker::{self, Broker};
use super::client::Kafka;

const TICK: Duration = Duration::from_millis(5);

/// The direction of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToBroker,
    /// Held back in this direction, the broker has done what it was asked, and the client does not know.
    ToClient,
}

/// What happens to bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mood {
    #[default]
    Pass,
    Hold,
    Late(Duration),
}

/// Kafka's number of the request that ends a transaction.
const END_TXN: u16 = 26;

/// What happens to the next end of a transaction.
#[derive(Clone, Copy, Debug)]
struct Catch {
    /// It arrives so much later. All that comes after it does not wait.
    late: Duration,
    /// The client's connection is cut: it will send the end again, and does not know that both may arrive.
    cut: bool,
}

#[derive(Default)]
struct Wire {
    to_broker: Mood,
    to_client: Mood,
    catch: Option<Catch>,
    /// New connections are closed at once.
    refuse: bool,
    over: bool,
    cuts: u64,
    connections: Vec<TcpStream>,
}

pub struct Proxy {
    wire: Arc<Mutex<Wire>>,
    port: u16,
    listener: Option<JoinHandle<()>>,
}

impl Proxy {
    /// In front of this broker, until dropped.
    pub fn start(broker: &Broker) -> Proxy {
        let (port, to) = broker.proxy_ports();
        let socket = TcpListener::bind(("127.0.0.1", port)).expect("the proxy's port is free");
        let wire = Arc::new(Mutex::new(Wire::default()));
        let shared = Arc::clone(&wire);
        let listener = std::thread::spawn(move || listen(&socket, to, &shared));
        Proxy { wire, port, listener: Some(listener) }
    }

    /// For clients: `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Holds back the bytes of one direction. Connections stay.
    pub fn hold(&self, way: Way) {
        self.set(way, Mood::Hold);
    }

    /// Delivers each piece of data of one direction so much later than the one before it: a slow line.
    pub fn delay(&self, way: Way, by: Duration) {
        self.set(way, Mood::Late(by));
    }

    /// The next end of a transaction arrives `late`, and nothing else does; with `cut` its sender loses the
    /// connection at once, and the broker gets it all the same.
    pub fn catch_end_txn(&self, late: Duration, cut: bool) {
        self.wire.lock().unwrap().catch = Some(Catch { late, cut });
    }

    /// True once there was one.
    pub fn has_caught(&self) -> bool {
        self.wire.lock().unwrap().catch.is_none()
    }

    /// Passes everything on again, also what was held back on connections that still stand.
    pub fn pass(&self) {
        self.set(Way::ToBroker, Mood::Pass);
        self.set(Way::ToClient, Mood::Pass);
        self.wire.lock().unwrap().refuse = false;
    }

    /// Cuts all connections: what was held back is lost. New ones are let in.
    pub fn cut(&self) {
        cut(&mut self.wire.lock().unwrap());
    }

    /// Cuts all connections and refuses new ones, until [`Proxy::pass`].
    pub fn refuse(&self) {
        let mut wire = self.wire.lock().unwrap();
        wire.refuse = true;
        cut(&mut wire);
    }

    fn set(&self, way: Way, mood: Mood) {
        *self.wire.lock().unwrap().mood(way) = mood;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Ok(mut wire) = self.wire.lock() {
            wire.over = true;
            cut(&mut wire);
        }
        // Wakes the listener, which sees that it is over.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = self.listener.take().map(JoinHandle::join);
    }
}

impl Wire {
    fn mood(&mut self, way: Way) -> &mut Mood {
        match way {
            Way::ToBroker => &mut self.to_broker,
            Way::ToClient => &mut self.to_client,
        }
    }
}

fn cut(wire: &mut Wire) {
    wire.cuts += 1;
    for connection in wire.connections.drain(..) {
        let _ = connection.shutdown(Shutdown::Both);
    }
}

fn listen(socket: &TcpListener, to: u16, wire: &Arc<Mutex<Wire>>) {
    for client in socket.incoming() {
        let mut now = wire.lock().unwrap();
        if now.over {
            return;
        }
        let (Ok(client), false) = (client, now.refuse) else { continue };
        // A broker that is down refuses; then so does the proxy.
        let Ok(broker) = TcpStream::connect(("127.0.0.1", to)) else { continue };
        for stream in [&client, &broker] {
            let _ = stream.set_nodelay(true);
            now.connections.extend(stream.try_clone());
        }
        let (client_too, broker_too) = (client.try_clone().unwrap(), broker.try_clone().unwrap());
        let (wire, wire_too) = (Arc::clone(wire), Arc::clone(wire));
        std::thread::spawn(move || carry_requests(client, broker, &wire));
        std::thread::spawn(move || carry_answers(broker_too, client_too, &wire_too));
    }
}

/// Carries requests until either side closes the connection, and until the late ones have arrived.
fn carry_requests(mut client: TcpStream, broker: TcpStream, wire: &Mutex<Wire>) {
    let broker = Arc::new(Mutex::new(broker));
    let mut late = Vec::new();
    while let Some(request) = next_request(&mut client) {
        await_turn(Way::ToBroker, wire);
        let Some(catch) = catch(&request, wire) else {
            if broker.lock().unwrap().write_all(&request).is_err() {
                break;
            }
            continue;
        };
        let broker = Arc::clone(&broker);
        late.push(std::thread::spawn(move || {
            sleep(catch.late);
            let _ = broker.lock().unwrap().write_all(&request);
        }));
        if catch.cut {
            let _ = client.shutdown(Shutdown::Both);
        }
    }
    late.into_iter().for_each(|late| late.join().unwrap());
    let _ = client.shutdown(Shutdown::Both);
    let _ = broker.lock().unwrap().shutdown(Shutdown::Both);
}

/// A request with its length before it. None when the client has closed the connection.
fn next_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = vec![0; 4];
    client.read_exact(&mut request).ok()?;
    let length = u32::from_be_bytes(request[..].try_into().unwrap());
    request.resize(4 + length as usize, 0);
    client.read_exact(&mut request[4..]).ok()?;
    Some(request)
}

/// What happens to this request, if anything.
fn catch(request: &[u8], wire: &Mutex<Wire>) -> Option<Catch> {
    let is_end = request.get(4..6) == Some(&END_TXN.to_be_bytes());
    if is_end { wire.lock().unwrap().catch.take() } else { None }
}

/// Carries answers until the broker closes the connection. Those for a client that is gone get lost.
fn carry_answers(mut broker: TcpStream, mut client: TcpStream, wire: &Mutex<Wire>) {
    let mut piece = vec![0; 65_536];
    while let Ok(length @ 1..) = broker.read(&mut piece) {
        await_turn(Way::ToClient, wire);
        let _ = client.write_all(&piece[..length]);
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = broker.shutdown(Shutdown::Both);
}

/// Returns when a piece may go on: at once, later, or when nothing is held back any more. After a cut it may go
/// on too, because its connection is closed and it gets nowhere.
fn await_turn(way: Way, wire: &Mutex<Wire>) {
    let (mood, cuts) = {
        let mut now = wire.lock().unwrap();
        (*now.mood(way), now.cuts)
    };
    if let Mood::Late(by) = mood {
        sleep(by);
    }
    loop {
        let mut now = wire.lock().unwrap();
        if *now.mood(way) != Mood::Hold || now.cuts != cuts {
            return;
        }
        drop(now);
        sleep(TICK);
    }
}

#[test]
fn has_a_hand_on_the_wire() {
    let Some(broker) = broker::own() else { return };
    let proxy = Proxy::start(&broker);
    let kafka = Kafka::new(&proxy.address());
    kafka.create_topic("wire", 1, &[]);
    for way in [Way::ToBroker, Way::ToClient] {
        proxy.hold(way);
        assert!(!kafka.answers(), "{way:?}");
        proxy.pass();
        assert!(kafka.answers(), "{way:?}");
    }
    proxy.refuse();
    assert!(!kafka.answers());
    proxy.pass();
    let (began, late) = (Instant::now(), Duration::from_millis(150));
    proxy.delay(Way::ToBroker, late);
    assert!(kafka.answers() && began.elapsed() > late);
    proxy.pass();
    assert!(kafka.answers());
}

/// The broker gets records and its answers are lost: the client must send again, and nothing is there twice.
#[test]
fn loses_answers_and_connections_but_no_records() {
    let Some(broker) = broker::own() else { return };
    let proxy = Proxy::start(&broker);
    broker.client().create_topic("lost", 1, &[]);
    let writer = Kafka::new(&proxy.address()).writer();
    let mut wanted = Vec::new();
    for round in 0..4 {
        for n in 0..500 {
            let text = format!("{round}-{n}").into_bytes();
            writer.send("lost", 0, b"k", &text, 1_700_000_000_000);
            wanted.push(Some(text));
        }
        if round == 0 {
            writer.flush();
        }
        proxy.hold(Way::ToClient);
        sleep(Duration::from_millis(300));
        proxy.cut();
        proxy.pass();
    }
    writer.flush();
    let values: Vec<_> =
        broker.client().read_committed("lost").into_iter().map(|record| record.value).collect();
    assert_eq!(values, wanted);
}
