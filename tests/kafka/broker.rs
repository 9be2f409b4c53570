//! One real Kafka broker: a node that is broker and controller, in a folder of its own, on 127.0.0.1.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::client::Kafka;
use super::install::{broker_file, jars};
use super::leash::Leash;
use super::say;

/// Any 16 bytes in base 64 will do.
const CLUSTER: &str = "ZWFyZnVsLXRlc3QtMDAwMQ";
const START_LONGEST: Duration = Duration::from_secs(180);
/// Quick to start rather than quick in the long run.
const JAVA: [&str; 4] = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"];

/// The broker that all tests share, or none where it cannot run. It lives as long as the process.
pub fn shared() -> Option<&'static Broker> {
    static SHARED: OnceLock<Broker> = OnceLock::new();
    let jars = jars_or_skip()?;
    Some(SHARED.get_or_init(|| Broker::start(jars, Folder::shared(), Extra::default())))
}

/// A broker of its own, for a test that kills or stops it.
pub fn own() -> Option<Broker> {
    Some(Broker::start(jars_or_skip()?, Folder::own(), Extra::default()))
}

/// The same with more than the usual settings.
pub fn own_with(extra: Extra) -> Option<Broker> {
    Some(Broker::start(jars_or_skip()?, Folder::own(), extra))
}

/// A broker for several tests, with more than the usual settings.
pub fn shared_with(extra: Extra) -> Option<Broker> {
    Some(Broker::start(jars_or_skip()?, Folder::shared(), extra))
}

/// What a broker has besides the usual.
#[derive(Default)]
pub struct Extra {
    /// Settings; what they say again replaces what the template says.
    pub settings: String,
    /// Arguments for formatting the data folder.
    pub format: Vec<String>,
    /// Arguments of Java instead of the usual ones.
    pub java: Vec<String>,
}

/// The jars, or none after saying that the test is skipped.
fn jars_or_skip() -> Option<PathBuf> {
    let reason = match jars() {
        Ok(jars) => return Some(jars),
        Err(reason) => reason,
    };
    let required = std::env::var("EARFUL_REQUIRE_KAFKA").is_ok_and(|value| value == "1");
    assert!(!required, "EARFUL_REQUIRE_KAFKA=1, but {reason}");
    let thread = std::thread::current();
    say(&format!("SKIPPED {}: {reason}", thread.name().unwrap_or("a test with Kafka")));
    None
}

/// Where a broker keeps its data.
struct Folder {
    path: PathBuf,
    /// Removes it, unless the broker's leash does: statics are never dropped.
    own: Option<tempfile::TempDir>,
}

impl Folder {
    fn temporary() -> tempfile::TempDir {
        tempfile::Builder::new().prefix("earful-kafka-").tempdir().unwrap()
    }

    fn own() -> Folder {
        let own = Folder::temporary();
        Folder { path: own.path().to_owned(), own: Some(own) }
    }

    fn shared() -> Folder {
        Folder { path: Folder::temporary().keep(), own: None }
    }
}

/// Ports that were free a moment ago.
#[derive(Clone, Copy)]
struct Ports {
    direct: u16,
    control: u16,
    /// The listener behind a test's proxy, and the proxy's own port, which that listener gives to clients.
    proxied: u16,
    proxy: u16,
    /// For the listeners with TLS, where there are any.
    secure: u16,
    mutual: u16,
}

pub struct Broker {
    // Dropped before the folder.
    process: Option<Leash>,
    ports: Ports,
    jars: PathBuf,
    extra: Extra,
    folder: Folder,
}

impl Broker {
    fn start(jars: PathBuf, folder: Folder, extra: Extra) -> Broker {
        let mut broker = Broker { process: None, ports: Ports::free(), jars, extra, folder };
        for _ in 0..3 {
            broker.ports = Ports::free();
            broker.configure();
            if broker.launch() {
                return broker;
            }
        }
        panic!("the broker does not start:\n{}", broker.log());
    }

