//! Owners are worked out when facts are written, and again when the rules or an account's place have changed.

use crate::{StoreError, accounts::locations::locations};
use claviger_domain::{
    authz::AccountLocation, ids::AccountId, inventory::view::Owner, owner::OwnerRules,
};
use sqlx::{PgConnection, types::Json};
use std::{collections::BTreeMap, fmt::Display};

/// An owner as its two columns have it.
pub(crate) fn columns(owner: Owner) -> (Option<String>, &'static str) {
    match owner {
        Owner::Named(owner) => (Some(owner), "named"),
        Owner::Missing => (None, "missing"),
        Owner::Unknown => (None, "unknown"),
    }
}

/// Reads the two columns.
pub(crate) fn owner(
    key: impl Display,
    name: Option<String>,
    class: &str,
) -> Result<Owner, StoreError> {
    match (class, name) {
        ("named", Some(name)) => Ok(Owner::Named(name)),
        ("missing", None) => Ok(Owner::Missing),
        ("unknown", None) => Ok(Owner::Unknown),
        _ => Err(StoreError::Inconsistent {
            table: "resource",
            column: "owner_class",
            key: key.to_string(),
            reason: format!("{class} does not go with the owner"),
        }),
    }
}

/// Where an account stands; nowhere, if it is not known yet.
pub(crate) async fn holder(
    connection: &mut PgConnection,
    account: &AccountId,
) -> Result<AccountLocation, StoreError> {
    let known = locations(connection, std::slice::from_ref(account)).await?.pop();
    Ok(known.unwrap_or_else(|| AccountLocation {
        account: account.clone(),
        account_name: String::new(),
        units: Vec::new(),
    }))
}

/// Works out every owner of an account again, where they were worked out by other rules or elsewhere.
pub(crate) async fn settle(
    connection: &mut PgConnection,
    rules: &OwnerRules,
    account: &AccountId,
) -> Result<(), StoreError> {
    let location = holder(connection, account).await?;
    let key = rules.key(&location);
    let done = sqlx::query!(
        "update account set owners_as = $2 where id = $1 and owners_as <> $2",
        account.as_str(),
        &key
    )
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    let rows = sqlx::query!(
        r#"select id, nullif(facts -> 'tags', 'null'::jsonb) as "tags?: Json<BTreeMap<String, String>>", owner, owner_class from resource where account_id = $1"#,
        account.as_str(),
    )
    .map(|row| (row.id, row.tags, row.owner, row.owner_class))
    .fetch_all(&mut *connection)
    .await?;
    let (mut ids, mut names, mut classes) = (Vec::new(), Vec::new(), Vec::new());
    for (id, tags, old_name, old_class) in rows {
        let (name, class) = columns(rules.owner(tags.as_deref(), &location));
        if (&name, class) != (&old_name, old_class.as_str()) {
            ids.push(id);
            names.push(name);
            classes.push(class);
        }
    }
    sqlx::query!(
        "update resource r set owner = x.owner, owner_class = x.class
         from unnest($1::uuid[], $2::text[], $3::text[]) as x (id, owner, class) where r.id = x.id",
        &ids,
        &names as _,
        &classes as _
    )
    .execute(connection)
    .await?;
    Ok(())
}
