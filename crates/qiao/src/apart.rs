//! What runs beside the requests: on SQLite on threads of its own, the public log's with little urgency.
//!
//! While a reaction holds the one write permit, every step between two statements would otherwise stand in line behind
//! the requests of a busy hour. The public log needs no permit but for its cursor, and much of a processor when a crowd
//! gives: with little urgency it has what the gifts leave. Threads that such a thread starts, a database connection's
//! say, are as urgent as it is.

use std::future::Future;
use std::thread;

use db::{Backend, Db, DbError, DbUrl};
use tokio::sync::oneshot;

/// How willing the threads of the public log are to wait: of two that want a processor, the other has it thirty times as
/// long.
const NICE: i32 = 15;

/// How urgent a thread is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// As urgent as a request.
    Usual,
    /// It may wait.
    Low,
}

/// Runs it to its end. On PostgreSQL it shares the runtime, since nobody waits there for a permit.
pub async fn run(backend: Backend, urgency: Urgency, task: impl Future<Output = ()> + Send + 'static) {
    match backend {
        Backend::Postgres => task.await,
        Backend::Sqlite => {
            if let Err(error) = on_thread(urgency, task).await {
                tracing::error!(%error, "what runs beside the requests could not run");
            }
        }
    }
}

/// Opens a database whose SQLite connections are of little urgency.
///
/// # Errors
/// As [`Db::open`].
pub async fn open(url: &DbUrl) -> Result<Db, DbError> {
    if matches!(url, DbUrl::Postgres(_)) {
        return Db::open(url).await;
    }
    let url = url.clone();
    on_thread(Urgency::Low, async move { Db::open(&url).await })
        .await
        .map_err(|error| DbError::Other(error.to_string()))?
}

/// Runs it on a thread of its own with a small runtime.
async fn on_thread<T: Send + 'static>(
    urgency: Urgency,
    task: impl Future<Output = T> + Send + 'static,
) -> std::io::Result<T> {
    let (done, waiting) = oneshot::channel();
    let body = move || {
        if urgency == Urgency::Low
            && let Err(error) = rustix::process::nice(NICE)
        {
            tracing::warn!(%error, "the public log’s threads stay as urgent as the requests");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Nobody waits any more only when the whole program ends.
        let _ = done.send(runtime.map(|runtime| runtime.block_on(task)));
    };
    thread::Builder::new().name("apart".into()).spawn(body)?;
    waiting.await.map_err(std::io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_thread_of_little_urgency_is_nice_and_the_rest_is_not() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        let inside = on_thread(Urgency::Low, async move { nice() }).await.unwrap();
        assert_eq!(inside, (before + NICE).min(19));
        assert_eq!(nice(), before, "only that thread");
        assert_eq!(on_thread(Urgency::Usual, async move { nice() }).await.unwrap(), before);
    }
}
