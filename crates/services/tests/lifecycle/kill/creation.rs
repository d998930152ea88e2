//! A creation with a resource policy and a replica: the call with the value, and the plan that follows it.

use super::{Setting, Work};
use crate::fixture::ada;
use claviger_domain::{
    creation::{CreationForm, CreationState, view::CreationRow},
    remediation::PlanState,
};
use claviger_services::{Services, TypedValue};
use claviger_testkit::US;
use sqlx::PgPool;
use time::Duration;

pub const CEDAR: &str = r#"
    permit(principal in Claviger::Team::"admins", action == Claviger::Action::"create", resource);
"#;

pub const RULES: &str = r#"
    [[creation]]
    name = "Everything"
    scope = "organization"
    approval = "none"
"#;

const VALUE: &str = "the value";

fn form(name: &str) -> CreationForm {
    CreationForm {
        account: "300000000000".into(),
        region: US.into(),
        name: name.into(),
        tags: "owner=payments".into(),
        policy: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"secretsmanager:DeleteSecret","Resource":"*"}]}"#.into(),
        replicas: "eu-west-1".into(),
        reason: "The new ledger needs it.".into(),
        ..CreationForm::default()
    }
}

/// What the process does that is killed: it creates the secret, and then makes the calls of the plan.
pub async fn create(services: &Services, name: &str) {
    let creations = services.creations();
    let form = form(name);
    let draft = creations.draft(&ada(), &form.to_url_query()).await.unwrap();
    let hash = draft.preview.unwrap_or_else(|| panic!("{:?}", draft.faults)).hash;
    let row = creations.submit(&ada(), &form, true, &hash, TypedValue::text(VALUE)).await.unwrap();
    assert_eq!(row.state, CreationState::Created, "{:?}", row.message);
    let job = claviger_domain::job::Job::Remediate {
        plan: row.plan.unwrap(),
        account: row.shape.account,
    };
    services.jobs().run(job).await.unwrap();
}

impl Setting {
    async fn creation_of(&self, name: &str) -> Option<CreationRow> {
        let all = self.console.services.creations().creations(&ada()).await.unwrap();
        all.rows.into_iter().find(|row| row.shape.name == name)
    }

    /// What the next start does, and the requester, who sees what became of the request.
    async fn go_on(&self, name: &str) {
        let creations = self.console.services.creations();
        self.console.clock.advance(Duration::minutes(6));
        creations.update_creations().await.unwrap();
        match self.creation_of(name).await {
            None => create(&self.console.services, name).await,
            Some(row) if row.state == CreationState::Approved => {
                let id = row.id.to_string();
                let form = CreationForm::default();
                let value = TypedValue::text(VALUE);
                creations.enter_value(&ada(), &id, &form, value).await.unwrap();
            }
            Some(row) => assert_eq!(row.state, CreationState::Created, "{:?}", row.message),
        }
        self.recover().await;
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_creation(pool: PgPool) {
    let setting = Setting::new(&pool).await;
    setting.console.scan().await;
    let mut moments = 0;
    loop {
        let name = format!("new/{moments}");
        let moment = setting.killed(Work::Creation(name.clone()), moments).await;
        let what = format!("killed at {moments}: {moment:?}");
        if moment.is_some() {
            setting.go_on(&name).await;
        }
        let row = setting.creation_of(&name).await.unwrap();
        assert_eq!(row.state, CreationState::Created, "{what}: {:?}", row.message);
        let page = setting.page(&row.plan.unwrap().to_string()).await;
        assert_eq!((page.row.state, page.row.counts.done), (PlanState::Ended, 2), "{what}");
        let stored = setting.stored(&name);
        assert_eq!(stored.changes, 2, "{what}: the policy and the replica, once each");
        assert!(stored.policy.is_some() && stored.replicas.len() == 1, "{what}");
        assert_eq!(stored.versions.len(), 1, "{what}");
        assert_eq!(stored.versions[0].value.as_deref(), Some(VALUE), "{what}");
        if moment.is_none() {
            break;
        }
        moments += 1;
    }
    assert!(moments >= 10, "killed at {moments} moments alone");
    setting.console.services.audit().verify_audit(&ada()).await.unwrap();
}
