//! The questions that show that a role reads what it is for and nothing beside it, asked of the evaluator over the contexts of
//! requests.

use super::{ConsumerRole, RoleKey, RoleResource, conditions::instant, kind_of};
use crate::{
    iam::{Context, Decision, Document, Request},
    permissions::statement::via_service,
};
use claviger_domain::{
    consumers::{Consumer, ConsumerKind, RoleConditions, RoleMode, RoleRequest, view::RoleCheck},
    facts::Kind,
};
use time::{Duration, OffsetDateTime};

/// What the questions are asked with.
struct Asked<'a> {
    role: &'a ConsumerRole,
    request: &'a RoleRequest,
    policy: Document,
    now: OffsetDateTime,
    found: Vec<RoleCheck>,
}

/// Every question, with the answer of the role's own policy. Resource policies, key policies, SCPs and RCPs are no part of it.
/// Empty if the policy cannot be evaluated, which is a fault of the generator.
pub fn checks(
    role: &ConsumerRole,
    resources: &[RoleResource],
    request: &RoleRequest,
    now: OffsetDateTime,
) -> Vec<RoleCheck> {
    let Ok(policy) = role.permission.to_string().parse::<Document>() else { return Vec::new() };
    let mut asked = Asked { role, request, policy, now, found: Vec::new() };
    for one in resources {
        asked.reads(one);
    }
    for one in resources {
        asked.beside(one);
    }
    if let Some(first) = resources.first() {
        asked.stages(first);
        asked.conditions(first);
        asked.changes(first);
    }
    asked.found
}

/// What reads the value.
fn read_action(kind: Kind, request: &RoleRequest) -> &'static str {
    match (kind, kind_of(request)) {
        (Kind::Secret, _) => "secretsmanager:GetSecretValue",
        (Kind::Parameter, ConsumerKind::EcsExecution) => "ssm:GetParameters",
        (Kind::Parameter, _) => "ssm:GetParameter",
    }
}

/// A time at which the dates let the role read: now, if they do.
pub fn time_within(wanted: &RoleConditions, now: OffsetDateTime) -> OffsetDateTime {
    match (wanted.from, wanted.until) {
        (Some(from), _) if now < from => from,
        (_, Some(until)) if now >= until => until - Duration::seconds(1),
        _ => now,
    }
}

/// A request by the workload that meets every condition.
pub(super) fn context(
    role: &ConsumerRole,
    one: &RoleResource,
    request: &RoleRequest,
    now: OffsetDateTime,
) -> Context {
    let wanted = &request.conditions;
    let mut context = Context::new().with("aws:CurrentTime", instant(time_within(wanted, now)));
    for (key, value) in &role.tags {
        context = context.with(&format!("aws:PrincipalTag/{key}"), value);
    }
    for (key, value) in one.tags.iter().flatten() {
        context = context.with(&format!("aws:ResourceTag/{key}"), value);
    }
    if let Some(stage) = request.stages.first() {
        context = context.with("secretsmanager:VersionStage", stage);
    }
    if let Some(id) = &wanted.organization {
        context = context.with("aws:PrincipalOrgID", id);
    }
    if let Some(path) = wanted.ou_paths.first() {
        context = context.with("aws:PrincipalOrgPaths", path.trim_end_matches('*'));
    }
    if let Some(id) = wanted.vpcs.first() {
        context = context.with("aws:SourceVpc", id);
    }
    if let Some(id) = wanted.endpoints.first() {
        context = context.with("aws:SourceVpce", id);
    }
    if let Some(range) = wanted.source_ips.first() {
        context = context.with("aws:SourceIp", range.split('/').next().unwrap_or_default());
    }
    if let Consumer::Lambda { function: Some(name) } = &request.consumer {
        let (partition, region) = (one.arn.partition(), &one.region);
        let arn = format!("arn:{partition}:lambda:{region}:{}:function:{name}", role.account);
        context = context.with("lambda:SourceFunctionArn", arn);
    }
    context
}

/// An address in none of these ranges: of the networks for documentation, one whose first number no range has. `None` if there
/// are no ranges, or one is wider than that.
fn outside_of(ranges: &[String]) -> Option<&'static str> {
    let is_wide = |range: &String| {
        let bits = range.split_once('/').and_then(|(_, bits)| bits.parse::<u8>().ok());
        bits.is_some_and(|bits| bits < 8)
    };
    if ranges.is_empty() || ranges.iter().any(is_wide) {
        return None;
    }
    let first = |address: &str| address.split('.').next().map(str::to_owned);
    let of_documentation = ["192.0.2.254", "198.51.100.254", "203.0.113.254"];
    of_documentation
        .into_iter()
        .find(|address| ranges.iter().all(|range| first(range) != first(address)))
}

