//! A PostgreSQL without space.

use super::fixture::*;
use claviger_domain::problem::ProblemCode;
use sqlx::PgPool;

const POLICY: &str = "id: rotation\ntitle: R\nseverity: high\nrule: {rotation-enabled: {}}";

/// The change is refused as a whole, the person reads why, and it succeeds when there is space again.
#[sqlx::test(migrations = "../../migrations")]
async fn a_full_disk_is_said_and_nothing_is_half_done(pool: PgPool) {
    let fixture = Fixture::new(pool.clone(), POLICY).await;
    // After the policy itself was written.
    sqlx::raw_sql(
        "create function full_disk() returns trigger language plpgsql as
         $$ begin raise 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
         create trigger full_disk before insert on audit_entry for each row execute function full_disk()",
    )
    .execute(&pool)
    .await
    .unwrap();
    let counted = claviger_store::disk_full_errors();
    let stricter = POLICY.replace("high", "critical");
    let policies = fixture.services.policies();
    let problem = policies.save_policies(&ada(), &stricter).await.unwrap_err().into_problem();
    assert_eq!(problem.code, ProblemCode::Unavailable, "{problem}");
    assert!(problem.message.contains("disk is full"), "{problem}");
    assert!(problem.hint.contains("Nothing was changed"), "{problem}");
    assert!(!problem.to_string().contains("extend"), "no source text: {problem}");
    assert!(claviger_store::disk_full_errors() > counted);
    assert!(policies.save_policies(&ada(), POLICY).await.unwrap().is_empty(), "it is as before");
    sqlx::raw_sql("drop trigger full_disk on audit_entry").execute(&pool).await.unwrap();
    assert_eq!(policies.save_policies(&ada(), &stricter).await.unwrap(), ["rotation"]);
}
