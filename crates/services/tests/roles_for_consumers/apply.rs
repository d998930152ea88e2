//! A role that is created and attached by a plan: previewed, approved by somebody else, carried out in order, and read again.

use crate::fixture::{Fixture, ada, ben, code, eve, person};
use claviger_domain::{
    accounts::identities::{AttachedPolicy, Identity, PolicySource},
    consumers::{
        attach::{RolePage, RolePlan},
        view::NameCheck,
    },
    problem::ProblemCode,
    remediation::{PlanState, PlanTarget, PlanTransition, RemediationForm, view::PlanView},
};
use claviger_services::ServiceError;
use claviger_testkit::{
    FakeIam,
    samples::{PAYMENTS, secret},
};
use sqlx::PgPool;
use time::Duration;

pub const US: &str = "us-east-1";
pub const FUNCTION: &str = "arn:aws:lambda:us-east-1:441205839201:function:orders";
pub const OLD: &str = "arn:aws:iam::441205839201:role/service-role/orders-old";
pub const ROLE: &str = "arn:aws:iam::441205839201:role/claviger/orders-reads";
pub const QUERY: &str = "consumer=lambda&role_name=orders-reads&function=orders";
const POLICY: &str = "id: owner\ntitle: Owners\nseverity: low\nrule: {owner: {}}";
/// The calls of a plan that attaches.
pub const CALLS: [&str; 4] =
    ["CreateRole", "PutRolePolicy", "AttachRolePolicy", "UpdateFunctionConfiguration"];

pub struct Applying {
    pub fixture: Fixture,
    pub ledger: String,
}

impl Applying {
    /// An account with a secret, a function whose owner lets Claviger attach roles, and the opt-in roles.
    pub async fn new(pool: &PgPool) -> Self {
        let fixture = Fixture::new(pool, POLICY).await;
        let ledger = secret(PAYMENTS, US, "ledger");
        fixture.aws.put(ledger.clone());
        fixture.aws.set_identities(Ok(vec![Identity {
            principal: OLD.into(),
            policies: vec![AttachedPolicy {
                source: PolicySource::Inline,
                name: "tables".into(),
                document: None,
            }],
            ..Identity::default()
        }]));
        fixture.scan().await;
        fixture.clock.advance(Duration::hours(2));
        fixture.scan().await;
        let ledger = fixture.id(ledger.arn.as_str()).await;
        let applying = Self { fixture, ledger };
        applying.reset();
        applying
    }

    /// IAM and Lambda as they were at the beginning.
    pub fn reset(&self) {
        self.fixture.aws.change_iam(|iam| *iam = FakeIam::default());
        self.fixture.aws.put_function(FUNCTION, OLD, &["DB_PASSWORD", "STAGE"]);
    }

    pub async fn page(&self, query: &str) -> RolePage {
        let query = format!("{query}&apply=yes");
        let plans = self.fixture.services.consumer_plans();
        plans.page(&ada(), &self.ledger, &query).await.unwrap()
    }

    pub async fn preview(&self, query: &str) -> RolePlan {
        let page = self.page(query).await;
        page.plan.unwrap_or_else(|| panic!("{:?}", page.draft.faults))
    }

    pub async fn submit(&self, plan: &RolePlan) -> Result<String, ServiceError> {
        let plans = self.fixture.services.consumer_plans();
        let (asked, preview) = (&plan.asked, &plan.preview);
        let made = plans.submit(&ada(), &self.ledger, asked, "Orders needs it.", preview).await?;
        Ok(made.to_string())
    }

    pub async fn transition(&self, plan: &str, step: PlanTransition) {
        let service = self.fixture.services.remediation();
        let hash = service.plan_page(&ben(), plan).await.unwrap().hash;
        let who = if step == PlanTransition::Retry { ada() } else { ben() };
        service.transition_plan(&who, plan, step, &hash, "").await.unwrap();
    }

