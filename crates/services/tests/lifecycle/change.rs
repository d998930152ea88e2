//! Changes of a value in part, under a grant to read and write: keys of a JSON object, and the settings of a parameter.

use crate::{
    fixture::{Fixture, ada, code, eve},
    plans::OWNER,
    recorder::Recorder,
};
use claviger_domain::{
    authz::Caller,
    facts::{Detail, ParameterFacts, ResourceFacts, Version},
    grants::GrantId,
    json_edit::{KeyChange, KeyEdit, NewMember},
    json_shape::{KeyDifference, ValueShape},
    parameter_change::ParameterForm,
    problem::ProblemCode,
    value_change::Written,
};
use claviger_services::{
    ServiceError,
    grants::{RequestInput, SessionPurpose},
};
use claviger_testkit::{
    US,
    samples::{PAYMENTS, parameter, secret_with},
};
use sqlx::PgPool;

const CANARY: &str = "canary-of-a-change-7719";

pub const CEDAR: &str = r#"
    permit(principal in Claviger::Team::"payments-engineers", action in [Claviger::Action::"read", Claviger::Action::"write"], resource);
"#;

pub const RULES: &str = r#"
    owner_team = "{owner}-engineers"
    [[rule]]
    name = "Both"
    scope = "organization"
    actions = ["read", "write"]
    longest_minutes = 60
    claim_minutes = 60
    decide_minutes = 60
    steps = [{ name = "Owner", quorum = 1, approvers = ["owner"] }]
    auto_approve = { longest_minutes = 60 }
"#;

fn version(id: &str, stage: &str) -> Version {
    Version { id: id.into(), stages: vec![stage.into()] }
}

/// A JSON object as somebody has written it by hand.
fn text() -> String {
    format!(
        "{{\r\n  \"username\" : \"app\",\r\n  \"password\" : \"{CANARY}\",\r\n  \"port\" : 5432.0\r\n}}\n"
    )
}

fn edit(key: &str, change: KeyChange) -> KeyEdit {
    KeyEdit { key: key.into(), change }
}

fn replace(key: &str, text: &str) -> Vec<KeyEdit> {
    vec![edit(key, KeyChange::Replace(NewMember::text(text)))]
}

impl Fixture {
    async fn changing(pool: &PgPool) -> Self {
        Self::with_rules(pool, OWNER, CEDAR, RULES).await
    }

