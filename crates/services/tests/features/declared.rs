//! Declared consumers: who reads the names, who uploads, and what stays within a person's accounts.

use crate::grants::fixture::{Fixture, KAFKA, LEDGER, ada, ben, bindings, person, problem};
use claviger_domain::{
    authz::Caller,
    clock::Clock as _,
    consumers::declared::{
        Declared, DeclaredConsumer, DeclaredConsumers, DeclaredRow, NamedBy, NamedResource,
    },
    problem::ProblemCode,
};
use claviger_services::ServiceError;
use claviger_testkit::samples::PAYMENTS;
use sqlx::PgPool;

const ELSEWHERE: &str = "payments/in-checkout";

impl Fixture {
    async fn named(&self, caller: &Caller) -> Vec<NamedResource> {
        let page = self.services.declared_consumers().names(caller, None).await.unwrap();
        assert_eq!(page.next, None);
        page.rows
    }

    /// Declares that the files of a repository name these, one on each line.
    async fn declare(
        &self,
        caller: &Caller,
        repository: &str,
        names: &[&str],
    ) -> Result<Declared, ServiceError> {
        let all = self.named(&ada()).await;
        let of = |name: &&str| all.iter().find(|one| one.name == **name).unwrap();
        let consumers = (1..)
            .zip(names.iter().map(of))
            .map(|(line, one)| DeclaredConsumer {
                path: "src/main.py".into(),
                line,
                arn: one.arn.clone(),
                kind: one.kind,
                by: NamedBy::Name,
            })
            .collect();
        let upload = DeclaredConsumers {
            repository: repository.into(),
            commit: "0123abc".into(),
            consumers,
        };
        self.services.declared_consumers().declare(caller, &upload).await
    }

    async fn declared(&self, caller: &Caller, name: &str) -> Vec<DeclaredRow> {
        let id = self.id(name).await.to_string();
        let found = self.services.declared_consumers().declared_of(caller, &id).await.unwrap();
        assert_eq!(found.total, found.rows.len() as u64);
        found.rows
    }

    async fn repositories(&self, caller: &Caller, name: &str) -> Vec<String> {
        self.declared(caller, name).await.into_iter().map(|row| row.repository).collect()
    }
}

/// Somebody whose role covers the payments account and nothing else.
fn of_payments(role: &str) -> Caller {
    let binding = format!(
        r#"[{{"group": "kim", "role": "{role}", "scope": {{"accounts": ["{PAYMENTS}"]}}}}]"#
    );
    let bindings: Vec<_> = serde_json::from_str(&binding).unwrap();
    claviger_testkit::person("kim", &["kim"], &bindings)
}

