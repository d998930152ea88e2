//! Readers who leave before their page is done.

use crate::{common::TestApp, pages::ways};
use sqlx::PgPool;
use std::{
    collections::BTreeSet,
    panic,
    sync::{LazyLock, Mutex},
    time::Duration,
};

/// Routes that render nothing, or never end.
const PLAIN: [&str; 3] = ["/auth", "/events", "/export"];

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
    let ways = ways(&app).await;
    let browser = app.signed_in(&["admins", "approvers"]).await;
    let pages: BTreeSet<String> = ways
        .into_iter()
        .filter(|(method, route, ..)| {
            *method == "GET" && !PLAIN.iter().any(|of| route.starts_with(of))
        })
        .map(|(_, _, path, _)| path.replace("{grant}", &request.to_string()))
        .collect();
    PANICS.lock().unwrap().clear();
    let threads =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    for round in 0..24 {
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
