//! A role for an EC2 instance: in an instance profile of its own, which the instance gets with the plan.

use crate::apply::{Applying, ROLE, says};
use claviger_aws::ProfileAssociation;
use claviger_domain::{consumers::attach::RolePlan, remediation::PlanTransition};
use sqlx::PgPool;

const INSTANCE: &str = "arn:aws:ec2:us-east-1:441205839201:instance/i-0a1b2c3d4e5f60718";
pub const IRELAND: &str = "arn:aws:ec2:eu-west-1:441205839201:instance/i-0a1b2c3d4e5f60718";
const PROFILE: &str = "arn:aws:iam::441205839201:instance-profile/claviger/orders-reads";
const WEB: &str = "arn:aws:iam::441205839201:instance-profile/web";
const ALONE: &str = "consumer=ec2&role_name=orders-reads";
const QUERY: &str = "consumer=ec2&role_name=orders-reads&instance=i-0a1b2c3d4e5f60718";
const CALLS: [&str; 4] =
    ["CreateRole", "PutRolePolicy", "CreateInstanceProfile", "AddRoleToInstanceProfile"];

fn calls(plan: &RolePlan) -> Vec<&'static str> {
    plan.steps.iter().map(|step| step.call.operation(step.kind)).collect()
}

async fn applied(applying: &Applying, query: &str) -> String {
    let id = applying.submit(&applying.preview(query).await).await.unwrap();
    applying.transition(&id, PlanTransition::Approve).await;
    applying.fixture.work().await;
    id
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_instance_gets_a_profile_with_the_role(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let aws = &applying.fixture.aws;
    for (before, last, back) in [
        (None, "AssociateIamInstanceProfile", "disassociate-iam-instance-profile"),
        (
            Some(WEB),
            "ReplaceIamInstanceProfileAssociation",
            "--iam-instance-profile Arn=arn:aws:iam::441205839201:instance-profile/web",
        ),
    ] {
        applying.reset();
        aws.put_instance(INSTANCE, before);
        aws.change_iam(|iam| iam.settles_after = 2);
        let plan = applying.preview(QUERY).await;
        let expected: Vec<&str> = CALLS.into_iter().chain([last]).collect();
        assert_eq!((calls(&plan), plan.faults.len()), (expected.clone(), 0));
        let change = &plan.steps[4].changes[0];
        assert_eq!((change.before.as_deref(), change.after.as_deref()), (before, Some(PROFILE)));
        let warnings = plan.steps[4].warnings.join(" ");
        for part in [back, "Session Manager", "until they expire"] {
            assert!(warnings.contains(part), "{part} in {warnings}");
        }
        let id = applied(&applying, QUERY).await;
        let shown = applying.shown(&id).await;
        assert_eq!(shown.row.title, "Role orders-reads for instance i-0a1b2c3d4e5f60718");
        assert_eq!(shown.row.counts.done, 5, "{:?}", says(&shown));
        assert_eq!(applying.done(), expected);
        assert_eq!(aws.instance_profile(INSTANCE).as_deref(), Some(PROFILE));
        assert_eq!(aws.profile_roles("orders-reads").unwrap(), [ROLE]);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_an_instance_role_and_profile_are_created(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let aws = &applying.fixture.aws;
    aws.change_iam(|iam| {
        iam.lost = CALLS.into();
        iam.doubted = [("AddRoleToInstanceProfile", "AccessDenied")].into();
    });
    let id = applied(&applying, ALONE).await;
    let shown = applying.shown(&id).await;
    assert_eq!(shown.row.counts.done, 4, "{:?}", says(&shown));
    assert_eq!(applying.done(), CALLS, "nothing is created twice");
    assert_eq!(aws.profile_roles("orders-reads").unwrap(), [ROLE]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_stands_in_the_way_is_said_before_the_first_call(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let aws = &applying.fixture.aws;
    let expect = async |query: &str, field: &str, part: &str| {
        let plan = applying.preview(query).await;
        let [fault] = plan.faults.as_slice() else { panic!("{part}: {:?}", plan.faults) };
        assert_eq!(fault.field, field, "{}", fault.reason);
        assert!(fault.reason.contains(part), "{}", fault.reason);
        assert!(plan.steps.is_empty() && applying.done().is_empty());
        applying.reset();
        applying.fixture.aws.put_instance(INSTANCE, Some(WEB));
    };
    expect(QUERY, "instance", "There is no instance i-0a1b2c3d4e5f60718 in us-east-1").await;
    aws.change_instance(INSTANCE, |instance| instance.tags.clear());
    expect(QUERY, "instance", "has no tag claviger:attach=true").await;
    aws.change_instance(INSTANCE, |instance| instance.state = "shutting-down".into());
    expect(QUERY, "instance", "is shutting-down").await;
    aws.change_instance(INSTANCE, |instance| {
        instance.association = Some(ProfileAssociation {
            id: "iip-assoc-1".into(),
            profile: WEB.into(),
            state: "disassociating".into(),
        });
    });
    expect(QUERY, "instance", "The instance profile web").await;
    aws.change_iam(|iam| iam.lacks_reader = true);
    expect(QUERY, "apply", "can't assume claviger-consumers").await;
    // Without an instance, nothing of EC2 is read.
    aws.change_iam(|iam| iam.lacks_reader = true);
    assert_eq!(calls(&applying.preview(ALONE).await), CALLS);
    aws.put_profile(&PROFILE.replace("claviger/", "team/"));
    expect(ALONE, "role_name", "has an instance profile").await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_instance_that_got_another_profile_by_then_is_left_alone(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let aws = &applying.fixture.aws;
    aws.put_instance(INSTANCE, Some(WEB));
    let id = applying.submit(&applying.preview(QUERY).await).await.unwrap();
    applying.transition(&id, PlanTransition::Approve).await;
    let third = WEB.replace("web", "third");
    aws.put_instance(INSTANCE, Some(&third));
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    assert_eq!((shown.row.counts.done, shown.row.counts.failed), (4, 1), "{:?}", says(&shown));
    assert!(says(&shown)[0].contains("not as the plan found it"), "{:?}", says(&shown));
    assert_eq!(aws.instance_profile(INSTANCE), Some(third));
}

/// An exchange that does not end is no claim about what the instance has.
#[sqlx::test(migrations = "../../migrations")]
async fn an_instance_that_is_being_changed_is_named(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let aws = &applying.fixture.aws;
    aws.put_instance(INSTANCE, Some(WEB));
    let id = applying.submit(&applying.preview(QUERY).await).await.unwrap();
    applying.transition(&id, PlanTransition::Approve).await;
    aws.change_instance(INSTANCE, |instance| {
        instance.association = Some(ProfileAssociation {
            id: "iip-assoc-2".into(),
            profile: PROFILE.into(),
            state: "associating".into(),
        });
    });
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    let busy = &says(&shown)[0];
    let start = "Instance i-0a1b2c3d4e5f60718 was being updated all the time.";
    assert!(busy.starts_with(start) && !busy.contains("Nothing was changed"), "{busy}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_instance_profile_that_iam_does_not_return_has_the_name(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let aws = &applying.fixture.aws;
    aws.change_iam(|iam| {
        iam.refused = [("CreateInstanceProfile", "EntityAlreadyExists")].into();
    });
    let id = applied(&applying, ALONE).await;
    let shown = applying.shown(&id).await;
    assert_eq!((shown.row.counts.done, shown.row.counts.failed), (2, 2), "{:?}", says(&shown));
    let taken = &says(&shown)[0];
    assert!(taken.contains("instance profile orders-reads already"), "{taken}");
    assert!(taken.contains("choose another role name"), "{taken}");
}
