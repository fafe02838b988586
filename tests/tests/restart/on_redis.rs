//! On Redis, which writes to its file before it answers.

use super::load::Load;
use super::own_server::OwnServer;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_killed_and_started_loses_nothing_and_denies_nobody() {
    let mut server = OwnServer::start(&["--appendonly yes", "--appendfsync always"]).await;
    let store = server.store().await;
    let load = Load::start(store.clone()).await;
    for _ in 0..3 {
        load.until_delivered(200).await;
        server.kill();
        load.until_noticed().await;
        server.restart().await;
    }
    load.until_delivered(200).await;
    load.finish(&store).await;
}
