//! What a policy comes to, in sentences.

use super::{
    Exposure, Grantee,
    callers::{Class, Scene, callers},
    document::{Condition, Principals, Statement},
    keys::{Level, is_known},
    operators::{Operator, Set},
    solve::Problem,
};
use claviger_domain::governance::view::{Reader, Readers, Standing};

/// What a condition does by itself, in words.
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
            "does not narrow: it is true of a request without this key"
        }
        (_, Some(Level::Open)) if !is_known(&key) => {
            "a key that AWS does not list for this; nothing is taken from it"
        }
        (_, Some(Level::Open)) => "does not narrow who is let in",
        (_, Some(Level::Guarded)) => {
            "narrows by where the request comes from; who that may be cannot be decided here"
        }
        (_, Some(Level::Doubtful)) => "what it narrows cannot be decided here",
        (None, _) => "nobody can meet it",
        (Some(_), None) if key.contains("org") => "narrows to the Organization",
        (Some(_), None) if key.contains("arn") => "narrows to these principals",
        (Some(_), None) if key.contains("account") || key.contains("owner") => {
            "narrows to the account"
        }
        (Some(_), None) => "narrows to AWS services",
    }
}

impl Exposure {
    /// The widest standing of anybody let in.
    pub fn widest(&self) -> Option<Standing> {
        self.grantees.iter().map(|grantee| grantee.standing).max()
    }

    /// As the secret's page shows it.
    pub fn explain(&self, document: &str) -> Readers {
        let rows: Vec<Reader> = self.grantees.iter().map(Grantee::explain).collect();
        let others = |grantee: &Grantee| grantee.standing == Standing::InOrganization;
        let summary = match self.widest() {
            None => "Its resource policy lets nobody in.",
            Some(Standing::Service) if self.grantees.iter().any(others) => {
                "Its resource policy lets other accounts of the Organization in, and AWS services."
            }
            Some(Standing::SameAccount) => {
                "Its resource policy names principals of its own account alone."
            }
            Some(Standing::Service) => {
                "Its resource policy lets in AWS services, and nobody of another account."
            }
            Some(Standing::InOrganization) => {
                "Its resource policy lets other accounts of the Organization in."
            }
            Some(Standing::Undecided) => {
                "Its resource policy lets in principals whose account cannot be decided from it alone."
            }
            Some(Standing::Outside) => "Its resource policy reaches outside the Organization.",
            Some(Standing::Everyone) => "Its resource policy lets anyone in.",
        };
        let mut notes = self.notes.clone();
        notes.push(
            "Identity policies of its own account can let principals in as well; another account needs both sides. Service control policies and the key's policy can still refuse."
                .into(),
        );
        Readers { summary: summary.into(), rows, notes, document: Some(document.to_owned()) }
    }
}

impl Grantee {
    /// Where it stands, in words.
    fn whence(&self) -> &'static str {
        match self.standing {
            Standing::SameAccount => "in this account",
            Standing::InOrganization => "in the Organization",
            Standing::Service => "an AWS service",
            Standing::Undecided => "whose account cannot be decided here",
            Standing::Outside => "outside the Organization",
            Standing::Everyone => "anywhere",
        }
    }

    fn explain(&self) -> Reader {
        let who = match (self.principal.as_str(), self.standing) {
            ("*", Standing::Everyone) => "Anyone".to_owned(),
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
            place: self.standing,
            actions: self.actions.clone(),
            reads: self.reads,
            conditions: self.conditions.clone(),
        }
    }
}