/// The key, the request of the service, and the same by the workload itself. `None` where no permission is needed.
fn decrypting(one: &RoleResource, context: &Context) -> Option<(String, Context, Context)> {
    let (key, alias) = match &one.key {
        RoleKey::NotNeeded => return None,
        RoleKey::Key(arn) => (arn.clone(), None),
        RoleKey::Unread { pattern, alias } => (pattern.replace('*', "0"), alias.clone()),
    };
    let (host, name) = match one.kind {
        Kind::Secret => ("secretsmanager", "SecretARN"),
        Kind::Parameter => ("ssm", "PARAMETER_ARN"),
    };
    let mut outside =
        context.clone().with(&format!("kms:EncryptionContext:{name}"), one.arn.as_str());
    if let Some(alias) = alias {
        outside = outside.with_all("kms:ResourceAliases", [alias]);
    }
    // What KMS sees of a call by a service says nothing of the network and the function.
    let inside = ["aws:SourceVpc", "aws:SourceVpce", "aws:SourceIp", "lambda:SourceFunctionArn"]
        .iter()
        .fold(outside.clone(), |context, key| context.without(key))
        .with("kms:ViaService", via_service(host, &one.region));
    Some((key, inside, outside))
}

impl Asked<'_> {
    fn allows(&self, action: &str, resource: &str, context: &Context) -> bool {
        let request = Request {
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: context.clone(),
        };
        self.policy.decide(&request) == Decision::Allowed
    }

    fn ask(
        &mut self,
        question: impl Into<String>,
        is_expected: bool,
        (action, resource): (&str, &str),
        context: &Context,
    ) {
        let is_allowed = Some(self.allows(action, resource, context));
        self.found.push(RoleCheck { question: question.into(), is_expected, is_allowed });
    }

    fn context(&self, one: &RoleResource) -> Context {
        context(self.role, one, self.request, self.now)
    }

    fn reads(&mut self, one: &RoleResource) {
        let context = self.context(one);
        let action = read_action(one.kind, self.request);
        let question = format!("Reads {}", one.name);
        // A tag that is compared and was not read.
        if one.tags.is_none() && self.request.conditions.resource_tag.is_some() {
            self.found.push(RoleCheck { question, is_expected: true, is_allowed: None });
            return;
        }
        self.ask(question, true, (action, one.arn.as_str()), &context);
        if let Some((key, decrypting, outside)) = decrypting(one, &context) {
            let call = ("kms:Decrypt", key.as_str());
            self.ask(format!("Decrypts {} through its service", one.name), true, call, &decrypting);
            self.ask(format!("Decrypts {} by a call to KMS", one.name), false, call, &outside);
        }
    }

    /// What stands next to it.
    fn beside(&mut self, one: &RoleResource) {
        let action = read_action(one.kind, self.request);
        let context = self.context(one);
        let arn = one.arn.as_str();
        if let RoleMode::ByTag(key) = &self.request.mode {
            let key = format!("aws:ResourceTag/{key}");
            let other = context.clone().with(&key, "another value");
            self.ask(
                format!("Reads {} under another value of the tag", one.name),
                false,
                (action, arn),
                &other,
            );
            let none = context.clone().without(&key);
            self.ask(format!("Reads {} without the tag", one.name), false, (action, arn), &none);
            return;
        }
        match one.kind {
            Kind::Secret => {
                let (start, _) = arn.rsplit_once('-').unwrap_or((arn, ""));
                let longer = format!("{start}-beside-AbCdEf");
                self.ask(format!("Reads {}-beside", one.name), false, (action, &longer), &context);
                let again = format!("{start}-000000");
                let question = format!(
                    "Reads another secret of the name {}, made after it was deleted",
                    one.name
                );
                self.ask(question, false, (action, &again), &context);
            }
            Kind::Parameter => {
                let longer = format!("{arn}-beside");
                self.ask(format!("Reads {}-beside", one.name), false, (action, &longer), &context);
                let above = arn.rsplit_once('/').map_or(arn, |(above, _)| above);
                let call = ("ssm:GetParametersByPath", above);
                self.ask(format!("Lists {} by path", one.name), false, call, &context);
            }
        }
        if let Some((key, decrypting, _)) = decrypting(one, &context) {
            let name = match one.kind {
                Kind::Secret => "kms:EncryptionContext:SecretARN",
                Kind::Parameter => "kms:EncryptionContext:PARAMETER_ARN",
            };
            let other = decrypting.with(name, format!("{arn}-beside"));
            let question = format!("Decrypts something else under the key of {}", one.name);
            self.ask(question, false, ("kms:Decrypt", &key), &other);
        }
    }

    fn stages(&mut self, one: &RoleResource) {
        if self.request.stages.is_empty() {
            return;
        }
        let (context, arn) = (self.context(one), one.arn.as_str());
        let call = (read_action(one.kind, self.request), arn);
        let other = ["AWSPREVIOUS", "AWSPENDING", "AWSCURRENT"]
            .into_iter()
            .find(|stage| !self.request.stages.iter().any(|asked| asked == stage))
            .unwrap_or("another");
        let key = "secretsmanager:VersionStage";
        self.ask(
            format!("Reads the stage {other}"),
            false,
            call,
            &context.clone().with(key, other),
        );
        self.ask("Reads without naming a stage", false, call, &context.without(key));
    }

    /// Each condition: a request that meets all others.
    fn conditions(&mut self, one: &RoleResource) {
        let (context, arn) = (self.context(one), one.arn.as_str());
        let call = (read_action(one.kind, self.request), arn);
        let wanted = self.request.conditions.clone();
        let is_other = kind_of(self.request) == ConsumerKind::Account;
        let mut unmet: Vec<(String, Context)> = Vec::new();
        let mut other = |question: &str, key: &str, value: &str| {
            unmet.push((question.to_owned(), context.clone().with(key, value)));
        };
        if wanted.organization.is_some() && !is_other {
            other("Reads from outside the Organization", "aws:PrincipalOrgID", "o-0000000000");
        }
        if !wanted.ou_paths.is_empty() && !is_other {
            other("Reads from another OU", "aws:PrincipalOrgPaths", "o-0000000000/r-0000/");
        }
        if !wanted.vpcs.is_empty() {
            other("Reads from another VPC", "aws:SourceVpc", "vpc-00000000");
        }
        if !wanted.endpoints.is_empty() {
            other("Reads through another endpoint", "aws:SourceVpce", "vpce-00000000");
        }
        if let Some(from) = wanted.from {
            other(
                "Reads before the first day",
                "aws:CurrentTime",
                &instant(from - Duration::seconds(1)),
            );
        }
        if let Some(until) = wanted.until {
            other("Reads after the last day", "aws:CurrentTime", &instant(until));
        }
        if let Some((key, _)) = &wanted.principal_tag {
            other(
                "Reads without the role's tag",
                &format!("aws:PrincipalTag/{key}"),
                "another value",
            );
        }
        if let Some((key, _)) = &wanted.resource_tag {
            other("Reads it under another tag", &format!("aws:ResourceTag/{key}"), "another value");
        }
        if let Some(address) = outside_of(&wanted.source_ips) {
            other("Reads from an address outside the ranges", "aws:SourceIp", address);
        }
        if let Consumer::Lambda { function: Some(_) } = &self.request.consumer {
            let arn =
                format!("arn:aws:lambda:{}:{}:function:another", one.region, self.role.account);
            other("Reads as another function", "lambda:SourceFunctionArn", &arn);
        }
        for (question, context) in unmet {
            self.ask(question, false, call, &context);
        }
    }

    fn changes(&mut self, one: &RoleResource) {
        let (context, arn) = (self.context(one), one.arn.as_str());
        let actions: &[(&str, &str)] = match one.kind {
            Kind::Secret => &[
                ("Writes a value", "secretsmanager:PutSecretValue"),
                ("Changes the resource policy", "secretsmanager:PutResourcePolicy"),
                ("Deletes it", "secretsmanager:DeleteSecret"),
            ],
            Kind::Parameter => &[
                ("Writes a value", "ssm:PutParameter"),
                ("Reads its history", "ssm:GetParameterHistory"),
                ("Deletes it", "ssm:DeleteParameter"),
            ],
        };
        for (question, action) in actions {
            self.ask(*question, false, (action, arn), &context);
        }
    }
}