    /// Previewed, submitted and approved.
    pub async fn approved(&self) -> String {
        let plan = self.submit(&self.preview(QUERY).await).await.unwrap();
        self.transition(&plan, PlanTransition::Approve).await;
        plan
    }

    pub async fn shown(&self, plan: &str) -> PlanView {
        self.fixture.services.remediation().plan_page(&ada(), plan).await.unwrap()
    }

    /// The calls that changed something, in order.
    pub fn done(&self) -> Vec<&'static str> {
        let applied = self.fixture.aws.applied();
        applied.iter().filter(|one| one.is_done).map(|one| one.call.operation()).collect()
    }
}

pub fn says(page: &PlanView) -> Vec<String> {
    page.steps.iter().map(|step| step.says.clone().unwrap_or_default()).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_role_is_created_and_attached_by_one_approval(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let plan = applying.preview(QUERY).await;
    assert_eq!(plan.faults, []);
    let calls: Vec<&str> = plan.steps.iter().map(|step| step.call.operation(step.kind)).collect();
    assert_eq!(calls, CALLS);
    assert_eq!(
        plan.findings,
        [
            "Credential in the plaintext variable DB_PASSWORD. The plan leaves it there: move its value to a secret, and remove the variable."
        ]
    );
    assert_eq!(plan.approvers, ["ben"]);
    // What approvers see, and the hash holds: who may assume the role, what it reads, and what is open.
    let words = |at: usize| plan.steps[at].warnings.join(" ");
    assert!(words(0).contains("Lambda"), "{}", words(0));
    assert!(!words(0).contains("AWSLambdaBasicExecutionRole"), "the plan attaches it");
    assert!(words(1).contains("Reads the value of ledger"), "{}", words(1));
    let attach = &plan.steps[3];
    let change = &attach.changes[0];
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some(OLD), Some(ROLE)));
    let warnings = attach.warnings.join(" ");
    for part in ["loses what its role orders-old allows: tables.", OLD, &plan.findings[0]] {
        assert!(warnings.contains(part), "{part} in {warnings}");
    }
    assert_eq!(applying.done(), [""; 0], "a preview changes nothing");

    let id = applying.submit(&plan).await.unwrap();
    applying.fixture.work().await;
    assert_eq!(applying.done(), [""; 0], "nothing is done before the approval");
    applying.transition(&id, PlanTransition::Approve).await;
    applying.fixture.work().await;

    let shown = applying.shown(&id).await;
    assert_eq!(shown.row.title, "Role orders-reads for function orders");
    assert_eq!(shown.steps[0].warnings, plan.steps[0].warnings);
    assert_eq!(shown.steps[3].warnings, plan.steps[3].warnings, "its approver reads the findings");
    assert_eq!((shown.row.state, shown.row.counts.done), (PlanState::Ended, 4), "{shown:?}");
    assert_eq!(applying.done(), CALLS);
    assert!(says(&shown)[3].ends_with(&format!("The way back: {OLD}.")), "{:?}", says(&shown));
    assert_eq!(applying.fixture.aws.function_role(FUNCTION), ROLE);
    let (boundary, inline, attached) = applying.fixture.aws.role("orders-reads").unwrap();
    assert_eq!(boundary.as_deref(), Some("arn:aws:iam::441205839201:policy/claviger-boundary"));
    assert!(inline["read-secrets"].contains("secret:ledger-AbCdEf"), "{inline:?}");
    assert_eq!(attached, ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]);
    // Each in a session of its own, in the author's name.
    for one in applying.fixture.aws.applied() {
        assert!(one.order.session_name.starts_with(&format!("claviger-{id}-")), "{one:?}");
        assert_eq!(one.order.source_identity, "ada");
        assert!(one.order.policy.contains(one.call.operation()), "{one:?}");
    }
    assert!(applying.fixture.services.audit().verify_audit(&ada()).await.is_ok());
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_a_function_the_role_alone_is_created(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let plan = applying.preview("consumer=ecs-execution&role_name=orders-reads").await;
    let calls: Vec<&str> = plan.steps.iter().map(|step| step.call.operation(step.kind)).collect();
    assert_eq!(calls, &CALLS[..3]);
    let id = applying.submit(&plan).await.unwrap();
    applying.transition(&id, PlanTransition::Approve).await;
    applying.fixture.work().await;
    assert_eq!(applying.shown(&id).await.row.title, "Create role orders-reads");
    let (_, _, attached) = applying.fixture.aws.role("orders-reads").unwrap();
    assert!(attached[0].ends_with("AmazonECSTaskExecutionRolePolicy"), "{attached:?}");
    // A function in a VPC needs its network interfaces.
    applying.fixture.aws.change_function(FUNCTION, |function| function.is_in_vpc = true);
    let plan = applying.preview(&QUERY.replace("orders-reads", "in-vpc")).await;
    let shown = format!("{:?}", plan.steps[2].changes);
    assert!(shown.contains("AWSLambdaVPCAccessExecutionRole"), "{shown}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_those_who_may_change_the_account_plan_it_and_others_approve(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let plans = applying.fixture.services.consumer_plans();
    let plan = applying.preview(QUERY).await;
    let query = format!("{QUERY}&apply=yes");
    for caller in [eve(), ben(), person("vi", "viewers")] {
        let page = plans.page(&caller, &applying.ledger, &query).await.unwrap();
        assert!(!page.can_apply && page.plan.is_none() && page.draft.role.is_some());
        let refused = plans
            .submit(&caller, &applying.ledger, &plan.asked, "So.", &plan.preview)
            .await
            .unwrap_err();
        assert_eq!(code(refused), ProblemCode::Forbidden);
    }
    let id = applying.submit(&plan).await.unwrap();
    let service = applying.fixture.services.remediation();
    let hash = service.plan_page(&ada(), &id).await.unwrap().hash;
    let own = service.transition_plan(&ada(), &id, PlanTransition::Approve, &hash, "").await;
    assert_eq!(code(own.unwrap_err()), ProblemCode::Conflict, "nobody approves their own plan");
    applying.fixture.work().await;
    assert_eq!(applying.done(), [""; 0]);
}

/// The answers are those of the role that the plan creates, and its warnings those that the plan leaves.
#[sqlx::test(migrations = "../../migrations")]
async fn with_a_plan_the_page_is_about_the_role_that_it_creates(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let plans = applying.fixture.services.consumer_plans();
    let draft = plans.page(&ada(), &applying.ledger, QUERY).await.unwrap().draft.role.unwrap();
    let page = applying.page(QUERY).await;
    let role = page.draft.role.unwrap();
    let logs = |warnings: &[String]| warnings.join(" ").contains("AWSLambdaBasicExecutionRole");
    assert!(logs(&draft.warnings) && !logs(&role.warnings), "{:?}", role.warnings);
    assert_eq!(role.answers.len(), 1);
    assert_eq!(role.answers[0].answer, draft.answers[0].answer, "the boundary leaves it");
    // Names keep their case.
    let plan = applying.preview(&QUERY.replace("orders-reads", "Orders-Reads")).await;
    let id = applying.submit(&plan).await.unwrap();
    assert_eq!(applying.shown(&id).await.row.title, "Role Orders-Reads for function orders");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_submitted_is_what_was_previewed(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let plan = applying.preview(QUERY).await;
    let third = OLD.replace("-old", "-third");
    applying.fixture.aws.change_function(FUNCTION, |function| function.role.clone_from(&third));
    let stale = applying.submit(&plan).await;
    assert!(matches!(stale, Err(ServiceError::StalePreview)));
    let plan = applying.preview(QUERY).await;
    applying.fixture.aws.change_function(FUNCTION, |function| function.variables = None);
    let stale = applying.submit(&plan).await;
    assert!(matches!(stale, Err(ServiceError::StalePreview)), "findings are a part of the preview");
    let other = RolePlan { preview: String::new(), ..applying.preview(QUERY).await };
    assert!(matches!(applying.submit(&other).await, Err(ServiceError::StalePreview)));
    let unreasoned = applying.fixture.services.consumer_plans();
    let plan = applying.preview(QUERY).await;
    let refused =
        unreasoned.submit(&ada(), &applying.ledger, &plan.asked, " ", &plan.preview).await;
    assert_eq!(code(refused.unwrap_err()), ProblemCode::InvalidInput);
}

/// The secret stays as it is, so it can be changed and rotated while such a plan waits.
#[sqlx::test(migrations = "../../migrations")]
async fn a_plan_about_a_role_keeps_no_other_from_its_secret(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    applying.submit(&applying.preview(QUERY).await).await.unwrap();
    let service = applying.fixture.services.remediation();
    let of = PlanTarget::query_of(&[applying.ledger.parse().unwrap()]);
    let tags = RemediationForm {
        wish: "set-tags".into(),
        tags: "env=prod".into(),
        ..RemediationForm::default()
    };
    let draft = service.draft_plan(&ada(), &tags.to_url_query(&of)).await.unwrap();
    assert_eq!(draft.left_out, []);
    let shown = service.resource_changes(&ada(), applying.ledger.parse().unwrap()).await.unwrap();
    assert_eq!(shown.plans.len(), 1, "its page names the plan all the same");
    assert!(shown.can_plan && !shown.plans[0].is_changing, "and offers changes");
    service.submit_plan(&ada(), &of, &draft.form, "So.", &draft.preview).await.unwrap();
    let shown = service.resource_changes(&ada(), applying.ledger.parse().unwrap()).await.unwrap();
    let changing: Vec<bool> = shown.plans.iter().map(|plan| plan.is_changing).collect();
    assert_eq!((changing.as_slice(), shown.can_plan), (&[false, true][..], false));
}

/// Of two plans for one role the second could only fail.
#[sqlx::test(migrations = "../../migrations")]
async fn one_open_plan_creates_a_role(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    // Two pages with the same preview.
    let (first, second) = (applying.preview(QUERY).await, applying.preview(QUERY).await);
    let id = applying.submit(&first).await.unwrap();
    let refused = applying.submit(&second).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("{id} is about to create a role orders-reads")), "{refused}");
    // IAM compares names without their case.
    for name in ["orders-reads", "ORDERS-reads"] {
        let page = applying.page(&QUERY.replace("orders-reads", name)).await;
        assert_eq!(page.draft.role.unwrap().name_check, NameCheck::Taken, "{name}");
        let plan = page.plan.unwrap();
        let [fault] = plan.faults.as_slice() else { panic!("{:?}", plan.faults) };
        assert_eq!(fault.field, "role_name");
        assert!(fault.reason.starts_with(&id), "{}", fault.reason);
    }
    let other = applying.preview(&QUERY.replace("orders-reads", "orders-writes")).await;
    assert_eq!(other.faults, []);
    let service = applying.fixture.services.remediation();
    service.transition_plan(&ada(), &id, PlanTransition::Withdraw, "", "").await.unwrap();
    assert_eq!(applying.preview(QUERY).await.faults, [], "a plan that is over is in nobody's way");

    // Nobody can wait for a stopped plan.
    let id = applying.approved().await;
    service.transition_plan(&ada(), &id, PlanTransition::Stop, "", "").await.unwrap();
    let plan = applying.preview(QUERY).await;
    let [fault] = plan.faults.as_slice() else { panic!("{:?}", plan.faults) };
    assert_eq!(
        fault.reason,
        format!(
            "{id}, which is stopped, creates this role: resume it, or choose another role name."
        )
    );
    // Nor does it keep the name once its own call is made, or has failed.
    for state in ["failed", "done"] {
        sqlx::query(
            "update plan_step set state = $1 where call #>> '{Consumer,CreateRole,role}' is not null",
        )
        .bind(state)
        .execute(&pool)
        .await
        .unwrap();
        assert_eq!(applying.shown(&id).await.row.state, PlanState::Stopped);
        assert_eq!(applying.preview(QUERY).await.faults, [], "{state}");
    }
}
