//! A role for builds: the project gets it with the plan, if its builds can do with what the boundary leaves.

use crate::apply::{Applying, OLD, ROLE, says};
use claviger_aws::{ConsumerProject, ProjectSource, ProjectUse, ProjectVariable};
use claviger_domain::{consumers::attach::RolePlan, remediation::PlanTransition};
use sqlx::PgPool;

/// What an owner changes.
type Change = fn(&mut ConsumerProject);

const PROJECT: &str = "arn:aws:codebuild:us-east-1:441205839201:project/release";
const QUERY: &str = "consumer=codebuild&role_name=orders-reads&project=release";
const CALLS: [&str; 4] = ["CreateRole", "PutRolePolicy", "PutRolePolicy", "UpdateProject"];

async fn building(pool: &PgPool) -> Applying {
    let applying = Applying::new(pool).await;
    applying.fixture.aws.put_project(PROJECT, OLD, &["DB_PASSWORD", "STAGE"]);
    applying
}

fn calls(plan: &RolePlan) -> Vec<&'static str> {
    plan.steps.iter().map(|step| step.call.operation(step.kind)).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_project_gets_its_role_and_builds_write_their_logs(pool: PgPool) {
    let applying = building(&pool).await;
    applying.fixture.aws.change_iam(|iam| iam.settles_after = 2);
    let plan = applying.preview(QUERY).await;
    assert_eq!((calls(&plan), plan.faults.len()), (CALLS.to_vec(), 0));
    assert_eq!(
        plan.findings,
        [
            "Credential in the plaintext variable DB_PASSWORD. The plan leaves it there: move its value to a secret, and remove the variable."
        ]
    );
    let words = |at: usize| plan.steps[at].warnings.join(" ");
    assert!(!words(0).contains("write logs"), "the plan lets it: {}", words(0));
    assert_eq!(words(2), "Writes logs of builds to /aws/codebuild/release.");
    let change = &plan.steps[3].changes[0];
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some(OLD), Some(ROLE)));
    let command =
        format!("codebuild update-project --region us-east-1 --name release --service-role {OLD}");
    for part in ["The project loses what its role orders-old allows: tables.", &command] {
        assert!(words(3).contains(part), "{part} in {}", words(3));
    }
    assert_eq!(applying.done(), [""; 0], "a preview changes nothing");

    let id = applying.submit(&plan).await.unwrap();
    applying.transition(&id, PlanTransition::Approve).await;
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    assert_eq!(shown.row.title, "Role orders-reads for project release");
    assert_eq!(shown.row.counts.done, 4, "{:?}", says(&shown));
    assert_eq!(applying.done(), CALLS);
    assert_eq!(applying.fixture.aws.project_role(PROJECT), ROLE);
    let (_, inline, attached) = applying.fixture.aws.role("orders-reads").unwrap();
    assert!(inline["run-builds"].contains(":log-group:/aws/codebuild/release:*"), "{inline:?}");
    assert_eq!(attached, [""; 0], "no managed policy is wider than that");
}