#[sqlx::test(migrations = "../../migrations")]
async fn names_are_those_that_a_person_may_see(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let names = |rows: Vec<NamedResource>| {
        let mut names: Vec<String> = rows.into_iter().map(|row| row.name).collect();
        names.sort();
        names
    };
    let all = names(fixture.named(&ben()).await);
    assert_eq!(all, ["/checkout/jwt", "ml/openai", ELSEWHERE, KAFKA, LEDGER]);
    assert_eq!(names(fixture.named(&of_payments("viewer")).await), [KAFKA, LEDGER]);
    let service = fixture.services.declared_consumers();
    let stranger = claviger_testkit::person("eve", &["strangers"], &bindings());
    assert_eq!(problem(service.names(&stranger, None).await).code, ProblemCode::Forbidden);
    // A page begins behind an id.
    let rows = fixture.named(&ben()).await;
    let after = rows[1].id.to_string();
    assert_eq!(service.names(&ben(), Some(&after)).await.unwrap().rows, rows[2..]);
    let wrong = problem(service.names(&ben(), Some("x")).await);
    assert_eq!(wrong.code, ProblemCode::InvalidInput);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_upload_replaces_what_the_repository_declared(pool: PgPool) {
    let fixture = Fixture::new(pool.clone()).await;
    let stored = Declared { stored: 2, unknown: 0 };
    assert_eq!(
        fixture.declare(&ben(), "git.example/shop", &[LEDGER, KAFKA]).await.unwrap(),
        stored
    );
    fixture.declare(&ben(), "git.example/other", &[LEDGER]).await.unwrap();
    assert_eq!(
        fixture.repositories(&ben(), LEDGER).await,
        ["git.example/other", "git.example/shop"]
    );
    let row = &fixture.declared(&ben(), KAFKA).await[0];
    assert_eq!((row.path.as_str(), row.line, row.by), ("src/main.py", 2, NamedBy::Name));
    assert_eq!((row.commit.as_str(), row.at), ("0123abc", fixture.clock.now()));
    fixture.declare(&ben(), "git.example/shop", &[KAFKA]).await.unwrap();
    assert_eq!(fixture.repositories(&ben(), LEDGER).await, ["git.example/other"]);
    assert_eq!(fixture.declared(&ben(), KAFKA).await[0].line, 1);
    fixture.declare(&ben(), "git.example/shop", &[]).await.unwrap();
    assert_eq!(fixture.repositories(&ben(), KAFKA).await, [""; 0]);
    let entries = fixture.audit_actions().await;
    let uploads = entries.iter().filter(|entry| *entry == "declare-consumers done").count();
    assert_eq!(uploads, 4, "{entries:?}");
    let subjects: Vec<String> = sqlx::query_scalar(
        "select distinct subject from audit_entry where deed = 'declare-consumers' order by subject",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(subjects, ["repository git.example/other", "repository git.example/shop"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_upload_reaches_no_account_of_others(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.declare(&ben(), "git.example/shop", &[LEDGER, ELSEWHERE]).await.unwrap();
    // Kim neither sees, adds nor removes what is in another account.
    let kim = of_payments("requester");
    assert_eq!(fixture.repositories(&kim, ELSEWHERE).await, [""; 0]);
    let partly = Declared { stored: 1, unknown: 1 };
    assert_eq!(
        fixture.declare(&kim, "git.example/shop", &[KAFKA, ELSEWHERE]).await.unwrap(),
        partly
    );
    assert_eq!(fixture.repositories(&ben(), LEDGER).await, [""; 0]);
    assert_eq!(fixture.repositories(&ben(), KAFKA).await, ["git.example/shop"]);
    assert_eq!(fixture.repositories(&ben(), ELSEWHERE).await, ["git.example/shop"]);
    for caller in [of_payments("viewer"), of_payments("auditor"), person("eve", &[])] {
        let refused = problem(fixture.declare(&caller, "git.example/shop", &[]).await);
        assert_eq!(refused.code, ProblemCode::Forbidden);
    }
    assert_eq!(fixture.repositories(&ben(), KAFKA).await, ["git.example/shop"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_invalid_upload_changes_nothing(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.declare(&ben(), "git.example/shop", &[LEDGER]).await.unwrap();
    let refused = problem(fixture.declare(&ben(), "https://t@git.example/shop", &[]).await);
    assert_eq!(refused.code, ProblemCode::InvalidInput);
    assert!(refused.message.contains("is not a repository"), "{}", refused.message);
    // The id of a grant, whose timeline an entry about it would be in.
    let refused = problem(fixture.declare(&ben(), "G-12", &[]).await);
    assert_eq!(refused.code, ProblemCode::InvalidInput);
    assert_eq!(fixture.repositories(&ben(), LEDGER).await, ["git.example/shop"]);
}

/// Two uploads of one repository at once leave the places of one of them.
#[sqlx::test(migrations = "../../migrations")]
async fn uploads_at_once_do_not_mix(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let (first, second) = (ben(), ada());
    let (one, other) = tokio::join!(
        fixture.declare(&first, "git.example/shop", &[LEDGER, KAFKA]),
        fixture.declare(&second, "git.example/shop", &[LEDGER, KAFKA]),
    );
    assert!(one.is_ok() && other.is_ok());
    for name in [LEDGER, KAFKA] {
        assert_eq!(fixture.declared(&ben(), name).await.len(), 1, "{name}");
    }
}
