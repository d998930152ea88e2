//! The work queue: who sees what in it, and what opens after a decision; over an AWS in memory and a real PostgreSQL.

use crate::grants::fixture::{
    Fixture, KAFKA, LEDGER, access_request, ada, ben, person, problem, tomas,
};
use claviger_domain::{
    authz::Caller,
    compliance::Severity,
    exceptions::{ExceptionId, ExceptionTransition},
    grants::{GrantId, GrantStateName, Vote},
    problem::ProblemCode,
    queue::{QueueItem, QueueKey, QueueKind, QueueQuery, WorkQueue},
    remediation::{PlanId, PlanTransition, RemediationForm},
    scan::RegionScanFault,
};
use claviger_services::{ExceptionSubject, grants::RequestInput};
use claviger_testkit::samples::{PAYMENTS, account};
use sqlx::PgPool;
use time::Duration;

/// Each secret of the payments team lacks its tag.
const ENVIRONMENTS: &str = "id: env\ntitle: Environments\nseverity: high\ndue-days: 1\nrule: {required-tags: {tags: {env: [prod]}}}";

/// Another security admin.
fn sol() -> Caller {
    person("sol", &["admins"])
}

impl Fixture {
    /// With findings to fix.
    async fn with_findings(pool: PgPool) -> Self {
        let fixture = Self::new(pool).await;
        fixture.services.policies().import_policies(ENVIRONMENTS).await.unwrap();
        fixture.work().await;
        fixture
    }

    async fn queue(&self, caller: &Caller, query: &str) -> WorkQueue {
        self.services.queue().queue(caller, query).await.unwrap()
    }

    /// How many of each kind a person has.
    async fn kinds(&self, caller: &Caller) -> Vec<(QueueKind, u64)> {
        self.queue(caller, "").await.counts
    }

    async fn badge(&self, caller: &Caller) -> u32 {
        self.services.navigation().me(caller).await.unwrap().to_decide
    }

    async fn next(
        &self,
        caller: &Caller,
        decided: QueueKey,
        kind: Option<QueueKind>,
    ) -> Option<QueueKey> {
        self.services.queue().next(caller, decided, QueueQuery::of(kind)).await.unwrap()
    }

    /// A plan of Ada's, for the payments account.
    async fn planned(&self) -> PlanId {
        let form = RemediationForm {
            wish: "set-tags".into(),
            tags: "env=prod".into(),
            ..RemediationForm::default()
        };
        let of = format!("account={PAYMENTS}");
        let service = self.services.remediation();
        let draft = service.draft_plan(&ada(), &form.to_url_query(&of)).await.unwrap();
        service.submit_plan(&ada(), &of, &form, "They lack it.", &draft.preview).await.unwrap()
    }

    /// An exception of Ben's, for the ledger.
    async fn excepted(&self) -> ExceptionId {
        let target = format!("resource:{}", self.id(LEDGER).await);
        let about = ExceptionSubject { policy: "env".into(), target };
        let until = claviger_domain::clock::Clock::now(&*self.clock) + Duration::days(20);
        self.services
            .exceptions()
            .request_exception(&ben(), &about, "It moves soon.", &until.date().to_string())
            .await
            .unwrap()
    }

