//! Consumers that pipelines declare, each for its own repository; and how many repositories there is room for.

use crate::grants::fixture::{Fixture, KAFKA, LEDGER, ada, ben, problem};
use claviger_domain::{
    audit::{AuditAction, AuditEntry},
    authz::Caller,
    consumers::{
        declared::{Declared, DeclaredConsumer, DeclaredConsumers, DeclaredRow, NamedBy},
        found::{FoundReference, PipelineUpload, Received},
        pipeline::{Pipeline, PipelineClaims},
    },
    facts::Kind,
    problem::ProblemCode,
};
use claviger_services::ServiceError;
use claviger_testkit::samples::PAYMENTS;
use sqlx::PgPool;

const SHOP: &str = "github.com/acme/shop";
const ELSEWHERE: &str = "payments/in-checkout";

fn pipeline(repository: &str) -> Pipeline {
    at_commit(repository, "0123abcd")
}

fn at_commit(repository: &str, commit: &str) -> Pipeline {
    let claims = PipelineClaims {
        issuer: "https://token.actions.githubusercontent.com".into(),
        repository: repository.into(),
        commit: commit.into(),
        reference: Some("refs/heads/main".into()),
        run: Some("4711".into()),
    };
    Pipeline::new(claims, &["github.com/acme".parse().unwrap()])
}

fn upload(named: &[&str]) -> PipelineUpload {
    let reference = |(line, named): (u32, &&str)| FoundReference {
        path: "src/main.py".into(),
        line,
        kind: Kind::Secret,
        named: (*named).into(),
    };
    let references = (1..).zip(named).map(reference).collect();
    PipelineUpload { references, ..PipelineUpload::default() }
}

impl Fixture {
    async fn by_pipeline(
        &self,
        repository: &str,
        upload: &PipelineUpload,
    ) -> Result<Received, ServiceError> {
        let service = self.services.declared_consumers();
        service.declare_by_pipeline(&pipeline(repository), upload).await
    }

    async fn places(&self, name: &str) -> Vec<DeclaredRow> {
        let id = self.id(name).await.to_string();
        self.services.declared_consumers().declared_of(&ben(), &id).await.unwrap().rows
    }

    async fn arn(&self, name: &str) -> String {
        let all = self.services.declared_consumers().names(&ada(), None).await.unwrap().rows;
        all.iter().find(|one| one.name == name).unwrap().arn.to_string()
    }

    /// So many repositories that name this.
    async fn fill(&self, name: &str, from: i32, until: i32) {
        sqlx::query(
            "insert into declared_consumer
                (repository, commit_hash, path, line, resource_id, named_by, declared_at)
             select 'git.example/r' || n, '0123abc', 'a', 1, $1, 'arn', now()
             from generate_series($2::int, $3::int) n",
        )
        .bind(self.id(name).await.0)
        .bind(from)
        .bind(until)
        .execute(&self.pool)
        .await
        .unwrap();
    }

    /// The uploads in the audit log, the oldest first.
    async fn uploads(&self) -> Vec<AuditEntry> {
        let bodies: Vec<String> = sqlx::query_scalar("select body from audit_entry order by seq")
            .fetch_all(&self.pool)
            .await
            .unwrap();
        let read = |body: &String| serde_json::from_str::<AuditEntry>(body).unwrap();
        let is_upload = |entry: &AuditEntry| entry.audit_action == AuditAction::DeclareConsumers;
        bodies.iter().map(read).filter(is_upload).collect()
    }

