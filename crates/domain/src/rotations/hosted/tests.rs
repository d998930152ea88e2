use super::*;
use crate::{
    VariantArray,
    creation::ShapeFault,
    facts::{Detail, Reading, ResourceFacts, SecretFacts},
    key::{KeyManager, KeyReading, KmsKey},
};
use std::collections::BTreeMap;
use time::macros::datetime;

const LEDGER: &str = "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf";
const ADMIN: &str = "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/admin-GhIjKl";
const KEY: &str = "arn:aws:kms:us-east-1:441205839201:key/0a1b2c3d-0000-4000-8000-000000000001";

fn facts(arn: &str, change: impl FnOnce(&mut SecretFacts)) -> ResourceFacts {
    let mut secret = SecretFacts::default();
    change(&mut secret);
    ResourceFacts {
        arn: arn.parse().unwrap(),
        name: "payments/ledger".into(),
        description: None,
        tags: Some(BTreeMap::new()),
        kms_key_id: None,
        is_aws_managed_key: false,
        created_at: None,
        changed_at: None,
        detail: Detail::Secret(secret),
    }
}

/// A secret, its superuser's, and a form that AWS takes.
struct Case {
    account: AccountId,
    region: Region,
    ledger: ResourceFacts,
    kms: Option<KeyReading>,
    admin: Option<ResourceFacts>,
    form: HostedForm,
}

impl Case {
    fn new() -> Self {
        let ledger = facts(LEDGER, |_| ());
        Self {
            account: "441205839201".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            form: HostedForm {
                engine: "postgresql".into(),
                function: "rotate-ledger".into(),
                subnets: "subnet-0123456789abcdef0, subnet-0123456789abcdef1".into(),
                security_groups: "sg-0123456789abcdef0".into(),
                ..HostedForm::first(&ledger)
            },
            ledger,
            kms: None,
            admin: Some(facts(ADMIN, |_| ())),
        }
    }

    fn of<'a>(&'a self, facts: &'a ResourceFacts) -> HostedSecret<'a> {
        HostedSecret {
            facts,
            account: &self.account,
            region: &self.region,
            kms: self.kms.as_ref(),
            is_gone: false,
        }
    }

    fn read(&self) -> Result<HostedRotation, Vec<ShapeFault>> {
        let superuser = match &self.admin {
            None => NamedSuperuser::Missing,
            Some(admin) => NamedSuperuser::Found(HostedSecret { kms: None, ..self.of(admin) }),
        };
        read(&self.form, &self.of(&self.ledger), &superuser)
    }

    fn template(&self) -> String {
        self.read().unwrap().file().text
    }

    /// The one field that is refused, with the reason.
    fn refused(&self, field: &str) -> String {
        let faults = self.read().unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].field, field, "{faults:?}");
        faults[0].reason.clone()
    }
}

#[test]
fn each_rotation_type_has_its_template() {
    for engine in HostedEngine::VARIANTS.iter().copied() {
        for users in HostedUsers::VARIANTS.iter().copied() {
            let mut case = Case::new();
            case.form.engine = engine.to_string();
            case.form.users = users.to_string();
            if users == HostedUsers::Alternating {
                case.form.superuser = ADMIN.into();
            }
            let name = RotationType { engine, users }.to_string();
            insta::assert_snapshot!(name.clone(), case.template());
        }
    }
}

#[test]
fn every_property_is_written_where_it_is_asked_for() {
    let mut case = Case::new();
    case.ledger.kms_key_id = Some("alias/payments".into());
    case.kms = Some(Reading::Read(Some(KmsKey {
        arn: KEY.into(),
        manager: KeyManager::Customer,
        state: "Enabled".into(),
        deletion_at: None,
        is_multi_region: false,
        aliases: None,
    })));
    let admin = case.admin.as_mut().unwrap();
    admin.kms_key_id = Some("0a1b2c3d-0000-4000-8000-000000000002".into());
    case.form = HostedForm {
        users: "alternating".into(),
        superuser: ADMIN.into(),
        exclude: "'\"@/\\".into(),
        days: String::new(),
        schedule: "cron(0 4 ? * MON *)".into(),
        duration: "3h".into(),
        immediately: "yes".into(),
        ..case.form
    };
    insta::assert_snapshot!(case.template());
    let read = case.read().unwrap();
    insta::assert_snapshot!("command", read.command());
    let next = read.schedule().next_windows(
        crate::rotations::schedule::Since::Set(datetime!(2026-11-29 9:00 UTC)),
        datetime!(2026-11-29 9:00 UTC),
    );
    assert_eq!(next.windows.len(), 5);
}

