//! The access rules, and why a person may request access to a secret: the same decisions as a request's, with what decides.

use super::may_read;
use crate::{
    Authority, EligibilityService, GrantReader, PeopleService, ServiceError,
    grants::{approver_context, subject},
};
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission, VisibleAccounts},
    clock::Clock,
    grants::{Action, ApprovalRule},
    ids::ResourceId,
    settings::access::{
        AccessAnswer, AccessCondition, AccessFinding, AccessQuestion, AccessRulesView,
        ApprovalRuleRow, ApprovalStep, CedarPolicy,
    },
};
use claviger_policy::{AccessKind, AccessPolicy, Asked, PolicySource};
use claviger_store::{GrantRepository, RequestTarget};
use std::sync::Arc;

/// So many people are offered to choose from, and so many are named in a step.
const MAX_CHOICES: usize = 200;
const MAX_NAMED: usize = 10;

/// The access rules, and the answer to "why may this person request this?".
#[derive(Clone)]
pub struct AccessRuleService {
    pub(crate) grants: GrantRepository,
    pub(crate) eligibility_service: EligibilityService,
    pub(crate) grant_reader: GrantReader,
    pub(crate) people_service: PeopleService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) access_policy: Arc<AccessPolicy>,
}

impl AccessRuleService {
    /// The rules with a question and its answer, if one was asked. Answering changes nothing.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn access_rules(
        &self,
        caller: &Caller,
        question: AccessQuestion,
    ) -> Result<AccessRulesView, ServiceError> {
        may_read(caller)?;
        let people = self.people_service.known_callers().await?;
        let finding = if question.is_empty() {
            None
        } else {
            Some(self.find(caller, &question, &people).await?)
        };
        let choices = people
            .iter()
            .take(MAX_CHOICES)
            .map(|one| (one.person.name.clone(), written(one).to_owned()));
        Ok(AccessRulesView {
            policies: self.access_policy.sources().into_iter().map(cedar_policy).collect(),
            rules: self.access_policy.rules().iter().map(rule_row).collect(),
            people: choices.collect(),
            question,
            finding,
        })
    }

    async fn find(
        &self,
        caller: &Caller,
        question: &AccessQuestion,
        people: &[Caller],
    ) -> Result<AccessFinding, ServiceError> {
        let person = match person_of(&question.person, people).as_slice() {
            [one] => (*one).clone(),
            [] => {
                return Ok(unclear("No person of this name has signed in within 90 days."));
            }
            several => {
                return Ok(AccessFinding::Unclear {
                    says: "Several people have this name. Choose one:".into(),
                    choices: several
                        .iter()
                        .take(MAX_NAMED)
                        .map(|one| AccessQuestion {
                            person: written(one).to_owned(),
                            ..question.clone()
                        })
                        .collect(),
                });
            }
        };
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let ids = self.secrets_of(&visible, question.secret.trim()).await?;
        let id = match ids.as_slice() {
            [(id, _)] => *id,
            [] => return Ok(unclear("No secret or parameter has this name, ARN or id.")),
            several => {
                return Ok(AccessFinding::Unclear {
                    says: "Several secrets or parameters have this name. Choose one:".into(),
                    choices: several
                        .iter()
                        .take(MAX_NAMED)
                        .map(|(_, arn)| AccessQuestion { secret: arn.clone(), ..question.clone() })
                        .collect(),
                });
            }
        };
        let targets = self.grants.targets(&visible, &[id], self.clock.now()).await?;
        let Some(target) = targets.into_iter().next() else {
            return Ok(unclear("No secret or parameter has this name, ARN or id."));
        };
        let location = self.grant_reader.location(&target.account).await?;
        let (access_kind, action) = match question.action.trim() {
            "break-glass" => (AccessKind::BreakGlass, Action::Read),
            "" => (AccessKind::Ordinary(Action::Read), Action::Read),
            action => {
                let action: Action = action.parse()?;
                (AccessKind::Ordinary(action), action)
            }
        };
        let answer = self.answer(&person, &target, &location, access_kind, action, people);
        Ok(AccessFinding::Answer(Box::new(answer)))
    }

    /// What a name, an ARN or an id can mean, with its ARN.
    async fn secrets_of(
        &self,
        visible: &VisibleAccounts,
        text: &str,
    ) -> Result<Vec<(ResourceId, String)>, ServiceError> {
        if let Ok(id) = text.parse::<ResourceId>() {
            return Ok(vec![(id, text.to_owned())]);
        }
        let found = self.grants.named(visible, &[text.to_owned()], text).await?;
        Ok(found.into_iter().map(|(one, _)| (one.id, one.arn.as_str().to_owned())).collect())
    }

    fn answer(
        &self,
        person: &Caller,
        target: &RequestTarget,
        location: &AccountLocation,
        access_kind: AccessKind,
        action: Action,
        people: &[Caller],
    ) -> AccessAnswer {
        // The shortest window from now on: what is refused even so is not to be had at all.
        let asked = Asked { minutes: 1, start: self.clock.now(), purpose: "", ticket: None };
        let subject = subject(target, location);
        let cedar = self.access_policy.explain(person, access_kind, subject, asked);
        let rule = self
            .access_policy
            .rule_for(action, subject)
            .filter(|rule| access_kind != AccessKind::BreakGlass || rule.break_glass.is_some());
        let fits =
            self.eligibility_service.rule_for(person, target, location, access_kind, action, asked);
        let fits = fits.and_then(|_| self.eligibility_service.fits(target, action));
        let mut conditions = conditions(person, target, location);
        conditions.push(AccessCondition {
            about: "Cedar policies".into(),
            is_met: cedar.permits,
            found: cedar_in_words(&cedar),
        });
        conditions.push(AccessCondition {
            about: "Approval rule".into(),
            is_met: rule.is_some(),
            found: match (rule, access_kind) {
                (Some(rule), _) => rule.name.clone(),
                (None, AccessKind::BreakGlass) => "The rule that applies has no break-glass".into(),
                (None, AccessKind::Ordinary(_)) => {
                    "No rule applies, so nobody could approve".into()
                }
            },
        });
        let are_met = conditions.iter().all(|one| one.is_met);
        // A reason that is none of the conditions, such as a session policy that would be too large.
        if let (true, Err(refusal)) = (are_met, &fits) {
            conditions.push(AccessCondition {
                about: "Request".into(),
                is_met: false,
                found: refusal.clone().into_problem().to_string(),
            });
        }
        let teams = [self.eligibility_service.owner_team(target)];
        AccessAnswer {
            person: person.person.name.clone(),
            secret: target.facts.name.clone(),
            secret_id: target.id,
            account: location.account_name.clone(),
            action: match access_kind {
                AccessKind::BreakGlass => "break-glass".into(),
                AccessKind::Ordinary(action) => action.to_string(),
            },
            may_request: conditions.iter().all(|one| one.is_met),
            conditions,
            policies: cedar.deciding.into_iter().map(cedar_policy).collect(),
            errors: cedar.errors,
            rule: rule.map(rule_row),
            steps: rule
                .map(|rule| steps(rule, person, location, &teams, people))
                .unwrap_or_default(),
        }
    }
}

