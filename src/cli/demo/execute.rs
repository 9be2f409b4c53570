//! Runs the demo's plan as `earful run` would, and keeps serving afterwards if somebody looks on.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::config::{HttpPlan, Plan};
use crate::runtime::{self, RunError, RunOptions, Summary, Unwatched};

/// Where the demo serves if nothing else does.
const PORT: u16 = 8080;
/// How often a Ctrl-C is looked for.
const TICK: Duration = Duration::from_millis(100);

/// Told when the run is done, with the address that is served, if any.
type Done<'a> = &'a mut dyn FnMut(&Plan, &Summary, Option<String>);

/// Runs the plan. `once`: without progress and HTTP.
pub(super) fn execute(mut plan: Plan, once: bool, done: Done<'_>) -> Result<Summary, RunError> {
    let (stop, quit) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    catch_signals(&stop, &quit);
    let options = RunOptions { fresh: true, stop, ..RunOptions::default() };
    plan.http = if once { None } else { free_address().map(|listen| HttpPlan { listen }) };
    #[cfg(feature = "http")]
    if let Some(http) = &plan.http {
        return crate::cli::serve::execute_then(&plan, http, options, &mut |summary, address| {
            done(&plan, summary, Some(address.to_string()));
            wait(&quit);
        });
    }
    let summary = runtime::run(&plan, options, &mut Unwatched)?;
    done(&plan, &summary, None);
    Ok(summary)
}

/// The first signal ends the run and the serving, the second one the process. Without handlers Ctrl-C still
/// ends the process, so a failure here is no reason not to run.
fn catch_signals(stop: &Arc<AtomicBool>, quit: &Arc<AtomicBool>) {
    for signal in [SIGINT, SIGTERM] {
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(quit));
        let _ = signal_hook::flag::register(signal, Arc::clone(stop));
        let _ = signal_hook::flag::register(signal, Arc::clone(quit));
    }
}

/// A loopback address that is free: the usual port, or any.
fn free_address() -> Option<SocketAddr> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|l| l.local_addr());
    bind(PORT).or_else(|_| bind(0)).ok().filter(|_| cfg!(feature = "http"))
}

#[cfg_attr(not(feature = "http"), allow(dead_code))]
fn wait(quit: &AtomicBool) {
    while !quit.load(Ordering::SeqCst) {
        thread::sleep(TICK);
    }
}
