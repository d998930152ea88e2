//! The filters of the lists: each is its URL, and reads back to the same.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    VariantArray,
    changes::{ChangeKind, ChangeQuery, FIELDS},
    compliance::{Category, FindingGrouping, FindingQuery, FindingSort, FindingState, Severity},
    facts::{KeyClass, Kind, ParameterType},
    filter::InvalidFilter,
    ids::ResourceId,
    inventory::{Column, Cursor, Direction, InventoryQuery, LifeState, OwnerClass, Sort, TYPED},
    rotation::RotationClass,
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt::{Debug, Display},
    str::FromStr,
};
use uuid::Uuid;

/// A field, and values that it takes.
type Samples = Vec<(&'static str, Vec<String>)>;

fn of<T: Display>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn words() -> Vec<String> {
    of(&["ledger", " two  words ", "\"a phrase\"", "é%&=+#;", "100%", "arn:aws:ssm", "a\"b"])
}

fn ids() -> Samples {
    vec![
        ("kind", of(Kind::VARIANTS)),
        ("ou", of(&["r-ab12", "ou-prod-12345678"])),
        ("account", of(&["441205839201", "111122223333"])),
        ("region", of(&["eu-west-1", "us-gov-west-1"])),
    ]
}

fn inventory() -> Samples {
    let cursor = Cursor {
        sort: Sort::default(),
        direction: Direction::default(),
        key: "a&b".into(),
        id: ResourceId(Uuid::from_u128(7)),
        backwards: true,
    };
    let names = || of(&["payments", "Data platform", "alias/own", "*"]);
    let ages = || of(&["<7d", ">2w", ">1y", "never"]);
    let mut samples = ids();
    samples.extend([
        ("q", [words(), of(&["-tag:env rotation:off", "kms:plain x", "deleting"])].concat()),
        ("rotation", of(RotationClass::VARIANTS)),
        ("key", of(KeyClass::VARIANTS)),
        ("owner", of(OwnerClass::VARIANTS)),
        ("state", of(LifeState::VARIANTS)),
        ("team", names()),
        ("tag", of(&["env", "!env", "env=", "a=b=c"])),
        ("kms", names()),
        ("accessed", ages()),
        ("changed", ages()),
        ("service", names()),
        ("type", of(ParameterType::VARIANTS)),
        ("tier", names()),
        ("replicated", of(&["yes", "no"])),
        ("path", of(&["/prod/", "prod/a b"])),
        ("severity", of(&["critical", "low", "none"])),
        ("all", of(&["yes"])),
        ("col", of(Column::VARIANTS)),
        ("page", vec![cursor.encode()]),
    ]);
    samples
}

/// Without a page, which belongs to one order.
fn sorted_inventory() -> Samples {
    let mut samples = inventory();
    samples.retain(|(field, _)| *field != "page");
    samples.extend([("sort", of(Sort::VARIANTS)), ("dir", of(Direction::VARIANTS))]);
    samples
}

fn findings() -> Samples {
    let mut samples = ids();
    samples.extend([
        ("q", words()),
        ("policy", words()),
        ("category", of(Category::VARIANTS)),
        ("severity", of(Severity::VARIANTS)),
        ("verdict", of(&["fail", "unknown"])),
        ("resource", of(&[Uuid::from_u128(1), Uuid::max()])),
        (
            "finding",
            of(&[format!("{}_rotation-on", Uuid::from_u128(1)), format!("{}_a_b", Uuid::max())]),
        ),
        ("assignee", of(&["me", "-", "ada"])),
        ("within", of(&["rotation=overdue", "q=a+b&sort=worst"])),
        ("all", of(&["yes"])),
        ("group", of(FindingGrouping::VARIANTS)),
        ("sort", of(FindingSort::VARIANTS)),
        ("dir", of(Direction::VARIANTS)),
        ("team", of(&["payments", "-", "Data platform"])),
        ("state", of(FindingState::VARIANTS)),
        ("days", of(&[1, 30, 3650])),
        ("after", of(&["1.x", "a b"])),
    ]);
    samples
}

fn changes() -> Samples {
    let mut samples = ids();
    samples.retain(|(field, _)| matches!(*field, "account" | "region"));
    samples.extend([
        ("q", words()),
        ("days", of(&[1, 7, 400])),
        ("what", of(ChangeKind::VARIANTS)),
        ("field", of(&FIELDS)),
        ("after", of(&[-1, i64::MAX])),
    ]);
    samples
}

/// URLs of up to 12 pairs of any fields.
fn urls(samples: Samples) -> impl Strategy<Value = String> {
    let pair = select(samples)
        .prop_flat_map(|(field, values)| select(values).prop_map(move |value| (field, value)));
    vec(pair, 0..12).prop_map(|pairs| {
        let mut url = form_urlencoded::Serializer::new(String::new());
        url.extend_pairs(pairs);
        url.finish()
    })
}

/// Reads a URL, and reads again what is written in each form.
fn hold<F>(url: &str, written: impl Fn(&F) -> String) -> Result<F, TestCaseError>
where
    F: FromStr<Err = InvalidFilter> + Serialize + DeserializeOwned + Clone + PartialEq + Debug,
    String: From<F>,
{
    let filter: F = url.parse().map_err(|error| TestCaseError::fail(format!("{url}: {error}")))?;
    let canonical = written(&filter);
    let read: F = canonical.parse().unwrap();
    prop_assert_eq!(&read, &filter, "{}", &canonical);
    prop_assert_eq!(written(&read), canonical.clone(), "writing is stable");
    prop_assert_eq!(String::from(filter.clone()), canonical);
    let json = serde_json::to_string(&filter).unwrap();
    prop_assert_eq!(&serde_json::from_str::<F>(&json).unwrap(), &filter);
    Ok(filter)
}

/// Without one of its filters a list has the others.
macro_rules! hold_without {
    ($filter:expr) => {
        let all = $filter.filters();
        for (field, value) in &all {
            let rest = $filter.without(field, value).filters();
            // Search words may be several, and a default stays.
            prop_assert!(rest.iter().all(|pair| all.contains(pair) || pair.0 == "days"));
            prop_assert!(!rest.contains(&(*field, value.clone())) || *field == "days");
        }
    };
}

proptest! {
    #[test]
    fn an_inventory_filter_is_its_url(url in urls(inventory())) {
        let filter = hold(&url, InventoryQuery::to_url_query)?;
        hold_without!(filter);
    }

    #[test]
    fn a_sorted_inventory_filter_is_its_url(url in urls(sorted_inventory())) {
        let filter = hold(&url, InventoryQuery::to_url_query)?;
        prop_assert_eq!(filter.without("q", "?").sort, filter.sort);
    }

    #[test]
    fn a_finding_filter_is_its_url(url in urls(findings())) {
        let filter = hold(&url, FindingQuery::to_url_query)?;
        hold_without!(filter);
    }

    #[test]
    fn a_change_filter_is_its_url(url in urls(changes())) {
        let filter = hold(&url, ChangeQuery::to_url_query)?;
        hold_without!(filter);
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,200}") {
        let _ = text.parse::<InventoryQuery>();
        let _ = text.parse::<FindingQuery>();
        let _ = text.parse::<ChangeQuery>();
    }
}

