//! A child process that never outlives the test.
//!
//! A shell stands between the two and holds the reading end of a pipe from the test. When the test ends, even
//! by SIGKILL, the pipe closes and the shell kills the child.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// Prints the child's process id; ends with the child's exit code. `$LOG` gets its output; `$REMOVE`, if not
/// empty, is a folder that goes when the child is killed; where it ended by itself one wants to see why. The shell
/// outlives the signals that a terminal sends to all; the child must not inherit that for SIGTERM, which would be lost
/// on one that does not catch it yet.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
exec 3<&0
( trap - TERM; exec "$@" ) </dev/null >>"$LOG" 2>&1 3<&- &
child=$!
( read -r _ <&3; kill -KILL $child ) >/dev/null 2>&1 &
watcher=$!
echo $child
exec >/dev/null 2>&1
wait $child
code=$?
kill -KILL $watcher
[ $code -ne 137 ] || [ -z "$REMOVE" ] || rm -rf -- "$REMOVE"
exit $code
"#;

/// Exit code of a process that SIGKILL has ended, as a shell tells it.
pub const KILLED: i32 = 128 + 9;
/// The same of SIGTERM: it came before the process could catch it.
pub const TERMINATED: i32 = 128 + 15;

pub struct Leash {
    shell: Child,
    pipe: Option<ChildStdin>,
    pid: u32,
}

impl Leash {
    /// Starts `command`, whose output is appended to `log`. When it is killed, `remove` goes too.
    pub fn start<I, S>(command: I, log: &Path, remove: Option<&Path>) -> Leash
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "leash"])
            .args(command)
            .env("LOG", log)
            .env("REMOVE", remove.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh");
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let pid = line.trim().parse().expect("the shell prints the process id");
        Leash { pipe: shell.stdin.take(), shell, pid }
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal by its name, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let _ = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.pid)])
            .stderr(Stdio::null())
            .status()
            .expect("sh");
    }

    /// The exit code, once it has ended.
    pub fn ended(&mut self) -> Option<i32> {
        self.shell.try_wait().unwrap().map(|status| status.code().unwrap_or(KILLED))
    }

    /// The exit code, if it ends in time.
    pub fn wait(&mut self, longest: Duration) -> Option<i32> {
        let began = Instant::now();
        loop {
            let code = self.ended();
            if code.is_some() || began.elapsed() > longest {
                return code;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) -> i32 {
        if let Some(code) = self.ended() {
            return code;
        }
        self.signal("KILL");
        self.shell.wait().unwrap().code().unwrap_or(KILLED)
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}

fn lives(pid: u32) -> bool {
    let status = Command::new("sh").args(["-c", &format!("kill -0 {pid}")]).stderr(Stdio::null()).status();
    status.unwrap().success()
}

/// Not a test of its own: the process that the next test kills.
#[test]
#[ignore = "waits to be killed"]
fn holds_a_leash() {
    if std::env::var_os("EARFUL_HOLD_A_LEASH").is_none() {
        return;
    }
    let leash = Leash::start(["sleep", "600"], Path::new("/dev/null"), None);
    crate::say(&format!("pid {}", leash.pid()));
    std::thread::sleep(Duration::from_secs(600));
}

#[test]
fn the_child_dies_with_a_killed_test() {
    let mut test = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "leash::holds_a_leash"])
        .env("EARFUL_HOLD_A_LEASH", "1")
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(test.stderr.take().unwrap()).lines().map(Result::unwrap);
    let pid = lines.find_map(|line| line.strip_prefix("pid ")?.parse().ok()).unwrap();
    assert!(lives(pid));
    test.kill().unwrap();
    test.wait().unwrap();
    let began = Instant::now();
    while lives(pid) {
        assert!(began.elapsed() < Duration::from_secs(20), "it lives on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn tells_how_the_child_ended() {
    let log = Path::new("/dev/null");
    let mut leash = Leash::start(["sh", "-c", "exit 7"], log, None);
    assert_eq!(leash.wait(Duration::from_secs(20)), Some(7));
    let mut leash = Leash::start(["sleep", "600"], log, None);
    assert_eq!((leash.ended(), leash.kill()), (None, KILLED));
    // It does not catch this signal, and must not have been made deaf to it.
    let mut leash = Leash::start(["sleep", "600"], log, None);
    leash.signal("TERM");
    assert_eq!(leash.wait(Duration::from_secs(20)), Some(TERMINATED));
}
