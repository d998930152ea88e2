//! Policy files: tried out, saved, refused.

use super::{Fixture, admin, caller, policy};
use claviger_domain::{
    authz::{Caller, Role, Scope},
    problem::ProblemCode,
};
use claviger_services::ServiceError;
use claviger_testkit::{
    US,
    samples::{PAYMENTS, SANDBOX, unowned},
};
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn a_dry_run_says_what_saving_then_does(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("owner", "medium", "owner: {}")).await;
    fixture.aws.put(unowned(PAYMENTS, US, "prod"));
    fixture.aws.put(unowned(SANDBOX, US, "sand"));
    fixture.scan().await;
    let narrower = "id: owner\ntitle: Owners in production\nseverity: high\nscope:\n  within:\n    ous: [Workloads]\nrule:\n  owner: {}\n";
    let rotation = policy("rotation", "high", "rotation-enabled: {}");
    let file = format!("{narrower}---\n{rotation}");
    let run = fixture.services.policies().dry_run(&admin(), &file).await.unwrap();
    assert_eq!((run.opens_count, run.resolves_count, run.resources), (2, 1, 2));
    assert_eq!(run.resolves[0].name, "sand");
    // Nothing was written.
    assert_eq!(fixture.names("").await, ["prod", "sand"]);
    assert_eq!(
        fixture.services.policies().save_policies(&admin(), &file).await.unwrap(),
        ["owner", "rotation"]
    );
    fixture.work().await;
    assert_eq!(fixture.names("policy=owner").await, ["prod"]);
    assert_eq!(fixture.names("policy=rotation").await, ["prod", "sand"]);
    // The same again is no new version.
    assert!(fixture.services.policies().save_policies(&admin(), &file).await.unwrap().is_empty());
    let page = fixture.services.policies().policy_page(&admin(), "owner").await.unwrap();
    assert_eq!((page.row.version, page.versions.len()), (2, 2));
    assert_eq!(page.versions[0].saved_by, "Ada");
    // Exported, it can be taken again.
    let exported = fixture.services.policies().export_policies(None).await.unwrap();
    assert!(
        fixture.services.policies().save_policies(&admin(), &exported).await.unwrap().is_empty()
    );
    fixture.services.policies().retire_policy(&admin(), "owner").await.unwrap();
    fixture.work().await;
    assert_eq!(fixture.names("policy=owner").await, Vec::<String>::new());
    assert!(fixture.services.policies().policy_page(&admin(), "owner").await.is_err());
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_sees_beyond_their_scope_or_edits_without_the_right(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("owner", "medium", "owner: {}")).await;
    fixture.aws.put(unowned(PAYMENTS, US, "prod"));
    fixture.aws.put(unowned(SANDBOX, US, "sand"));
    fixture.scan().await;
    let sandbox = caller(Role::Viewer, Scope::Ou("Sandbox".into()));
    let rows = fixture.services.compliance().findings(&sandbox, "").await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["sand"]);
    let overview = fixture.services.compliance().overview(&sandbox, "").await.unwrap();
    assert_eq!((overview.tally.fail, overview.by_account.len()), (1, 1));
    let other = fixture.names("account=441205839201").await;
    assert_eq!(other, ["prod"]);
    let id = fixture.findings("account=441205839201").await[0].resource.to_string();
    assert!(matches!(
        fixture.services.compliance().resource_evaluation(&sandbox, &id).await,
        Err(ServiceError::NotFound(_))
    ));
    let scoped = caller(Role::SecurityAdmin, Scope::Ou("Sandbox".into()));
    for who in [&sandbox, &scoped] {
        let policies = policy("x", "low", "owner: {}");
        assert!(matches!(
            fixture.services.policies().save_policies(who, &policies).await,
            Err(ServiceError::Forbidden(_))
        ));
        assert!(matches!(
            fixture.services.policies().dry_run(who, &policies).await,
            Err(ServiceError::Forbidden(_))
        ));
        assert!(matches!(
            fixture.services.policies().retire_policy(who, "owner").await,
            Err(ServiceError::Forbidden(_))
        ));
    }
    let nobody = Caller { held: Vec::new(), ..admin() };
    assert!(matches!(
        fixture.services.compliance().findings(&nobody, "").await,
        Err(ServiceError::Forbidden(_))
    ));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_file_that_cannot_be_taken_is_refused_with_the_place(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("owner", "medium", "owner: {}")).await;
    let text = format!(
        "{}---\nid: second\ntitle: Second\nseverity: grave\nrule: {{owner: {{}}}}\n",
        policy("owner", "low", "owner: {}")
    );
    let problem = fixture
        .services
        .policies()
        .save_policies(&admin(), &text)
        .await
        .unwrap_err()
        .into_problem();
    assert_eq!(problem.code, ProblemCode::InvalidInput);
    assert!(problem.message.contains("line 9") && problem.message.contains("grave"), "{problem:?}");
    // All or none.
    let page = fixture.services.policies().policies_page(&admin()).await.unwrap();
    assert_eq!(page.rows[0].version, 1);
    let problem = fixture
        .services
        .compliance()
        .findings(&admin(), "after=nonsense")
        .await
        .unwrap_err()
        .into_problem();
    assert_eq!(problem.code, ProblemCode::InvalidInput);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_first_policies_are_the_baseline_and_only_once(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("mine", "medium", "owner: {}")).await;
    fixture.services.policies().seed_policies().await.unwrap();
    assert_eq!(fixture.services.policies().policies_page(&admin()).await.unwrap().rows.len(), 1);
    sqlx::query("truncate policy cascade").execute(&fixture.pool).await.unwrap();
    fixture.services.policies().seed_policies().await.unwrap();
    fixture.services.policies().seed_policies().await.unwrap();
    assert_eq!(fixture.services.policies().policies_page(&admin()).await.unwrap().rows.len(), 14);
}
