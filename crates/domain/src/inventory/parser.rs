//! Filters as people type them into the search box: `tag:owner=payments rotation:overdue ledger`.

use crate::filter::InvalidFilter;

/// A field that can be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypedField {
    /// What is typed before the colon.
    pub word: &'static str,
    /// The field in the URL.
    pub field: &'static str,
    /// A description for the completion.
    pub means: &'static str,
}

/// Every field that can be typed, in the order of the completions.
pub const TYPED: &[TypedField] = &[
    TypedField { word: "tag", field: "tag", means: "a tag: tag:owner=payments, tag:env, -tag:env" },
    TypedField { word: "team", field: "team", means: "the team that owns it" },
    TypedField { word: "rotation", field: "rotation", means: "stuck, overdue, scheduled, off" },
    TypedField { word: "severity", field: "severity", means: "its worst finding: critical, high" },
    TypedField { word: "account", field: "account", means: "an account's id; its name finds it" },
    TypedField { word: "ou", field: "ou", means: "a unit with everything below it" },
    TypedField { word: "region", field: "region", means: "a Region; replicas count" },
    TypedField { word: "kind", field: "kind", means: "secret or parameter" },
    TypedField { word: "kms", field: "kms", means: "aws-managed, customer-managed, or a key" },
    TypedField { word: "accessed", field: "accessed", means: "last read: >90d, <7d, never" },
    TypedField { word: "changed", field: "changed", means: "last changed in AWS: <7d, >1y" },
    TypedField { word: "state", field: "state", means: "live, deleting, gone" },
    TypedField { word: "owner", field: "owner", means: "named, missing, unknown" },
    TypedField {
        word: "owner-service",
        field: "service",
        means: "the AWS service that manages it",
    },
    TypedField { word: "type", field: "type", means: "String, StringList, SecureString" },
    TypedField { word: "tier", field: "tier", means: "Standard, Advanced" },
    TypedField { word: "path", field: "path", means: "names that begin so: path:/prod/" },
    TypedField { word: "replicated", field: "replicated", means: "yes or no" },
];

/// Extracts the typed filters from a text. The rest are the search words; quotes keep a word from being parsed
/// as a filter.
///
/// `take` receives each filter by its field and value of the URL.
pub(super) fn take_typed(
    text: &str,
    mut take: impl FnMut(&str, &str) -> Result<(), InvalidFilter>,
) -> Result<String, InvalidFilter> {
    let mut words = split(text).into_iter().peekable();
    let mut rest: Vec<String> = Vec::new();
    while let Some(word) = words.next() {
        if word.quoted {
            rest.push(kept(word.text));
            continue;
        }
        let (negated, plain) = word
            .text
            .strip_prefix('-')
            .filter(|rest| !rest.is_empty())
            .map_or((false, word.text.as_str()), |rest| (true, rest));
        match plain {
            "deleting" if !negated => take("state", "deleting")?,
            "replicated" => take("replicated", if negated { "no" } else { "yes" })?,
            _ => match plain.split_once(':') {
                Some((name, value)) if is_field_name(name) => {
                    let typed = TYPED.iter().find(|typed| typed.word == name);
                    let Some(typed) = typed else {
                        let known: Vec<&str> = TYPED.iter().map(|typed| typed.word).collect();
                        let expected = format!(
                            "there is no filter {name}: (known are {}). To search for the text, put it in quotes",
                            known.join(", ")
                        );
                        return Err(InvalidFilter::new("q", plain, expected));
                    };
                    let absent = typed.field == "tag"
                        && !value.contains('=')
                        && words.next_if(|next| !next.quoted && next.text == "absent").is_some();
                    take_one(&mut take, typed, value, negated || absent)?;
                }
                _ => rest.push(kept(word.text)),
            },
        }
    }
    Ok(rest.join(" "))
}

/// The word with the quotes that keep it a word.
fn kept(word: String) -> String {
    if is_plain(&word) { word } else { format!("\"{word}\"") }
}

/// Whether a word needs no quotes to stay one word.
fn is_plain(word: &str) -> bool {
    let named = word.strip_prefix('-').unwrap_or(word);
    !word.contains(char::is_whitespace)
        && !matches!(named, "deleting" | "replicated")
        && !named.split_once(':').is_some_and(|(name, _)| is_field_name(name))
}

