//! Who may ask for a value, and what AWS puts into the context of the request.

use super::facts::{Account, Fact, Membership, Principal, PrincipalKind, Resource, ResourceKind};
use crate::iam::Context;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Role,
    User,
    /// The account's root user.
    Root,
    /// Any principal of an account: its own policies decide which.
    WholeAccount,
    /// Any principal of the accounts of the Organization that no policy names.
    Organization,
    /// Any principal of accounts outside that no policy names.
    Outside,
    /// A role or user whose policies were not read.
    Unread,
    Service,
}

#[derive(Debug, Clone)]
pub(super) struct Caller<'a> {
    pub(super) kind: Kind,
    /// Its account; `None` for a service.
    pub(super) account: Option<String>,
    pub(super) arn: Option<String>,
    pub(super) principal: Option<&'a Principal>,
    /// Its account's facts, where they are known.
    pub(super) home: Option<&'a Account>,
    pub(super) service: Option<String>,
    /// The Organization of the resource, for [`Kind::Organization`].
    pub(super) organization: Option<String>,
}

/// An account that no policy names.
const SOME_ACCOUNT: &str = "909090909090";

impl<'a> Caller<'a> {
    pub(super) fn principal(principal: &'a Principal, home: &'a Account) -> Self {
        let kind = match principal.kind {
            PrincipalKind::Role => Kind::Role,
            PrincipalKind::User => Kind::User,
        };
        Self {
            kind,
            account: Some(home.id.as_str().to_owned()),
            arn: Some(principal.arn.clone()),
            principal: Some(principal),
            home: Some(home),
            service: None,
            organization: None,
        }
    }

    /// One of [`Kind::Root`], [`Kind::WholeAccount`] and [`Kind::Unread`].
    pub(super) fn of_account(
        kind: Kind,
        account: &str,
        home: Option<&'a Account>,
        arn: Option<String>,
    ) -> Self {
        Self {
            kind,
            account: Some(account.to_owned()),
            arn,
            principal: None,
            home,
            service: None,
            organization: None,
        }
    }

    pub(super) fn service(name: &str) -> Self {
        Self {
            kind: Kind::Service,
            account: None,
            arn: None,
            principal: None,
            home: None,
            service: Some(name.to_owned()),
            organization: None,
        }
    }

    /// Anyone else: of the Organization, or outside.
    pub(super) fn anyone(organization: Option<String>) -> Self {
        let kind = if organization.is_some() { Kind::Organization } else { Kind::Outside };
        Self {
            kind,
            account: Some(SOME_ACCOUNT.to_owned()),
            arn: None,
            principal: None,
            home: None,
            service: None,
            organization,
        }
    }

    pub(super) fn has_boundary(&self) -> bool {
        self.principal.is_some_and(|one| one.boundary.is_some())
    }

    pub(super) fn is_service_linked(&self) -> bool {
        self.principal.is_some_and(Principal::is_service_linked)
    }

    /// How it is shown.
    pub(super) fn name(&self) -> String {
        match (self.kind, &self.arn, &self.account, &self.service) {
            (Kind::Organization, ..) => "Other accounts of the Organization".to_owned(),
            (Kind::Outside, ..) => "Anyone in AWS".to_owned(),
            (_, Some(arn), ..) => arn.clone(),
            (_, None, Some(account), _) => account.clone(),
            (_, None, None, service) => service.clone().unwrap_or_default(),
        }
    }

    fn membership(&self) -> Option<&Fact<Option<Membership>>> {
        self.home.map(|home| &home.membership)
    }
}

/// A call that is evaluated, with the values that its context has for certain.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    pub(super) action: &'static str,
    pub(super) resource: String,
    /// The account of the resource.
    pub(super) account: String,
    pub(super) home: Option<&'a Account>,
    pub(super) context: Context,
    /// Whether the resource's tags were read.
    pub(super) tags_read: bool,
    /// The service's own prefix of condition keys, such as `kms:`.
    pub(super) prefix: &'static str,
}

/// What is known of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Its value is in the context, or it is absent from every such request.
    Settled,
    /// It depends on the request.
    Free,
    /// AWS knows it, but it was not read.
    Doubtful,
}

/// Keys that only a request from an AWS service has.
const OF_SERVICES: [&str; 6] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:principalservicename",
];

/// Keys that AWS adds to requests with a role's credentials from where it delivered them: a function, an instance, a job.
/// <https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html>
const OF_WORKLOADS: [&str; 4] = [
    "lambda:sourcefunctionarn",
    "ec2:sourceinstancearn",
    "ec2:roledelivery",
    "glue:credentialissuingservice",
];

