//! Access Analyzer of the AWS in memory. Every call is evaluated by its session's policy.

use super::{FakeAws, fault};
use async_trait::async_trait;
use claviger_aws::{AnalyzerGateway, AwsError, ConsumerOrder, DraftedPolicies, PolicyReading};
use claviger_domain::{
    consumers::analyzer::{CustomCheck, PolicyFinding},
    scan::RegionScanFault,
};
use claviger_policy::{
    iam::{Context, Decision, Document, Request, decide_session},
    permissions::{Role, roles::role_policy},
};
use std::collections::BTreeMap;

/// What it says of every role, and what it was asked. Without anything else it finds nothing.
#[derive(Debug, Clone, Default)]
pub struct FakeAnalyzer {
    /// Of the permission policy.
    pub findings: Vec<PolicyFinding>,
    /// Why the trust policy is public; it passes if there is no reason.
    pub public: Vec<String>,
    /// Why the permission policy grants what it must not; it passes if there is no reason.
    pub granted: Vec<String>,
    /// The fault with which AWS refuses an operation, such as `AssumeRole`.
    pub refused: BTreeMap<&'static str, RegionScanFault>,
    asked: Vec<(ConsumerOrder, DraftedPolicies)>,
}

impl FakeAws {
    /// Changes what Access Analyzer says.
    pub fn change_analyzer(&self, change: impl FnOnce(&mut FakeAnalyzer)) {
        change(&mut self.state().analyzer);
    }

    /// What was asked, in order.
    pub fn analyzed(&self) -> Vec<(ConsumerOrder, DraftedPolicies)> {
        self.state().analyzer.asked.clone()
    }
}

fn custom_check(reasons: &[String]) -> CustomCheck {
    if reasons.is_empty() { CustomCheck::Passed } else { CustomCheck::Failed(reasons.to_vec()) }
}

impl FakeAnalyzer {
    /// Whether the session of the order may make this call, and AWS answers it.
    fn admits(&self, order: &ConsumerOrder, operation: &'static str) -> Result<(), AwsError> {
        if let Some(why) = self.refused.get(operation) {
            return Err(fault(operation, *why));
        }
        let role: Document = role_policy(Role::Consumers, &"aws".parse().expect("a partition"))
            .parse()
            .expect("a rendered policy");
        let session: Document = order.policy.parse().expect("a session policy");
        let request = Request {
            action: format!("access-analyzer:{operation}"),
            resource: "*".to_owned(),
            context: Context::new(),
        };
        match decide_session(std::slice::from_ref(&role), &session, &request) {
            Decision::Allowed => Ok(()),
            _ => Err(fault(operation, RegionScanFault::Denied)),
        }
    }
}

#[async_trait]
impl AnalyzerGateway for FakeAws {
    async fn check_policies(
        &self,
        order: &ConsumerOrder,
        policies: &DraftedPolicies,
    ) -> Result<PolicyReading, AwsError> {
        let mut state = self.state();
        if let Some(why) = state.analyzer.refused.get("AssumeRole") {
            return Err(fault("AssumeRole", *why));
        }
        state.analyzer.asked.push((order.clone(), policies.clone()));
        let analyzer = &state.analyzer;
        let validates = || analyzer.admits(order, "ValidatePolicy");
        Ok(PolicyReading {
            permission: validates().map(|()| analyzer.findings.clone()),
            trust: validates().map(|()| Vec::new()),
            no_public_access: analyzer
                .admits(order, "CheckNoPublicAccess")
                .map(|()| custom_check(&analyzer.public)),
            not_granted: analyzer
                .admits(order, "CheckAccessNotGranted")
                .map(|()| custom_check(&analyzer.granted)),
        })
    }

    fn checking_role(&self) -> &'static str {
        "claviger-consumers"
    }
}