#[test]
fn a_field_that_aws_would_refuse_is_named() {
    let refused = |field: &str, change: fn(&mut HostedForm)| {
        let mut case = Case::new();
        change(&mut case.form);
        case.refused(field)
    };
    assert!(refused("engine", |form| form.engine = "redis".into()).contains("Choose"));
    assert!(refused("users", |form| form.users.clear()).contains("Choose"));
    let long = refused("function", |form| form.function = "f".repeat(65));
    assert!(long.contains("65 characters"), "{long}");
    assert!(refused("function", |form| form.function = "a b".into()).contains("hyphens"));
    assert!(refused("function", |form| form.function.clear()).contains("Enter"));
    assert!(refused("subnets", |form| form.subnets = "subnet-1".into()).contains("subnet-1 is no"));
    assert!(refused("subnets", |form| form.subnets.clear()).contains("Enter"));
    let group = refused("security_groups", |form| form.security_groups = "sg-XYZ45678".into());
    assert!(group.contains("sg-XYZ45678 is no"), "{group}");
    assert!(refused("security_groups", |form| form.security_groups.clear()).contains("at least"));
    let many = refused("security_groups", |form| {
        form.security_groups =
            (0..6).map(|n| format!("sg-0123456{n}")).collect::<Vec<_>>().join("\n");
    });
    assert!(many.contains("at most 5"), "{many}");
    assert!(refused("exclude", |form| form.exclude = "é".into()).contains("ASCII"));
    assert!(refused("exclude", |form| form.exclude = "{{resolve".into()).contains("twice"));
    let digits = refused("exclude", |form| form.exclude = "0123456789".into());
    assert!(digits.contains("no digits"), "{digits}");
    assert!(refused("days", |form| form.days = "often".into()).contains("whole number"));
    assert!(refused("days", |form| form.schedule = "rate(4 hours)".into()).contains("either"));
    assert!(refused("duration", |form| form.duration = "3".into()).contains("1h to 24h"));
    assert!(refused("immediately", |form| form.immediately.clear()).contains("Choose"));
    let single = refused("superuser", |form| form.superuser = ADMIN.into());
    assert!(single.contains("single user"), "{single}");
    assert!(refused("key", |form| form.key = KEY.into()).contains("aws/secretsmanager"));
    assert!(refused("key", |form| form.key = "alias/payments".into()).contains("not of an alias"));
}

#[test]
fn every_fault_is_named_at_once() {
    let mut case = Case::new();
    case.form.function = "a b".into();
    case.form.subnets = "vpc-1".into();
    case.form.days = "0".into();
    let faults = case.read().unwrap_err();
    let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["function", "subnets", "days"]);
    assert!(faults.iter().all(|fault| fault.reason.ends_with('.')), "{faults:?}");
}

