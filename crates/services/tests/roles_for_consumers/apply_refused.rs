//! What stands in the way of a plan, each with a message before the first call.

use crate::apply::{Applying, FUNCTION, OLD, QUERY, ROLE};
use claviger_domain::{consumers::attach::RolePlan, remediation::ATTACH_TAG};
use sqlx::PgPool;

/// The only fault: its field and reason.
fn fault(plan: &RolePlan) -> (&str, &str) {
    let [fault] = plan.faults.as_slice() else { panic!("{:?}", plan.faults) };
    assert!(plan.steps.is_empty() && plan.preview.is_empty());
    (fault.field.as_str(), fault.reason.as_str())
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_the_form_alone_shows_is_refused_without_asking_aws(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let ireland = FUNCTION.replace(super::apply::US, "eu-west-1");
    let base = "role_name=orders-reads";
    for (query, field, part) in [
        (
            format!("consumer=lambda&{base}&function={ireland}"),
            "function",
            "in eu-west-1, and ledger",
        ),
        (
            format!("consumer=ec2&{base}&instance={}", super::apply_instances::IRELAND),
            "instance",
            "in eu-west-1, and ledger",
        ),
        (
            format!("{QUERY}&boundary=arn:aws:iam::441205839201:policy/other"),
            "boundary",
            "has the boundary claviger-boundary",
        ),
    ] {
        let plan = applying.preview(&query).await;
        assert_eq!(plan.faults.len(), 1, "{query}");
        let (found, reason) = fault(&plan);
        assert_eq!(found, field, "{query}");
        assert!(reason.contains(part), "{reason}");
    }
    // What the draft refuses has no plan at all, and names its field too.
    let china = FUNCTION.replace("arn:aws:", "arn:aws-cn:");
    for (query, field, part) in [
        (format!("consumer=lambda&{base}&function={china}"), "function", "partition aws-cn"),
        (
            format!("{QUERY}&boundary=arn:aws-cn:iam::441205839201:policy/claviger-boundary"),
            "boundary",
            "partition aws-cn",
        ),
        (
            format!("consumer=lambda&{base}&function={FUNCTION}:prod"),
            "function",
            "without a version",
        ),
        (format!("consumer=lambda&{base}&function=a*"), "function", "without a version"),
        ("consumer=lambda&role_name=a b&function=orders".to_owned(), "role_name", "1 to 64"),
        (
            "consumer=lambda&role_name=ORDERS-old&function=orders".to_owned(),
            "role_name",
            "has a role",
        ),
    ] {
        let page = applying.page(&query).await;
        assert!(page.plan.is_none(), "{query}");
        let [fault] = page.draft.faults.as_slice() else { panic!("{:?}", page.draft.faults) };
        assert_eq!(fault.field, field, "{query}");
        assert!(fault.reason.contains(part), "{}", fault.reason);
    }
    assert_eq!(applying.fixture.aws.iam_reads(), [""; 0]);
    assert_eq!(applying.fixture.aws.applied(), []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_aws_has_or_lacks_is_said_before_the_first_call(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let aws = &applying.fixture.aws;
    let expect = async |field: &str, part: &str| {
        let plan = applying.preview(QUERY).await;
        let (found, reason) = fault(&plan);
        assert_eq!(found, field, "{reason}");
        assert!(reason.contains(part), "{reason}");
        assert_eq!(applying.done(), [""; 0]);
        let refused = applying.submit(&plan).await.unwrap_err();
        assert!(refused.to_string().contains(part), "{refused}");
    };
    aws.change_iam(|iam| iam.is_absent = true);
    expect("apply", "can't assume claviger-consumers").await;
    aws.change_iam(|iam| iam.is_absent = false);
    aws.change_iam(|iam| iam.lacks_boundary = true);
    expect("apply", "The policy claviger-boundary is not in the account 441205839201").await;
    aws.change_iam(|iam| iam.lacks_boundary = false);

    // The name is taken, of the same path and of another one, and IAM was read before both were created. Where it is free, IAM
    // authorizes the question on the name without a path, as the last preview here shows.
    aws.put_role(ROLE);
    expect("role_name", "has a role arn:aws:iam::441205839201:role/claviger/orders-reads").await;
    aws.put_role(&ROLE.replace("claviger/", "team/"));
    expect("role_name", "has a role arn:aws:iam::441205839201:role/team/orders-reads").await;
    aws.remove_role("orders-reads");

    // Its owner has not let Claviger attach roles, or nobody knows.
    aws.change_function(FUNCTION, |function| function.tags = Ok([].into()));
    expect("function", "has no tag claviger:attach=true").await;
    aws.change_function(FUNCTION, |function| {
        function.tags = Err(claviger_domain::accounts::readiness::ReadFailure {
            operation: "ListTags".into(),
            code: "AccessDeniedException".into(),
        });
    });
    expect("function", "unknown: AWS answered AccessDeniedException to ListTags").await;
    aws.put_function(FUNCTION, OLD, &[]);
    aws.change_function(FUNCTION, |function| function.last_update = Some("InProgress".into()));
    expect("function", "is being updated").await;
    aws.change_function(FUNCTION, |function| {
        function.last_update = Some("Failed".into());
        function.update_reason = Some("EniLimitExceeded".into());
    });
    expect("function", "failed (EniLimitExceeded)").await;
    aws.put_function(FUNCTION, OLD, &[]);
    aws.change_function(FUNCTION, |function| {
        function.kms_key = Some("arn:aws:kms:us-east-1:441205839201:key/1".into());
    });
    expect("function", "add kms:Decrypt on that key").await;
    aws.put_function(FUNCTION, OLD, &[]);

    let gone = applying.preview(&QUERY.replace("function=orders", "function=none")).await;
    assert!(fault(&gone).1.contains("There is no function none in us-east-1"));
    assert_eq!(applying.preview(QUERY).await.faults, []);
    assert_eq!(ATTACH_TAG, ("claviger:attach", "true"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn variables_that_are_unknown_are_no_good_news(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    applying.fixture.aws.change_function(FUNCTION, |function| function.variables = None);
    let plan = applying.preview(QUERY).await;
    assert!(plan.findings[0].ends_with("is unknown."), "{:?}", plan.findings);
    applying.fixture.aws.put_function(FUNCTION, OLD, &["STAGE", "TOKENS_PER_MINUTE"]);
    assert_eq!(applying.preview(QUERY).await.findings, [""; 0]);
}