/// The fields that the error for an unknown one lists.
fn known<F: FromStr<Err = InvalidFilter>>() -> Vec<String> {
    let Err(error) = "colour=red".parse::<F>() else { panic!("there is no such filter") };
    let known = error.expected.strip_prefix("there is no such filter; known are ").unwrap();
    known.replace(" and ", ", ").split(", ").map(str::to_owned).collect()
}

#[test]
fn every_field_has_samples() {
    let fields = |samples: [Samples; 2]| -> Vec<String> {
        let mut fields = of(&samples.concat().iter().map(|(field, _)| *field).collect::<Vec<_>>());
        fields.sort();
        fields.dedup();
        fields
    };
    let sorted = |mut known: Vec<String>| {
        known.sort();
        known
    };
    assert_eq!(sorted(known::<InventoryQuery>()), fields([inventory(), sorted_inventory()]));
    assert_eq!(sorted(known::<FindingQuery>()), fields([findings(), Vec::new()]));
    assert_eq!(sorted(known::<ChangeQuery>()), fields([changes(), Vec::new()]));
}

#[test]
fn every_typed_filter_has_a_field_in_the_url() {
    let known = known::<InventoryQuery>();
    for typed in TYPED {
        assert!(known.iter().any(|field| field == typed.field), "{}", typed.word);
    }
}
