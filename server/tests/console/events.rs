//! Which events `/events` sends to whom.

use crate::common::{Browser, TestApp};
use claviger_store::Change;
use sqlx::PgPool;
use std::time::Duration;

/// All events that a person receives while the test does something, as (event, data).
struct Ear {
    body: axum::body::BodyDataStream,
    text: String,
}

impl Ear {
    async fn of(browser: &Browser) -> Self {
        Self { body: browser.stream("/events").await.into_data_stream(), text: String::new() }
    }

    /// The events until none came for a while.
    async fn heard(&mut self) -> Vec<(String, String)> {
        use futures::StreamExt;
        while let Ok(Some(Ok(bytes))) =
            tokio::time::timeout(Duration::from_secs(2), self.body.next()).await
        {
            self.text.push_str(&String::from_utf8_lossy(&bytes));
        }
        let text = std::mem::take(&mut self.text);
        let field = |event: &str, name: &str| {
            event.lines().find_map(|line| line.strip_prefix(name)).map(|v| v.trim().to_owned())
        };
        text.split("\n\n")
            .filter_map(|event| {
                let data = field(event, "data:")?;
                Some((field(event, "event:").unwrap_or_else(|| "message".into()), data))
            })
            .collect()
    }

    async fn access(&mut self) -> Vec<String> {
        let heard = self.heard().await;
        heard.into_iter().filter(|(event, _)| event == "access").map(|(_, data)| data).collect()
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_person_hears_only_of_what_they_may_see(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut listener = app.services.live().listen().await.unwrap();
    let changes = app.changes.clone();
    let relay = tokio::spawn(async move {
        while let Ok(change) = listener.next().await {
            if let Change::Access(touched) = change {
                let _ = changes.send(touched);
            }
        }
    });
    let mut ears = Vec::new();
    for (subject, groups) in [
        ("holder", vec!["requesters"]),
        ("ada", vec!["admins"]),
        ("elsewhere", vec!["sandboxers"]),
        ("other", vec!["requesters"]),
        ("nobody", vec![]),
    ] {
        let name = if subject == "holder" { "mira" } else { subject };
        let browser = app.signed_in_as(name, &groups).await;
        ears.push((subject, Ear::of(&browser).await));
    }
    let mut marks = Vec::new();
    for (who, ear) in &mut ears {
        let first = ear.heard().await;
        let mark = first.iter().find(|(event, _)| event == "entry");
        let mark = mark.unwrap_or_else(|| panic!("{who}: {first:?}")).1.clone();
        assert!(mark.parse::<i64>().is_err(), "{who} is told how long the audit log is: {mark}");
        marks.push(mark);
        // The scan's progress is in words, and absent where there is nothing that this person may know.
        let words: Vec<_> = first.iter().filter(|(event, _)| event == "scan").collect();
        assert!(words.len() <= usize::from(*who != "nobody"), "{who}: {first:?}");
        assert!(first.iter().all(|(event, _)| event != "message"), "{who}: {first:?}");
        for (_, words) in words {
            let words: serde_json::Value = serde_json::from_str(words).unwrap();
            assert!(words["text"].is_string() && words["running"].is_boolean(), "{who}: {words}");
        }
    }
    marks.sort();
    marks.dedup();
    assert_eq!(marks.len(), ears.len(), "a mark is one person's own");

    // A request in an account that only one of the two sees.
    let grant = app.asked().await.to_string();
    for (who, ear) in &mut ears {
        let heard = ear.access().await.join(" ");
        let may = matches!(*who, "holder" | "ada");
        assert_eq!(heard.contains(&grant), may, "{who}: {heard}");
        if matches!(*who, "elsewhere" | "other" | "nobody") {
            assert_eq!(heard, "", "{who}");
        }
    }
    // Somebody's inbox is their own.
    app.services.inbox().mark_read(&TestApp::mira(), i64::MAX).await.unwrap();
    for (who, ear) in &mut ears {
        let heard = ear.access().await;
        assert_eq!(!heard.is_empty(), *who == "holder", "{who}: {heard:?}");
    }
    // Governance events go to people who see findings; anyone who sees nothing receives nothing.
    app.services
        .policies()
        .import_policies("id: more\ntitle: More\nseverity: low\nrule: {owner: {}}")
        .await
        .unwrap();
    for (who, ear) in &mut ears {
        let heard = ear.access().await;
        if *who == "nobody" {
            assert!(heard.is_empty(), "{who}: {heard:?}");
        }
        if *who == "ada" {
            assert!(!heard.is_empty());
        }
    }
    relay.abort();
}
