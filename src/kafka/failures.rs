//! Which brokers a client could not reach of late, and why: librdkafka says so in its lines, and where no broker is left only
//! how many that are.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A broker that is away fails anew every few seconds; one that has not for so long is back, or is no broker any more.
const RECENT: Duration = Duration::from_secs(60);
/// So many are told.
const TOLD: usize = 5;

/// What librdkafka thinks of every broker that does not answer the first request.
const GUESS: &str = ": probably due to broker version < 0.10 (see api.version.request configuration)";

/// Address and reason of each, and when it was.
#[derive(Default)]
pub(super) struct Failures(Mutex<BTreeMap<String, (Instant, String)>>);

impl Failures {
    /// A line of librdkafka about a connection that failed or was lost.
    pub(super) fn note(&self, line: &str) {
        let (address, reason) = split(line);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (at, _)| at.elapsed() < RECENT);
        all.insert(address.to_owned(), (Instant::now(), reason.replace(GUESS, "")));
    }

    /// Those of late, each with its reason; none when there are none.
    pub(super) fn told(&self) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = || all.iter().filter(|(_, (at, _))| at.elapsed() < RECENT);
        let mut told: Vec<String> =
            recent().take(TOLD).map(|(address, (_, reason))| format!("{address}: {reason}")).collect();
        match recent().count().saturating_sub(TOLD) {
            0 => {}
            more => told.push(format!("and {more} more")),
        }
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// Address and reason. A line begins with its thread, and with its part where that is not the broker's address; behind the
/// address comes the broker's number.
fn split(line: &str) -> (&str, &str) {
    let said = line.split_once("]: ").map_or(line, |(_, said)| said);
    let mut rest = said;
    while let Some((name, reason)) = rest.split_once(": ") {
        if let Some(address) = address(name) {
            return (address, reason);
        }
        rest = reason;
    }
    ("a broker", said)
}

/// `HOST:PORT`, behind it perhaps `/NUMBER` or `/bootstrap`, before it perhaps `ssl://`.
fn address(name: &str) -> Option<&str> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_broker = |id: &str| is_number(id) || id == "bootstrap";
    let address = name.rsplit_once('/').filter(|(_, id)| is_broker(id)).map_or(name, |(address, _)| address);
    let (host, port) = address.rsplit_once(':')?;
    (!host.contains(' ') && is_number(port)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: &str =
        "Connect to ipv4#10.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)";

    #[test]
    fn a_line_has_an_address_and_a_reason() {
        let check = |name: &str, reason: &str, expected: (&str, &str)| {
            let line = format!("[thrd:{name}]: {name}: {reason}");
            assert_eq!(split(&line), expected, "{line}");
        };
        for name in ["a.b:9092/1", "a.b:9092/bootstrap", "a.b:9092"] {
            check(name, REFUSED, ("a.b:9092", REFUSED));
        }
        check("ssl://b:1/bootstrap", "SSL handshake failed: bad", ("ssl://b:1", "SSL handshake failed: bad"));
        check("ssl://b:1", "Disconnected", ("ssl://b:1", "Disconnected"));
        check("[::1]:9092/2", "Disconnected", ("[::1]:9092", "Disconnected"));
        check("GroupCoordinator", "10.0.0.1:9092: Disconnected", ("10.0.0.1:9092", "Disconnected"));
        check("main", "something else", ("a broker", "main: something else"));
    }

    #[test]
    fn each_broker_is_told_once_with_what_was_last() {
        let failures = Failures::default();
        assert_eq!(failures.told(), None);
        for (name, reason) in
            [("b:2/7", "Disconnected"), ("a:1/bootstrap", "refused"), ("b:2/7", "timed out")]
        {
            failures.note(&format!("[thrd:{name}]: {name}: {reason}"));
        }
        assert_eq!(failures.told().as_deref(), Some("a:1: refused; b:2: timed out"));
        (3..9).for_each(|n| failures.note(&format!("[thrd:x]: c:{n}/{n}: gone")));
        let told = failures.told().unwrap();
        assert!(told.starts_with("a:1: refused; b:2: timed out; c:3: gone;"), "{told}");
        assert!(told.ends_with("; and 3 more") && told.matches("; ").count() == TOLD, "{told}");
    }

    #[test]
    fn what_librdkafka_guesses_is_left_out() {
        let failures = Failures::default();
        failures.note(&format!(
            "[thrd:a:1/1]: a:1/1: ApiVersionRequest failed: Local: Timed out{GUESS} (after 10006ms)"
        ));
        let expected = "a:1: ApiVersionRequest failed: Local: Timed out (after 10006ms)";
        assert_eq!(failures.told().as_deref(), Some(expected));
    }
}
