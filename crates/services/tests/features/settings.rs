//! The settings: for whom, why a person may request access, tests of channels, jobs, and the setup.

use crate::grants::fixture::{
    Fixture, KAFKA, LEDGER, RecordingMessenger, ada, ben, person, problem, tomas,
};
use claviger_domain::{
    authz::Caller,
    notifications::Channel,
    problem::ProblemCode,
    settings::{
        access::{AccessAnswer, AccessFinding, AccessQuestion},
        jobs::JobState,
        setup::{SetupState, SetupView},
        system::HealthState,
    },
};
use sqlx::PgPool;

fn auditor() -> Caller {
    person("ines", &["audit"])
}

/// What each page answers to this person: `None` where it is shown.
async fn pages(fixture: &Fixture, caller: &Caller) -> Vec<Option<ProblemCode>> {
    let services = &fixture.services;
    let code = |error: claviger_services::ServiceError| error.into_problem().code;
    let question = AccessQuestion::default();
    vec![
        services.configuration().roles(caller).await.map_err(code).err(),
        services.access_rules().access_rules(caller, question).await.map_err(code).err(),
        services.configuration().owner_rules(caller).await.map_err(code).err(),
        services.channels().channels(caller).await.map_err(code).err(),
        services.configuration().schedule(caller).await.map_err(code).err(),
        services.job_control().jobs(caller).await.map_err(code).err(),
        services.system().system(caller).await.map_err(code).err(),
        services.setup().setup(caller).await.map_err(code).err(),
    ]
}

/// What each change answers to this person.
async fn changes(fixture: &Fixture, caller: &Caller) -> Vec<Option<ProblemCode>> {
    let services = &fixture.services;
    let code = |error: claviger_services::ServiceError| error.into_problem().code;
    vec![
        services.channels().send_test(caller, "chat").await.map_err(code).err(),
        services.job_control().retry(caller, 1).await.map_err(code).err(),
        services.setup().dismiss(caller, true).await.map_err(code).err(),
    ]
}

#[sqlx::test(migrations = "../../migrations")]
async fn settings_are_for_admins_and_auditors_of_the_whole_organization(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    for caller in [ada(), auditor()] {
        assert_eq!(pages(&fixture, &caller).await, [None; 8], "{:?}", caller.groups);
    }
    let forbidden = Some(ProblemCode::Forbidden);
    for caller in [ben(), tomas(), person("nobody", &[])] {
        assert_eq!(pages(&fixture, &caller).await, [forbidden; 8], "{:?}", caller.groups);
        assert_eq!(changes(&fixture, &caller).await, [forbidden; 3], "{:?}", caller.groups);
    }
    assert_eq!(changes(&fixture, &auditor()).await, [forbidden; 3], "auditors only read");
    assert_eq!(fixture.services.setup().open_setup(&ben()).await.unwrap(), None);
    assert_eq!(fixture.services.setup().open_setup(&auditor()).await.unwrap(), None);
}

async fn ask(fixture: &Fixture, person: &str, secret: &str, action: &str) -> AccessFinding {
    let question =
        AccessQuestion { person: person.into(), secret: secret.into(), action: action.into() };
    let shown = fixture.services.access_rules().access_rules(&auditor(), question).await.unwrap();
    shown.finding.unwrap()
}

async fn answer(fixture: &Fixture, person: &str, secret: &str, action: &str) -> AccessAnswer {
    match ask(fixture, person, secret, action).await {
        AccessFinding::Answer(answer) => *answer,
        AccessFinding::Unclear { says, .. } => panic!("{says}"),
    }
}

