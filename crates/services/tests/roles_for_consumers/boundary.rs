//! What the role `claviger-iam` can do, and what it cannot: request by request, by Claviger's evaluator. The emulators resolve none
//! of these condition keys.

use claviger_domain::remediation::{
    ATTACH_TAG, ConsumerCall, consumer_role_arn, instance_profile_arn,
};
use claviger_policy::{
    consumers::{applying_session, reading_session},
    iam::{Context, Decision, Document, Request, decide, decide_session},
    permissions::{
        Role, TABLE,
        boundary::{boundary_arn, boundary_document},
        roles::{PARTITIONS, Variables, role_policy},
    },
};

pub const ACCOUNT: &str = "441205839201";
const LAMBDA: &str = "lambda.amazonaws.com";
pub const CODEBUILD: &str = "codebuild.amazonaws.com";
pub const EC2: &str = "ec2.amazonaws.com";

/// The names of one partition.
pub struct Names {
    pub partition: &'static str,
    pub role: String,
    /// Of another path.
    pub stranger: String,
    boundary: String,
    function: String,
    pub project: String,
    pub profile: String,
    pub instance: String,
}

impl Names {
    pub fn of(partition: &'static str) -> Self {
        Self {
            partition,
            role: consumer_role_arn(partition, ACCOUNT, "orders"),
            stranger: format!("arn:{partition}:iam::{ACCOUNT}:role/service-role/orders"),
            boundary: boundary_arn(partition, ACCOUNT),
            function: format!("arn:{partition}:lambda:eu-west-1:{ACCOUNT}:function:orders"),
            project: format!("arn:{partition}:codebuild:eu-west-1:{ACCOUNT}:project/release"),
            profile: instance_profile_arn(partition, ACCOUNT, "orders"),
            instance: format!("arn:{partition}:ec2:eu-west-1:{ACCOUNT}:instance/i-0a1b2c3d"),
        }
    }

    fn managed(&self, name: &str) -> String {
        format!("arn:{}:iam::aws:policy/{name}", self.partition)
    }

    fn bounded(&self) -> Context {
        Context::new().with("iam:PermissionsBoundary", &self.boundary)
    }

    fn attaching(&self, policy: &str) -> Context {
        self.bounded().with("iam:PolicyARN", self.managed(policy))
    }

    pub fn iam(&self) -> Document {
        role_policy(Role::Iam, &self.partition.parse().unwrap()).parse().unwrap()
    }

    /// Every call of a plan.
    pub fn calls(&self) -> [ConsumerCall; 9] {
        let (role, boundary) = (self.role.clone(), self.boundary.clone());
        [
            ConsumerCall::CreateRole {
                role: role.clone(),
                trust: "{}".into(),
                boundary: boundary.clone(),
                tags: [].into(),
            },
            ConsumerCall::PutRolePolicy {
                role: role.clone(),
                name: "read-secrets".into(),
                document: "{}".into(),
                boundary: boundary.clone(),
            },
            ConsumerCall::AttachRolePolicy {
                role: role.clone(),
                policy: self.managed(LOGS),
                boundary,
            },
            ConsumerCall::UpdateFunctionRole {
                function: self.function.clone(),
                before: self.stranger.clone(),
                role: role.clone(),
            },
            ConsumerCall::UpdateProjectRole {
                project: self.project.clone(),
                before: self.stranger.clone(),
                role: role.clone(),
            },
            ConsumerCall::CreateInstanceProfile {
                profile: self.profile.clone(),
                role: role.clone(),
            },
            ConsumerCall::AddRoleToInstanceProfile {
                profile: self.profile.clone(),
                role: role.clone(),
            },
            ConsumerCall::AssociateInstanceProfile {
                instance: self.instance.clone(),
                profile: self.profile.clone(),
                role: role.clone(),
            },
            ConsumerCall::ReplaceInstanceProfile {
                instance: self.instance.clone(),
                before: self.profile.replace("claviger/", ""),
                profile: self.profile.clone(),
                role,
            },
        ]
    }

