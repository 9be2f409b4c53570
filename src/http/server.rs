//! The server's own thread and its way out.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{AppState, api};

/// Threads that answer requests. Reads take less than a millisecond, so two are plenty.
const WORKERS: usize = 2;
/// Between two tries to accept when the system refuses.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

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

async fn run(listener: TcpListener, state: AppState, mut stopped: oneshot::Receiver<()>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let limits = state.limits;
    let service = TowerToHyperService::new(api::router(state));
    let room = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
    let open = GracefulShutdown::new();
    loop {
        let (stream, permit) = tokio::select! {
            next = accept(&listener, &room) => next,
            _ = &mut stopped => break,
        };
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(limits.head_timeout);
        let connection = open.watch(builder.serve_connection(TokioIo::new(stream), service.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "http connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.shutdown_grace, open.shutdown()).await.is_err() {
        tracing::warn!("http requests were cut off: they took longer than the grace at shutdown");
    }
    Ok(())
}

/// The next connection, once there is room for it. Until then clients wait in the kernel's queue.
async fn accept(
    listener: &tokio::net::TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there is always a permit.
    let permit = Arc::clone(room).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return (stream, permit);
            }
            // A client that is gone already, or no file descriptor left: wait, others will close theirs.
            Err(error) => {
                tracing::warn!(%error, "cannot accept an http connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
