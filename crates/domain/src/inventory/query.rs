//! The inventory's filter, which is also its URL.

use super::{
    cursor::Cursor,
    filters::{AgeFilter, Exactly, TagFilter, YesNo},
    parser,
    terms::{Column, Direction, LifeState, OwnerClass, Sort, WorstFinding},
};
use crate::{
    facts::{KeyClass, Kind, ParameterType},
    filter::{
        self, Field, Filter, InvalidFilter, MAX_VALUE_CHARS, Part, has_value, list, parse,
        take_yes, text, url_filter,
    },
    ids::{AccountId, OuId, Region},
    rotation::RotationClass,
};
use serde::{Deserialize, Serialize};

/// What to list. Values of one field are alternatives, except for tags, which must all match; all fields must match.
///
/// Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct InventoryQuery {
    /// Words that must all appear in the name, description, tags or ARN; a quoted phrase is one word.
    pub text: String,
    pub kinds: Vec<Kind>,
    /// Each with its descendants.
    pub ous: Vec<OuId>,
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
    pub rotation: Vec<RotationClass>,
    pub severities: Vec<WorstFinding>,
    pub keys: Vec<KeyClass>,
    pub owners: Vec<OwnerClass>,
    /// Empty means active and pending deletion.
    pub states: Vec<LifeState>,
    /// Teams, as the owner rules name them.
    pub teams: Vec<Exactly>,
    /// All of them must match.
    pub tags: Vec<TagFilter>,
    /// Keys, by id, ARN or alias, as AWS lists them.
    pub kms: Vec<Exactly>,
    /// `LastAccessedDate`, the latest over all replicas.
    pub accessed: Vec<AgeFilter>,
    /// `LastChangedDate` or `LastModifiedDate`.
    pub changed: Vec<AgeFilter>,
    /// `OwningService`.
    pub services: Vec<Exactly>,
    pub types: Vec<ParameterType>,
    pub tiers: Vec<Exactly>,
    pub replicated: Vec<YesNo>,
    /// A prefix of the name.
    pub paths: Vec<Exactly>,
    /// Empty means the default columns.
    pub columns: Vec<Column>,
    pub sort: Sort,
    pub direction: Direction,
    /// Whether all that match are selected, beyond the page.
    pub all: bool,
    pub cursor: Option<Cursor>,
}

url_filter!(InventoryQuery);

impl Filter for InventoryQuery {
    const FIELDS: &'static [Field<Self>] = &[
        Field {
            name: "q",
            part: Part::Filter,
            read: |query, _, value| query.take_text(value),
            write: |query| text(Some(&query.text).filter(|text| !text.is_empty())),
        },
        list!(Filter "kind" kinds),
        list!(Filter "ou" ous),
        list!(Filter "account" accounts),
        list!(Filter "region" regions),
        list!(Filter "rotation" rotation),
        list!(Filter "severity" severities),
        list!(Filter "key" keys),
        list!(Filter "owner" owners),
        list!(Filter "state" states),
        list!(Filter "team" teams),
        list!(Filter "tag" tags),
        list!(Filter "kms" kms),
        list!(Filter "accessed" accessed),
        list!(Filter "changed" changed),
        list!(Filter "service" services),
        list!(Filter "type" types),
        list!(Filter "tier" tiers),
        list!(Filter "replicated" replicated),
        list!(Filter "path" paths),
        list!(Layout "col" columns),
        Field {
            name: "sort",
            part: Part::Layout,
            read: |query, field, value| parse(field, value).map(|sort| query.sort = sort),
            write: |query| text(Some(query.sort).filter(|sort| *sort != Sort::default())),
        },
        Field {
            name: "dir",
            part: Part::Layout,
            read: |query, field, value| parse(field, value).map(|dir| query.direction = dir),
            write: |query| text(Some(query.direction).filter(|dir| *dir != Direction::default())),
        },
        Field {
            name: "all",
            part: Part::Page,
            read: |query, field, value| take_yes(field, value).map(|()| query.all = true),
            write: |query| text(query.all.then_some("yes")),
        },
        Field {
            name: "page",
            part: Part::Page,
            read: |query, field, value| {
                let damaged = "the link is damaged; start from the first page";
                let cursor = Cursor::decode(value);
                query.cursor = Some(cursor.ok_or_else(|| InvalidFilter::new(field, "…", damaged))?);
                Ok(())
            },
            write: |query| text(query.cursor.as_ref().map(Cursor::encode)),
        },
    ];

    /// The types of the fields limit their values: ARNs and cursors are longer than elsewhere.
    fn accepts(_: &str, _: &str) -> Result<(), InvalidFilter> {
        Ok(())
    }

    fn check(&self) -> Result<(), InvalidFilter> {
        let order = (self.sort, self.direction);
        if self.cursor.as_ref().is_some_and(|cursor| (cursor.sort, cursor.direction) != order) {
            let expected = "it belongs to another order; start from the first page";
            return Err(InvalidFilter::new("page", "…", expected));
        }
        Ok(())
    }
}