fn unmet(answer: &AccessAnswer) -> Vec<&str> {
    let unmet = answer.conditions.iter().filter(|one| !one.is_met);
    unmet.map(|one| one.about.as_str()).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_answer_names_the_policies_the_rule_and_who_decides(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let read = answer(&fixture, "ben", LEDGER, "read").await;
    assert!(read.may_request, "{read:?}");
    assert_eq!(read.rule.unwrap().name, "Production");
    assert_eq!(read.policies.len(), 1);
    assert!(read.policies[0].text.contains("\"payments\""), "{:?}", read.policies);
    let people: Vec<Vec<String>> = read.steps.into_iter().map(|step| step.people).collect();
    assert_eq!(people, [["TOMAS"], ["ADA"]]);

    let glass = answer(&fixture, "ben@example.com", LEDGER, "break-glass").await;
    assert!(glass.may_request, "{glass:?}");
    assert!(glass.policies[0].text.contains("breakGlass"), "{:?}", glass.policies);

    let other = answer(&fixture, "ben", "ml/openai", "break-glass").await;
    assert!(!other.may_request);
    assert_eq!(unmet(&other), ["Cedar policies", "Approval rule"]);
    assert!(other.policies.is_empty(), "nothing permits, and nothing forbids");

    let approver = answer(&fixture, "tomas", "ml/openai", "read").await;
    assert_eq!(unmet(&approver), ["Account in scope", "Cedar policies"]);
    let admin = answer(&fixture, "ada", LEDGER, "write").await;
    assert_eq!(unmet(&admin), ["Cedar policies"], "admins may read alone");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_answer_is_what_a_request_gets(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    for caller in [ben(), tomas(), ada()] {
        for (name, action) in [(LEDGER, "read"), (KAFKA, "rotate"), ("ml/openai", "read")] {
            let answer = answer(&fixture, &caller.person.subject, name, action).await;
            let id = [fixture.id(name).await.to_string()];
            let form = fixture.services.requests().request_form(&caller, &id, action, None).await;
            let offered = form.is_ok_and(|form| form.offers.iter().all(|one| one.terms.is_ok()));
            assert_eq!(answer.may_request, offered, "{} {name} {action}", caller.person.subject);
        }
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_question_can_mean_is_said(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let unclear = async |person: &str, secret: &str| match ask(&fixture, person, secret, "").await {
        AccessFinding::Unclear { says, choices } => (says, choices.len()),
        AccessFinding::Answer(answer) => panic!("{answer:?}"),
    };
    assert!(unclear("carol", LEDGER).await.0.contains("No person"));
    assert!(unclear("ben", "payments/nothing").await.0.contains("No secret"));
    let id = "00000000-0000-0000-0000-000000000000";
    assert!(unclear("ben", id).await.0.contains("No secret"));
    let (before, question) = (fixture.audit_actions().await, AccessQuestion::default());
    let nothing = fixture.services.access_rules().access_rules(&ada(), question).await.unwrap();
    assert_eq!(nothing.finding, None);
    assert_eq!(nothing.policies.len(), 3);
    assert_eq!(fixture.audit_actions().await, before, "asking changes nothing");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_test_of_a_channel_says_what_came_of_it_and_is_audited(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let post: &RecordingMessenger = &fixture.post;
    let channels = fixture.services.channels();
    channels.send_test(&ada(), "chat").await.unwrap();
    channels.send_test(&ada(), "events").await.unwrap();
    let said = channels.send_test(&ada(), "email").await.unwrap();
    assert_eq!(said, "Test sent to ada@example.com.");
    assert_eq!(post.count("to the channel\nTest notification"), 1);
    assert_eq!(post.count("event test"), 1);
    assert_eq!(post.count("to ada@example.com\nTest notification"), 1);
    post.breaks(&["chat"]);
    let failed = problem(channels.send_test(&ada(), "chat").await);
    assert!(failed.to_string().contains("chat is down"), "{failed}");
    assert_eq!(problem(channels.send_test(&ada(), "pigeon").await).code, ProblemCode::InvalidInput);
    let shown = channels.channels(&ada()).await.unwrap();
    let of = |channel| shown.tests.iter().find(|test| test.channel == channel).unwrap();
    assert!(!of(Channel::Chat).succeeded && of(Channel::Email).succeeded);
    assert_eq!(of(Channel::Chat).reason.as_deref(), Some("chat is down"));
    let audited = fixture.audit_actions().await;
    let count = |entry: &str| audited.iter().filter(|one| *one == entry).count();
    assert_eq!(count("test-channel started"), 4);
    assert_eq!(
        (count("test-channel completed well"), count("test-channel completed badly")),
        (3, 1)
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_failed_job_is_queued_again_once_and_others_never(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let payloads = [
        serde_json::json!({"job": "evaluate", "account": "441205839201"}),
        serde_json::json!({"job": "check_account", "account": "441205839201"}),
    ];
    for payload in payloads {
        sqlx::query("select 1 from graphile_worker.add_job('claviger_job', $1::json)")
            .bind(payload)
            .execute(&fixture.pool)
            .await
            .unwrap();
    }
    sqlx::query(
        "update graphile_worker._private_jobs set attempts = max_attempts, last_error = 'AWS did not answer'
         where payload ->> 'job' = 'evaluate'",
    )
    .execute(&fixture.pool)
    .await
    .unwrap();
    let control = fixture.services.job_control();
    let shown = control.jobs(&ada()).await.unwrap();
    let states: Vec<(&str, JobState)> =
        shown.jobs.iter().map(|job| (job.kind.as_str(), job.state)).collect();
    assert_eq!(states, [("evaluate", JobState::Failed), ("check_account", JobState::Waiting)]);
    assert_eq!(shown.jobs[0].reason.as_deref(), Some("AWS did not answer"));
    assert_eq!(shown.jobs[0].about, "441205839201");
    let system = fixture.services.system().system(&ada()).await.unwrap();
    let failed = system.facts.iter().find(|fact| fact.about == "Failed jobs").unwrap();
    assert_eq!(failed.state, HealthState::Warning);

    control.retry(&ada(), shown.jobs[0].id).await.unwrap();
    for job in &shown.jobs {
        let again = problem(control.retry(&ada(), job.id).await);
        assert_eq!(again.code, ProblemCode::Conflict, "{}", job.kind);
    }
    let shown = control.jobs(&ada()).await.unwrap();
    assert!(shown.jobs.iter().all(|job| job.state == JobState::Waiting && job.attempts == 0));
    let audited = fixture.audit_actions().await;
    assert_eq!(audited.iter().filter(|one| *one == "retry-job done").count(), 1);
    fixture.work().await;
}

async fn setup(fixture: &Fixture) -> SetupView {
    fixture.services.setup().setup(&ada()).await.unwrap()
}

fn state(setup: &SetupView, title: &str) -> SetupState {
    setup.steps.iter().find(|step| step.title == title).unwrap().state
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_setup_follows_the_facts_until_it_is_dismissed(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let first = setup(&fixture).await;
    assert_eq!(state(&first, "Identity provider"), SetupState::Done);
    assert_eq!(state(&first, "Policies"), SetupState::ToDo);
    assert_eq!(state(&first, "Notifications"), SetupState::ToDo);
    assert_eq!(state(&first, "Backup of the audit log's head"), SetupState::Unknown);
    assert!(fixture.services.setup().open_setup(&ada()).await.unwrap().is_some());
    fixture.services.setup().dismiss(&ada(), true).await.unwrap();
    assert_eq!(fixture.services.setup().open_setup(&ada()).await.unwrap(), None);
    assert_eq!(setup(&fixture).await.dismissed.map(|(by, _)| by).as_deref(), Some("ADA"));
    fixture.services.setup().dismiss(&ada(), false).await.unwrap();
    assert!(fixture.services.setup().open_setup(&ada()).await.unwrap().is_some());
    let audited = fixture.audit_actions().await;
    assert!(audited.ends_with(&["dismiss-setup done".into(), "restore-setup done".into()]));

    for channel in ["chat", "events", "email"] {
        fixture.services.channels().send_test(&ada(), channel).await.unwrap();
    }
    let policy = "id: owner\ntitle: Owners\nseverity: low\nrule: {owner: {}}";
    fixture.services.policies().save_policies(&ada(), policy).await.unwrap();
    let head = fixture.services.audit().audit_head().await.unwrap().unwrap();
    fixture.services.audit().announce_head(&head, time::Duration::HOUR).await.unwrap();
    fixture.work().await;
    let second = setup(&fixture).await;
    assert_eq!(state(&second, "Notifications"), SetupState::Done);
    assert_eq!(state(&second, "Policies"), SetupState::Done);
    assert_eq!(state(&second, "Backup of the audit log's head"), SetupState::Done);
}
