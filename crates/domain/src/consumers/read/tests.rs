use super::*;
use crate::consumers::{Consumer, GitHubRun};
use rstest::rstest;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);

fn read(form: &RoleForm) -> Result<RoleRequest, Vec<ShapeFault>> {
    form.read(&"441205839201".parse().unwrap(), &"aws".parse().unwrap(), NOW)
}

/// The form with these fields, written as a query.
fn form(query: &str) -> RoleForm {
    RoleForm::from_url_query(&format!("role_name=app-reads&{query}"))
}

fn fields(query: &str) -> Vec<String> {
    read(&form(query)).unwrap_err().into_iter().map(|fault| fault.field).collect()
}

#[test]
fn a_form_is_its_url() {
    let query = "resource=1&resource=2&consumer=github&role_name=app-reads&repository=acme%2Fshop&branch=main";
    let form = RoleForm::from_url_query(query);
    assert_eq!(form.resource, ["1", "2"]);
    assert_eq!(RoleForm::from_url_query(&form.to_url_query()), form);
    let Consumer::GitHub { owner, repository, ids, run } = read(&form).unwrap().consumer else {
        panic!("not GitHub");
    };
    assert_eq!((owner.as_str(), repository.as_str(), ids), ("acme", "shop", None));
    assert_eq!(run, GitHubRun::Branch("main".into()));
}

#[rstest]
#[case("consumer=teapot", "consumer")]
#[case("consumer=ec2&mode=tag", "tag_key")]
#[case("consumer=ec2&mode=all", "mode")]
#[case("consumer=ec2&stages=AWS*", "stages")]
#[case("consumer=ec2&boundary=arn:aws-cn:iam::441205839201:policy/b", "boundary")]
#[case("consumer=ec2&boundary=arn:aws:iam::111122223333:policy/b", "boundary")]
#[case("consumer=ec2&boundary=arn:aws:iam::441205839201:role/b", "boundary")]
#[case("consumer=ec2&organization=acme", "organization")]
#[case("consumer=ec2&ou_paths=o-a1b2c3d4e5/*", "ou_paths")]
#[case("consumer=ec2&ou_paths=*/r-ab12/ou-ab12-11111111/*", "ou_paths")]
#[case("consumer=ec2&vpcs=vpc", "vpcs")]
#[case("consumer=ec2&endpoints=vpc-0a1b2c3d", "endpoints")]
#[case("consumer=ec2&from=31.1.2027", "from")]
#[case("consumer=ec2&until=2026-02-30", "until")]
#[case("consumer=ec2&until=2026-11-28", "until")]
#[case("consumer=ec2&from=2027-02-01&until=2027-01-31", "until")]
#[case("consumer=ec2&principal_tag=team", "principal_tag")]
#[case("consumer=ec2&resource_tag=team=${aws:username}", "resource_tag")]
#[case("consumer=ec2&source_ips=203.0.113.0/33", "source_ips")]
#[case("consumer=ec2&source_ips=localhost", "source_ips")]
#[case("consumer=ec2&source_ips=203.0.113.0/24&vpcs=vpc-0a1b2c3d", "source_ips")]
#[case("consumer=lambda&function=arn:aws:lambda:eu-west-1:111122223333:function:f", "function")]
#[case("consumer=lambda&function=a*", "function")]
#[case("consumer=eks-irsa&provider=issuer&namespace=shop&service_account=api", "provider")]
#[case(
    "consumer=eks-irsa&provider=arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/1&namespace=shop&service_account=api",
    "provider"
)]
#[case("consumer=eks-irsa&provider=oidc.example.com&namespace=*&service_account=api", "namespace")]
#[case("consumer=eks-pod-identity&namespace=shop&service_account=*", "service_account")]
#[case("consumer=eks-pod-identity&namespace=shop&service_account=api&cluster=prod", "cluster")]
#[case("consumer=ec2&instance=web", "instance")]
#[case("consumer=ec2&instance=arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d", "instance")]
#[case("consumer=codebuild", "project")]
#[case("consumer=github&repository=acme&branch=main", "repository")]
#[case("consumer=github&repository=acme/*&branch=main", "repository")]
#[case("consumer=github&repository=acme/shop", "branch")]
#[case("consumer=github&repository=acme/shop&branch=main&environment=prod", "branch")]
#[case("consumer=github&repository=acme/shop&branch=*", "branch")]
#[case("consumer=github&repository=acme/shop&environment=a:b", "environment")]
#[case("consumer=github&repository=acme/shop&branch=main&owner_id=1", "repository_id")]
#[case("consumer=gitlab&project=shop&branch=main", "project")]
#[case("consumer=gitlab&project=acme/shop&branch=main&host=gitlab", "host")]
#[case("consumer=account&principal=acme", "principal")]
#[case("consumer=account&principal=111122223333", "principal")]
#[case("consumer=account&principal=arn:aws-cn:iam::111122223333:role/app", "principal")]
#[case("consumer=account&principal=arn:aws:iam::441205839201:role/app", "principal")]
#[case("consumer=account&principal=arn:aws:iam::111122223333:role/*", "principal")]
#[case("consumer=account&principal=111122223333&external_id=!", "external_id")]
fn what_cannot_be_read_names_its_field(#[case] query: &str, #[case] field: &str) {
    assert_eq!(fields(query), [field]);
}

#[test]
fn the_last_day_counts_as_a_whole() {
    let request = read(&form("consumer=ec2&from=2026-11-29&until=2026-11-29")).unwrap();
    assert_eq!(request.conditions.from, Some(datetime!(2026-11-29 0:00 UTC)));
    assert_eq!(request.conditions.until, Some(datetime!(2026-11-30 0:00 UTC)));
}

#[test]
fn a_role_needs_a_name_that_iam_takes() {
    for name in ["", "a b", "ä", &"a".repeat(65)] {
        let form = RoleForm { role_name: name.into(), ..form("consumer=ec2") };
        assert_eq!(read(&form).unwrap_err()[0].field, "role_name");
    }
}
