//! The index in memory against the table: every filter, what other replicas write, completions, paths.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    authz::VisibleAccounts,
    facts::{Detail, KeyClass, ParameterType, ResourceFacts},
    inventory::{Column, InventoryQuery, Sort},
};
use claviger_store::{Store, Suggested};
use claviger_testkit::samples::{
    CHECKOUT, PAYMENTS, SANDBOX, account, parameter, region, secret, secret_with,
};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime, macros::datetime};

mod common;
use common::{complete, planned};

const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);
const US: &str = "us-east-1";

type Fits = fn(&ResourceFacts) -> bool;

fn seen(accounts: &[&str]) -> VisibleAccounts {
    VisibleAccounts {
        accounts: accounts.iter().map(|id| account(id)).collect(),
        whole_organization: false,
    }
}

fn everyone() -> VisibleAccounts {
    seen(&[PAYMENTS, CHECKOUT, SANDBOX])
}

async fn names(store: &Store, visible: &VisibleAccounts, query: &str) -> Vec<String> {
    let query: InventoryQuery = query.parse().unwrap();
    let listed = store.inventory().list_inventory(visible, &query, 500, NOW).await.unwrap();
    assert_eq!(listed.counts.matching, listed.page.rows.len() as u64);
    listed.page.rows.into_iter().map(|row| row.name).collect()
}

/// Resources that differ in everything that can be asked for.
fn sorts() -> Vec<ResourceFacts> {
    let mut all = Vec::new();
    for n in 0..60_i64 {
        let mut facts = secret_with(PAYMENTS, US, &format!("prod/team-{}/s{n:02}", n % 4), |s| {
            s.accessed_on = (n % 3 != 0).then(|| (NOW - Duration::days(n * 4)).date());
            s.owning_service = (n % 7 == 0).then(|| "rds".to_owned());
            s.deleted_at = (n % 11 == 0).then_some(NOW);
        });
        facts.changed_at = Some(NOW - Duration::days(n));
        facts.kms_key_id = (n % 2 == 0).then(|| format!("alias/k{}", n % 4));
        facts.tags = match n % 5 {
            0 => None,
            1 => Some([].into()),
            2 => Some([("env".into(), "prod".into())].into()),
            _ => Some(
                [("env".into(), "dev".into()), ("owner".into(), format!("team-{}", n % 4))].into(),
            ),
        };
        all.push(facts);
    }
    for n in 0..20 {
        let mut facts = parameter(PAYMENTS, US, &format!("/prod/Web/p{n:02}"));
        if let Detail::Parameter(own) = &mut facts.detail {
            own.tier = Some(if n % 2 == 0 { "Advanced" } else { "Standard" }.into());
            if n % 3 == 0 {
                own.parameter_type = ParameterType::String;
            }
        }
        all.push(facts);
    }
    all
}