/// What has to hold before the policies are asked.
fn conditions(
    person: &Caller,
    target: &RequestTarget,
    location: &AccountLocation,
) -> Vec<AccessCondition> {
    let roles: Vec<String> = person
        .held
        .iter()
        .map(|(role, scope)| format!("{} ({})", role.label(), scope.label()))
        .collect();
    let roles = if roles.is_empty() { "No role".to_owned() } else { roles.join(", ") };
    let is_visible = person.may_at(Permission::ReadInventory, location);
    vec![
        AccessCondition {
            about: "Role that can request access".into(),
            is_met: person.may(Permission::RequestAccess),
            found: roles,
        },
        AccessCondition {
            about: "Account in scope".into(),
            is_met: is_visible,
            found: location.account_name.clone(),
        },
        AccessCondition {
            about: "Secret".into(),
            is_met: !target.gone,
            found: if target.gone { "Deleted or pending deletion" } else { "Active" }.into(),
        },
    ]
}

fn cedar_in_words(cedar: &claviger_policy::Explanation) -> String {
    if !cedar.errors.is_empty() {
        return "A policy could not be evaluated, which denies".into();
    }
    let ids: Vec<&str> = cedar.deciding.iter().map(|policy| policy.id.as_str()).collect();
    match (cedar.permits, ids.is_empty()) {
        (true, _) => format!("Permitted by {}", ids.join(", ")),
        (false, true) => "No policy permits it".into(),
        (false, false) => format!("Forbidden by {}", ids.join(", ")),
    }
}

