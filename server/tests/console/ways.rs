//! The ways to changes in part, to rotation templates, to secrets as code, to files of new secrets, to alarms, to the calendar of rotations,
//! to reports of leaks and to roles of consumers and pipelines, and to plaintext variables.

use super::pages::{Way, call, get};
use claviger_testkit::samples::PAYMENTS;

/// A resource's page and its tabs.
pub(super) fn tabs(id: &str) -> Vec<Way> {
    vec![
        get("/inventory/{id}", &format!("/inventory/{id}")),
        get("/inventory/{id}/{tab}", &format!("/inventory/{id}/access")),
        get("/inventory/{id}/{tab}", &format!("/inventory/{id}/use?for=ecs&key=password")),
        get("/inventory/{id}/{tab}", &format!("/inventory/{id}/activity")),
        get("/inventory/{id}/{tab}", &format!("/inventory/{id}/policy")),
        get("/inventory/{id}/{tab}", &format!("/inventory/{id}/code")),
        get("/inventory/{id}/{tab}", &format!("/inventory/{id}/readers")),
    ]
}

pub(super) fn more_ways(id: &str) -> Vec<Way> {
    [
        changes(id),
        alarm_ways().into(),
        rotation_ways(id),
        hosted_ways(id),
        code_ways(id),
        files(),
        role_ways(id),
    ]
    .concat()
}

/// A rotation by a template of AWS.
fn hosted_ways(id: &str) -> Vec<Way> {
    let query = "engine=mysql&users=single&function=rotate-it&days=30&immediately=no";
    let page = format!("/inventory/{id}/hosted-rotation");
    vec![
        get("/inventory/{id}/hosted-rotation", &page),
        get("/inventory/{id}/hosted-rotation.yaml", &format!("{page}.yaml?{query}")),
    ]
}

/// Secrets as code, and a team's vault.
fn code_ways(id: &str) -> Vec<Way> {
    let vault = format!(
        "team=payments&sent=yes&account={PAYMENTS}&region=us-east-1&organization=o-a1b2c3d4e5&readers=ecs-tasks.amazonaws.com&function=arn:aws:lambda:us-east-1:{PAYMENTS}:function:rotate"
    );
    vec![
        get("/inventory/code", &format!("/inventory/code?resource={id}")),
        get("/export/code", &format!("/export/code?resource={id}")),
        get("/inventory/vault", &format!("/inventory/vault?{vault}")),
        get("/export/vault", &format!("/export/vault?{vault}&file=vault-payments.tf")),
    ]
}

/// Files as values of new secrets: here without a file.
fn files() -> Vec<Way> {
    vec![
        call("/secrets/new/file", String::new()),
        ("POST", "/creations/{id}/file", "/creations/C-1/file".into(), String::new()),
    ]
}

/// Roles of consumers, and of pipelines.
fn role_ways(id: &str) -> Vec<Way> {
    vec![
        get("/inventory/role", &format!("/inventory/role?resource={id}")),
        get("/inventory/{id}/role", &format!("/inventory/{id}/role")),
        call("/api/consumers/draft", format!("id={id}&query=")),
        call("/api/consumers/analyze", format!("id={id}&query=consumer%3Dlambda")),
        call("/api/consumers/apply", format!("id={id}&query=consumer%3Dlambda&reason=So")),
        get("/variables", "/variables"),
        get("/export/variables/csv", "/export/variables/csv?kind=lambda"),
        get("/pipelines", "/pipelines"),
        get("/pipelines", &format!("/pipelines?role=arn:aws:iam::{PAYMENTS}:role/app")),
    ]
}

fn rotation_ways(id: &str) -> Vec<Way> {
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

/// Changes of a value in part.
fn changes(id: &str) -> Vec<Way> {
    vec![
        call("/api/access/keys", format!("grant={{grant}}&resource={id}")),
        call("/api/access/edit-keys", format!("grant={{grant}}&resource={id}&key_1=a&text_1=x")),
        call("/api/access/compare", format!("grant={{grant}}&resource={id}&from=a&to=b")),
        call(
            "/api/access/preview-parameter",
            format!("grant={{grant}}&resource={id}&tier=Advanced"),
        ),
        call(
            "/api/access/change-parameter",
            format!("grant={{grant}}&resource={id}&tier=Advanced"),
        ),
    ]
}

fn alarm_ways() -> [Way; 6] {
    [
        get("/alarms", "/alarms"),
        get("/alarms/checks", "/alarms/checks"),
        call("/api/alarms/list", String::new()),
        call("/api/alarms/checks", String::new()),
        call("/api/alarms/close", "id=A-1&note=So".into()),
        call("/api/alarms/test", format!("account={PAYMENTS}&region=us-east-1")),
    ]
}
