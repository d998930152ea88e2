//! Readers who leave before their page is done.

use crate::common::TestApp;
use sqlx::PgPool;
use std::{
    panic,
    sync::{LazyLock, Mutex},
    time::Duration,
};

/// What panicked in code that renders.
static PANICS: LazyLock<Mutex<Vec<String>>> = LazyLock::new(|| {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        if !place.contains("tests/") {
            PANICS.lock().unwrap().push(format!("{place}: {info}"));
        }
        before(info);
    }));
    Mutex::default()
});

/// The connection of a reader who leaves is gone in the middle of any step of rendering.
#[sqlx::test(migrations = "../migrations")]
async fn a_reader_who_leaves_early_makes_nothing_panic(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let request = app.asked().await;
    let id = app.resource_id("payments/ledger").await;
    let browser = app.signed_in(&["admins", "approvers"]).await;
    let pages = [
        "/queue".to_owned(),
        format!("/queue/access/{request}"),
        format!("/access/{request}"),
        "/access".to_owned(),
        "/overview".to_owned(),
        "/inventory".to_owned(),
        "/inventory?kind=nonsense".to_owned(),
        format!("/inventory/{id}"),
        format!("/inventory/{id}/activity"),
        "/findings".to_owned(),
        "/policies".to_owned(),
        "/exceptions".to_owned(),
        "/accounts".to_owned(),
        "/settings".to_owned(),
    ];
    PANICS.lock().unwrap().clear();
    let threads =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    for round in 0..40 {
        let readers: Vec<_> = pages
            .iter()
            .map(|page| {
                let (mut reader, page) = (browser.clone(), page.clone());
                let patience = Duration::from_micros(500 << (round % 12));
                threads.spawn(async move {
                    let _ = tokio::time::timeout(patience, reader.get(&page)).await;
                })
            })
            .collect();
        for reader in readers {
            reader.await.unwrap();
        }
    }
    // What was being rendered goes on for a moment.
    tokio::time::sleep(Duration::from_millis(300)).await;
    threads.shutdown_background();
    assert_eq!(*PANICS.lock().unwrap(), Vec::<String>::new());
}
