//! From a finding to a plan, its approval, the calls and the closed finding.

mod actions;
mod drafts;
mod enforced;
mod plans;

use crate::compliance::fixture::{Fixture, ada, ben};
use claviger_domain::{
    authz::Caller,
    remediation::{
        PlanId, PlanState, PlanTransition, RemediationForm, StepState,
        view::{PlanDraft, PlanView},
    },
};
use claviger_services::ServiceError;

fn tags() -> RemediationForm {
    RemediationForm {
        wish: "set-tags".into(),
        tags: "owner=payments".into(),
        ..RemediationForm::default()
    }
}

impl Fixture {
    async fn draft(&self, form: RemediationForm) -> PlanDraft {
        self.services.remediation().draft_plan(&ada(), &form.to_url_query("")).await.unwrap()
    }

    async fn plan(&self, form: RemediationForm) -> String {
        self.plan_of("", form).await.unwrap().to_string()
    }

    /// As a browser does it: previewed, and submitted with the hash of the preview.
    async fn plan_of(&self, of: &str, form: RemediationForm) -> Result<PlanId, ServiceError> {
        let draft = self.services.remediation().draft_plan(&ada(), &form.to_url_query(of)).await?;
        self.services
            .remediation()
            .submit_plan(&ada(), of, &form, "They need owners.", &draft.preview)
            .await
    }

    async fn page(&self, plan: &str) -> PlanView {
        self.services.remediation().plan_page(&ada(), plan).await.unwrap()
    }

    async fn transition_as(
        &self,
        caller: &Caller,
        plan: &str,
        step: PlanTransition,
    ) -> Result<PlanState, ServiceError> {
        let hash = self.page(plan).await.hash;
        self.services.remediation().transition_plan(caller, plan, step, &hash, "So.").await
    }

    pub async fn approved(&self, form: RemediationForm) -> String {
        let plan = self.plan(form).await;
        self.transition_as(&ben(), &plan, PlanTransition::Approve).await.unwrap();
        plan
    }
}

fn says(page: &PlanView) -> Vec<(StepState, String)> {
    page.steps.iter().map(|step| (step.state, step.says.clone().unwrap_or_default())).collect()
}