    /// The requests that AWS authorizes for a call: its own, and the one that it depends on.
    fn requests(&self, call: &ConsumerCall) -> Vec<Request> {
        match call {
            ConsumerCall::CreateRole { role, .. } => vec![
                request("iam:CreateRole", role, self.bounded()),
                request("iam:TagRole", role, Context::new()),
            ],
            ConsumerCall::PutRolePolicy { role, .. } => {
                vec![request("iam:PutRolePolicy", role, self.bounded())]
            }
            ConsumerCall::AttachRolePolicy { role, .. } => {
                vec![request("iam:AttachRolePolicy", role, self.attaching(LOGS))]
            }
            ConsumerCall::UpdateFunctionRole { function, role, .. } => vec![
                request("lambda:UpdateFunctionConfiguration", function, opted_in()),
                request("iam:PassRole", role, passed_to(LAMBDA)),
            ],
            ConsumerCall::UpdateProjectRole { project, role, .. } => vec![
                request(UPDATE_PROJECT, project, with_role(role)),
                request("iam:PassRole", role, passed_to(CODEBUILD)),
            ],
            ConsumerCall::CreateInstanceProfile { profile, .. } => {
                vec![request("iam:CreateInstanceProfile", profile, Context::new())]
            }
            ConsumerCall::AddRoleToInstanceProfile { profile, role } => vec![
                request("iam:AddRoleToInstanceProfile", profile, Context::new()),
                request("iam:PassRole", role, passed_to(EC2)),
            ],
            ConsumerCall::AssociateInstanceProfile { instance, profile, role }
            | ConsumerCall::ReplaceInstanceProfile { instance, profile, role, .. } => vec![
                request(&format!("ec2:{}", call.operation()), instance, with_profile(profile)),
                request("iam:PassRole", role, passed_to(EC2)),
            ],
        }
    }
}

impl Names {
    /// The requests that AWS authorizes for reading what a call changes. `GetRole` names no path: where no role has the name, AWS
    /// asks for it without one, else for the role's own ARN.
    fn reads(&self, call: &ConsumerCall) -> Vec<Request> {
        let of = |action: &str, arn: &str| request(action, arn, Context::new());
        match call {
            ConsumerCall::CreateRole { role, .. } => vec![
                of("iam:GetRole", &role.replace("role/claviger/", "role/")),
                of("iam:GetRole", role),
                of("iam:GetRole", &self.stranger),
            ],
            ConsumerCall::PutRolePolicy { role, .. } => vec![of("iam:GetRolePolicy", role)],
            ConsumerCall::AttachRolePolicy { role, .. } => {
                vec![of("iam:ListAttachedRolePolicies", role)]
            }
            ConsumerCall::CreateInstanceProfile { profile, .. }
            | ConsumerCall::AddRoleToInstanceProfile { profile, .. } => vec![
                of("iam:GetInstanceProfile", &profile.replace("claviger/", "")),
                of("iam:GetInstanceProfile", profile),
            ],
            ConsumerCall::UpdateFunctionRole { .. }
            | ConsumerCall::UpdateProjectRole { .. }
            | ConsumerCall::AssociateInstanceProfile { .. }
            | ConsumerCall::ReplaceInstanceProfile { .. } => Vec::new(),
        }
    }
}

pub const UPDATE_PROJECT: &str = "codebuild:UpdateProject";
const LOGS: &str = "service-role/AWSLambdaBasicExecutionRole";

pub fn request(action: &str, resource: &str, context: Context) -> Request {
    Request { action: action.into(), resource: resource.into(), context }
}

pub fn passed_to(service: &str) -> Context {
    Context::new().with("iam:PassedToService", service)
}

pub fn opted_in() -> Context {
    Context::new().with(&format!("aws:ResourceTag/{}", ATTACH_TAG.0), ATTACH_TAG.1)
}

/// What AWS knows of an opted-in instance that gets an instance profile.
pub fn with_profile(profile: &str) -> Context {
    opted_in().with("ec2:NewInstanceProfile", profile)
}

/// What AWS knows of an opted-in project that gets a role, and nothing else.
pub fn with_role(role: &str) -> Context {
    opted_in().with("codebuild:serviceRole", role)
}