    async fn by_person(
        &self,
        caller: &Caller,
        repository: &str,
        names: &[&str],
    ) -> Result<Declared, ServiceError> {
        let mut consumers = Vec::new();
        for name in names {
            consumers.push(DeclaredConsumer {
                path: "a".into(),
                line: 1,
                arn: self.arn(name).await.parse().unwrap(),
                kind: Kind::Secret,
                by: NamedBy::Arn,
            });
        }
        let upload = DeclaredConsumers {
            repository: repository.into(),
            commit: "0123abc".into(),
            consumers,
        };
        self.services.declared_consumers().declare(caller, &upload).await
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_pipeline_declares_for_its_own_repository(pool: PgPool) {
    let fixture = Fixture::new(pool.clone()).await;
    let ledger = fixture.arn(LEDGER).await;
    let short = &ledger[..ledger.len() - 7];
    let sent = upload(&[short, KAFKA, "no/such/secret", ELSEWHERE]);
    assert_eq!(fixture.by_pipeline("acme/shop", &sent).await.unwrap(), Received { references: 4 });
    let row = &fixture.places(LEDGER).await[0];
    assert_eq!((row.repository.as_str(), row.commit.as_str()), (SHOP, "0123abcd"));
    assert_eq!((row.line, row.by, row.is_by_pipeline), (1, NamedBy::Arn, true));
    assert_eq!(fixture.places(KAFKA).await[0].by, NamedBy::Name);
    assert_eq!(fixture.places(ELSEWHERE).await.len(), 1, "in every account");
    let body: String = sqlx::query_scalar("select body from audit_entry order by seq desc limit 1")
        .fetch_one(&pool)
        .await
        .unwrap();
    let entry: AuditEntry = serde_json::from_str(&body).unwrap();
    assert_eq!(entry.subject, format!("repository {SHOP}"));
    assert_eq!(entry.actor, Some(pipeline("acme/shop").actor()));
    for (key, value) in [
        ("issuer", "https://token.actions.githubusercontent.com"),
        ("commit", "0123abcd"),
        ("ref", "refs/heads/main"),
        ("run", "4711"),
        ("references", "4"),
        ("stored", "3"),
    ] {
        assert_eq!(entry.detail[key], value, "{key}");
    }
    // The same again changes nothing, and another list replaces it.
    fixture.by_pipeline("acme/shop", &sent).await.unwrap();
    assert_eq!(fixture.places(LEDGER).await.len(), 1);
    fixture.by_pipeline("acme/shop", &upload(&[KAFKA])).await.unwrap();
    assert_eq!(fixture.places(LEDGER).await.len(), 0);
    // A person's upload says so.
    fixture.by_person(&ben(), SHOP, &[KAFKA]).await.unwrap();
    let rows = fixture.places(KAFKA).await;
    assert_eq!((rows.len(), rows[0].is_by_pipeline), (1, false));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_pipeline_learns_nothing_of_the_inventory(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let known = fixture.by_pipeline("acme/shop", &upload(&[LEDGER])).await.unwrap();
    let unknown = fixture.by_pipeline("acme/shop", &upload(&["no/such/secret"])).await.unwrap();
    assert_eq!(known, unknown);
    // An account without room is no exception.
    fixture.fill(LEDGER, 1, 1_000).await;
    let full = fixture.by_pipeline("acme/shop", &upload(&[LEDGER])).await.unwrap();
    assert_eq!(full, unknown);
    assert!(fixture.places(LEDGER).await.iter().all(|row| row.repository != SHOP));
    let both = fixture.by_pipeline("acme/shop", &upload(&[LEDGER, ELSEWHERE])).await.unwrap();
    assert_eq!(both, Received { references: 2 });
    assert_eq!(fixture.places(ELSEWHERE).await.len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_same_again_is_no_entry_of_the_audit_log(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let sent = upload(&[LEDGER, KAFKA, "no/such/secret"]);
    let first = fixture.by_pipeline("acme/shop", &sent).await.unwrap();
    for repository in ["acme/shop", "Acme/Shop"] {
        assert_eq!(fixture.by_pipeline(repository, &sent).await.unwrap(), first);
    }
    assert_eq!(fixture.uploads().await.len(), 1);
    // Another list, another commit, and the list after a person's.
    fixture.by_pipeline("acme/shop", &upload(&[LEDGER])).await.unwrap();
    assert_eq!(fixture.uploads().await.len(), 2);
    let service = fixture.services.declared_consumers();
    let next = at_commit("acme/shop", "99999999");
    service.declare_by_pipeline(&next, &upload(&[LEDGER])).await.unwrap();
    assert_eq!(fixture.places(LEDGER).await[0].commit, "99999999");
    assert_eq!(fixture.uploads().await.len(), 3);
    fixture.by_person(&ben(), SHOP, &[LEDGER]).await.unwrap();
    service.declare_by_pipeline(&next, &upload(&[LEDGER])).await.unwrap();
    assert!(fixture.places(LEDGER).await[0].is_by_pipeline);
    assert_eq!(fixture.uploads().await.len(), 5);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_repository_is_one_in_any_case(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.by_pipeline("Acme/Shop", &upload(&[LEDGER])).await.unwrap();
    fixture.by_person(&ben(), "GitHub.com/ACME/shop", &[LEDGER]).await.unwrap();
    let rows = fixture.places(LEDGER).await;
    assert_eq!((rows.len(), rows[0].repository.as_str()), (1, SHOP));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_pipeline_that_is_not_listed_declares_nothing(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let stranger = problem(fixture.by_pipeline("evil/shop", &upload(&[LEDGER])).await);
    assert_eq!(stranger.code, ProblemCode::Forbidden);
    assert!(!format!("{stranger:?}").contains("evil"), "{stranger:?}");
    for (repository, commit) in
        [(Some("github.com/acme/other"), None), (Some(SHOP), Some("99999999"))]
    {
        let other = PipelineUpload {
            repository: repository.map(Into::into),
            commit: commit.map(Into::into),
            ..upload(&[LEDGER])
        };
        let refused = problem(fixture.by_pipeline("acme/shop", &other).await);
        assert_eq!(refused.code, ProblemCode::Forbidden);
        assert!(refused.message.contains("and the upload names"), "{}", refused.message);
    }
    assert_eq!(fixture.places(LEDGER).await.len(), 0);
    let entries = fixture.audit_actions().await;
    assert!(!entries.iter().any(|entry| entry.starts_with("declare-consumers")), "{entries:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_has_room_for_so_many_repositories(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.fill(LEDGER, 1, 999).await;
    fixture.by_person(&ben(), "git.example/last", &[KAFKA]).await.unwrap();
    let refused = problem(fixture.by_person(&ben(), "git.example/new", &[LEDGER, ELSEWHERE]).await);
    assert_eq!(refused.code, ProblemCode::Conflict);
    assert!(refused.message.contains("1000 repositories"), "{}", refused.message);
    assert!(refused.message.contains(PAYMENTS), "{}", refused.message);
    assert_eq!(fixture.places(ELSEWHERE).await.len(), 0);
    // Those that have a place, and other accounts, go on.
    fixture.by_person(&ben(), "git.example/r7", &[KAFKA]).await.unwrap();
    fixture.by_person(&ben(), "git.example/new", &[ELSEWHERE]).await.unwrap();
    fixture.by_person(&ben(), "git.example/r8", &[]).await.unwrap();
    fixture.by_person(&ben(), "git.example/new", &[LEDGER, ELSEWHERE]).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn there_is_room_for_so_many_repositories(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.fill(LEDGER, 1, 5_000).await;
    let refused = problem(fixture.by_person(&ben(), "git.example/new", &[ELSEWHERE]).await);
    assert_eq!(refused.code, ProblemCode::Conflict);
    assert!(refused.message.contains("5000 repositories"), "{}", refused.message);
    // A pipeline does not learn that the table is full, and not whether its name is one of the inventory.
    for (named, left_out) in [(ELSEWHERE, "1"), ("no/such/secret", "0")] {
        let answer = fixture.by_pipeline("acme/shop", &upload(&[named])).await.unwrap();
        assert_eq!(answer, Received { references: 1 }, "{named}");
        let uploads = fixture.uploads().await;
        let detail = &uploads.last().unwrap().detail;
        assert_eq!((detail["stored"].as_str(), detail["left_out"].as_str()), ("0", left_out));
    }
    assert_eq!(fixture.places(ELSEWHERE).await.len(), 0);
    fixture.by_person(&ben(), "git.example/r7", &[ELSEWHERE]).await.unwrap();
    assert_eq!(fixture.places(ELSEWHERE).await.len(), 1);
}
