//! Tasks that start at the same moment.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Barrier;

/// Runs all tasks at once and gives what they gave.
pub(super) async fn race<T, Fut>(tasks: Vec<Fut>) -> Vec<T>
where
    T: Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(tasks.len()));
    let running: Vec<_> = tasks
        .into_iter()
        .map(|task| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    let mut given = Vec::with_capacity(running.len());
    for task in running {
        given.push(task.await.expect("a racing task panicked"));
    }
    given
}
