//! The ways to the calendar of rotations and to reports of leaks.

use super::pages::{Way, call, get};

pub(super) fn rotation_ways(id: &str) -> Vec<Way> {
    vec![
        get("/rotations", "/rotations?view=month"),
        call("/api/rotations/calendar", "query=".into()),
        get("/leaks", "/leaks"),
        get("/leaks/new", &format!("/leaks/new?resource={id}")),
        get("/leaks/{id}", "/leaks/L-1"),
        call("/api/leaks/draft", format!("resource={id}")),
        call("/api/leaks/list", String::new()),
        call("/api/leaks/leak", "id=L-1".into()),
        call("/api/leaks/report", format!("resource={id}&reason=So")),
    ]
}
