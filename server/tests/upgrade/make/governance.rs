//! Plans and exceptions.

use super::Making;
use claviger_domain::{
    clock::Clock,
    remedy::{PlanId, PlanMove, RemedyForm},
    sweep::ScanFault,
    waiver::{WaiverId, WaiverMove},
};
use claviger_services::WaiverAbout;
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, SANDBOX};
use time::Duration;

impl Making {
    pub(super) async fn plan(&self, of: &str, tag: &str) -> PlanId {
        let form =
            RemedyForm { wish: "set-tags".into(), tags: tag.into(), ..RemedyForm::default() };
        let draft = self.services.draft_plan(&self.ada(), &form.to_url_query(of)).await.unwrap();
        assert!(!draft.steps.is_empty(), "{of}: {:?}", draft.fault);
        let why = "They need it.";
        self.services.submit_plan(&self.ada(), of, &form, why, &draft.preview).await.unwrap()
    }

    pub(super) async fn move_plan(&self, plan: PlanId, step: PlanMove) {
        let who = if matches!(step, PlanMove::Withdraw) { self.ada() } else { self.sol() };
        let page = self.services.plan_page(&who, &plan.to_string()).await.unwrap();
        self.services.move_plan(&who, &plan.to_string(), step, &page.hash, "So.").await.unwrap();
    }

    pub(super) async fn ask_waiver(&self, policy: &str, target: &str, days: i64) -> WaiverId {
        let about = WaiverAbout { policy: policy.into(), target: target.into() };
        let until = (self.clock.now() + Duration::days(days)).date().to_string();
        self.services.ask_waiver(&self.ada(), &about, "It moves.", &until).await.unwrap()
    }

    pub(super) async fn move_waiver(&self, id: WaiverId, step: WaiverMove) {
        let who = if matches!(step, WaiverMove::Withdraw) { self.ada() } else { self.sol() };
        self.services.move_waiver(&who, &id.to_string(), step, "So.").await.unwrap();
    }

    /// Plans and exceptions in every state.
    pub(super) async fn governance(&self) {
        let payments = format!("policy=env&account={PAYMENTS}");
        let (ledger, stripe) = (format!("{payments}&q=ledger"), format!("{payments}&q=stripe"));
        let sandbox = format!("policy=env&account={SANDBOX}");
        // What a plan that is open holds is left out of the next.
        self.aws.refuse_calls(Some(ScanFault::Denied));
        let failed =
            self.plan(&format!("policy=env&account={CHECKOUT}&q=checkout%2Fapi"), "env=prod").await;
        self.move_plan(failed, PlanMove::Approve).await;
        self.work().await;
        self.aws.refuse_calls(None);
        self.pass(Duration::hours(2)).await;
        let done = self.plan(&format!("{sandbox}&q=openai"), "env=prod").await;
        self.move_plan(done, PlanMove::Approve).await;
        self.work().await;
        self.pass(Duration::hours(2)).await;
        let waits = self.plan(&ledger, "env=prod").await;
        let denied = self.plan(&stripe, "env=prod").await;
        self.move_plan(denied, PlanMove::Deny).await;
        let withdrawn = self.plan(&stripe, "env=prod").await;
        self.move_plan(withdrawn, PlanMove::Withdraw).await;
        let stopped = self.plan(&format!("{sandbox}&q=notebook"), "env=prod").await;
        self.move_plan(stopped, PlanMove::Approve).await;
        self.move_plan(stopped, PlanMove::Stop).await;
        // One call of several: the limit holds the others back.
        let runs = self.plan(&payments, "env=prod").await;
        self.move_plan(runs, PlanMove::Approve).await;
        self.work().await;
        let page = self.services.plan_page(&self.sol(), &runs.to_string()).await.unwrap();
        let counts = page.row.counts;
        assert!(counts.done == 1 && counts.pending > 0, "partly run: {counts:?}");
        assert_eq!((failed, waits, runs), (PlanId(1), PlanId(3), PlanId(7)));
        self.services.pull_brake(&self.ada(), "An incident.").await.unwrap();
        self.services.release_brake(&self.ada()).await.unwrap();

        let ledger = format!("resource:{}", self.id("payments/ledger").await);
        let short = self.ask_waiver("env", &ledger, 1).await;
        self.move_waiver(short, WaiverMove::Approve).await;
        self.pass(Duration::days(2)).await;
        let waits = self.ask_waiver("env", &format!("account:{SANDBOX}"), 30_000).await;
        let active = self.ask_waiver("env", &format!("account:{CHECKOUT}"), 30_000).await;
        self.move_waiver(active, WaiverMove::Approve).await;
        self.move_waiver(active, WaiverMove::Review).await;
        let whole = self.ask_waiver("paths", "organization", 30_000).await;
        self.move_waiver(whole, WaiverMove::Approve).await;
        self.move_waiver(whole, WaiverMove::End).await;
        let denied = self.ask_waiver("env", "ou:ou-sand", 30_000).await;
        self.move_waiver(denied, WaiverMove::Deny).await;
        let withdrawn = self.ask_waiver("", &ledger, 30_000).await;
        self.move_waiver(withdrawn, WaiverMove::Withdraw).await;
        assert_eq!((waits, active), (WaiverId(2), WaiverId(3)));
        self.services.retire_policy(&self.ada(), "tagged").await.unwrap();
        self.work().await;
    }
}