#[test]
fn each_call_is_allowed_by_its_role_and_its_own_session_and_by_no_other_session() {
    for names in PARTITIONS.map(Names::of) {
        let role = [names.iam()];
        let calls = names.calls();
        for call in &calls {
            let session: Document = applying_session(call).parse().unwrap();
            for request in names.requests(call) {
                let decided = decide_session(&role, &session, &request);
                assert_eq!(decided, Decision::Allowed, "{request:?}");
            }
            // Calls about one instance profile pass the same role.
            let own = names.requests(call);
            for other in calls.iter().filter(|other| *other != call) {
                for request in names.requests(other).into_iter().filter(|one| !own.contains(one)) {
                    let decided = decide_session(&role, &session, &request);
                    assert_ne!(decided, Decision::Allowed, "{call:?} allows {request:?}");
                }
            }
            let reading: Document = reading_session(call).parse().unwrap();
            for request in names.reads(call) {
                let decided = decide_session(&role, &reading, &request);
                assert_eq!(decided, Decision::Allowed, "{request:?}");
            }
            for request in names.requests(call) {
                assert_ne!(
                    decide(std::slice::from_ref(&reading), &request),
                    Decision::Allowed,
                    "{request:?}"
                );
            }
        }
    }
}

/// Every create, pass and attach without the boundary, each a request that differs from an allowed one in one thing.
#[test]
fn every_create_pass_and_attach_without_the_boundary_is_refused() {
    for names in PARTITIONS.map(Names::of) {
        let foreign = boundary_arn(names.partition, "111122223333").replace("claviger-", "wide-");
        let hidden =
            format!("arn:{}:iam::{ACCOUNT}:policy/x:policy/claviger-boundary", names.partition);
        let role = names.role.as_str();
        let without = Context::new;
        let other = |arn: &str| names.bounded().with("iam:PermissionsBoundary", arn);
        let cases = [
            // Without a boundary, with another one, and with one whose name only ends like ours.
            request("iam:CreateRole", role, without()),
            request("iam:CreateRole", role, other(&foreign)),
            request("iam:CreateRole", role, other(&hidden)),
            request("iam:CreateRole", role, other(&names.managed("AdministratorAccess"))),
            request("iam:PutRolePolicy", role, without()),
            request("iam:PutRolePolicy", role, other(&foreign)),
            request(
                "iam:AttachRolePolicy",
                role,
                without().with("iam:PolicyARN", names.managed(LOGS)),
            ),
            request(
                "iam:AttachRolePolicy",
                role,
                names.attaching(LOGS).with("iam:PermissionsBoundary", &foreign),
            ),
            // With the boundary, but of another path: such roles may lack it.
            request("iam:CreateRole", &names.stranger, names.bounded()),
            request("iam:PutRolePolicy", &names.stranger, names.bounded()),
            request("iam:AttachRolePolicy", &names.stranger, names.attaching(LOGS)),
            request("iam:TagRole", &names.stranger, without()),
            // What is passed has the boundary because it is of the path.
            request("iam:PassRole", &names.stranger, passed_to(LAMBDA)),
            request("iam:PassRole", &names.stranger, passed_to(CODEBUILD)),
            request(UPDATE_PROJECT, &names.project, with_role(&names.stranger)),
            request(
                UPDATE_PROJECT,
                &names.project,
                with_role(&names.stranger.replace("service-role/", "service-role/claviger/")),
            ),
            request(
                "iam:PassRole",
                &names.stranger.replace("service-role/orders", "claviger-access"),
                passed_to(LAMBDA),
            ),
            request(
                "iam:PassRole",
                &names.stranger.replace("service-role/", "service-role/claviger/"),
                passed_to(LAMBDA),
            ),
        ];
        for request in cases {
            assert_ne!(decide(&[names.iam()], &request), Decision::Allowed, "{request:?}");
        }
    }
}