    async fn glass(&self) -> GrantId {
        let id = self.id(LEDGER).await;
        let input = RequestInput {
            break_glass: true,
            minutes: 15,
            incident: " INC-204 ".into(),
            ..access_request(&[id])
        };
        self.ask(&ben(), input).await.grants[0]
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_person_has_what_they_can_decide_and_nothing_else(pool: PgPool) {
    use QueueKind::{Access, Exception, Mine, Plan};
    let fixture = Fixture::with_findings(pool).await;
    let grant = fixture.asked(LEDGER).await;
    let (plan, exception) = (fixture.planned().await, fixture.excepted().await);
    // An approver of the OU decides about access and plans there, not about exceptions.
    assert_eq!(fixture.kinds(&tomas()).await, [(Access, 1), (Plan, 1)]);
    // The plan is Ada's own; the request waits for the first step.
    assert_eq!(fixture.kinds(&ada()).await, [(Exception, 1)]);
    assert_eq!(fixture.kinds(&sol()).await, [(Plan, 1), (Exception, 1)]);
    assert_eq!(fixture.kinds(&ben()).await, [(Mine, 1)], "what is one's own is not to decide");
    let elsewhere = person("eve", &["requesters-of-nothing"]);
    for (name, caller) in [("an auditor", person("ines", &["audit"])), ("nobody", elsewhere)] {
        assert_eq!(fixture.kinds(&caller).await, [], "{name}");
        assert_eq!(fixture.badge(&caller).await, 0, "{name}");
        assert_eq!(fixture.next(&caller, QueueKey::Access(GrantId(0)), None).await, None, "{name}");
    }
    let badges = [&tomas(), &ada(), &sol(), &ben()];
    let mut counted = Vec::new();
    for caller in badges {
        counted.push(fixture.badge(caller).await);
    }
    assert_eq!(counted, [2, 1, 2, 0]);

    // Who holds the requester's and the admin's groups decides neither their own request nor their own exception.
    let both = person("ben", &["payments", "admins", "approvers"]);
    assert_eq!(fixture.kinds(&both).await, [(Plan, 1), (Mine, 1)]);

    // The list says who and what, and is narrowed by the address.
    let queue = fixture.queue(&tomas(), "kind=plan&done=approved").await;
    assert_eq!((queue.to_decide, queue.sections.len(), queue.all()), (1, 1, 2));
    let [QueueItem::Plan(row)] = queue.sections[0].items.as_slice() else { panic!("{queue:?}") };
    assert_eq!((row.id, row.waits.is_some()), (plan, true));
    let queue = fixture.queue(&sol(), "kind=exception").await;
    let [QueueItem::Exception(row)] = queue.sections[0].items.as_slice() else {
        panic!("{queue:?}")
    };
    assert_eq!((row.id, row.policy_title.as_deref()), (exception, Some("Environments")));
    let queue = fixture.queue(&tomas(), "").await;
    let [QueueItem::Access(row)] = queue.sections[0].items.as_slice() else { panic!("{queue:?}") };
    assert_eq!((row.id, row.requester.as_str()), (grant, "BEN"));
    assert_eq!(queue.oldest, Some(row.created_at));
    let refused = fixture.services.queue().queue(&tomas(), "kind=approval").await;
    assert_eq!(problem(refused).code, ProblemCode::InvalidInput);
}

#[sqlx::test(migrations = "../../migrations")]
async fn after_a_decision_the_next_of_the_same_filter_opens(pool: PgPool) {
    let fixture = Fixture::with_findings(pool).await;
    let [first, second] = [fixture.asked(LEDGER).await, fixture.asked(KAFKA).await];
    let (plan, exception) = (fixture.planned().await, fixture.excepted().await);
    let [one, two] = [first, second].map(QueueKey::Access);
    fixture.approve(&tomas(), second).await;
    assert_eq!(fixture.next(&tomas(), two, None).await, Some(QueueKey::Plan(plan)));
    assert_eq!(
        fixture.next(&tomas(), two, Some(QueueKind::Access)).await,
        Some(one),
        "from the start"
    );
    fixture.approve(&tomas(), first).await;
    assert_eq!(fixture.next(&tomas(), one, Some(QueueKind::Access)).await, None);
    // The second step is another person's.
    assert_eq!(fixture.next(&ada(), QueueKey::Exception(exception), None).await, Some(one));
    let decision = fixture.decision(first, Vote::Deny).await;
    fixture.services.grant_lifecycle().decide(&ada(), &first.to_string(), decision).await.unwrap();
    assert_eq!(fixture.next(&ada(), one, None).await, Some(two));
    // A plan's approval says which plan was read.
    let page = fixture.services.remediation().plan_page(&sol(), &plan.to_string()).await.unwrap();
    let approve = async |hash: &str| {
        let service = fixture.services.remediation();
        service.transition_plan(&sol(), &plan.to_string(), PlanTransition::Approve, hash, "").await
    };
    assert_eq!(problem(approve("").await).code, ProblemCode::Conflict);
    fixture.services.people().upsert_person(&ada().person, &ada().groups).await.unwrap();
    approve(&page.hash).await.unwrap();
    assert_eq!(fixture.next(&sol(), QueueKey::Plan(plan), Some(QueueKind::Plan)).await, None);
    assert_eq!(
        fixture.next(&sol(), QueueKey::Plan(plan), None).await,
        Some(QueueKey::Exception(exception))
    );
    let id = exception.to_string();
    let approve = ExceptionTransition::Approve;
    let done = fixture.services.exceptions().transition_exception(&sol(), &id, approve, "").await;
    done.unwrap();
    assert_eq!(fixture.kinds(&sol()).await, [(QueueKind::Access, 1)]);
    // Its review is due after 30 days.
    fixture.clock.advance(Duration::days(19));
    assert_eq!(fixture.kinds(&sol()).await, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn break_glass_is_reviewed_by_others_and_due_exceptions_again(pool: PgPool) {
    let fixture = Fixture::with_findings(pool).await;
    let grant = fixture.glass().await;
    // The reviewer reads which incident it was for, and so does the audit log.
    let detail = fixture.detail(&tomas(), grant).await;
    assert_eq!(detail.incident.as_deref(), Some("INC-204"));
    let kept = detail.timeline.iter().filter_map(|event| event.detail.get("incident"));
    assert_eq!(kept.collect::<Vec<_>>(), ["INC-204"]);
    let id = fixture.id(KAFKA).await;
    let plain = RequestInput { incident: "INC-9".into(), ..access_request(&[id]) };
    let plain = fixture.ask(&ada(), plain).await.grants[0];
    assert_eq!(fixture.detail(&ada(), plain).await.incident, None, "only of break-glass access");
    fixture.services.grant_lifecycle().give_back(&ada(), &plain.to_string()).await.unwrap();
    let review = [(QueueKind::Review, 1)];
    assert_eq!(fixture.kinds(&tomas()).await, review);
    assert_eq!(fixture.kinds(&ada()).await, review);
    assert_eq!(fixture.badge(&ada()).await, 1);
    let own = person("ben", &["payments", "admins"]);
    assert_eq!(fixture.badge(&own).await, 0);
    assert!(fixture.kinds(&own).await.iter().all(|(kind, _)| *kind != QueueKind::Review));
    let service = fixture.services.grant_lifecycle();
    service.close_review(&tomas(), &grant.to_string(), "All well.").await.unwrap();
    assert_eq!(fixture.kinds(&ada()).await, []);
    assert_eq!(fixture.badge(&ada()).await, 0);

    let target = format!("account:{PAYMENTS}");
    let about = ExceptionSubject { policy: "env".into(), target };
    let until = claviger_domain::clock::Clock::now(&*fixture.clock) + Duration::days(90);
    let service = fixture.services.exceptions();
    let until = until.date().to_string();
    let id = service.request_exception(&ada(), &about, "Later.", &until).await.unwrap();
    assert_eq!(fixture.kinds(&ada()).await, [], "one's own");
    let approve = ExceptionTransition::Approve;
    service.transition_exception(&sol(), &id.to_string(), approve, "").await.unwrap();
    assert_eq!(fixture.kinds(&sol()).await, []);
    fixture.clock.advance(Duration::days(31));
    assert_eq!(fixture.kinds(&sol()).await, [(QueueKind::Exception, 1)], "its review is due");
    let review = ExceptionTransition::Review;
    service.transition_exception(&sol(), &id.to_string(), review, "").await.unwrap();
    assert_eq!(fixture.kinds(&sol()).await, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_person_is_told_of_their_team_their_access_and_the_accounts(pool: PgPool) {
    let fixture = Fixture::with_findings(pool).await;
    fixture.asked(KAFKA).await;
    let grant = fixture.live(LEDGER).await;
    let mine = async |fixture: &Fixture| {
        let queue = fixture.queue(&ben(), "kind=mine").await;
        let items = queue.sections.into_iter().flat_map(|section| section.items);
        let words = items.map(|item| match item {
            QueueItem::Mine(row) => (row.id, row.state.word()),
            other => panic!("{other:?}"),
        });
        words.collect::<Vec<_>>()
    };
    // Access that lasts is not in the way; what ends soon comes first.
    assert_eq!(mine(&fixture).await.len(), 1);
    fixture.clock.advance(Duration::minutes(20));
    let soon = mine(&fixture).await;
    assert_eq!((soon.len(), soon[0]), (2, (grant, GrantStateName::Active)));
    assert_eq!(fixture.queue(&ben(), "kind=mine").await.to_decide, 0, "nothing to decide");

    // Findings that are overdue are told to the owner's team alone.
    fixture.clock.advance(Duration::days(3));
    let queue = fixture.queue(&ben(), "").await;
    let section = queue.sections.iter().find(|section| section.kind == QueueKind::Finding).unwrap();
    assert_eq!(section.incomplete, None);
    assert_eq!(section.items, [QueueItem::Finding { team: "payments".into(), count: 4 }]);
    assert_eq!((section.total, &section.severities), (4, &vec![(Severity::High, 4)]));
    for other in [tomas(), ada(), person("ines", &["audit"])] {
        let kinds = fixture.kinds(&other).await;
        assert!(kinds.iter().all(|(kind, _)| *kind != QueueKind::Finding), "{kinds:?}");
    }

    // Who can start a scan is told of accounts that it could not read.
    assert_eq!(fixture.kinds(&ada()).await, []);
    fixture.aws.close(&account(PAYMENTS), Some(RegionScanFault::RoleNotAssumable));
    fixture.clock.advance(Duration::days(365));
    fixture.scan().await;
    let queue = fixture.queue(&ada(), "").await;
    let found = queue.sections.iter().find(|section| section.kind == QueueKind::Account).unwrap();
    assert_eq!(found.items, [QueueItem::Account { unreachable: 1 }]);
    let kinds = fixture.kinds(&tomas()).await;
    assert!(kinds.iter().all(|(kind, _)| *kind != QueueKind::Account), "{kinds:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_long_list_shows_its_first_and_says_how_many_there_are(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let mut asked = Vec::new();
    for _ in 0..12 {
        asked.push(fixture.asked(LEDGER).await);
    }
    let queue = fixture.queue(&tomas(), "").await;
    assert_eq!(
        (queue.to_decide, queue.sections[0].total, queue.sections[0].items.len()),
        (12, 12, 10)
    );
    let of_one_kind = fixture.queue(&tomas(), "kind=access").await;
    let ids = of_one_kind.sections[0].items.iter().filter_map(QueueItem::key);
    assert!(ids.eq(asked.into_iter().map(QueueKey::Access)), "the oldest first");
    let other = fixture.queue(&tomas(), "kind=plan").await;
    assert_eq!((other.sections.len(), other.to_decide), (0, 0));
    assert_eq!(other.counts, [(QueueKind::Access, 12)], "tabs count whatever the filter");
}