async fn filled(pool: PgPool) -> Store {
    let store = Store::from_pool(pool);
    let sweep = planned(&store, &[US, "eu-west-1"]).await;
    complete(&store, sweep, PAYMENTS, US, sorts()).await;
    complete(&store, sweep, CHECKOUT, US, vec![secret(CHECKOUT, US, "prod/team-0/s00")]).await;
    store
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_filter_finds_what_a_look_at_every_row_finds(pool: PgPool) {
    let store = filled(pool).await;
    let cases: [(&str, Fits); 20] = [
        // The longer word is in few names, in all ARNs, in one name.
        ("q=env%3Ddev+team-3%2Fs0", |f| {
            f.name.contains("team-3/s0")
                && f.tags.iter().flatten().any(|t| (&**t.0, &**t.1) == ("env", "dev"))
        }),
        ("q=secretsmanager+%2Fs03", |f| f.name.contains("/s03")),
        ("q=arn%3Aaws+prod%2Fteam-2%2Fs02", |f| f.name == "prod/team-2/s02"),
        ("tag=env", |f| f.tags.as_ref().is_some_and(|tags| tags.contains_key("env"))),
        ("tag=%21env", |f| f.tags.as_ref().is_some_and(|tags| !tags.contains_key("env"))),
        ("tag=env%3Dprod", |f| {
            f.tags.iter().flatten().any(|t| (&**t.0, &**t.1) == ("env", "prod"))
        }),
        ("tag=env%3Dp*", |f| f.tags.iter().flatten().any(|t| (&**t.0, &**t.1) == ("env", "prod"))),
        ("tag=ENV", |_| false),
        ("tag=env&tag=owner", |f| {
            f.tags.as_ref().is_some_and(|t| t.contains_key("env") && t.contains_key("owner"))
        }),
        ("team=team-3", |f| {
            f.tags.iter().flatten().any(|t| (&**t.0, &**t.1) == ("owner", "team-3"))
        }),
        ("kms=alias%2Fk2", |f| f.kms_key_id.as_deref() == Some("alias/k2")),
        ("key=aws-managed&kind=secret", |f| {
            matches!(f.detail, Detail::Secret(_)) && f.key_class() == KeyClass::AwsManaged
        }),
        ("changed=%3C7d", |f| f.changed_at.is_some_and(|at| at >= NOW - Duration::days(7))),
        ("changed=%3E30d&kind=secret", |f| {
            matches!(f.detail, Detail::Secret(_))
                && f.changed_at.is_some_and(|at| at < NOW - Duration::days(30))
        }),
        ("accessed=%3E90d", |f| match &f.detail {
            Detail::Secret(s) => {
                s.accessed_on.is_some_and(|on| on < (NOW - Duration::days(90)).date())
            }
            Detail::Parameter(_) => false,
        }),
        ("accessed=never&kind=secret", |f| match &f.detail {
            Detail::Secret(s) => s.accessed_on.is_none(),
            Detail::Parameter(_) => false,
        }),
        ("service=rds", |f| match &f.detail {
            Detail::Secret(s) => s.owning_service.is_some(),
            Detail::Parameter(_) => false,
        }),
        ("type=String", |f| match &f.detail {
            Detail::Parameter(p) => p.parameter_type == ParameterType::String,
            Detail::Secret(_) => false,
        }),
        ("tier=Advanced&path=%2Fprod%2F", |f| match &f.detail {
            Detail::Parameter(p) => p.tier.as_deref() == Some("Advanced"),
            Detail::Secret(_) => false,
        }),
        ("path=prod%2Fteam-2%2F", |f| f.name.starts_with("prod/team-2/")),
    ];
    let all = sorts();
    for (query, fits) in cases {
        let mut expected: Vec<&str> =
            all.iter().filter(|facts| fits(facts)).map(|facts| facts.name.as_str()).collect();
        expected.sort_by_key(|name| name.to_lowercase());
        assert_eq!(names(&store, &seen(&[PAYMENTS]), query).await, expected, "{query}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_pasted_arn_finds_its_own(pool: PgPool) {
    let store = filled(pool).await;
    let found = async |words: &str| names(&store, &everyone(), &format!("q={words}")).await;
    let arn = format!("arn:aws:secretsmanager:{US}:{PAYMENTS}:secret:prod/team-1/s05-AbCdEf");
    assert_eq!(found(&arn).await, ["prod/team-1/s05"]);
    assert_eq!(found(&format!("{PAYMENTS}:secret:prod/team-1/s05")).await, ["prod/team-1/s05"]);
    assert_eq!(
        found(&format!("arn:aws:ssm:{US}:{PAYMENTS}:parameter/prod/web/p07")).await,
        ["/prod/Web/p07"]
    );
    assert_eq!(found("s05-abcdef").await, ["prod/team-1/s05"], "the signs that AWS adds too");
    assert_eq!(found("%22about+prod/team-1/s05%22").await, ["prod/team-1/s05"], "a phrase");
    assert_eq!(found("env%3Ddev+s03").await, ["prod/team-3/s03"]);
    assert_eq!(found(CHECKOUT).await.len(), 1, "an account's id is part of its ARNs");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_another_replica_writes_is_there_at_once(pool: PgPool) {
    let store = filled(pool.clone()).await;
    let other = Store::from_pool(pool);
    assert_eq!(names(&other, &everyone(), "q=brand-new").await, [""; 0]);
    let new = secret(CHECKOUT, US, "brand-new");
    store
        .facts()
        .write_facts(&account(CHECKOUT), &region(US), std::slice::from_ref(&new), NOW)
        .await
        .unwrap();
    assert_eq!(names(&other, &everyone(), "q=brand-new").await, ["brand-new"]);
    assert_eq!(other.index().count_inventory(&seen(&[CHECKOUT])).await.unwrap(), 2);
    let mut changed = new.clone();
    changed.tags = Some([("owner".to_owned(), "growth".to_owned())].into());
    store.facts().write_facts(&account(CHECKOUT), &region(US), &[changed], NOW).await.unwrap();
    assert_eq!(names(&other, &everyone(), "team=growth").await, ["brand-new"]);
}

/// A number from a sequence would hide it: the younger transaction commits first.
#[sqlx::test(migrations = "../../migrations")]
async fn what_a_slow_transaction_wrote_is_not_missed(pool: PgPool) {
    let store = filled(pool.clone()).await;
    let mut slow = pool.begin().await.unwrap();
    sqlx::query(
        "update resource set owner = 'slow', owner_class = 'named', fingerprint = '' where name = '/prod/Web/p01'",
    )
    .execute(&mut *slow)
    .await
    .unwrap();
    let quick = secret(CHECKOUT, US, "quick");
    store.facts().write_facts(&account(CHECKOUT), &region(US), &[quick], NOW).await.unwrap();
    assert_eq!(names(&store, &everyone(), "q=quick").await, ["quick"]);
    assert_eq!(names(&store, &everyone(), "team=slow").await, [""; 0]);
    slow.commit().await.unwrap();
    assert_eq!(names(&store, &everyone(), "team=slow").await, ["/prod/Web/p01"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn suggestions_and_paths_stay_within_the_scope(pool: PgPool) {
    let store = filled(pool).await;
    let suggested = async |visible: &VisibleAccounts, what: Suggested, begun: &str| {
        let found = store.index().suggest(visible, what, begun).await.unwrap();
        found.into_iter().map(|s| (s.value, s.count)).collect::<Vec<_>>()
    };
    let payments = seen(&[PAYMENTS]);
    let of_env = Suggested::TagValues { key: "env".into() };
    assert_eq!(
        suggested(&payments, of_env.clone(), "").await,
        [("dev".to_owned(), 24), ("prod".to_owned(), 12)]
    );
    assert_eq!(suggested(&payments, of_env.clone(), "PR").await, [("prod".to_owned(), 12)]);
    assert_eq!(suggested(&seen(&[CHECKOUT]), of_env, "").await, []);
    assert_eq!(suggested(&seen(&[CHECKOUT]), Suggested::TagKeys, "o").await, [("owner".into(), 1)]);
    assert_eq!(suggested(&payments, Suggested::Services, "").await, [("rds".to_owned(), 9)]);
    assert_eq!(
        suggested(&payments, Suggested::Paths, "prod/te").await.len(),
        4,
        "one step at a time"
    );
    let folders = async |visible: &VisibleAccounts, path: &str| {
        let query: InventoryQuery = format!("path={path}").parse().unwrap();
        let found = store.inventory().list_inventory(visible, &query, 1, NOW).await.unwrap();
        found.folders.into_iter().map(|folder| (folder.path, folder.count)).collect::<Vec<_>>()
    };
    assert_eq!(folders(&payments, "pro").await, [("prod/".to_owned(), 60)]);
    assert_eq!(folders(&payments, "/").await, [("/prod/".to_owned(), 20)]);
    assert_eq!(folders(&payments, "/prod/").await, [("/prod/Web/".to_owned(), 20)]);
    assert_eq!(folders(&seen(&[CHECKOUT]), "prod/").await, [("prod/team-0/".to_owned(), 1)]);
    assert_eq!(folders(&payments, "prod/team-0/").await, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_was_asked_a_moment_ago_is_answered_for_its_own_scope_and_time(pool: PgPool) {
    let store = filled(pool).await;
    let count = async |visible: &VisibleAccounts, query: &str, now: OffsetDateTime| {
        let query: InventoryQuery = query.parse().unwrap();
        store.inventory().list_inventory(visible, &query, 1, now).await.unwrap().counts.matching
    };
    let whole = count(&everyone(), "", NOW).await;
    let payments = count(&seen(&[PAYMENTS]), "", NOW).await;
    assert!(payments < whole, "{payments} of {whole}");
    assert_eq!(count(&everyone(), "", NOW).await, whole);
    assert_eq!(count(&seen(&[PAYMENTS]), "", NOW).await, payments);
    assert_eq!(
        count(&everyone(), "q=prod", NOW).await,
        count(&everyone(), "q=prod&sort=changed", NOW).await
    );
    // Time alone changes what fits, forth and back.
    let week = "changed=%3C7d";
    let recent = count(&everyone(), week, NOW).await;
    assert!(recent > 0);
    assert_eq!(count(&everyone(), week, NOW + Duration::days(400)).await, 0);
    assert_eq!(count(&everyone(), week, NOW).await, recent);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_new_name_takes_its_place_in_the_order(pool: PgPool) {
    let store = filled(pool).await;
    let mut expected = names(&store, &everyone(), "").await;
    for name in ["zzz", "/aaa", "prod/team-1/s05b", "PROD/upper"] {
        let new = secret(SANDBOX, US, name);
        store.facts().write_facts(&account(SANDBOX), &region(US), &[new], NOW).await.unwrap();
        expected.push(name.to_owned());
        expected.sort_by_key(|name| name.to_lowercase());
        assert_eq!(names(&store, &everyone(), "").await, expected);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn nothing_is_found_where_nothing_is(pool: PgPool) {
    let store = Store::from_pool(pool);
    planned(&store, &[US]).await;
    for query in ["", "q=a", "sort=changed", "path=/a/", "account=111122223333"] {
        assert_eq!(names(&store, &everyone(), query).await, [""; 0], "{query}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn siblings_share_the_name_and_the_scope_hides_them(pool: PgPool) {
    let store = filled(pool).await;
    let query: InventoryQuery = format!("account={CHECKOUT}").parse().unwrap();
    let listed = store.inventory().list_inventory(&everyone(), &query, 1, NOW).await.unwrap();
    let id = listed.page.rows[0].id;
    let siblings = store.inventory().siblings(&everyone(), id, 10, NOW).await.unwrap();
    assert_eq!(siblings.len(), 1);
    assert_eq!(siblings[0].account_id, account(PAYMENTS));
    assert!(store.inventory().siblings(&seen(&[CHECKOUT]), id, 10, NOW).await.unwrap().is_empty());
    assert!(store.inventory().siblings(&seen(&[PAYMENTS]), id, 10, NOW).await.unwrap().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn columns_bring_their_facts_and_views_are_kept(pool: PgPool) {
    let store = filled(pool).await;
    let query = InventoryQuery {
        columns: vec![Column::Tags, Column::Arn],
        sort: Sort::Changed,
        ..InventoryQuery::default()
    };
    let row =
        &store.inventory().list_inventory(&everyone(), &query, 1, NOW).await.unwrap().page.rows[0];
    assert!(row.arn.is_some() && row.tags.is_some() && row.description.is_none());

    let url = query.to_url_query();
    assert!(store.inventory().save_view("ada", "Old ones", &url, true, NOW).await.unwrap().is_ok());
    assert!(store.inventory().save_view("ada", "Old ones", "", false, NOW).await.unwrap().is_err());
    assert!(store.inventory().save_view("ada", "Mine", "", false, NOW).await.unwrap().is_ok());
    let of = async |subject: &str| {
        let views = store.inventory().saved_views(subject).await.unwrap();
        views.into_iter().map(|view| (view.name, view.is_mine)).collect::<Vec<_>>()
    };
    assert_eq!(of("ada").await, [("Mine".to_owned(), true), ("Old ones".to_owned(), true)]);
    assert_eq!(of("ben").await, [("Old ones".to_owned(), false)], "only what is shared");
    let shared = store.inventory().saved_views("ben").await.unwrap().remove(0);
    let id = shared.id.parse().unwrap();
    assert!(!store.inventory().delete_view("ben", id, false).await.unwrap());
    assert!(store.inventory().delete_view("ada", id, false).await.unwrap());
}