/// A project cannot be created without a role, so its role comes first.
#[sqlx::test(migrations = "../../migrations")]
async fn for_a_project_that_is_not_there_the_role_alone_is_created(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let plan = applying.preview(QUERY).await;
    assert_eq!(calls(&plan), &CALLS[..3]);
    let found = "There is no project release in us-east-1 of the account 441205839201: the plan creates the role alone.";
    assert_eq!(plan.findings, [found]);
    let words = plan.steps[0].warnings.join(" ");
    assert!(words.contains(found), "approvers read it too: {words}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_would_break_the_builds_is_refused_and_what_may_is_said(pool: PgPool) {
    let applying = building(&pool).await;
    let aws = &applying.fixture.aws;
    let source = |kind: &str, auth: Option<&str>| ProjectSource {
        kind: kind.into(),
        auth: auth.map(ToOwned::to_owned),
    };
    let expect = async |part: &str| {
        let plan = applying.preview(QUERY).await;
        let [fault] = plan.faults.as_slice() else { panic!("{part}: {:?}", plan.faults) };
        assert_eq!(fault.field, "project");
        assert!(fault.reason.contains(part), "{}", fault.reason);
        assert!(plan.steps.is_empty() && applying.done().is_empty());
        applying.fixture.aws.put_project(PROJECT, OLD, &[]);
    };
    aws.change_project(PROJECT, |project| project.tags.clear());
    expect("The project release has no tag claviger:attach=true").await;
    aws.change_project(PROJECT, |project| project.uses = [ProjectUse::Vpc].into());
    expect("ec2:CreateNetworkInterfacePermission").await;
    for (kind, auth, part) in [
        ("CODECOMMIT", None, "codecommit:GitPull"),
        ("S3", None, "a source of the type S3"),
        ("CODEPIPELINE", None, "a source of the type CODEPIPELINE"),
        ("GITHUB", Some("CODECONNECTIONS"), "codeconnections:GetConnectionToken"),
    ] {
        // A secondary source breaks a build as well.
        aws.change_project(PROJECT, |project| project.sources.push(source(kind, auth)));
        expect(part).await;
    }
    aws.change_project(PROJECT, |project| project.artifacts.push("S3".into()));
    expect("artifacts of the type S3 (s3:PutObject)").await;
    // A text that means more in a policy gets into none.
    aws.change_project(PROJECT, |project| project.log_group = Some("*".into()));
    expect("its log group \"*\" has other characters").await;
    aws.change_project(PROJECT, |project| {
        project.image = Some("*.dkr.ecr.us-east-1.amazonaws.com/build".into());
    });
    expect("an account that is not 12 digits").await;

    aws.change_project(PROJECT, |project| {
        project.sources = vec![source("GITHUB", None), source("GITLAB", Some("SECRETS_MANAGER"))];
        project.uses = [
            ProjectUse::Cache,
            ProjectUse::StoredLogs,
            ProjectUse::RegistryCredential,
            ProjectUse::Batches,
        ]
        .into();
        project.encryption_key = Some("arn:aws:kms:us-east-1:441205839201:key/1".into());
        project.image = Some("441205839201.dkr.ecr.us-east-1.amazonaws.com/build:1".into());
        project.variables =
            vec![ProjectVariable { name: "DB_PASSWORD".into(), kind: "SECRETS_MANAGER".into() }];
    });
    let plan = applying.preview(QUERY).await;
    assert_eq!((plan.faults.len(), plan.findings.len()), (0, 0), "{plan:?}");
    let words = plan.steps[3].warnings.join(" ");
    for part in [
        "does not leave it",
        "reads variables from Secrets Manager with the role: DB_PASSWORD",
        "the account's default credential, which was not read",
        "signs in to its source with a secret",
        "Its cache in S3",
        "Its logs are not stored in S3",
        "the registry of its image",
        "Batch builds keep",
        "key/1, which the role cannot use",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    let pulls = plan.steps[2].warnings.join(" ");
    assert!(pulls.contains("arn:aws:ecr:us-east-1:441205839201:repository/build"), "{pulls}");
    // Builds that need nothing of the role need no second policy.
    aws.put_project(PROJECT, OLD, &[]);
    aws.change_project(PROJECT, |project| project.log_group = None);
    let plan = applying.preview(QUERY).await;
    assert_eq!(calls(&plan), ["CreateRole", "PutRolePolicy", "UpdateProject"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_project_that_codebuild_refuses_keeps_its_role(pool: PgPool) {
    let applying = building(&pool).await;
    applying.fixture.aws.change_iam(|iam| iam.settles_after = 1_000);
    let id = applying.submit(&applying.preview(QUERY).await).await.unwrap();
    applying.transition(&id, PlanTransition::Approve).await;
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    assert!(says(&shown)[0].contains("CodeBuild refused the role"), "{:?}", says(&shown));
    assert_eq!(applying.fixture.aws.project_role(PROJECT), OLD);
    applying.fixture.aws.change_iam(|iam| iam.settles_after = 0);
    applying.transition(&id, PlanTransition::Retry).await;
    applying.fixture.work().await;
    assert_eq!(applying.done(), CALLS, "nothing is created twice");
}

/// Its owner changes the project after the approval: the builds would fail with the role of the plan.
#[sqlx::test(migrations = "../../migrations")]
async fn a_project_that_changed_after_the_approval_keeps_its_role(pool: PgPool) {
    let applying = building(&pool).await;
    let aws = &applying.fixture.aws;
    let changes: [(&str, Change); 5] = [
        ("they join a VPC", |project| project.uses = [ProjectUse::Vpc].into()),
        ("a source of the type S3", |project| {
            project.sources.push(ProjectSource { kind: "S3".into(), auth: None });
        }),
        ("artifacts of the type S3", |project| project.artifacts.push("S3".into())),
        ("logs or the image", |project| project.log_group = Some("/builds".into())),
        ("logs or the image", |project| {
            project.image = Some("441205839201.dkr.ecr.us-east-1.amazonaws.com/build:1".into());
        }),
    ];
    for (part, change) in changes {
        applying.reset();
        aws.put_project(PROJECT, OLD, &[]);
        let id = applying.submit(&applying.preview(QUERY).await).await.unwrap();
        applying.transition(&id, PlanTransition::Approve).await;
        aws.change_project(PROJECT, change);
        applying.fixture.work().await;
        let shown = applying.shown(&id).await;
        assert_eq!((shown.row.counts.done, shown.row.counts.failed), (3, 1), "{part}");
        let says = &says(&shown)[0];
        assert!(says.starts_with("Nothing was changed: ") && says.contains(part), "{says}");
        assert_eq!(aws.project_role(PROJECT), OLD, "{part}");
    }
}
