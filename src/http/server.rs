//! The server's own thread and its way out.

use std::future::IntoFuture;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::{AppState, api};

/// Threads that answer requests. Reads take less than a millisecond, so two are plenty.
const WORKERS: usize = 2;

/// A running server. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// Serves on a listener that the caller has bound (port 0 in tests), on a thread of its own with a small
/// async runtime; nothing else of earful runs there.
///
/// # Errors
/// When the listener or the runtime cannot be set up.
pub fn serve(listener: TcpListener, state: AppState) -> io::Result<Server> {
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("http-worker")
        .enable_all()
        .build()?;
    let grace = state.limits.shutdown_grace;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("http".to_owned()).spawn(move || {
        let result = runtime.block_on(run(listener, state, stopped));
        runtime.shutdown_timeout(grace);
        result
    })?;
    Ok(Server { address, stop: Some(stop), thread: Some(thread) })
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new connection, lets open requests end for at most the grace, and waits for that. Answer
    /// the pushes that are still waiting first, or they take the whole grace.
    ///
    /// # Errors
    /// When serving had failed.
    pub fn stop(mut self) -> io::Result<()> {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(io::Error::other("the HTTP thread panicked")),
            None => Ok(()),
        }
    }
}

async fn run(listener: TcpListener, state: AppState, stopped: oneshot::Receiver<()>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let grace = state.limits.shutdown_grace;
    let (closing, closed) = oneshot::channel::<()>();
    let signal = async move {
        let _ = stopped.await;
        drop(closing);
    };
    let serving = axum::serve(listener, api::router(state)).with_graceful_shutdown(signal).into_future();
    tokio::select! {
        result = serving => result,
        () = async { let _ = closed.await; tokio::time::sleep(grace).await } => Ok(()),
    }
}
