//! Recipes for a secret or parameter, and whether a role has the rights that one needs. Nothing is written, and AWS is not asked.

use super::{Evaluated, ReaderService};
use crate::{Authority, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    clock::Clock,
    consumers::suggested_role_name,
    creation::ShapeFault,
    facts::{Detail, KeyClass},
    ids::{Arn, ResourceId},
    inventory::{
        recipes::{
            Recipe, RecipeId, Right, RightOn, Subject, UseForm, recipe,
            view::{Comparison, RightAnswer, SuggestedRole, UseView},
        },
        view::ResourceDetail,
    },
};
use claviger_policy::entitlement::{Lookup, RoleCall, Way, lookup};
use claviger_store::{InventoryRepository, PrincipalRepository};
use std::sync::Arc;

/// Roles that are suggested; more of an account can be typed.
const SUGGESTED: u16 = 100;

/// Says how a workload reads a resource.
#[derive(Clone)]
pub struct RecipeService {
    pub(crate) inventory: InventoryRepository,
    pub(crate) principals: PrincipalRepository,
    pub(crate) reader_service: ReaderService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl RecipeService {
    /// The recipe that a URL's query asks for. Rights are compared only for those who may see who has access in the account.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn recipes(
        &self,
        caller: &Caller,
        id: &str,
        query: &str,
    ) -> Result<UseView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let now = self.clock.now();
        let shown = self.inventory.resource(&visible, id, now).await?.ok_or_else(missing)?;
        let form = UseForm::from_url_query(query);
        let mut subject = Subject::of(&shown);
        let mut faults = form.apply(&mut subject);
        let chosen = match form.chosen(&subject) {
            Ok(chosen) => Some(chosen),
            Err(fault) => {
                faults.push(fault);
                None
            }
        };
        let sees = self.authority.where_allowed(caller, Permission::ReadFindings).await?;
        let stages = stages(&shown);
        faults.extend(unknown_stage(subject.stage.as_deref(), &stages));
        let refusal = refusal(&shown);
        let names_suggested = subject.role.is_none()
            && refusal.is_none()
            && chosen
                .and_then(|id| recipe(id, &subject).ok())
                .is_some_and(|recipe| recipe.names_role(&subject.suggested_role()));
        let mut suggested_role = names_suggested
            .then(|| SuggestedRole { arn: subject.suggested_role(), is_missing: false });
        let (roles, role) = if sees.accounts.contains(&shown.account_id) {
            let suggested: Option<Arn> =
                suggested_role.as_ref().and_then(|role| role.arn.parse().ok());
            let looked_up = subject.role.as_ref().or(suggested.as_ref());
            let role = self.role(&sees, &shown, looked_up).await?;
            (self.roles(&shown).await?, role)
        } else {
            (Vec::new(), Role::Nothing(Comparison::NotShown))
        };
        let role = match (&mut suggested_role, role) {
            (Some(suggested), Role::Nothing(known)) => {
                suggested.is_missing = known == Comparison::Missing;
                // Nobody chose the suggested role, so there is nothing to compare.
                Role::Nothing(if known == Comparison::NotShown {
                    known
                } else {
                    Comparison::NotAsked
                })
            }
            (_, role) => role,
        };
        if matches!(role, Role::Found { .. }) {
            suggested_role = None;
        }
        // IAM's own ARN has the path, which what was typed may lack: a trust or an annotation needs it.
        if let Role::Found { arn, .. } = &role {
            subject.role = arn.parse().ok().or(subject.role);
        }
        let found = match (refusal, chosen) {
            (Some(why), _) => Err(why),
            (None, Some(chosen)) => recipe(chosen, &subject),
            (None, None) => Err("Choose a recipe from the list.".to_owned()),
        };
        let comparison = self.comparison(role, found.as_ref().ok());
        Ok(UseView {
            id,
            is_secret: subject.is_secret(),
            form,
            faults,
            menu: RecipeId::of(&subject),
            chosen,
            recipe: found,
            stages,
            role_name: suggested_role_name(&shown.facts.name),
            suggested_role,
            roles,
            comparison,
        })
    }

    /// The role in IAM, as far as the accounts that the caller may see were read.
    async fn role(
        &self,
        sees: &VisibleAccounts,
        shown: &ResourceDetail,
        typed: Option<&Arn>,
    ) -> Result<Role, ServiceError> {
        let Some(typed) = typed else { return Ok(Role::Nothing(Comparison::NotAsked)) };
        // It may be a role of an account that no policy names.
        let home = typed.account().parse().ok();
        let evaluated = self.reader_service.evaluated_as_shown(sees, shown.clone(), home).await?;
        let Some(evaluated) = evaluated else { return Ok(Role::Nothing(Comparison::NotShown)) };
        Ok(match lookup(typed.as_str(), &evaluated.accounts) {
            Lookup::Missing => Role::Nothing(Comparison::Missing),
            Lookup::NotRead(why) => Role::Nothing(Comparison::NotRead { why }),
            Lookup::Found(arn) => Role::Found { arn, evaluated: Box::new(evaluated) },
        })
    }

    /// What the role has of the rights.
    fn comparison(&self, role: Role, recipe: Option<&Recipe>) -> Comparison {
        let (arn, evaluated) = match role {
            Role::Nothing(why) => return why,
            Role::Found { arn, evaluated } => (arn, evaluated),
        };
        let Some(recipe) = recipe else { return Comparison::NotAsked };
        let call = call(&arn, &evaluated, self.clock.now());
        let rights = recipe.compared_rights();
        // The AWS managed key serves the principals of its own account.
        let shown = &evaluated.shown;
        let has_managed_key = shown.key == KeyClass::AwsManaged
            && arn.split(':').nth(4) == Some(shown.account_id.as_str());
        let answers = rights.into_iter().filter_map(|right| {
            let answer = answer(right, &call)?;
            let by_managed_key = has_managed_key && !recipe.rights.contains(&right);
            Some(RightAnswer { by_managed_key, ..answer })
        });
        let answers = answers.collect();
        Comparison::Compared { answers, role: arn }
    }

    /// The roles of the resource's account, by ARN.
    async fn roles(&self, shown: &ResourceDetail) -> Result<Vec<String>, ServiceError> {
        let only =
            VisibleAccounts { accounts: vec![shown.account_id.clone()], whole_organization: false };
        let rows = self.principals.list_principals(&only, ":role/", "", SUGGESTED).await?;
        Ok(rows.into_iter().map(|row| row.arn).collect())
    }
}

