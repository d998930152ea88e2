//! Plans and exceptions.

use super::Making;
use claviger_domain::{
    clock::Clock,
    exceptions::{ExceptionId, ExceptionTransition},
    remediation::{PlanId, PlanTransition, RemediationForm},
    scan::RegionScanFault,
};
use claviger_services::ExceptionSubject;
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, SANDBOX};
use time::Duration;

impl Making {
    pub(super) async fn plan(&self, of: &str, tag: &str) -> PlanId {
        let form = RemediationForm {
            wish: "set-tags".into(),
            tags: tag.into(),
            ..RemediationForm::default()
        };
        let draft = self
            .services
            .remediation()
            .draft_plan(&self.ada(), &form.to_url_query(of))
            .await
            .unwrap();
        assert!(!draft.steps.is_empty(), "{of}: {:?}", draft.fault);
        let why = "They need it.";
        self.services
            .remediation()
            .submit_plan(&self.ada(), of, &form, why, &draft.preview)
            .await
            .unwrap()
    }

    pub(super) async fn transition_plan(&self, plan: PlanId, step: PlanTransition) {
        let who = if matches!(step, PlanTransition::Withdraw) { self.ada() } else { self.sol() };
        let page = self.services.remediation().plan_page(&who, &plan.to_string()).await.unwrap();
        self.services
            .remediation()
            .transition_plan(&who, &plan.to_string(), step, &page.hash, "So.")
            .await
            .unwrap();
    }

    pub(super) async fn request_exception(
        &self,
        policy: &str,
        target: &str,
        days: i64,
    ) -> ExceptionId {
        let about = ExceptionSubject { policy: policy.into(), target: target.into() };
        let until = (self.clock.now() + Duration::days(days)).date().to_string();
        self.services
            .exceptions()
            .request_exception(&self.ada(), &about, "It moves.", &until)
            .await
            .unwrap()
    }

    pub(super) async fn transition_exception(&self, id: ExceptionId, step: ExceptionTransition) {
        let who =
            if matches!(step, ExceptionTransition::Withdraw) { self.ada() } else { self.sol() };
        self.services
            .exceptions()
            .transition_exception(&who, &id.to_string(), step, "So.")
            .await
            .unwrap();
    }

    /// Plans and exceptions in every state.
    pub(super) async fn governance(&self) {
        let payments = format!("policy=env&account={PAYMENTS}");
        let (ledger, stripe) = (format!("{payments}&q=ledger"), format!("{payments}&q=stripe"));
        let sandbox = format!("policy=env&account={SANDBOX}");
        // A new plan omits what an open plan contains.
        self.aws.refuse_calls(Some(RegionScanFault::Denied));
        let failed =
            self.plan(&format!("policy=env&account={CHECKOUT}&q=checkout%2Fapi"), "env=prod").await;
        self.transition_plan(failed, PlanTransition::Approve).await;
        self.work().await;
        self.aws.refuse_calls(None);
        self.pass(Duration::hours(2)).await;
        let done = self.plan(&format!("{sandbox}&q=openai"), "env=prod").await;
        self.transition_plan(done, PlanTransition::Approve).await;
        self.work().await;
        self.pass(Duration::hours(2)).await;
        let waits = self.plan(&ledger, "env=prod").await;
        let denied = self.plan(&stripe, "env=prod").await;
        self.transition_plan(denied, PlanTransition::Deny).await;
        let withdrawn = self.plan(&stripe, "env=prod").await;
        self.transition_plan(withdrawn, PlanTransition::Withdraw).await;
        let stopped = self.plan(&format!("{sandbox}&q=notebook"), "env=prod").await;
        self.transition_plan(stopped, PlanTransition::Approve).await;
        self.transition_plan(stopped, PlanTransition::Stop).await;
        // One call of several: the limit delays the others.
        let runs = self.plan(&payments, "env=prod").await;
        self.transition_plan(runs, PlanTransition::Approve).await;
        self.work().await;
        let page =
            self.services.remediation().plan_page(&self.sol(), &runs.to_string()).await.unwrap();
        let counts = page.row.counts;
        assert!(counts.done == 1 && counts.pending > 0, "partly run: {counts:?}");
        assert_eq!((failed, waits, runs), (PlanId(1), PlanId(3), PlanId(7)));
        self.services.remediation().pause_remediation(&self.ada(), "An incident.").await.unwrap();
        self.services.remediation().resume_remediation(&self.ada()).await.unwrap();

        let ledger = format!("resource:{}", self.id("payments/ledger").await);
        let short = self.request_exception("env", &ledger, 1).await;
        self.transition_exception(short, ExceptionTransition::Approve).await;
        self.pass(Duration::days(2)).await;
        let waits = self.request_exception("env", &format!("account:{SANDBOX}"), 30_000).await;
        let active = self.request_exception("env", &format!("account:{CHECKOUT}"), 30_000).await;
        self.transition_exception(active, ExceptionTransition::Approve).await;
        self.transition_exception(active, ExceptionTransition::Review).await;
        let whole = self.request_exception("paths", "organization", 30_000).await;
        self.transition_exception(whole, ExceptionTransition::Approve).await;
        self.transition_exception(whole, ExceptionTransition::End).await;
        let denied = self.request_exception("env", "ou:ou-sand", 30_000).await;
        self.transition_exception(denied, ExceptionTransition::Deny).await;
        let withdrawn = self.request_exception("", &ledger, 30_000).await;
        self.transition_exception(withdrawn, ExceptionTransition::Withdraw).await;
        assert_eq!((waits, active), (ExceptionId(2), ExceptionId(3)));
        let (triage, of) = (self.services.triage(), format!("{payments}&q=stripe"));
        let until = (self.clock.now() + Duration::days(20)).date().to_string();
        let ticket = "https://tickets.example.com/SEC-7";
        triage.assign_findings(&self.ada(), &of, "me", ticket).await.unwrap();
        triage.snooze_findings(&self.ada(), &of, &until).await.unwrap();
        self.services.policies().retire_policy(&self.ada(), "tagged").await.unwrap();
        self.work().await;
    }
}