impl InventoryQuery {
    /// Reads what was typed: filters, and the search words between them.
    fn take_text(&mut self, value: &str) -> Result<(), InvalidFilter> {
        let typed = value.trim();
        if typed.chars().count() > MAX_VALUE_CHARS {
            let short: String = typed.chars().take(20).collect();
            let expected = format!("use at most {MAX_VALUE_CHARS} characters");
            return Err(InvalidFilter::new("q", &format!("{short}…"), expected));
        }
        if typed.contains('\0') {
            return Err(InvalidFilter::new("q", "…", "it contains a null character"));
        }
        let words = parser::take_typed(typed, |field, value| self.take(field, value))?;
        if !self.text.is_empty() && !words.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(&words);
        Ok(())
    }

    /// The search words, in lower case and without their quotes.
    pub fn words(&self) -> Vec<String> {
        parser::words_of(&self.text)
    }

    /// The columns to show.
    pub fn columns(&self) -> &[Column] {
        if self.columns.is_empty() { Column::DEFAULT } else { &self.columns }
    }

    /// The content of a saved view: filter, sort and columns, without the page.
    #[must_use]
    pub fn view(&self) -> Self {
        self.at(None)
    }

    /// Field and value of a view, as in the URL and in forms; without the page.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        filter::pairs(self, &[Part::Filter, Part::Layout])
    }

    /// The same list in this order, or reversed if it has this order already; from its first page.
    #[must_use]
    pub fn sorted_by(&self, sort: Sort) -> Self {
        let direction = match self.direction {
            Direction::Ascending if self.sort == sort => Direction::Descending,
            _ => Direction::Ascending,
        };
        Self { sort, direction, all: false, cursor: None, ..self.clone() }
    }

    #[must_use]
    pub fn at(&self, cursor: Option<Cursor>) -> Self {
        Self { cursor, all: false, ..self.clone() }
    }

    /// The same page with all that match selected, or no longer.
    #[must_use]
    pub fn selecting_all(&self, all: bool) -> Self {
        Self { all, ..self.clone() }
    }

    pub fn is_filtered(&self) -> bool {
        !self.filters().is_empty()
    }
}