#[test]
fn a_role_is_passed_to_no_other_service_and_a_function_gets_nothing_but_a_role() {
    for names in PARTITIONS.map(Names::of) {
        let refused = |request: Request| {
            assert_ne!(decide(&[names.iam()], &request), Decision::Allowed, "{request:?}");
        };
        for service in ["ecs-tasks.amazonaws.com", "glue.amazonaws.com", "states.amazonaws.com"] {
            refused(request("iam:PassRole", &names.role, passed_to(service)));
        }
        refused(request("iam:PassRole", &names.role, Context::new()));
        let update = "lambda:UpdateFunctionConfiguration";
        // Its owner has not allowed it, and a layer would bring code of the caller's.
        refused(request(update, &names.function, Context::new()));
        let tag = format!("aws:ResourceTag/{}", ATTACH_TAG.0);
        refused(request(update, &names.function, Context::new().with(&tag, "false")));
        let layer = "arn:aws:lambda:eu-west-1:111122223333:layer:evil:1".to_owned();
        refused(request(update, &names.function, opted_in().with_all("lambda:Layer", [layer])));
        for action in [
            "lambda:UpdateFunctionCode",
            "lambda:CreateFunction",
            "lambda:TagResource",
            "lambda:InvokeFunction",
        ] {
            refused(request(action, &names.function, opted_in()));
        }
    }
}

/// What would make the holder of the hub role an administrator. It stays denied if somebody attaches a wide policy to the role.
#[test]
fn a_stolen_hub_gains_no_administrator() {
    let everything: Document =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
            .parse()
            .unwrap();
    for names in PARTITIONS.map(Names::of) {
        let policy = format!("arn:{}:iam::{ACCOUNT}:policy/claviger-boundary", names.partition);
        let user = format!("arn:{}:iam::{ACCOUNT}:user/new", names.partition);
        let group = format!("arn:{}:iam::{ACCOUNT}:group/new", names.partition);
        for (action, resource) in [
            ("iam:PutRolePermissionsBoundary", &names.role),
            ("iam:DeleteRolePermissionsBoundary", &names.role),
            ("iam:UpdateAssumeRolePolicy", &names.role),
            ("iam:CreatePolicy", &policy),
            ("iam:CreatePolicyVersion", &policy),
            ("iam:SetDefaultPolicyVersion", &policy),
            ("iam:DeletePolicy", &policy),
            ("iam:DeletePolicyVersion", &policy),
            ("iam:CreateUser", &user),
            ("iam:CreateAccessKey", &user),
            ("iam:CreateLoginProfile", &user),
            ("iam:AttachUserPolicy", &user),
            ("iam:PutUserPolicy", &user),
            ("iam:AddUserToGroup", &group),
            ("iam:AttachGroupPolicy", &group),
            ("iam:PutGroupPolicy", &group),
            ("secretsmanager:GetSecretValue", &names.role),
            ("ssm:GetParameter", &names.role),
        ] {
            let request = request(action, resource, names.bounded());
            let decided = decide(&[names.iam(), everything.clone()], &request);
            assert_eq!(decided, Decision::ExplicitDeny, "{action}");
        }
        // A managed policy that is not named, and one that is named as if it were.
        for policy in [
            "AdministratorAccess",
            "IAMFullAccess",
            "PowerUserAccess",
            "service-role/AWSLambdaBasicExecutionRoleX",
        ] {
            let request = request("iam:AttachRolePolicy", &names.role, names.attaching(policy));
            assert_ne!(decide(&[names.iam()], &request), Decision::Allowed, "{policy}");
        }
        let own = request("iam:AttachRolePolicy", &names.role, names.attaching("x"));
        let own = Request {
            context: own.context.with(
                "iam:PolicyARN",
                format!(
                    "arn:{}:iam::{ACCOUNT}:policy/service-role/AWSLambdaBasicExecutionRole",
                    names.partition
                ),
            ),
            ..own
        };
        assert_ne!(decide(&[names.iam()], &own), Decision::Allowed, "{own:?}");
    }
}