    /// For clients: `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.direct)
    }

    /// The listener of `secure.properties.template` that asks for a name and a password or token.
    pub fn secure_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.secure)
    }

    /// The one that asks for a certificate.
    pub fn mutual_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.mutual)
    }

    /// The port on which a proxy must listen, and the port of the broker it must lead to.
    pub fn proxy_ports(&self) -> (u16, u16) {
        (self.ports.proxy, self.ports.proxied)
    }

    pub fn client(&self) -> Kafka {
        Kafka::new(&self.address())
    }

    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("the broker was killed").pid()
    }

    /// True when it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.process.as_mut().is_none_or(|process| process.ended().is_some())
    }

    /// SIGKILL. What clients see: connections break and new ones are refused.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// After [`Broker::kill`]: same data, same ports.
    pub fn restart(&mut self) {
        self.kill();
        assert!(self.launch(), "the broker does not start again:\n{}", self.log());
    }

    /// SIGSTOP: connections stay and nobody answers.
    pub fn pause(&mut self) {
        self.process.as_ref().expect("the broker was killed").signal("STOP");
    }

    /// SIGCONT, after [`Broker::pause`].
    pub fn resume(&mut self) {
        self.process.as_ref().expect("the broker was killed").signal("CONT");
    }

    /// From now on the broker cannot write a file beyond so many bytes, as if its disk was full. True if this system can
    /// do that.
    pub fn fill(&self, bytes: u64) -> bool {
        let limit = [format!("--fsize={bytes}"), format!("--pid={}", self.pid())];
        Command::new("prlimit").args(limit).status().is_ok_and(|status| status.success())
    }

    /// Adds or removes rights, by Kafka's own tool.
    pub fn rights(&self, arguments: &[&str]) {
        let output = Command::new(JAVA[0])
            .args(&JAVA[1..])
            .args(["-cp", &self.class_path(), "org.apache.kafka.tools.AclCommand"])
            .args(["--bootstrap-server", &self.address()])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path.join(name)
    }

    fn log(&self) -> String {
        let text = fs::read_to_string(self.path("broker.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Writes the settings and formats an empty data folder.
    fn configure(&self) {
        let data = self.path("data");
        let _ = fs::remove_dir_all(&data);
        let mut text = fs::read_to_string(broker_file("server.properties.template")).unwrap();
        text += &self.extra.settings;
        let settings = self.ports.fill(&text).replace("@data@", data.to_str().unwrap());
        fs::write(self.path("server.properties"), settings).unwrap();
        let output = Command::new(JAVA[0])
            .args(&JAVA[1..])
            .args(["-cp", &self.class_path(), "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c"])
            .arg(self.path("server.properties"))
            .args(&self.extra.format)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn class_path(&self) -> String {
        format!("{}/*", self.jars.display())
    }

    /// True once it answers, false when it ended before, as with a port that somebody else has taken.
    fn launch(&mut self) -> bool {
        let settings = self.path("server.properties");
        let log4j = format!("-Dlog4j2.configurationFile={}", broker_file("log4j2.properties").display());
        let mut command: Vec<String> = JAVA.map(str::to_owned).to_vec();
        if !self.extra.java.is_empty() {
            command.truncate(1);
            command.extend(self.extra.java.iter().cloned());
        }
        // A killed process leaves its temporary files behind; here they go with the folder.
        let temporary = format!("-Djava.io.tmpdir={}", self.folder.path.display());
        command.extend([log4j, temporary, "-cp".into(), self.class_path(), "kafka.Kafka".into()]);
        command.push(settings.display().to_string());
        let remove = if self.folder.own.is_none() { Some(&*self.folder.path) } else { None };
        let began = Instant::now();
        let process =
            self.process.insert(Leash::start(command, &self.folder.path.join("broker.log"), remove));
        let address = format!("127.0.0.1:{}", self.ports.direct);
        while began.elapsed() < START_LONGEST {
            if process.ended().is_some() {
                return false;
            }
            if std::net::TcpStream::connect(&address).is_ok() && Kafka::new(&address).answers() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the broker does not answer:\n{}", self.log());
    }
}

impl Ports {
    fn free() -> Ports {
        let [direct, control, proxied, proxy, secure, mutual] = free_ports();
        Ports { direct, control, proxied, proxy, secure, mutual }
    }

    fn fill(self, template: &str) -> String {
        let ports = [
            ("direct", self.direct),
            ("control", self.control),
            ("proxied", self.proxied),
            ("proxy", self.proxy),
            ("secure", self.secure),
            ("mutual", self.mutual),
        ];
        ports.iter().fold(template.to_owned(), |text, (name, port)| {
            text.replace(&format!("@{name}@"), &port.to_string())
        })
    }
}

/// Below the range from which systems give ports to clients: else a client that tries again and again to reach
/// a killed broker would sooner or later be given that very port, and be connected with itself.
fn free_ports<const N: usize>() -> [u16; N] {
    let mut seed =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    seed ^= u64::from(std::process::id()) << 32;
    // All are held until all are found, so that no two are the same.
    let mut held = Vec::new();
    while held.len() < N {
        seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        let port = 15_000 + (seed >> 33) % 17_000;
        held.extend(TcpListener::bind(("127.0.0.1", port as u16)));
    }
    std::array::from_fn(|i| held[i].local_addr().unwrap().port())
}

/// The resident memory of a process in MiB, where the system tells.
pub fn memory_mib(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}
