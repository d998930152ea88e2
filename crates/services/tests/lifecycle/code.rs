//! Secrets as code, and a team's vault: for whom, of what, and what is refused.

use crate::fixture::{Fixture, ada, code, eve, person};
use claviger_domain::{
    inventory::code::{CodeFormat, MAX_SECRETS, view::CodeView},
    problem::ProblemCode,
};
use claviger_services::ServiceError;
use claviger_testkit::{
    US,
    samples::{CHECKOUT, PAYMENTS, parameter, secret, secret_with},
};
use sqlx::PgPool;

const POLICY: &str = "id: owned\ntitle: O\nseverity: low\nrule: {owner: {}}";

struct Setup {
    fixture: Fixture,
    /// Of Payments.
    ledger: String,
    /// Of Payments, and another service's.
    owned: String,
    /// Of Checkout.
    elsewhere: String,
    parameter: String,
}

async fn setup(pool: &PgPool) -> Setup {
    let fixture = Fixture::new(pool, POLICY).await;
    let ledger = secret(PAYMENTS, US, "payments/ledger");
    let owned = secret_with(PAYMENTS, US, "rds!db-1", |secret| {
        secret.owning_service = Some("rds".into());
    });
    let elsewhere = secret(CHECKOUT, US, "checkout/api");
    let ssm = parameter(PAYMENTS, US, "/payments/url");
    for facts in [&ledger, &owned, &elsewhere, &ssm] {
        fixture.aws.put(facts.clone());
    }
    fixture.aws.attach_policy(&ledger.arn, r#"{"Version":"2012-10-17","Statement":[]}"#);
    fixture.scan().await;
    let id = async |arn: &str| fixture.id(arn).await;
    Setup {
        ledger: id(ledger.arn.as_str()).await,
        owned: id(owned.arn.as_str()).await,
        elsewhere: id(elsewhere.arn.as_str()).await,
        parameter: id(ssm.arn.as_str()).await,
        fixture,
    }
}

impl Setup {
    async fn view(&self, query: &str) -> Result<CodeView, ServiceError> {
        self.fixture.services.code_exports().as_code(&eve(), "", query).await
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_secret_is_written_from_what_is_stored(pool: PgPool) {
    let setup = setup(&pool).await;
    let service = setup.fixture.services.code_exports();
    let described = setup.fixture.aws.described().len();
    let one = service.as_code(&eve(), &setup.ledger, "as=cloudformation").await.unwrap();
    assert_eq!(one.export.format, CodeFormat::CloudFormation);
    assert_eq!(one.only.unwrap().1, "payments/ledger");
    assert_eq!(one.export.files.len(), 2);
    let terraform = service.as_code(&eve(), &setup.ledger, "from=%2Finventory").await.unwrap();
    let text = &terraform.export.files[0].text;
    assert!(
        text.contains("resource \"aws_secretsmanager_secret_policy\" \"payments_ledger\""),
        "{text}"
    );
    assert!(!text.contains("aws_secretsmanager_secret_version"), "{text}");
    assert_eq!(setup.fixture.aws.described().len(), described, "nothing is read from AWS");
    assert!(setup.fixture.aws.orders().is_empty(), "nothing is changed");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_selection_and_a_filter_name_what_they_leave_out(pool: PgPool) {
    let setup = setup(&pool).await;
    let selected = setup
        .view(&format!(
            "resource={}&resource={}&resource={}",
            setup.ledger, setup.owned, setup.parameter
        ))
        .await
        .unwrap();
    assert_eq!((selected.only, selected.export.managed), (None, 1));
    let left_out: Vec<&str> =
        selected.export.left_out.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(left_out, ["/payments/url", "rds!db-1"]);
    // Of the caller's accounts only, and without parameters.
    let filtered = setup.view("q=checkout").await;
    assert_eq!(code(filtered.unwrap_err()), ProblemCode::InvalidInput);
    let filtered = setup.view(&format!("account={PAYMENTS}")).await.unwrap();
    assert_eq!((filtered.export.managed, filtered.export.left_out.len()), (1, 1));
    let all = setup.fixture.services.code_exports().as_code(&ada(), "", "region=us-east-1").await;
    assert_eq!(all.unwrap().export.files.len(), 2, "a file for each account");
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_may_not_see_a_secret_exports_nothing(pool: PgPool) {
    let setup = setup(&pool).await;
    let service = setup.fixture.services.code_exports();
    for query in [
        format!("resource={}", setup.elsewhere),
        format!("resource={}&resource={}", setup.ledger, setup.elsewhere),
        "resource=nonsense".to_owned(),
    ] {
        assert_eq!(code(setup.view(&query).await.unwrap_err()), ProblemCode::NotFound, "{query}");
        let file = service.code_file(&eve(), &query).await;
        assert_eq!(code(file.unwrap_err()), ProblemCode::NotFound, "{query}");
    }
    let nobody = person("nobody", "strangers");
    let refused = service.as_code(&nobody, &setup.ledger, "").await;
    assert_eq!(code(refused.unwrap_err()), ProblemCode::Forbidden);
    assert_eq!(code(service.vault(&nobody, "").await.unwrap_err()), ProblemCode::Forbidden);
    let refused = service.vault_file(&nobody, "", "a").await;
    assert_eq!(code(refused.unwrap_err()), ProblemCode::Forbidden);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_exported_says_why(pool: PgPool) {
    let setup = setup(&pool).await;
    let problem = async |query: &str| setup.view(query).await.unwrap_err().into_problem();
    let nothing = problem("").await;
    assert_eq!(nothing.code, ProblemCode::InvalidInput);
    assert!(nothing.hint.contains("name a team"), "{nothing}");
    assert_eq!(problem("team=nobody").await.message, "No secret matches.");
    assert_eq!(problem("colour=red").await.code, ProblemCode::InvalidInput);
    assert_eq!(problem("as=pulumi&team=a").await.code, ProblemCode::InvalidInput);
    let alone = problem(&format!("resource={}", setup.parameter)).await;
    assert_eq!(alone.code, ProblemCode::Conflict);
    assert!(alone.message.contains("manage a parameter with its value"), "{alone}");
    let owned = problem(&format!("resource={}&as=cloudformation", setup.owned)).await;
    assert!(owned.message.contains("rds owns it"), "{owned}");

    let ids: Vec<String> = (0..=MAX_SECRETS).map(|n| format!("resource={n:032x}")).collect();
    let many = problem(&ids.join("&")).await;
    assert_eq!(many.code, ProblemCode::InvalidInput);
    assert_eq!(many.message, "101 secrets are selected, and an export has at most 100.");

    setup.fixture.aws.remove(&secret(PAYMENTS, US, "payments/ledger").arn);
    setup.fixture.scan().await;
    setup.fixture.scan().await;
    let gone = problem(&format!("resource={}", setup.ledger)).await;
    assert_eq!(gone.code, ProblemCode::Conflict);
    assert!(gone.message.contains("payments/ledger: It is deleted"), "{gone}");
    let owned = format!("as=cloudformation&resource={}", setup.owned);
    let both = problem(&format!("{owned}&resource={}", setup.ledger)).await.message;
    assert!(both.contains("It is deleted") && both.contains("rds owns it"), "{both}");
    let never_there = problem(&format!("{owned}&resource={:032x}", 1)).await;
    assert_eq!(never_there.code, ProblemCode::NotFound);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_file_is_named_where_there_are_several(pool: PgPool) {
    let setup = setup(&pool).await;
    let service = setup.fixture.services.code_exports();
    let query = format!("resource={}", setup.ledger);
    let file = service.code_file(&eve(), &query).await.unwrap();
    assert_eq!(file.name, format!("secrets-{PAYMENTS}.tf"));
    let template = format!("{query}&as=cloudformation");
    let several = service.code_file(&eve(), &template).await.unwrap_err().into_problem();
    assert!(several.hint.contains(".template.yaml"), "{several}");
    let name = format!("secrets-{PAYMENTS}-{US}.import.json");
    let file = service.code_file(&eve(), &format!("{template}&file={name}")).await.unwrap();
    assert_eq!(file.name, name);
    let missing = service.code_file(&eve(), &format!("{template}&file=..%2Fetc")).await;
    assert_eq!(code(missing.unwrap_err()), ProblemCode::NotFound);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_vault_begins_with_the_organization_and_names_its_faults(pool: PgPool) {
    let setup = setup(&pool).await;
    let service = setup.fixture.services.code_exports();
    let first = service.vault(&eve(), "team=payments").await.unwrap();
    assert!(first.form.organization.starts_with("o-"), "{:?}", first.form);
    assert!(first.faults.is_empty() && first.files.is_empty(), "nothing was sent");
    let query = "team=payments&sent=yes&account=12";
    let wrong = service.vault(&eve(), query).await.unwrap();
    assert!(wrong.files.is_empty() && wrong.form.account == "12");
    assert!(wrong.faults.iter().any(|fault| fault.field == "account"), "{:?}", wrong.faults);
    let file = service.vault_file(&eve(), query, "vault-payments.tf").await.unwrap_err();
    assert!(file.into_problem().message.contains("account: Use the account's number"));
    let function = format!("arn:aws:lambda:{US}:{PAYMENTS}:function:rotate");
    let query = format!(
        "team=payments&sent=yes&account={PAYMENTS}&region={US}&organization=o-a1b2c3d4e5&function={function}&readers=ecs-tasks.amazonaws.com"
    );
    let vault = service.vault(&eve(), &query).await.unwrap();
    assert_eq!(vault.files[0].name, "vault-payments.tf", "{:?}", vault.faults);
    let file = service.vault_file(&eve(), &query, "team-vault/main.tf").await.unwrap();
    assert_eq!(file, vault.files[1]);
    // An account of somebody else's, and one that does not exist, are the same.
    let named = |accounts: &[(String, String)]| -> Vec<String> {
        accounts.iter().map(|(id, _)| id.clone()).collect()
    };
    assert_eq!(named(&first.accounts), [PAYMENTS]);
    for account in [CHECKOUT, "999999999999"] {
        let query = query.replace(PAYMENTS, account);
        let outside = service.vault(&eve(), &query).await.unwrap();
        assert!(outside.files.is_empty(), "{account}");
        let fields: Vec<&str> = outside.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["account"]);
        assert!(outside.faults[0].reason.contains("Not found"), "{:?}", outside.faults);
        let file = service.vault_file(&eve(), &query, "vault-payments.tf").await;
        assert_eq!(code(file.unwrap_err()), ProblemCode::NotFound);
    }
    let missing = service.vault_file(&eve(), &query, "main.tf").await;
    assert_eq!(code(missing.unwrap_err()), ProblemCode::NotFound);
}