/// Each step with the known people who can decide it.
fn steps(
    rule: &ApprovalRule,
    person: &Caller,
    location: &AccountLocation,
    teams: &[Option<String>],
    people: &[Caller],
) -> Vec<ApprovalStep> {
    let each = rule.steps.iter().map(|step| {
        let can: Vec<&str> = people
            .iter()
            .filter(|one| !one.person.is_same_as(&person.person))
            .filter(|one| step.includes(approver_context(one, location, teams)))
            .map(|one| one.person.name.as_str())
            .collect();
        ApprovalStep {
            name: step.name.clone(),
            needs: step.words(),
            lacks_people: u32::try_from(can.len()).is_ok_and(|many| many < step.quorum),
            people: can.into_iter().take(MAX_NAMED).map(str::to_owned).collect(),
        }
    });
    each.collect()
}

/// How a person is written into the form, so that it means them alone.
fn written(caller: &Caller) -> &str {
    caller.person.email.as_deref().unwrap_or(&caller.person.subject)
}

/// Those whom a text names: by subject, or else by email address, or else by name.
fn person_of<'a>(text: &str, people: &'a [Caller]) -> Vec<&'a Caller> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let same = |one: &str| one.to_lowercase() == text.to_lowercase();
    let by: [fn(&Caller) -> Option<&str>; 3] = [
        |one| Some(one.person.subject.as_str()),
        |one| one.person.email.as_deref(),
        |one| Some(one.person.name.as_str()),
    ];
    by.iter()
        .map(|of| people.iter().filter(|one| of(one).is_some_and(same)).collect::<Vec<_>>())
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn unclear(says: &str) -> AccessFinding {
    AccessFinding::Unclear { says: says.to_owned(), choices: Vec::new() }
}

fn cedar_policy(source: PolicySource) -> CedarPolicy {
    CedarPolicy { id: source.id, forbids: source.forbids, text: source.text }
}

fn rule_row(rule: &ApprovalRule) -> ApprovalRuleRow {
    let words = |each: Vec<String>| each.join(", ");
    let kinds = rule.kinds.iter().map(|kind| format!("{kind}s"));
    let tags = rule.tags.iter().map(|(key, value)| format!("tag {key} = {value}"));
    ApprovalRuleRow {
        name: rule.name.clone(),
        scope: rule.scope.label(),
        actions: words(rule.actions.iter().map(ToString::to_string).collect()),
        applies_to: words(kinds.chain(tags).collect()),
        approvers: rule.words(),
        longest_minutes: rule.longest_minutes,
        auto_approve_minutes: rule.auto_approve.as_ref().map(|auto| auto.longest_minutes),
        break_glass_minutes: rule.break_glass.as_ref().map(|glass| glass.longest_minutes),
        ticket: rule.ticket.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::authz::Person;

    #[test]
    fn a_person_is_meant_by_subject_then_address_then_name() {
        let person = |subject: &str, name: &str, email: Option<&str>| {
            Caller::new(Person::new(subject, Some(name), email), &[], &[])
        };
        let people = [
            person("s1", "Mira", Some("mira@example.com")),
            person("s2", "Mira", None),
            person("mira", "Ben", None),
        ];
        let found = |text: &str| {
            let found = person_of(text, &people);
            found.iter().map(|one| one.person.subject.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found("mira"), ["mira"], "a subject means one person");
        assert_eq!(found("MIRA@example.com"), ["s1"]);
        assert_eq!(found("ben"), ["mira"]);
        assert!(found("nobody").is_empty() && found(" ").is_empty());
        assert_eq!(person_of("Mira", &people[..2]).len(), 2);
    }
}