/// The words of a text that `take_typed` has left, in lower case.
pub(super) fn words_of(text: &str) -> Vec<String> {
    split(text).into_iter().map(|word| word.text.to_lowercase()).collect()
}

fn take_one(
    take: &mut impl FnMut(&str, &str) -> Result<(), InvalidFilter>,
    typed: &TypedField,
    value: &str,
    negated: bool,
) -> Result<(), InvalidFilter> {
    let value = value.trim();
    if value.is_empty() {
        return Err(InvalidFilter::new(typed.word, "", format!("say which: {}", typed.means)));
    }
    match (typed.field, negated) {
        ("tag", true) => take("tag", &format!("!{value}")),
        (_, true) => {
            let expected = "only tag: and replicated can be turned round by a minus";
            Err(InvalidFilter::new(typed.word, &format!("-{value}"), expected))
        }
        ("kms", false) if matches!(value, "aws-managed" | "customer-managed" | "plain") => {
            take("key", value)
        }
        (field, false) => take(field, value),
    }
}

/// `arn:…` and `https:…` are text, and so is everything that does not look like a field's name.
fn is_field_name(name: &str) -> bool {
    const TEXT: [&str; 4] = ["arn", "aws", "http", "https"];
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        && !TEXT.contains(&name)
}

struct Word {
    text: String,
    quoted: bool,
}

/// Splits at spaces outside of quotes. A quote within a word belongs to its value: `team:"Data platform"`.
fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { text: String::new(), quoted: false };
    let (mut within, mut begun) = (false, false);
    for sign in text.chars() {
        match sign {
            '"' => {
                word.quoted |= !begun;
                (within, begun) = (!within, true);
            }
            sign if sign.is_whitespace() && !within => {
                if !word.text.is_empty() {
                    words.push(word);
                }
                word = Word { text: String::new(), quoted: false };
                begun = false;
            }
            sign => {
                word.text.push(sign);
                begun = true;
            }
        }
    }
    if !word.text.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use crate::inventory::InventoryQuery;
    use rstest::rstest;

    #[rstest]
    #[case("ledger", "q=ledger")]
    #[case("tag:owner=payments ledger", "q=ledger&tag=owner%3Dpayments")]
    #[case("tag:env absent", "tag=%21env")]
    #[case("-tag:env rotation:overdue", "rotation=overdue&tag=%21env")]
    #[case("tag:env", "tag=env")]
    #[case("kms:aws-managed accessed:>90d", "key=aws-managed&accessed=%3E90d")]
    #[case("kms:alias/payments changed:<1w", "kms=alias%2Fpayments&changed=%3C7d")]
    #[case("deleting", "state=deleting")]
    #[case("replicated -replicated", "replicated=yes&replicated=no")]
    #[case("owner-service:rds", "service=rds")]
    #[case("team:\"Data platform\" x", "q=x&team=Data+platform")]
    #[case("\"tag:env\" \"deleting\"", "q=%22tag%3Aenv%22+%22deleting%22")]
    #[case("arn:aws:ssm", "q=arn%3Aaws%3Assm")]
    #[case("path:/prod/", "path=%2Fprod%2F")]
    #[case("10:30", "q=10%3A30")]
    #[case("un\"closed  quote", "q=%22unclosed++quote%22")]
    #[case("-deleting", "q=%22-deleting%22")]
    fn what_is_typed_becomes_the_url(#[case] typed: &str, #[case] url: &str) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let query: InventoryQuery = form.append_pair("q", typed).finish().parse().unwrap();
        assert_eq!(query.to_url_query(), url);
        assert_eq!(query.to_url_query().parse(), Ok(query), "the URL says the same");
    }

    #[rstest]
    #[case("acount:1", "there is no filter acount:")]
    #[case("rotation:", "say which")]
    #[case("rotation:never", "stuck, overdue")]
    #[case("-kind:secret", "turned round")]
    #[case("accessed:90d", "<7d, >90d")]
    fn a_typed_filter_that_cannot_be_read_says_why(#[case] typed: &str, #[case] says: &str) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let error = form.append_pair("q", typed).finish().parse::<InventoryQuery>().unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}