#[test]
fn a_superuser_is_a_secret_of_this_account_and_region() {
    let with = |superuser: &str| {
        let mut case = Case::new();
        case.form.users = "alternating".into();
        case.form.superuser = superuser.into();
        case
    };
    assert!(with("").refused("superuser").contains("Enter the ARN"));
    assert!(with("payments/admin").refused("superuser").contains("is not the ARN"));
    assert!(
        with(&ADMIN.replace("441205839201", "458812704336"))
            .refused("superuser")
            .contains("458812704336")
    );
    assert!(
        with(&ADMIN.replace("us-east-1", "eu-west-1")).refused("superuser").contains("eu-west-1")
    );
    let parameter = "arn:aws:ssm:us-east-1:441205839201:parameter/admin";
    assert!(with(parameter).refused("superuser").contains("is a parameter"));
    assert!(with(LEDGER).refused("superuser").contains("this secret itself"));
    let unseen = Case { admin: None, ..with(ADMIN) };
    assert!(unseen.refused("superuser").contains("no such secret"));
    let deleting = facts(ADMIN, |secret| secret.deleted_at = Some(datetime!(2026-11-20 0:00 UTC)));
    assert!(Case { admin: Some(deleting), ..with(ADMIN) }.refused("superuser").contains("pending"));
    let mut by_alias = with(ADMIN);
    by_alias.admin.as_mut().unwrap().kms_key_id = Some("alias/admin".into());
    assert!(by_alias.refused("superuser").contains("alias/admin"));
    // The tag names it where the form does not.
    let mut tagged = with("");
    tagged.ledger.tags = Some(BTreeMap::from([("masterarn".to_owned(), ADMIN.to_owned())]));
    assert_eq!(tagged.read().unwrap().superuser().unwrap().as_str(), ADMIN);
    tagged.form.users = "single".into();
    assert_eq!(tagged.read().unwrap().superuser(), None);
}

#[test]
fn a_key_that_only_has_an_alias_is_asked_for() {
    let mut case = Case::new();
    case.ledger.kms_key_id = Some("alias/payments".into());
    assert!(case.refused("key").contains("alias/payments"));
    case.form.key = KEY.into();
    assert!(case.template().contains(&format!("KmsKeyArn: '{KEY}'")));
    case.ledger.kms_key_id = Some(KEY.replace("0001", "0009"));
    assert!(case.refused("key").contains("is encrypted with"));
}

#[test]
fn what_no_function_rotates_is_refused() {
    let case = Case::new();
    let why = |facts: &ResourceFacts| refusal(&case.of(facts)).unwrap();
    assert_eq!(refusal(&case.of(&case.ledger)), None);
    assert!(why(&facts(LEDGER, |it| it.owning_service = Some("rds".into()))).contains("rds"));
    let replica =
        |region: &str| facts(LEDGER, |it| it.primary_region = Some(region.parse().unwrap()));
    assert!(why(&replica("eu-west-1")).contains("replica"));
    assert_eq!(refusal(&case.of(&replica("us-east-1"))), None, "a primary");
    let external = facts(LEDGER, |it| it.secret_type = Some("GitLab".into()));
    assert!(why(&external).contains("GitLab"));
    let deleting = facts(LEDGER, |it| it.deleted_at = Some(datetime!(2026-11-20 0:00 UTC)));
    assert!(why(&deleting).contains("pending deletion"));
    let gone = HostedSecret { is_gone: true, ..case.of(&case.ledger) };
    assert!(refusal(&gone).unwrap().contains("no longer"));
}

#[test]
fn a_form_survives_its_url() {
    let case = Case::new();
    let query = case.form.to_url_query();
    assert_eq!(HostedForm::from_url_query(&query), case.form);
    assert!(!HostedForm::from_url_query("from=%2Finventory").is_sent());
    let long = format!("function={}", "f".repeat(5_000));
    assert_eq!(HostedForm::from_url_query(&long).function.len(), 2_048);
}

#[test]
fn a_function_has_a_name_that_lambda_takes() {
    for name in ["payments/ledger", "ü/ä", &"a/".repeat(200), "-", "2024_key"] {
        let secret = ResourceFacts { name: name.into(), ..facts(LEDGER, |_| ()) };
        let mut case = Case::new();
        case.form.function = HostedForm::first(&secret).function;
        let command = case.read().unwrap().command();
        let stack = command.split("--stack-name ").nth(1).unwrap().split(' ').next().unwrap();
        assert!(stack.starts_with(|c: char| c.is_ascii_alphabetic()), "{stack}");
    }
}