impl Call<'_> {
    /// The Organization of the resource, if it is known.
    pub(super) fn organization(&self) -> Option<&str> {
        match self.home.map(|home| &home.membership) {
            Some(Fact::Known(Some(membership))) => Some(&membership.organization),
            _ => None,
        }
    }

    /// What is known of a key in lower case.
    pub(super) fn known(&self, key: &str, caller: &Caller<'_>) -> Known {
        if self.context.get(key).is_some() {
            return Known::Settled;
        }
        let is_service = caller.kind == Kind::Service;
        let is_vague = matches!(
            caller.kind,
            Kind::WholeAccount | Kind::Organization | Kind::Outside | Kind::Service
        );
        let of_organization = |fact: Option<&Fact<Option<Membership>>>| match fact {
            Some(Fact::Known(_)) => Known::Settled,
            Some(Fact::NotRead(_)) | None => Known::Doubtful,
        };
        let ours = self.home.map(|home| &home.membership);
        if key.starts_with("aws:principaltag/") {
            return match (caller.kind, caller.principal) {
                (Kind::Role, Some(role)) if role.takes_session_tags => Known::Free,
                (Kind::Role | Kind::User, Some(_)) | (Kind::Root | Kind::Service, _) => {
                    Known::Settled
                }
                (Kind::Unread, _) => Known::Doubtful,
                _ => Known::Free,
            };
        }
        let of_resource = ["aws:resourcetag/", "secretsmanager:resourcetag/", "ssm:resourcetag/"];
        if of_resource.iter().any(|family| key.starts_with(family)) {
            return if self.tags_read { Known::Settled } else { Known::Doubtful };
        }
        if key.starts_with("aws:requesttag/") {
            return Known::Settled;
        }
        match key {
            "aws:principalorgid" | "aws:principalorgpaths" => match caller.kind {
                Kind::Service => Known::Settled,
                Kind::Organization => Known::Free,
                _ if caller.home.is_some() => of_organization(caller.membership()),
                // An account outside has an Organization of its own, or none.
                _ if of_organization(ours) == Known::Settled => Known::Free,
                _ => Known::Doubtful,
            },
            "aws:resourceorgid" | "aws:resourceorgpaths" => of_organization(ours),
            "aws:principalarn" | "aws:principaltype" | "aws:userid" if !is_service => Known::Free,
            "aws:username" if is_vague && !is_service => Known::Free,
            "aws:principalarn"
            | "aws:principalaccount"
            | "aws:principaltype"
            | "aws:username"
            | "aws:tagkeys"
            | "aws:requestedregion" => Known::Settled,
            "aws:principalservicenameslist" => {
                if is_service {
                    Known::Free
                } else {
                    Known::Settled
                }
            }
            key if OF_SERVICES.contains(&key) => {
                if is_service {
                    Known::Free
                } else {
                    Known::Settled
                }
            }
            key if OF_WORKLOADS.contains(&key) => {
                if matches!(caller.kind, Kind::User | Kind::Root | Kind::Service) {
                    Known::Settled
                } else {
                    Known::Free
                }
            }
            "kms:resourcealiases" => Known::Doubtful,
            key if key.starts_with("aws:") || key.starts_with(self.prefix) => Known::Free,
            // Another service's key is never in this request; what an identity provider sets may be.
            key if key.contains(".com") || key.starts_with("saml:") => Known::Free,
            _ => Known::Settled,
        }
    }
}

/// The context of a request for a value by this caller; `has_tags` unless it lists a path, which has none.
pub(super) fn context(
    caller: &Caller<'_>,
    resource: &Resource,
    home: Option<&Account>,
    now: OffsetDateTime,
    has_tags: bool,
) -> Context {
    let mut context = of_caller(caller, now)
        .with("aws:ResourceAccount", resource.account.as_str())
        .with("aws:RequestedRegion", region(&resource.arn));
    if let Some(Account { membership: Fact::Known(Some(membership)), .. }) = home {
        context = context
            .with("aws:ResourceOrgID", &membership.organization)
            .with("aws:ResourceOrgPaths", &membership.path);
    }
    for (key, value) in resource.tags.iter().flatten().filter(|_| has_tags) {
        context = context.with(&format!("aws:ResourceTag/{key}"), value);
        context = match resource.kind {
            ResourceKind::Secret => {
                context.with(&format!("secretsmanager:ResourceTag/{key}"), value)
            }
            ResourceKind::Parameter => context.with(&format!("ssm:resourceTag/{key}"), value),
        };
    }
    if resource.kind == ResourceKind::Secret {
        context = context.with("secretsmanager:SecretId", &resource.arn);
    }
    context
}

pub(super) fn region(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// The keys that depend on who calls and when.
pub(super) fn of_caller(caller: &Caller<'_>, now: OffsetDateTime) -> Context {
    let mut context = Context::new()
        .with("aws:SecureTransport", "true")
        .with("aws:EpochTime", now.unix_timestamp().to_string())
        .with("aws:CurrentTime", now.format(&Rfc3339).unwrap_or_default())
        .with("aws:PrincipalIsAWSService", (caller.kind == Kind::Service).to_string());
    if let Some(service) = &caller.service {
        return context.with("aws:PrincipalServiceName", service);
    }
    if let Some(account) = &caller.account {
        context = context.with("aws:PrincipalAccount", account);
    }
    if let Some(arn) = &caller.arn {
        context = context.with("aws:PrincipalArn", arn);
    }
    match caller.kind {
        Kind::Role => context = context.with("aws:PrincipalType", "AssumedRole"),
        Kind::User => {
            let name = caller.arn.as_deref().and_then(|arn| arn.rsplit('/').next());
            context = context
                .with("aws:PrincipalType", "User")
                .with("aws:username", name.unwrap_or_default());
        }
        Kind::Root => context = context.with("aws:PrincipalType", "Account"),
        _ => {}
    }
    if let Some(organization) = &caller.organization {
        context = context.with("aws:PrincipalOrgID", organization);
    }
    if let Some(Fact::Known(Some(membership))) = caller.membership() {
        context = context
            .with("aws:PrincipalOrgID", &membership.organization)
            .with("aws:PrincipalOrgPaths", &membership.path);
    }
    for (key, value) in caller.principal.iter().flat_map(|one| &one.tags) {
        context = context.with(&format!("aws:PrincipalTag/{key}"), value);
    }
    match caller.principal {
        // Each can be replaced for a session: they are tried as other values are.
        Some(role) if role.takes_session_tags => role
            .tags
            .keys()
            .fold(context, |context, key| context.without(&format!("aws:PrincipalTag/{key}"))),
        _ => context,
    }
}
