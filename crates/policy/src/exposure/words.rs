//! Descriptions of the analysis, in sentences.

use super::{
    Exposure, Grantee,
    callers::{Class, Scene, callers},
    document::{Condition, Principals, Statement},
    keys::{Level, is_known},
    operators::{Operator, Set},
    solve::Problem,
};
use claviger_domain::compliance::view::{PrincipalLocation, Reader, Readers};

/// The effect of a single condition, in words.
pub(super) fn explain(condition: &Condition, scene: Scene<'_>) -> String {
    let Some(operator) = Operator::read(&condition.operator) else {
        return format!(
            "{condition}: an operator that IAM does not know; nothing is taken from it"
        );
    };
    format!("{condition}: {}", effect(condition, operator, scene))
}

fn effect(condition: &Condition, operator: Operator, scene: Scene<'_>) -> &'static str {
    let alone = Statement {
        sid: None,
        allows: true,
        principals: Principals::Any,
        not_actions: false,
        actions: vec![super::READ.into()],
        not_resources: false,
        resources: vec!["*".into()],
        conditions: vec![condition.clone()],
    };
    let problem = Problem::of(scene, &[&alone], &[super::READ.into()]);
    let everybody = callers(scene, &[&alone], &problem.all_tests());
    let (mut widest, mut level) = (None, None);
    for caller in &everybody {
        let situation = problem.situation(caller);
        let found =
            problem.allows.first().and_then(|allow| problem.level(allow, &situation, 1, None));
        if let Some(found) = found {
            widest = widest.max(Some(caller.class));
            if caller.class == Class::Anyone {
                level = level.map_or(Some(found), |level: Level| Some(level.min(found)));
            }
        }
    }
    let key = condition.key.to_ascii_lowercase();
    match (widest, level) {
        (_, Some(Level::Open)) if operator.if_exists || operator.set == Set::ForAll => {
            "doesn't restrict access: it is true of a request without this key"
        }
        (_, Some(Level::Open)) if !is_known(&key) => {
            "a key that AWS does not list for this; nothing is taken from it"
        }
        (_, Some(Level::Open)) => "doesn't restrict access",
        (_, Some(Level::Guarded)) => {
            "restricts by where the request comes from; the principals can't be determined here"
        }
        (_, Some(Level::Doubtful)) => "its effect can't be determined here",
        (None, _) => "no request can meet it",
        (Some(_), None) if key.contains("org") => "restricts access to the Organization",
        (Some(_), None) if key.contains("arn") => "restricts access to these principals",
        (Some(_), None) if key.contains("account") || key.contains("owner") => {
            "restricts access to the account"
        }
        (Some(_), None) => "restricts access to AWS services",
    }
}

impl Exposure {
    /// The widest location of an allowed principal.
    pub fn widest(&self) -> Option<PrincipalLocation> {
        self.grantees.iter().map(|grantee| grantee.location).max()
    }

    /// As the secret's page shows it.
    pub fn explain(&self, document: &str) -> Readers {
        let rows: Vec<Reader> = self.grantees.iter().map(Grantee::explain).collect();
        let others = |grantee: &Grantee| grantee.location == PrincipalLocation::InOrganization;
        let summary = match self.widest() {
            None => "Resource policy allows no one.",
            Some(PrincipalLocation::Service) if self.grantees.iter().any(others) => {
                "Resource policy allows other accounts of the Organization, and AWS services."
            }
            Some(PrincipalLocation::SameAccount) => {
                "Resource policy allows only principals of this account."
            }
            Some(PrincipalLocation::Service) => "Resource policy allows only AWS services.",
            Some(PrincipalLocation::InOrganization) => {
                "Resource policy allows other accounts of the Organization."
            }
            Some(PrincipalLocation::Undecided) => {
                "Resource policy allows principals whose account can't be determined from the policy alone."
            }
            Some(PrincipalLocation::Outside) => {
                "Resource policy allows access from outside the Organization."
            }
            Some(PrincipalLocation::Everyone) => "Resource policy allows public access.",
        };
        let mut notes = self.notes.clone();
        notes.push(
            "IAM identity policies of this account can also grant access; cross-account access also needs an identity policy there. SCPs and the KMS key policy can still deny it."
                .into(),
        );
        Readers { summary: summary.into(), rows, notes, document: Some(document.to_owned()) }
    }
}

impl Grantee {
    /// The location, in words.
    fn whence(&self) -> &'static str {
        match self.location {
            PrincipalLocation::SameAccount => "in this account",
            PrincipalLocation::InOrganization => "in the Organization",
            PrincipalLocation::Service => "an AWS service",
            PrincipalLocation::Undecided => "whose account can't be determined here",
            PrincipalLocation::Outside => "outside the Organization",
            PrincipalLocation::Everyone => "anywhere",
        }
    }

    fn explain(&self) -> Reader {
        let who = match (self.principal.as_str(), self.location) {
            ("*", PrincipalLocation::Everyone) => "Anyone".to_owned(),
            ("*", _) => format!("Anyone {}", self.whence()),
            (name, _) if self.is_wide => {
                format!("Every principal that account {name} lets ({})", self.whence())
            }
            (name, _) => format!("{name} ({})", self.whence()),
        };
        let what = if self.reads {
            "can read the value"
        } else {
            "cannot read the value, but may do other things"
        };
        let under = match self.conditions.len() {
            0 => ", without a condition".to_owned(),
            1 => ", under one condition".to_owned(),
            more => format!(", under {more} conditions"),
        };
        Reader {
            sentence: format!("{who} {what}{under}."),
            principal: self.principal.clone(),
            location: self.location,
            actions: self.actions.clone(),
            reads: self.reads,
            conditions: self.conditions.clone(),
        }
    }
}
