//! What the role `claviger-iam` can do with projects and instances, each request beside one that is allowed.

use crate::boundary::{
    ACCOUNT, CODEBUILD, EC2, Names, UPDATE_PROJECT, opted_in, passed_to, request, with_profile,
    with_role,
};
use claviger_domain::remediation::{
    ATTACH_TAG, ConsumerCall, consumer_role_arn, instance_profile_arn,
};
use claviger_policy::{
    consumers::applying_session,
    iam::{Context, Decision, Document, decide},
    permissions::{PROJECT_PARTS, reference::action_named, roles::PARTITIONS},
};

/// Each request differs from the allowed one in one thing.
#[test]
fn a_project_gets_a_role_of_ours_and_nothing_else() {
    for names in PARTITIONS.map(Names::of) {
        let call = names.calls().into_iter().find(|call| call.target() == names.project).unwrap();
        let session: Document = applying_session(&call).parse().unwrap();
        let allowed = request(UPDATE_PROJECT, &names.project, with_role(&names.role));
        assert_eq!(decide(&[names.iam()], &allowed), Decision::Allowed);
        let tag = format!("aws:ResourceTag/{}", ATTACH_TAG.0);
        let role = || Context::new().with("codebuild:serviceRole", &names.role);
        let mut contexts = vec![
            // Its owner has not allowed it.
            role(),
            role().with(&tag, "false"),
            // No role of ours: then the request changes something else.
            opted_in(),
        ];
        // Each key of AWS's reference, but for the role and the tags that the project has.
        let own =
            ["codebuild:serviceRole", "aws:ResourceTag/${TagKey}", "aws:RequestTag/${TagKey}"];
        let keys = action_named(UPDATE_PROJECT).unwrap().keys;
        for key in keys.iter().filter(|key| !own.contains(key)) {
            contexts.push(with_role(&names.role).with(key, "true"));
        }
        // AWS may say that a part is left out.
        let mut spelled = with_role(&names.role);
        for key in PROJECT_PARTS {
            spelled = spelled.with(key, "false");
        }
        let spelled = request(UPDATE_PROJECT, &names.project, spelled);
        assert_eq!(decide(&[names.iam()], &spelled), Decision::Allowed);
        assert_eq!(decide(std::slice::from_ref(&session), &spelled), Decision::Allowed);
        for context in contexts {
            let refused = request(UPDATE_PROJECT, &names.project, context);
            assert_ne!(decide(&[names.iam()], &refused), Decision::Allowed, "{refused:?}");
            assert_ne!(
                decide(std::slice::from_ref(&session), &refused),
                Decision::Allowed,
                "{refused:?}"
            );
        }
        // The session names the one role: none of another name or account.
        for other in [
            consumer_role_arn(names.partition, ACCOUNT, "other"),
            consumer_role_arn(names.partition, "111122223333", "orders"),
        ] {
            for refused in [
                request(UPDATE_PROJECT, &names.project, with_role(&other)),
                request("iam:PassRole", &other, passed_to(CODEBUILD)),
            ] {
                assert_ne!(
                    decide(std::slice::from_ref(&session), &refused),
                    Decision::Allowed,
                    "{refused:?}"
                );
            }
        }
        for action in [
            "codebuild:CreateProject",
            "codebuild:DeleteProject",
            "codebuild:StartBuild",
            "codebuild:UpdateProjectVisibility",
            "codebuild:UpdateWebhook",
        ] {
            let refused = request(action, &names.project, with_role(&names.role));
            assert_ne!(decide(&[names.iam()], &refused), Decision::Allowed, "{action}");
        }
    }
}

/// Each request differs from the allowed one in one thing.
#[test]
fn an_instance_gets_a_profile_of_ours_and_nothing_else() {
    for names in PARTITIONS.map(Names::of) {
        let stranger = names.profile.replace("claviger/", "");
        let hidden = names.profile.replace("claviger/", "team/claviger/");
        let new = |profile: &str| Context::new().with("ec2:NewInstanceProfile", profile);
        let tag = format!("aws:ResourceTag/{}", ATTACH_TAG.0);
        let own = |call: &ConsumerCall| call.target() == names.instance;
        for call in names.calls().into_iter().filter(own) {
            let action = format!("ec2:{}", call.operation());
            let session: Document = applying_session(&call).parse().unwrap();
            let of = |context: Context| request(&action, &names.instance, context);
            let allowed = of(with_profile(&names.profile));
            assert_eq!(decide(&[names.iam()], &allowed), Decision::Allowed);
            let cases = [
                // Its owner has not allowed it.
                of(new(&names.profile)),
                of(new(&names.profile).with(&tag, "false")),
                // An instance profile of another path, or none.
                of(with_profile(&stranger)),
                of(with_profile(&hidden)),
                of(opted_in()),
                request("iam:PassRole", &names.stranger, passed_to(EC2)),
            ];
            for refused in cases {
                for policy in [&names.iam(), &session] {
                    let decided = decide(std::slice::from_ref(policy), &refused);
                    assert_ne!(decided, Decision::Allowed, "{refused:?}");
                }
            }
            // The session names one profile and one role: none of another name or account.
            for (name, account) in [("other", ACCOUNT), ("orders", "111122223333")] {
                let profile = instance_profile_arn(names.partition, account, name);
                let role = consumer_role_arn(names.partition, account, name);
                for refused in
                    [of(with_profile(&profile)), request("iam:PassRole", &role, passed_to(EC2))]
                {
                    let decided = decide(std::slice::from_ref(&session), &refused);
                    assert_ne!(decided, Decision::Allowed, "{refused:?}");
                }
            }
        }
        for (action, resource) in [
            ("iam:CreateInstanceProfile", &stranger),
            ("iam:AddRoleToInstanceProfile", &stranger),
            ("iam:AddRoleToInstanceProfile", &hidden),
            ("iam:RemoveRoleFromInstanceProfile", &names.profile),
            ("iam:DeleteInstanceProfile", &names.profile),
            ("ec2:DisassociateIamInstanceProfile", &names.instance),
            ("ec2:RunInstances", &names.instance),
            ("ec2:ModifyInstanceAttribute", &names.instance),
        ] {
            let refused = request(action, resource, with_profile(&names.profile));
            assert_ne!(decide(&[names.iam()], &refused), Decision::Allowed, "{action}");
        }
    }
}