/// A role with a policy that allows everything: the boundary is what is left of it.
#[test]
fn the_boundary_leaves_reading_and_nothing_of_iam() {
    for partition in PARTITIONS {
        let variables = Variables::of(&partition.parse().unwrap());
        let boundary: Document = boundary_document(&variables).to_string().parse().unwrap();
        let decided = |action: &str, resource: &str, context: Context| {
            decide(std::slice::from_ref(&boundary), &request(action, resource, context))
        };
        let secret = format!("arn:{partition}:secretsmanager:eu-west-1:{ACCOUNT}:secret:a-AbCdEf");
        let key = format!("arn:{partition}:kms:eu-west-1:{ACCOUNT}:key/1");
        let via = format!("secretsmanager.eu-west-1.{}", variables.dns_suffix);
        let through = Context::new().with("kms:ViaService", via);
        let of = |account: &str| {
            Context::new()
                .with("aws:PrincipalAccount", ACCOUNT)
                .with("aws:ResourceAccount", account)
        };
        let logs = format!("arn:{partition}:logs:eu-west-1:{ACCOUNT}:log-group:a");
        for (action, resource) in
            [("secretsmanager:GetSecretValue", &secret), ("logs:PutLogEvents", &logs)]
        {
            assert_eq!(decided(action, resource, of(ACCOUNT)), Decision::Allowed);
            // A secret of another account stays closed, whatever its policy says.
            assert_ne!(decided(action, resource, of("111122223333")), Decision::Allowed);
            assert_ne!(decided(action, resource, Context::new()), Decision::Allowed);
        }
        assert_eq!(decided("kms:Decrypt", &key, through), Decision::Allowed);
        assert_ne!(decided("kms:Decrypt", &key, Context::new()), Decision::Allowed);
        let parameter = format!("arn:{partition}:ssm:eu-west-1:{ACCOUNT}:parameter/a");
        assert_eq!(decided("ssm:GetParameter", &parameter, of(ACCOUNT)), Decision::Allowed);
        // On resources and with keys with which the boundary allows others.
        let through = of(ACCOUNT)
            .with("kms:ViaService", format!("secretsmanager.eu-west-1.{}", variables.dns_suffix));
        assert_eq!(decided("ec2:DescribeSubnets", "*", through.clone()), Decision::Allowed);
        let role = consumer_role_arn(partition, ACCOUNT, "orders");
        for (action, resource) in [
            ("iam:CreateUser", format!("arn:{partition}:iam::{ACCOUNT}:user/new")),
            ("iam:PassRole", role.clone()),
            ("iam:PutRolePolicy", role.clone()),
            ("sts:AssumeRole", role),
            ("secretsmanager:PutSecretValue", secret.clone()),
            ("secretsmanager:PutResourcePolicy", secret.clone()),
            ("secretsmanager:DeleteSecret", secret.clone()),
            ("ssm:PutParameter", parameter.clone()),
            ("ssm:GetParametersByPath", parameter.clone()),
            ("kms:CreateGrant", key.clone()),
            ("kms:Encrypt", key),
            ("logs:DeleteLogGroup", logs),
            ("lambda:UpdateFunctionCode", Names::of(partition).function),
            ("codebuild:StartBuild", Names::of(partition).project),
            ("ec2:RunInstances", "*".to_owned()),
            ("ec2:CreateNetworkInterfacePermission", "*".to_owned()),
            ("ecr:PutImage", format!("arn:{partition}:ecr:eu-west-1:{ACCOUNT}:repository/a")),
            ("organizations:LeaveOrganization", "*".to_owned()),
            ("s3:GetObject", format!("arn:{partition}:s3:::builds/a")),
        ] {
            let decision = decided(action, &resource, through.clone());
            assert_ne!(decision, Decision::Allowed, "{action} on {resource}");
        }
    }
}

/// A call that is added to the role has to be decided about here.
#[test]
fn every_write_of_the_role_is_one_of_those_above() {
    let mut writes: Vec<&str> = TABLE
        .iter()
        .filter(|call| call.role == Role::Iam)
        .flat_map(|call| call.needs.iter().map(|need| need.action))
        .filter(|action| !action.contains(":Get") && !action.contains(":List"))
        .collect();
    writes.sort_unstable();
    let mut asked: Vec<String> = Names::of("aws")
        .calls()
        .iter()
        .flat_map(|call| Names::of("aws").requests(call))
        .map(|request| request.action)
        .collect();
    asked.sort();
    assert_eq!(writes, asked);
    // The opt-in role that reads writes nothing.
    let reads = TABLE.iter().filter(|call| call.role == Role::Consumers);
    assert!(reads.clone().count() > 0);
    assert!(reads.into_iter().all(|call| {
        // Access Analyzer answers about documents that it is sent.
        let verbs = ["Get", "List", "BatchGet", "Describe", "Validate", "Check"];
        verbs.iter().any(|verb| call.operation.starts_with(verb))
    }));
}