    /// A secret with two versions, which the inventory has.
    async fn json_secret(&self) -> ResourceFacts {
        let facts = secret_with(PAYMENTS, US, "payments/db", |secret| {
            secret.versions = vec![version("v2", "AWSCURRENT"), version("v1", "AWSPREVIOUS")];
        });
        self.aws.put(facts.clone());
        self.aws.access.hold_text(facts.arn.as_str(), &text());
        self.aws.access.hold_version(facts.arn.as_str(), "v2", &text());
        let old = format!(r#"{{"username":"{CANARY}","token":null,"port":"5432"}}"#);
        self.aws.access.hold_version(facts.arn.as_str(), "v1", &old);
        self.scan().await;
        facts
    }

    async fn own_parameter(&self, change: impl FnOnce(&mut ParameterFacts)) -> ResourceFacts {
        let mut facts = parameter(PAYMENTS, US, "/payments/db/password");
        let Detail::Parameter(detail) = &mut facts.detail else { unreachable!() };
        change(detail);
        self.aws.put(facts.clone());
        self.aws.access.hold_text(facts.arn.as_str(), CANARY);
        self.scan().await;
        facts
    }

    /// An active grant.
    async fn held(&self, caller: &Caller, facts: &ResourceFacts, action: &str) -> GrantId {
        let input = RequestInput {
            resources: vec![self.id(facts.arn.as_str()).await],
            action: action.into(),
            minutes: 30,
            purpose: "Change the port.".into(),
            ..RequestInput::default()
        };
        let grant = self.services.requests().request_access(caller, input).await.unwrap().grants[0];
        self.services.grant_lifecycle().claim(caller, &grant.to_string()).await.unwrap();
        grant
    }

    async fn edited(
        &self,
        grant: GrantId,
        facts: &ResourceFacts,
        edits: Vec<KeyEdit>,
    ) -> Result<Written, ServiceError> {
        let changes = self.services.grant_changes();
        changes.edit_keys(&eve(), &grant.to_string(), facts.arn.as_str(), edits).await
    }

    async fn changed(
        &self,
        grant: GrantId,
        facts: &ResourceFacts,
        form: ParameterForm,
        value: Option<&str>,
    ) -> Result<Written, ServiceError> {
        let (changes, value) = (self.services.grant_changes(), value.map(Into::into));
        changes.change_parameter(&eve(), &grant.to_string(), facts.arn.as_str(), &form, value).await
    }

    fn written(&self) -> Vec<String> {
        self.aws.access.puts().into_iter().map(|(_, text)| text).collect()
    }

    /// The actions of the session policies that were sent to AWS, one list for each session.
    fn sessions(&self) -> Vec<Vec<String>> {
        let orders = self.aws.access.orders();
        let actions = |policy: &str| {
            let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
            let statements = policy["Statement"].as_array().unwrap().clone();
            let each = statements.into_iter().filter(|one| one["Effect"] == "Allow");
            let mut all: Vec<String> = each.map(|one| one["Action"].to_string()).collect();
            all.sort();
            all
        };
        orders.iter().map(|order| actions(&order.policy)).collect()
    }

    /// What the audit log says of a grant's changes, with their details.
    async fn says(&self, grant: GrantId, action: &str) -> Vec<String> {
        let entries = self.store.audit().audit_of(&grant.to_string()).await.unwrap();
        entries
            .iter()
            .filter(|entry| entry.audit_action.to_string() == action)
            .map(|entry| format!("{} {:?}", entry.phase, entry.detail))
            .collect()
    }
}

fn message(error: ServiceError) -> String {
    error.into_problem().message
}

#[sqlx::test(migrations = "../../migrations")]
async fn keys_change_and_every_other_character_stays(pool: PgPool) {
    let fixture = Fixture::changing(&pool).await;
    let facts = fixture.json_secret().await;
    let grant = fixture.held(&eve(), &facts, "change").await;
    let keys = fixture.services.grant_changes();
    let shown = keys.show_keys(&eve(), &grant.to_string(), facts.arn.as_str()).await.unwrap();
    let ValueShape::Object(keys) = &shown.shape else { panic!("{shown:?}") };
    let names: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
    assert_eq!((names, shown.version.as_str()), (vec!["username", "password", "port"], "v2"));
    assert!(!format!("{shown:?}").contains(CANARY));

    let edits = vec![
        edit("password", KeyChange::Replace(NewMember::text("n\"ew"))),
        edit("engine", KeyChange::Add(NewMember::text("postgres"))),
        edit("port", KeyChange::Remove),
    ];
    let written = fixture.edited(grant, &facts, edits).await.unwrap();
    assert!(written.is_verified && written.warning().is_none(), "{written:?}");
    let after = "{\r\n  \"username\" : \"app\",\r\n  \"password\" : \"n\\\"ew\",\r\n  \"engine\" : \"postgres\"\r\n}\n";
    assert_eq!(fixture.written(), [after]);
    // One session reads this secret, another one writes it; none can do both.
    let get = "\"secretsmanager:GetSecretValue\"";
    let put = "\"secretsmanager:PutSecretValue\"";
    assert_eq!(fixture.sessions(), [vec![get], vec![get], vec![put]]);
    let said = fixture.says(grant, "put-value").await;
    assert!(said[0].contains("changed password, added engine, removed port"), "{said:?}");
    assert!(said.iter().any(|entry| entry.contains(&written.version)), "{said:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_lost_race_is_reported_with_the_version_that_was_overwritten(pool: PgPool) {
    let fixture = Fixture::changing(&pool).await;
    let facts = fixture.json_secret().await;
    let grant = fixture.held(&eve(), &facts, "change").await;
    // Somebody writes between the reading and the writing.
    fixture.aws.access.race_next_write("theirs", r#"{"username":"other"}"#);
    let written = fixture.edited(grant, &facts, replace("password", "new")).await.unwrap();
    assert_eq!(written.overwrote.as_deref(), Some("theirs"));
    let (message, hint) = written.warning().unwrap();
    assert!(message.contains("over version theirs"), "{message}");
    assert!(hint.contains("roll back"), "{hint}");
    let said = fixture.says(grant, "put-value").await;
    assert!(said.iter().any(|entry| entry.contains("theirs")), "{said:?}");
    // The next one meets nobody.
    let written = fixture.edited(grant, &facts, replace("password", "newer")).await.unwrap();
    assert_eq!(written.warning(), None);

    let facts = fixture.own_parameter(|_| {}).await;
    let grant = fixture.held(&eve(), &facts, "change").await;
    fixture.aws.access.race_next_write("2", "theirs");
    let form = ParameterForm { tier: "Advanced".into(), ..ParameterForm::default() };
    let written = fixture.changed(grant, &facts, form, None).await.unwrap();
    assert_eq!((written.version.as_str(), written.overwrote.as_deref()), ("3", Some("2")));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_edited_is_refused_before_the_write(pool: PgPool) {
    let fixture = Fixture::changing(&pool).await;
    let facts = fixture.json_secret().await;
    let grant = fixture.held(&eve(), &facts, "change").await;
    let arn = facts.arn.as_str();
    for (text, edits, says) in [
        ("plain", replace("a", "b"), "not a JSON object"),
        (r#"{"a":1,"\u0061":2,"b":3}"#, replace("b", "x"), "the key a more than once"),
        (r#"{"a":1}"#, replace("b", "x"), "no key b"),
        (r#"{"a":1}"#, vec![edit("a", KeyChange::Remove)], "Nothing would remain"),
        (r#"{"a":1}"#, Vec::new(), "enter at least one key"),
    ] {
        fixture.aws.access.hold_text(arn, text);
        let error = fixture.edited(grant, &facts, edits).await.unwrap_err();
        let message = message(error);
        assert!(message.starts_with("keys: ") && message.contains(says), "{message}");
    }
    fixture.aws.access.hold_text(arn, r#"{"a":1}"#);
    let large = fixture.edited(grant, &facts, replace("a", &"x".repeat(65_536))).await;
    assert!(message(large.unwrap_err()).contains("too large"));
    fixture.aws.access.hold_bytes(arn, &[0, 0xff]);
    let binary = fixture.edited(grant, &facts, replace("a", "x")).await;
    assert!(message(binary.unwrap_err()).contains("binary"));
    assert_eq!(fixture.written(), Vec::<String>::new());
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_a_grant_to_read_and_write_changes_in_part(pool: PgPool) {
    let fixture = Fixture::changing(&pool).await;
    let facts = fixture.json_secret().await;
    for action in ["read", "write"] {
        let grant = fixture.held(&eve(), &facts, action).await;
        let error = fixture.edited(grant, &facts, replace("password", "x")).await.unwrap_err();
        assert_eq!(code(error), ProblemCode::Forbidden, "{action}");
        let given = fixture.services.grant_lifecycle().give_back(&eve(), &grant.to_string()).await;
        given.unwrap();
    }
    assert_eq!(fixture.aws.access.orders(), []);
    let grant = fixture.held(&eve(), &facts, "change").await;
    let changes = fixture.services.grant_changes();
    let (of, arn) = (grant.to_string(), facts.arn.as_str());
    let foreign = changes.edit_keys(&ada(), &of, arn, replace("password", "x")).await;
    assert_eq!(code(foreign.unwrap_err()), ProblemCode::Forbidden);
    // It also allows each part.
    let sessions = fixture.services.grant_sessions();
    sessions.reveal(&eve(), &of, arn).await.unwrap();
    sessions.put_value(&eve(), &of, arn, "whole".to_owned().into()).await.unwrap();
    sessions.issue_credentials(&eve(), &of, None, SessionPurpose::Client).await.unwrap();
    let all = fixture.sessions();
    assert_eq!(all[2], ["\"secretsmanager:GetSecretValue\"", "\"secretsmanager:PutSecretValue\""]);
    assert!(sessions.rotate(&eve(), &of, arn).await.is_err());
    // A parameter's settings are no matter of a secret, and the other way round.
    let form = ParameterForm { tier: "Advanced".into(), ..ParameterForm::default() };
    let error = fixture.changed(grant, &facts, form, None).await.unwrap_err();
    assert_eq!(code(error), ProblemCode::InvalidInput);
    // After its end it changes nothing.
    fixture.services.grant_lifecycle().give_back(&eve(), &of).await.unwrap();
    let error = fixture.edited(grant, &facts, replace("password", "x")).await.unwrap_err();
    assert_eq!(code(error), ProblemCode::Conflict);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_rule_and_a_policy_have_to_allow_both(pool: PgPool) {
    let only_read = CEDAR.replace(r#", Claviger::Action::"write""#, "");
    let two = format!(
        "{}\n{}",
        RULES.replace(r#"["read", "write"]"#, r#"["read"]"#),
        RULES
            .replace("owner_team = \"{owner}-engineers\"", "")
            .replace("Both", "Writing")
            .replace(r#"["read", "write"]"#, r#"["write"]"#)
    );
    for (cedar, rules, says) in
        [(only_read.as_str(), RULES, "No policy allows"), (CEDAR, two.as_str(), "No approval rule")]
    {
        let fixture = Fixture::with_rules(&pool, OWNER, cedar, rules).await;
        let facts = fixture.json_secret().await;
        let ids = [fixture.id(facts.arn.as_str()).await];
        let form = fixture.services.requests().request_form(&eve(), &ids, "change", None).await;
        let refused = form.unwrap().offers[0].terms.clone().unwrap_err();
        assert!(refused.contains(says), "{refused}");
    }
    let named = RULES.replace(r#"["read", "write"]"#, r#"["change"]"#);
    let fixture = Fixture::with_rules(&pool, OWNER, CEDAR, &named).await;
    let facts = fixture.json_secret().await;
    fixture.held(&eve(), &facts, "change").await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_parameter_changes_in_one_call_and_is_read_again(pool: PgPool) {
    let fixture = Fixture::changing(&pool).await;
    let facts = fixture.own_parameter(|own| own.allowed_pattern = Some("^canary.*$".into())).await;
    let grant = fixture.held(&eve(), &facts, "change").await;
    let form = ParameterForm {
        tier: "Advanced".into(),
        key: "arn:aws:kms:us-east-1:441205839201:key/5d0c".into(),
        no_change_days: "20".into(),
        ..ParameterForm::default()
    };
    let changes = fixture.services.grant_changes();
    let (of, arn) = (grant.to_string(), facts.arn.as_str());
    let preview = changes.preview_parameter(&eve(), &of, arn, &form, None).await.unwrap();
    let fields: Vec<&str> = preview.changes.iter().map(|one| one.field.as_str()).collect();
    assert_eq!((fields, preview.version), (vec!["Tier", "KeyId", "Policies"], Some(1)));
    assert_eq!(fixture.aws.access.orders(), [], "a preview reads no value");

    let written = fixture.changed(grant, &facts, form, None).await.unwrap();
    assert_eq!((written.version.as_str(), written.warning()), ("2", None));
    assert_eq!(fixture.written(), [CANARY], "the same value again");
    let [read, write] = &fixture.sessions()[..] else { panic!("two sessions") };
    assert_eq!(read[..], ["\"ssm:GetParameter\""]);
    assert_eq!(write[..], ["\"kms:GenerateDataKey\"", "\"ssm:PutParameter\""]);
    let policy = &fixture.aws.access.orders()[1].policy;
    assert!(policy.contains("key/5d0c") && !policy.contains("ssm:Policies"), "{policy}");
    let said = fixture.says(grant, "put-value").await;
    assert!(
        said[0].contains("Tier, KeyId, Policies") && said[0].contains("sent again"),
        "{said:?}"
    );

    // A new value needs no reading of the old one.
    fixture.changed(grant, &facts, ParameterForm::default(), Some("canary-2")).await.unwrap();
    assert_eq!(fixture.sessions().len(), 3);
    // Without a change of policies the session keeps them.
    assert!(fixture.aws.access.orders()[2].policy.contains("ssm:Policies"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_aws_would_refuse_of_a_parameter_is_refused_before_the_call(pool: PgPool) {
    let fixture = Fixture::changing(&pool).await;
    let facts = fixture
        .own_parameter(|own| {
            own.tier = Some("Advanced".into());
            own.allowed_pattern = Some("^canary.*$".into());
        })
        .await;
    let grant = fixture.held(&eve(), &facts, "change").await;
    let form = |change: fn(&mut ParameterForm)| {
        let mut form = ParameterForm::default();
        change(&mut form);
        form
    };
    for (form, value, says) in [
        (form(|form| form.tier = "Standard".into()), None, "tier: AWS can't"),
        (form(|_| {}), None, "Nothing is changed"),
        (form(|_| {}), Some("other"), "value: It doesn't match"),
        (form(|form| form.allowed_pattern = "^x$".into()), None, "value: It doesn't match"),
        (form(|form| form.expires = "2020-01-01T00:00".into()), None, "expires: "),
        (form(|form| form.tier = "Premium".into()), None, "tier: Use"),
    ] {
        let error = fixture.changed(grant, &facts, form, value).await.unwrap_err();
        let problem = error.into_problem();
        assert_eq!(problem.code, ProblemCode::InvalidInput);
        assert!(problem.message.contains(says), "{problem:?}");
        assert!(!format!("{problem:?}").contains(CANARY));
    }
    let large = "canary".repeat(1_400);
    let error = fixture.changed(grant, &facts, form(|_| {}), Some(&large)).await.unwrap_err();
    assert!(message(error).contains("8,192 bytes"));
    assert_eq!(fixture.written(), Vec::<String>::new());
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_versions_are_compared_by_their_shape(pool: PgPool) {
    let fixture = Fixture::changing(&pool).await;
    let facts = fixture.json_secret().await;
    let grant = fixture.held(&eve(), &facts, "read").await;
    let changes = fixture.services.grant_changes();
    let compare = async |from: &str, to: &str| {
        changes.compare(&eve(), &grant.to_string(), facts.arn.as_str(), from, to).await
    };
    let shown = compare("AWSPREVIOUS", "v2").await.unwrap();
    assert_eq!((shown.from_version.as_str(), shown.to_version.as_str()), ("v1", "v2"));
    let rows: Vec<String> = shown
        .rows
        .iter()
        .map(|row| {
            let what = match row.difference {
                KeyDifference::Added { .. } => "added",
                KeyDifference::Removed { .. } => "removed",
                KeyDifference::Same { .. } => "same",
                KeyDifference::TypeChanged { .. } => "type changed",
            };
            format!("{} {what}", row.key)
        })
        .collect();
    assert_eq!(rows, ["username same", "token removed", "port type changed", "password added"]);
    assert!(!serde_json::to_string(&shown).unwrap().contains(CANARY));
    let said = fixture.says(grant, "read-keys").await;
    assert_eq!(said.len(), 4, "both readings, before and after: {said:?}");
    assert!(said.iter().any(|entry| entry.contains("v1")), "{said:?}");
    assert_eq!(code(compare("v1", "AWSPREVIOUS").await.unwrap_err()), ProblemCode::InvalidInput);
    assert_eq!(code(compare("v1", "v9").await.unwrap_err()), ProblemCode::NotFound);
    let pending = compare("AWSPENDING", "v1").await.unwrap_err();
    assert!(pending.to_string().contains("no rotation is in progress"), "{pending}");
    // Writing alone compares nothing.
    let write = fixture.held(&eve(), &facts, "write").await.to_string();
    let refused = changes.compare(&eve(), &write, facts.arn.as_str(), "v1", "v2").await;
    assert_eq!(code(refused.unwrap_err()), ProblemCode::Forbidden);
}

#[sqlx::test(migrations = "../../migrations")]
async fn no_value_of_a_change_is_kept_anywhere(pool: PgPool) {
    let fixture = Fixture::changing(&pool).await;
    let recorder = Recorder::default();
    let recording = recorder.begin();
    let facts = fixture.json_secret().await;
    let grant = fixture.held(&eve(), &facts, "change").await;
    let new = format!("{CANARY}-new");
    fixture.edited(grant, &facts, replace("password", &new)).await.unwrap();
    fixture.edited(grant, &facts, replace("absent", &new)).await.unwrap_err();
    let changes = fixture.services.grant_changes();
    let (of, arn) = (grant.to_string(), facts.arn.as_str());
    changes.show_keys(&eve(), &of, arn).await.unwrap();
    changes.compare(&eve(), &of, arn, "AWSCURRENT", "AWSPREVIOUS").await.unwrap();
    let facts = fixture.own_parameter(|_| {}).await;
    let grant = fixture.held(&eve(), &facts, "change").await;
    let form = ParameterForm { tier: "Advanced".into(), ..ParameterForm::default() };
    fixture.changed(grant, &facts, form.clone(), Some(&new)).await.unwrap();
    fixture.changed(grant, &facts, form, None).await.unwrap();
    drop(recording);
    assert!(fixture.written().iter().all(|text| text.contains(CANARY)));
    let dump = fixture.dump().await;
    assert!(dump.contains("changed password") && !dump.contains(CANARY), "a value is in a table");
    let log = recorder.text();
    assert!(!log.contains(CANARY), "a value is in the log or the trace");
    assert!(log.contains("edit_keys"), "nothing was recorded: {log}");
}
