//! Who does not take part in the work is not ready, whatever its role, and says why.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::broker::{self, Broker};
use super::fleet::{Fleet, heron};
use super::serve::{free_port, get, wait_for};

/// Longer than a session, and than the client library's patience with a silent broker.
const FROZEN: Duration = Duration::from_secs(35);

/// A process with these roles only, on a broker that the test may kill.
struct Process {
    fleet: Fleet,
    port: u16,
    _dir: tempfile::TempDir,
}

impl Process {
    fn start(broker: &Broker, name: &str, roles: &str) -> Process {
        let (port, dir) = (free_port(), tempfile::tempdir().unwrap());
        let text = heron(name, &broker.address(), &format!("posts-for-{name}"), port)
            + "[[deliveries]]\nname = \"hook\"\ntype = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\n";
        let file = dir.path().join("p.toml");
        fs::write(&file, text).unwrap();
        let fleet = Fleet::start(&file, dir.path(), &[roles], &["--workers", "1", "--role", roles]);
        Process { fleet, port, _dir: dir }
    }

    fn is_ready(&self) -> bool {
        get(self.port, "/readyz").is_some_and(|(status, _)| status == 200)
    }

    fn wait_until_ready(&self) {
        wait_for("readiness", || self.is_ready());
    }

    /// Every line of its log about a broker that is away, the first one too.
    fn tells_the_address(&self, address: &str) {
        let log = fs::read_to_string(self.fleet.log(0)).unwrap();
        let is_told = |line: &&str| {
            ["trouble with a broker", "no broker can be reached"].iter().any(|what| line.contains(what))
        };
        let lines: Vec<&str> = log.lines().filter(is_told).collect();
        assert!(!log.contains("brokers are down"), "a number is no address\n{log}");
        assert!(!lines.is_empty() && lines.iter().all(|line| line.contains(address)), "{lines:#?}");
    }

    /// Not ready any more, for a reason that has all of these parts.
    fn is_interrupted(&self, parts: &[&str]) -> bool {
        let Some((503, body)) = get(self.port, "/readyz") else { return false };
        let told = ["\"code\":\"interrupted\"", "not ready any more: "];
        told.iter().chain(parts).all(|part| body.contains(part))
    }
}

/// One after the other, until each is ready: the first one makes the topics.
fn start_all(broker: &Broker, name: &str, all: &[&str]) -> Vec<Process> {
    broker.client().create_topic(&format!("posts-for-{name}"), 1, &[]);
    let start = |roles: &&str| {
        let process = Process::start(broker, name, roles);
        process.wait_until_ready();
        process
    };
    all.iter().map(start).collect()
}

/// All get ready again, and end as they are told.
fn are_ready_and_stop(mut processes: Vec<Process>) {
    processes.iter().for_each(Process::wait_until_ready);
    for process in &mut processes {
        process.fleet.stop();
        assert_eq!(process.fleet.deaths, Vec::<String>::new());
    }
}

#[test]
fn without_brokers_no_role_is_ready() {
    let Some(mut broker) = broker::own() else { return };
    let processes = start_all(&broker, "cut-off", &["listen,tally", "serve", "deliver"]);
    let address = broker.address();
    broker.kill();
    for process in &processes {
        wait_for("that it is not ready", || process.is_interrupted(&[&address]));
        process.tells_the_address(&address);
    }
    broker.restart();
    are_ready_and_stop(processes);
}

/// Connections stay, so that only the session tells.
#[test]
fn who_is_not_heard_by_a_broker_that_hangs_is_not_ready() {
    let Some(mut broker) = broker::own() else { return };
    let expected = [
        ("listen,tally", "its session with the consumer group has ended"),
        ("deliver", "its session with the consumer group has ended"),
        // It has no session, but it asks all the time.
        ("serve", "no broker can be reached"),
    ];
    let processes = start_all(&broker, "frozen", &expected.map(|(roles, _)| roles));
    broker.pause();
    let began = Instant::now();
    for (process, (roles, why)) in processes.iter().zip(expected) {
        wait_for(&format!("the end of {roles}"), || process.is_interrupted(&[why]));
    }
    assert!(began.elapsed() < FROZEN, "{:?}\n{}", began.elapsed(), processes[0].fleet.last_lines());
    while began.elapsed() < FROZEN {
        assert!(processes.iter().all(|process| !process.is_ready()), "nobody has taken it back");
        sleep(Duration::from_millis(200));
    }
    broker.resume();
    are_ready_and_stop(processes);
}
