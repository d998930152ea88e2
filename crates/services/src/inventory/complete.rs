//! What could be typed next into the search box.

use crate::{InventoryService, ServiceError};
use claviger_domain::{
    VariantArray,
    authz::{Caller, Permission, VisibleAccounts},
    facts::{Kind, ParameterType},
    inventory::{LifeState, OwnerClass, TYPED, TypedField, WorstFinding, view::Completion},
    rotation::RotationClass,
};
use claviger_store::{Suggested, Suggestion};
use std::fmt::Display;

/// The most that is offered.
const MAX_COMPLETIONS: usize = 12;
/// The longest word that is completed, in characters.
const MAX_PREFIX_CHARS: usize = 300;

impl InventoryService {
    /// Completions of the word that the caller has begun, the likeliest first.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn complete(
        &self,
        caller: &Caller,
        begun: &str,
    ) -> Result<Vec<Completion>, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let begun: String = begun.chars().take(MAX_PREFIX_CHARS).collect();
        let (minus, begun) =
            begun.strip_prefix('-').map_or(("", begun.as_str()), |rest| ("-", rest));
        let Some((word, value)) = begun.split_once(':') else {
            return Ok(fields(minus, begun));
        };
        let Some(field) = TYPED.iter().find(|field| field.word == word) else {
            return Ok(Vec::new());
        };
        let mut offered = self.values(&visible, *field, minus, &value.replace('"', "")).await?;
        offered.truncate(MAX_COMPLETIONS);
        Ok(offered)
    }

    async fn values(
        &self,
        visible: &VisibleAccounts,
        field: TypedField,
        minus: &str,
        begun: &str,
    ) -> Result<Vec<Completion>, ServiceError> {
        let index = &self.index;
        let of = |value: &str, label: &str, hint: &str| Completion {
            insert: format!("{minus}{}:{}", field.word, quoted(value)),
            label: label.to_owned(),
            hint: hint.to_owned(),
            count: None,
        };
        let counted = |found: Vec<Suggestion>, prefix: &str, open: &str| -> Vec<Completion> {
            let each = found.into_iter().map(|found| Completion {
                count: Some(found.count),
                ..of(&format!("{prefix}{}{open}", found.value), &found.value, "")
            });
            each.collect()
        };
        let holds = |text: &str| text.to_lowercase().contains(&begun.to_lowercase());
        Ok(match field.field {
            "tag" => {
                if let Some((key, value)) = begun.split_once('=') {
                    let what = Suggested::TagValues { key: key.to_owned() };
                    counted(index.suggest(visible, what, value).await?, &format!("{key}="), "")
                } else {
                    // A tag that is to be absent has no value.
                    let open = if minus.is_empty() { "=" } else { "" };
                    counted(index.suggest(visible, Suggested::TagKeys, begun).await?, "", open)
                }
            }
            "team" => counted(index.suggest(visible, Suggested::Teams, begun).await?, "", ""),
            "service" => counted(index.suggest(visible, Suggested::Services, begun).await?, "", ""),
            "path" => counted(index.suggest(visible, Suggested::Paths, begun).await?, "", ""),
            "region" => counted(index.suggest(visible, Suggested::Regions, begun).await?, "", ""),
            "kms" => {
                let classes = ["aws-managed", "customer-managed", "plain"];
                let mut offered: Vec<Completion> = classes
                    .into_iter()
                    .filter(|class| holds(class))
                    .map(|class| of(class, class, "by who manages the key"))
                    .collect();
                offered.extend(counted(
                    index.suggest(visible, Suggested::Keys, begun).await?,
                    "",
                    "",
                ));
                offered
            }
            "account" => {
                let (accounts, _) = self.accounts.account_names(visible).await?;
                let mut fitting: Vec<_> = accounts
                    .into_iter()
                    .filter(|(id, name)| holds(name) || id.as_str().starts_with(begun))
                    .collect();
                fitting.sort_by(|a, b| a.1.cmp(&b.1));
                fitting.iter().map(|(id, name)| of(id.as_str(), name, id.as_str())).collect()
            }
            "ou" => {
                let ous = self.accounts.visible_ous(visible).await?;
                let fitting = ous.iter().filter(|ou| holds(&ou.path) || ou.id.as_str() == begun);
                fitting.map(|ou| of(ou.id.as_str(), &ou.path, ou.id.as_str())).collect()
            }
            "accessed" | "changed" => {
                let ages = ["<1d", "<7d", "<30d", ">30d", ">90d", ">1y", "never"];
                let fitting = ages.into_iter().filter(|age| age.starts_with(begun));
                fitting.map(|age| of(age, age, field.means)).collect()
            }
            "replicated" => fixed(&["yes", "no"], &holds, &of),
            "tier" => fixed(&["Standard", "Advanced", "Intelligent-Tiering"], &holds, &of),
            "severity" => fixed(WorstFinding::VARIANTS, &holds, &of),
            "rotation" => fixed(RotationClass::VARIANTS, &holds, &of),
            "kind" => fixed(Kind::VARIANTS, &holds, &of),
            "state" => fixed(LifeState::VARIANTS, &holds, &of),
            "owner" => fixed(OwnerClass::VARIANTS, &holds, &of),
            "type" => fixed(ParameterType::VARIANTS, &holds, &of),
            _ => Vec::new(),
        })
    }
}

/// Fields whose word begins so.
fn fields(minus: &str, begun: &str) -> Vec<Completion> {
    TYPED
        .iter()
        .filter(|field| field.word.starts_with(begun))
        .filter(|field| minus.is_empty() || field.field == "tag")
        .map(|field| Completion {
            insert: format!("{minus}{}:", field.word),
            label: format!("{minus}{}:", field.word),
            hint: field.means.to_owned(),
            count: None,
        })
        .collect()
}

fn fixed<T: Display>(
    all: &[T],
    fits: &impl Fn(&str) -> bool,
    of: &impl Fn(&str, &str, &str) -> Completion,
) -> Vec<Completion> {
    let words = all.iter().map(ToString::to_string).filter(|word| fits(word));
    words.map(|word| of(&word, &word, "")).collect()
}

/// With quotes where it would fall apart.
fn quoted(value: &str) -> String {
    if value.contains(char::is_whitespace) { format!("\"{value}\"") } else { value.to_owned() }
}
