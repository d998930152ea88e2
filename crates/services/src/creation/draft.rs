//! A new secret or parameter in preparation: what is wrong with it, what would be called, and which checks it would fail.

use super::{
    CreationService,
    known::{account_warning, key_warning, requested_already},
    permitted::sample_arn,
};
use crate::{ServiceError, compliance::policy_evaluation::evaluate_policy, grants::named};
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission},
    compliance::CheckResult,
    creation::{
        CreationForm, CreationRule, NewDetail, NewResource, NewRotation, ShapeFault, ShapeWarning,
        check,
        view::{CreationApproval, CreationDraft, CreationPreview, FailingCheck},
        warnings,
    },
    facts::{
        DatedVersion, Detail, ParameterFacts, Reading, ReplicaStatus, ResourceDetails,
        ResourceFacts, Rotation, SecretFacts, Version,
    },
    grants::{Refusal, sentence},
    ids::{AccountId, Arn, Region, ResourceId},
    inventory::view::Owner,
    key::KeyManager,
};
use claviger_store::ResourceInput;
use time::OffsetDateTime;

/// What the checks come to, once it is there.
#[derive(Default)]
struct Evaluated {
    failing: Vec<FailingCheck>,
    passing: u32,
    /// Titles of those of which nobody knows yet.
    unknown: Vec<String>,
}

/// A shape that can be created, with what decides about it.
pub(super) struct Checked<'a> {
    pub(super) location: AccountLocation,
    pub(super) rule: &'a CreationRule,
    pub(super) failing: Vec<FailingCheck>,
    pub(super) passing: u32,
    pub(super) unknown: Vec<String>,
}

