//! The whole way over an emulator.

use aws_credential_types::Credentials;
use claviger_domain::scan::ScanTrigger;
use claviger_testkit::{Console, ministack, samples::PAYMENTS};
use sqlx::PgPool;
use time::OffsetDateTime;

/// A real queue, a real secret and the hub's own rights: from the message to the inventory.
#[sqlx::test(migrations = "../../migrations")]
async fn ministack_a_change_is_in_the_inventory_within_two_seconds(pool: PgPool) {
    let emulator = ministack();
    let console = Console::builder(&pool).build_over(emulator.hub().await).await;
    console.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    console.work().await;
    let queue = console.aws.event_queue(&emulator.queue_url());
    let events = console.services.events();
    let owner = emulator.config(Credentials::new(PAYMENTS, "root", None, None, "owner")).await;
    let owner = aws_sdk_secretsmanager::Client::new(&owner);
    let own: String =
        sqlx::query_scalar("select current_database()").fetch_one(&pool).await.unwrap();
    let name = format!("payments/{}", own.trim_matches('_'));
    // Of an earlier run at the same emulator.
    let _ = owner.delete_secret().secret_id(&name).force_delete_without_recovery(true).send().await;
    let made = owner.create_secret().name(name).secret_string("CANARY-one").send().await.unwrap();
    let arn = made.arn().unwrap();
    // The emulator emits no event of a new secret.
    owner.put_secret_value().secret_id(arn).secret_string("CANARY-two").send().await.unwrap();
    let row = async || -> Option<(String, Option<OffsetDateTime>)> {
        sqlx::query_as("select name, gone_at from resource where arn = $1")
            .bind(arn)
            .fetch_optional(&pool)
            .await
            .unwrap()
    };
    // Other tests change secrets too: the queue has their events.
    let until = async |is_so: &dyn Fn(Option<(String, Option<OffsetDateTime>)>) -> bool| {
        let mut empty = 0;
        while empty < 3 {
            let began = std::time::Instant::now();
            if events.read_queue(&queue).await.unwrap() == 0 {
                empty += 1;
            }
            let received = began.elapsed();
            console.work().await;
            if is_so(row().await) {
                let took = began.elapsed().saturating_sub(received);
                assert!(took < std::time::Duration::from_secs(2), "{took:?} from receipt");
                return;
            }
        }
        panic!("the change did not arrive");
    };
    until(&|row| row.is_some()).await;
    events.count_queue(&queue).await.unwrap();
    let state = console.store.events().queue_state().await.unwrap().unwrap();
    assert_eq!((state.fault(), state.dead_letters), (None, Some(0)));
    owner.delete_secret().secret_id(arn).force_delete_without_recovery(true).send().await.unwrap();
}
