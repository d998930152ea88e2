//! A vault's form, and its files.

use super::*;
use rstest::rstest;

const FULL: &str = "team=Payments+%40+Ledger&account=111122223333&region=us-east-1&organization=o-a1b2c3d4e5&prefix=pay/\
    &function=arn:aws:lambda:us-east-1:111122223333:function:rotate\
    &readers=ecs-tasks.amazonaws.com%0Aarn:aws:iam::111122223333:role/api\
    &others=arn:aws:iam::111122223333:role/claviger-*\
    &tags=env%3Dprod%0Acost%3Dcc-1\
    &topic=arn:aws:sns:us-east-1:111122223333:pay\
    &secrets=ledger/db:+The+%22main%22+user%0Aapi&sent=yes";

fn faults(form: &VaultForm) -> Vec<String> {
    let faults = form.read().map(drop).err().unwrap_or_default();
    let mut fields: Vec<String> = faults.into_iter().map(|fault| fault.field).collect();
    fields.dedup();
    fields
}

fn full() -> VaultForm {
    VaultForm::from_url_query(FULL)
}

#[test]
fn the_files_are_filled_in() {
    let vault = full().read().unwrap();
    let text = |format| files(&vault, format)[0].text.clone();
    insta::assert_snapshot!("terraform", text(VaultFormat::Terraform));
    insta::assert_snapshot!("cdk", text(VaultFormat::Cdk));
    let names: Vec<String> =
        files(&vault, VaultFormat::Terraform).into_iter().map(|file| file.name).collect();
    assert_eq!(names[..2], ["vault-payments-ledger.tf", "team-vault/main.tf"]);
}

/// Each argument of the module is a variable of it: a name that was changed in one place only would not be found before an apply.
#[test]
fn the_module_has_every_variable_that_is_filled_in() {
    let mut form = full();
    form.boundary = "arn:aws:iam::111122223333:policy/b".into();
    let all = files(&form.read().unwrap(), VaultFormat::Terraform);
    let variables = &all.iter().find(|file| file.name.ends_with("variables.tf")).unwrap().text;
    let module = all[0].text.split("module \"").nth(1).unwrap();
    let names = module.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(" = "));
    let names: Vec<&str> =
        names.map(|(name, _)| name.trim()).filter(|name| !name.starts_with('"')).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names.into_iter().filter(|name| *name != "source") {
        assert!(variables.contains(&format!("variable \"{name}\" {{")), "{name}");
    }
    let typescript = files(&form.read().unwrap(), VaultFormat::Cdk);
    let props = typescript[0].text.split("\"Vault\", {").nth(1).unwrap();
    for name in props.lines().filter_map(|line| line.strip_prefix("  \"")?.split('"').next()) {
        let is_there = ["", "?"]
            .iter()
            .any(|sign| typescript[1].text.contains(&format!("readonly {name}{sign}: ")));
        assert!(is_there, "{name}");
    }
}

#[rstest]
#[case("team", "!!")]
#[case("account", "12")]
#[case("region", "moon")]
#[case("organization", "o-1")]
#[case("prefix", "payments")]
#[case("prefix", "a//")]
#[case("function", "rotate")]
#[case("function", "arn:aws:lambda:us-east-1:444455556666:function:rotate")]
#[case("readers", "somebody")]
#[case("readers", "")]
#[case("readers", "arn:aws:iam::111122223333:role/*")]
#[case("others", "claviger")]
#[case("tags", "env")]
#[case("tags", "aws:x=1")]
#[case("tags", "owner=me")]
#[case("tags", "env=a&b")]
#[case("tags", "env={{resolve:secretsmanager:a}}")]
#[case("team", "Payments & Ledger")]
#[case("topic", "mail")]
#[case("boundary", "arn:aws:sns:us-east-1:111122223333:a")]
#[case("topic", "arn:aws:sns:eu-west-1:111122223333:pay")]
#[case("topic", "arn:aws:sns:us-east-1:444455556666:pay")]
#[case("boundary", "arn:aws:iam::444455556666:policy/b")]
#[case("boundary", "arn:aws:iam::111122223333:role/b")]
#[case("prefix", "../")]
#[case("secrets", "db: one\ndb: again")]
#[case("secrets", "../x")]
#[case("secrets", "a/./x")]
#[case("secrets", "a b: c")]
#[case("secrets", "/a")]
fn a_field_that_cannot_be_read_is_named(#[case] field: &str, #[case] value: &str) {
    assert!(faults(&full()).is_empty());
    let mut form = full();
    *form.fields().into_iter().find(|(name, _)| *name == field).unwrap().1 = value.into();
    assert_eq!(faults(&form), [field]);
}

#[test]
fn a_boundary_of_aws_and_names_up_to_the_limit_are_accepted() {
    let boundary = "arn:aws:iam::aws:policy/PowerUserAccess".to_owned();
    assert!(faults(&VaultForm { boundary, ..full() }).is_empty());
    let named = |length: usize| VaultForm { secrets: "n".repeat(length), ..full() };
    assert!(faults(&named(500)).is_empty());
    assert_eq!(faults(&named(512)), ["secrets"]);
}

#[test]
fn tags_within_the_limits_of_aws() {
    let with = |tags: String| faults(&VaultForm { tags, ..full() });
    let many = |count: usize| {
        let lines: Vec<String> = (0..count).map(|n| format!("k{n}=v")).collect();
        lines.join("\n")
    };
    assert!(with(many(49)).is_empty());
    assert_eq!(with(many(50)), ["tags"], "the owner is one of 50");
    assert!(with(format!("{}={}", "k".repeat(128), "v".repeat(256))).is_empty());
    assert_eq!(with(format!("{}=v", "k".repeat(129))), ["tags"]);
    assert_eq!(with(format!("k={}", "v".repeat(257))), ["tags"]);
    assert_eq!(with("AWS:k=v".into()), ["tags"]);
}

/// CloudFormation would put the value of a secret into a tag or a description.
#[rstest]
#[case("secrets", "a: {{resolve:secretsmanager:b}}")]
#[case("secrets", "a: ${Token[TOKEN.1]}")]
#[case("readers", "arn:aws:iam::111122223333:role/{{resolve:ssm:a}}")]
fn a_reference_of_cloudformation_is_refused(#[case] field: &str, #[case] value: &str) {
    let mut form = full();
    *form.fields().into_iter().find(|(name, _)| *name == field).unwrap().1 = value.into();
    assert!(faults(&form).is_empty(), "to Terraform it is a text");
    form.format = "cdk".into();
    assert_eq!(faults(&form), [field]);
}

#[test]
fn every_field_is_checked_at_once() {
    let empty = faults(&VaultForm::default());
    assert_eq!(empty, ["team", "account", "region", "organization", "function", "readers"]);
}

#[test]
fn a_form_is_read_as_it_was_written() {
    let form = full();
    assert_eq!(VaultForm::from_url_query(&form.to_url_query()), form);
    assert!(form.is_sent() && !VaultForm::from_url_query("team=a").is_sent());
}

#[rstest]
#[case("Payments & Ledger", "payments-ledger")]
#[case("ml-research", "ml-research")]
#[case("密", "")]
fn a_team_becomes_part_of_names(#[case] team: &str, #[case] wanted: &str) {
    assert_eq!(slug(team), wanted);
    assert_eq!(slug(&"a-".repeat(40)).len(), 29);
}