/// A URL's query as text for the filter box, and the parameters for sort and columns, which stay out of the box:
/// so that an invalid query can be corrected. It reads what no other parser accepts.
pub fn retyped(url_query: &str) -> (String, Vec<(String, String)>) {
    let (mut words, mut rest) = (Vec::new(), Vec::new());
    for (field, value) in form_urlencoded::parse(url_query.as_bytes()) {
        if !has_value(&field, &value) {
            continue;
        }
        match field.as_ref() {
            "q" => words.insert(0, value.into_owned()),
            // The position in a list that is no longer the same.
            "page" | "all" => {}
            "col" | "sort" | "dir" => {
                let pair = form_urlencoded::Serializer::new(String::new())
                    .append_pair(&field, &value)
                    .finish();
                // Invalid ones are omitted: nobody typed them.
                if pair.parse::<InventoryQuery>().is_ok() {
                    rest.push((field.into_owned(), value.into_owned()));
                }
            }
            _ if value.chars().any(char::is_whitespace) => {
                words.push(format!("{field}:\"{value}\""));
            }
            _ => words.push(format!("{field}:{value}")),
        }
    }
    (words.join(" "), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VariantArray;
    use proptest::{prelude::*, sample::subsequence};
    use rstest::rstest;

    #[rstest]
    #[case("kind=password", "secret or parameter")]
    #[case("account=12", "12 digits")]
    #[case("colour=red", "there is no such filter")]
    #[case("sort=size", "name, account")]
    #[case("page=abc", "damaged")]
    #[case("q=a%00b", "null character")]
    fn a_filter_that_does_not_parse_says_what_would(#[case] url: &str, #[case] says: &str) {
        let error = url.parse::<InventoryQuery>().unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn an_empty_field_of_a_form_is_no_filter() {
        assert_eq!("q=&kind=".parse(), Ok(InventoryQuery::default()));
    }

    #[test]
    fn a_page_of_another_order_is_refused() {
        let cursor = Cursor {
            sort: Sort::Name,
            direction: Direction::Ascending,
            key: "a".into(),
            id: crate::ids::ResourceId(uuid::Uuid::nil()),
            backwards: false,
        };
        assert!(format!("sort=name&page={}", cursor.encode()).parse::<InventoryQuery>().is_ok());
        assert!(format!("page={}", cursor.encode()).parse::<InventoryQuery>().is_err());
        assert!(format!("sort=region&page={}", cursor.encode()).parse::<InventoryQuery>().is_err());
    }

    #[test]
    fn removing_a_token_leaves_the_others() {
        let query: InventoryQuery =
            "q=ledger&kind=secret&rotation=off&rotation=stuck&sort=read".parse().unwrap();
        assert_eq!(
            query.without("rotation", "off").to_url_query(),
            "q=ledger&kind=secret&rotation=stuck&sort=read"
        );
    }

    proptest! {
        #[test]
        fn the_url_holds_the_whole_state(
            text in "[a-z:/ %&=+é\"-]{0,20}",
            kinds in subsequence(Kind::VARIANTS, 0..=2),
            rotation in subsequence(RotationClass::VARIANTS, 0..=5),
            states in subsequence(LifeState::VARIANTS, 0..=3),
            descending: bool,
        ) {
            let mut form = form_urlencoded::Serializer::new(String::new());
            let typed = form.append_pair("q", &text).finish().parse::<InventoryQuery>();
            let query = InventoryQuery {
                kinds,
                rotation,
                states,
                direction: if descending { Direction::Descending } else { Direction::Ascending },
                regions: vec!["eu-west-1".parse().unwrap()],
                // What is typed may look like a filter without being one.
                ..typed.unwrap_or_default()
            };
            prop_assert_eq!(query.to_url_query().parse(), Ok(query));
        }

        #[test]
        fn no_text_makes_the_parser_fall_over(text in ".{0,200}") {
            let _ = text.parse::<InventoryQuery>();
        }
    }

    #[test]
    fn what_cannot_be_read_stands_in_the_box_again() {
        let again = |url: &str| retyped(url).0;
        assert_eq!(again("rotation=overdu&q=ledger"), "ledger rotation:overdu");
        assert_eq!(again("q=rotation%3Aoverdu+ledger"), "rotation:overdu ledger");
        assert_eq!(
            again("team=Data+platform&colour=red&page=x"),
            "team:\"Data platform\" colour:red"
        );
        let (_, rest) = retyped("col=owner&sort=changed&sort=size&q=x");
        let names: Vec<&str> = rest.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["col", "sort"],
            "how the list looks stays; what cannot be read does not"
        );
    }
}