/// What is known of the role that was typed.
enum Role {
    /// Why it is compared with nothing.
    Nothing(Comparison),
    /// Its ARN as IAM has it, and what it is evaluated with.
    Found { arn: String, evaluated: Box<Evaluated> },
}

fn call<'a>(role: &'a str, evaluated: &'a Evaluated, now: time::OffsetDateTime) -> RoleCall<'a> {
    let Evaluated { resource, accounts, .. } = evaluated;
    RoleCall { role, resource, accounts, known: &[], now }
}

/// `None` if nothing encrypts the value, so that there is no key to have a right on.
fn answer(right: Right, call: &RoleCall<'_>) -> Option<RightAnswer> {
    let action: &'static str = right.action.into();
    let Way { answer, against, not_read, conditions, .. } = match right.on {
        RightOn::Resource => call.on_secret(action),
        RightOn::Key => call.on_key(action)?,
    };
    let why = [against, not_read, conditions].concat();
    Some(RightAnswer { right, answer, why, by_managed_key: false })
}

/// Why nothing can read it.
fn refusal(shown: &ResourceDetail) -> Option<String> {
    if shown.gone_at.is_some() {
        return Some("AWS has deleted it, so nothing can read it.".to_owned());
    }
    match &shown.facts.detail {
        Detail::Secret(facts) if facts.deleted_at.is_some() => Some(
            "It is scheduled for deletion: AWS refuses to read it until it is restored.".to_owned(),
        ),
        _ => None,
    }
}

/// Said of a stage that no version has, where the versions are known. It may get one, so the recipe has it all the same.
fn unknown_stage(wanted: Option<&str>, stages: &[String]) -> Option<ShapeFault> {
    let wanted = wanted?;
    let is_known = stages.is_empty() || stages.iter().any(|stage| stage == wanted);
    (!is_known).then(|| {
        let has = stages.join(", ");
        let reason = format!("No version of this secret has the stage {wanted}. It has {has}.");
        ShapeFault::new("stage", reason)
    })
}

/// The staging labels, `AWSCURRENT` first.
fn stages(shown: &ResourceDetail) -> Vec<String> {
    let Detail::Secret(facts) = &shown.facts.detail else { return Vec::new() };
    let mut found: Vec<String> =
        facts.versions.iter().flat_map(|version| version.stages.iter().cloned()).collect();
    found.sort_by_key(|stage| (stage != "AWSCURRENT", stage.clone()));
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::unknown_stage;

    #[test]
    fn a_stage_that_no_version_has_is_said_where_the_versions_are_known() {
        let has = ["AWSCURRENT".to_owned(), "AWSPREVIOUS".to_owned()];
        assert_eq!(unknown_stage(Some("AWSPREVIOUS"), &has), None);
        assert_eq!(unknown_stage(Some("NOPE"), &[]), None);
        assert_eq!(unknown_stage(None, &has), None);
        let fault = unknown_stage(Some("NOPE"), &has);
        assert!(fault.is_some_and(|fault| {
            fault.field == "stage" && fault.reason.contains("NOPE. It has AWSCURRENT, AWSPREVIOUS")
        }));
    }
}