impl CreationService {
    /// The form as its URL fills it in, with everything that can be said about it. Nothing is written, and AWS is not asked.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn draft(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<CreationDraft, ServiceError> {
        if !caller.may(Permission::RequestAccess) {
            return Err(ServiceError::Forbidden(Permission::RequestAccess));
        }
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let mut form = CreationForm::from_url_query(url_query);
        let (names, _) = self.accounts.account_names(&visible).await?;
        let mut accounts: Vec<(AccountId, String)> = names.into_iter().collect();
        accounts.sort_by(|a, b| a.1.cmp(&b.1));
        let account: Option<AccountId> = form.account.parse().ok();
        let account = account.filter(|id| visible.accounts.contains(id));
        let region: Option<Region> = form.region.parse().ok();
        let mut draft = CreationDraft {
            accounts,
            regions: Vec::new(),
            keys: Vec::new(),
            siblings: Vec::new(),
            open_request: None,
            faults: Vec::new(),
            warnings: Vec::new(),
            preview: None,
            wanted_tags: self.wanted_tags(caller, account.as_ref(), &form).await?,
            form: CreationForm::default(),
        };
        if let Some(account) = &account {
            draft.regions = self.place_service.regions_of(account).await?;
            if let Some(region) = &region {
                draft.keys = self.creations.keys_in_use(account, region).await?;
                draft.siblings = self.place_service.siblings(account, region, &form).await?;
            }
        }
        // A form that a link has filled in is not wrong yet: only the browser's own form has a reason, even an empty one.
        let is_sent = url_query.split('&').any(|field| field.starts_with("reason="));
        if !is_sent && form.tags.trim().is_empty() {
            let required = draft.wanted_tags.iter().filter(|tag| tag.is_required);
            let lines = required.map(|tag| format!("{}={}", tag.key, tag.value));
            form.tags = lines.collect::<Vec<_>>().join("\n");
        }
        if is_sent {
            match form.read() {
                Err(faults) => draft.faults = faults,
                Ok(shape) => self.fill(caller, &form, shape, &mut draft).await?,
            }
        }
        draft.form = form;
        Ok(draft)
    }

    /// What can be said of a shape: what is wrong with it, or the preview.
    async fn fill(
        &self,
        caller: &Caller,
        form: &CreationForm,
        shape: NewResource,
        draft: &mut CreationDraft,
    ) -> Result<(), ServiceError> {
        draft.warnings = warnings(&shape);
        match self.checked(caller, &shape, &form.reason).await {
            Ok((checked, more)) => {
                draft.warnings.extend(more);
                draft.open_request = self.place_service.open_request(&shape).await?;
                draft.faults.extend(draft.open_request.map(requested_already));
                draft.faults.extend(reason_fault(&form.reason));
                if draft.faults.is_empty() {
                    draft.preview = Some(self.preview(caller, form, shape, checked).await?);
                }
            }
            Err(ServiceError::Shape(faults)) => draft.faults = faults,
            Err(ServiceError::Refused(refusal)) => {
                draft.faults = self.refused(caller, &shape, &form.reason, refusal).await?;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Why the person may not create it, and what else is in the way of it.
    async fn refused(
        &self,
        caller: &Caller,
        shape: &NewResource,
        reason: &str,
        refusal: Refusal,
    ) -> Result<Vec<ShapeFault>, ServiceError> {
        let mut faults = check(shape);
        faults.extend(self.place_service.taken_names(shape).await?);
        let locations = self.accounts.locations(std::slice::from_ref(&shape.account)).await?;
        let owner = locations.first().and_then(|location| {
            self.permit_service.permitting_owner(caller, shape, location, reason)
        });
        faults.push(match (refusal, owner) {
            (Refusal::NotEligible(name), Some(owner)) => {
                let tag = self.permit_service.owner_tag();
                let reason = format!(
                    "No policy lets you create {name} with these tags. With {tag}={owner}, one does."
                );
                ShapeFault::new("tags", reason)
            }
            (Refusal::NotEligible(name), None) => {
                let reason = format!(
                    "No policy lets you create {name} here. Ask your security team for a policy that permits it."
                );
                ShapeFault::new("account", reason)
            }
            (refusal, _) => ShapeFault::new("account", refusal.into_problem().message),
        });
        Ok(faults)
    }

    async fn preview(
        &self,
        caller: &Caller,
        form: &CreationForm,
        shape: NewResource,
        checked: Checked<'_>,
    ) -> Result<CreationPreview, ServiceError> {
        let Checked { location, rule, failing, passing, unknown } = checked;
        let approval = if rule.needs_approval() {
            let people = self.people_service.known_callers().await?;
            let owner = self.owner_rules.owner(Some(&shape.tags), &location);
            CreationApproval::Needed(named(people.iter().filter(|person| {
                !person.person.is_same_as(&caller.person)
                    && self.is_approver(person, rule, &location, &owner)
            })))
        } else {
            CreationApproval::NotNeeded
        };
        Ok(CreationPreview {
            hash: shape.hash(&form.reason),
            calls: shape.calls(),
            account_name: location.account_name.clone(),
            value_minutes: rule.value_minutes,
            shape,
            failing,
            passing,
            unknown,
            approval,
        })
    }

    /// Everything that can be known before the call: AWS's limits, names, Regions, the policies about who may create what,
    /// and the checks.
    pub(super) async fn checked(
        &self,
        caller: &Caller,
        shape: &NewResource,
        reason: &str,
    ) -> Result<(Checked<'_>, Vec<ShapeWarning>), ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let account = std::slice::from_ref(&shape.account);
        let missing = || ServiceError::NotFound("account");
        if !visible.accounts.contains(&shape.account) {
            return Err(missing());
        }
        let location = self.accounts.locations(account).await?.pop().ok_or_else(missing)?;
        let arn: Arn = sample_arn(shape)?;
        if !self.permit_service.permits(caller, shape, &location, reason) {
            return Err(Refusal::NotEligible(shape.name.clone()).into());
        }
        let rule = self.access_policy.creation_rule_for(shape.kind(), &shape.tags, &location);
        let rule = rule.ok_or_else(|| Refusal::NoRule(shape.name.clone()))?;
        let (row, ..) =
            self.accounts.account(&visible, &shape.account).await?.ok_or_else(missing)?;
        let key = self.place_service.known_key(shape).await?;
        let mut faults = check(shape);
        faults.extend(self.place_service.known_faults(shape, &row).await?);
        if !faults.is_empty() {
            return Err(ServiceError::Shape(faults));
        }
        let of_key = key_warning(shape, key.as_ref());
        let more = account_warning(&row).into_iter().chain(of_key).collect();
        let manager = key.map(|key| key.manager);
        let Evaluated { failing, passing, unknown } =
            self.evaluated(shape, arn, &location, manager).await?;
        Ok((Checked { location, rule, failing, passing, unknown }, more))
    }

    /// The checks as they will be, once it is there.
    async fn evaluated(
        &self,
        shape: &NewResource,
        arn: Arn,
        location: &AccountLocation,
        manager: Option<KeyManager>,
    ) -> Result<Evaluated, ServiceError> {
        let now = self.clock.now();
        let account = std::slice::from_ref(&shape.account);
        let (known, policies, mut keys_of_aws) = tokio::try_join!(
            self.snapshot_service.load_organization_snapshot(account),
            self.policy_service.in_force(),
            self.facts.aws_managed_keys(&shape.account, &shape.region),
        )?;
        let mut facts = facts_to_be(shape, arn, now);
        if manager == Some(KeyManager::Aws) {
            keys_of_aws.extend(shape.key.clone());
        }
        facts.note_key(&keys_of_aws);
        // What is under a key that may not exist, or may be AWS's, does not pass for that.
        let key_is_unknown = facts.own_key().is_some() && manager.is_none();
        let team = match self.owner_rules.owner(Some(&shape.tags), location) {
            Owner::Named(team) => Some(team),
            _ => None,
        };
        let input = ResourceInput {
            id: ResourceId(uuid::Uuid::nil()),
            region: shape.region.clone(),
            deep: Some(details_to_be(shape, now)),
            facts,
            used_on: None,
            first_seen_at: now,
            team,
        };
        let mut evaluated = Evaluated::default();
        let context = known.at(location);
        for policy in policies.iter().map(|found| &found.policy) {
            let others = policies.iter().map(|found| &found.policy);
            let others = others.filter(|other| other.id != policy.id);
            let outcome = evaluate_policy(policy, others, &input, location, &context, now);
            match outcome {
                Some(outcome) if outcome.verdict == CheckResult::Fail => {
                    evaluated.failing.push(FailingCheck {
                        policy: policy.id.clone(),
                        title: policy.title.clone(),
                        severity: policy.severity,
                        message: outcome.says,
                    });
                }
                Some(outcome)
                    if outcome.verdict == CheckResult::Pass
                        && !(key_is_unknown && policy.asks_for_key()) =>
                {
                    evaluated.passing += 1;
                }
                Some(_) => evaluated.unknown.push(policy.title.clone()),
                None => {}
            }
        }
        evaluated.failing.sort_by_key(|one| one.severity);
        Ok(evaluated)
    }
}

fn facts_to_be(shape: &NewResource, arn: Arn, now: OffsetDateTime) -> ResourceFacts {
    ResourceFacts {
        arn,
        name: shape.name.clone(),
        description: shape.description.clone(),
        tags: Some(shape.tags.clone()),
        kms_key_id: shape.key.clone(),
        is_aws_managed_key: false,
        created_at: Some(now),
        changed_at: Some(now),
        detail: match &shape.detail {
            NewDetail::Secret { replicas, rotation, secret_type, .. } => {
                Detail::Secret(SecretFacts {
                    secret_type: secret_type.clone(),
                    rotation: rotation.as_deref().map(rotation_to_be).unwrap_or_default(),
                    primary_region: (!replicas.is_empty()).then(|| shape.region.clone()),
                    versions: vec![Version { id: "new".into(), stages: vec!["AWSCURRENT".into()] }],
                    ..SecretFacts::default()
                })
            }
            NewDetail::Parameter { parameter_type, tier, allowed_pattern, expires } => {
                Detail::Parameter(ParameterFacts {
                    parameter_type: *parameter_type,
                    tier: Some(tier.to_string()),
                    version: Some(1),
                    data_type: Some("text".into()),
                    allowed_pattern: allowed_pattern.clone(),
                    last_modified_user: None,
                    policies: expires.iter().map(|at| expiration_policy(at)).collect(),
                })
            }
        },
    }
}

/// Enabled, and not rotated yet.
fn rotation_to_be(rotation: &NewRotation) -> Rotation {
    let external = rotation.external.as_ref();
    Rotation {
        enabled: Some(true),
        lambda_arn: rotation.function.clone(),
        rules: Some(rotation.rules.clone()),
        external_role_arn: external.map(|external| external.role_arn.clone()),
        ..Rotation::default()
    }
}

/// As AWS stores an `Expiration`.
fn expiration_policy(at: &str) -> String {
    serde_json::json!({"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": at}})
        .to_string()
}

fn details_to_be(shape: &NewResource, now: OffsetDateTime) -> ResourceDetails {
    let replicas = shape.replicas().iter().map(|replica| ReplicaStatus {
        region: replica.region.clone(),
        status: "InSync".into(),
        message: None,
        kms_key_id: None,
    });
    ResourceDetails {
        of_change: Some(now),
        resource_policy: Reading::Read(shape.policy().map(ToOwned::to_owned)),
        versions: Reading::Read(vec![DatedVersion {
            id: "new".into(),
            stages: vec!["AWSCURRENT".into()],
            created_at: Some(now),
            key_ids: Vec::new(),
        }]),
        replicas: Reading::Read(replicas.collect()),
    }
}

/// What is wrong with the reason.
pub(super) fn reason_fault(reason: &str) -> Option<ShapeFault> {
    let is_given = sentence(reason).is_some();
    (!is_given).then(|| ShapeFault::new("reason", "Enter a reason of 1 to 1,000 characters."))
}
