//! Rules that hold for every recipe of every sample.

use super::*;
use crate::consumers::ConsumerKind;
use rstest::rstest;

fn every() -> Vec<(&'static str, Subject, Recipe)> {
    let mut found = Vec::new();
    for (folder, subject) in samples::all() {
        for id in RecipeId::of(&subject) {
            found.push((folder, subject.clone(), recipe(id, &subject).unwrap()));
        }
    }
    found
}

fn texts(recipe: &Recipe) -> String {
    recipe.files.iter().map(|file| file.text.as_str()).collect()
}

fn of(id: RecipeId, subject: &Subject) -> Recipe {
    recipe(id, subject).unwrap()
}

#[test]
fn each_recipe_is_complete_and_names_its_resource() {
    for (folder, subject, recipe) in every() {
        let label = format!("{folder}/{}", recipe.id);
        let text = texts(&recipe);
        assert!(!recipe.files.is_empty(), "{label}");
        assert!(!text.contains("<<"), "{label}: a marker is left\n{text}");
        assert!(!text.lines().any(|line| line.starts_with('?')), "{label}: a condition is left");
        let resource = if subject.is_secret() { subject.arn.as_str() } else { &subject.name };
        assert!(text.contains(resource), "{label}: without {resource}\n{text}");
        let said = [&recipe.cache, &recipe.at_rotation, &recipe.on_auth_failure, &recipe.reader];
        assert!(said.iter().all(|said| !said.is_empty()), "{label}");
        let names: std::collections::BTreeSet<_> =
            recipe.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names.len(), recipe.files.len(), "{label}");
    }
}

/// A choice that a recipe neither follows nor says that it does not is the worst of all.
#[test]
fn key_and_stage_are_in_the_text_or_said_to_be_left_out() {
    for (folder, subject, recipe) in every() {
        let label = format!("{folder}/{}", recipe.id);
        let text = texts(&recipe);
        if subject.json_key.is_some() {
            let is_said = recipe.not_supported.iter().any(|said| said.contains("JSON key"));
            assert_eq!(recipe.json_key.is_none(), is_said, "{label}");
            // Besides the name of the variable, only a recipe that says so is as without the key.
            let mut whole = subject.clone();
            whole.json_key = None;
            let without = texts(&of(recipe.id, &whole)).replace(&names::variable(&whole), "V");
            let with = text.replace(&names::variable(&subject), "V");
            assert_eq!(with == without, is_said, "{label}\n{text}");
        } else {
            assert!(recipe.json_key.is_none(), "{label}");
            assert!(!text.contains("fromjson") && !text.contains("jsondecode"), "{label}");
        }
        if let Some(stage) = &subject.stage {
            let is_said = recipe.not_supported.iter().any(|said| said.contains("stage"));
            assert!(is_said || text.contains(stage.as_str()), "{label}\n{text}");
        }
    }
}

#[test]
fn readers_need_the_key_only_where_a_key_of_yours_encrypts() {
    for (folder, subject, recipe) in every() {
        let decrypts = recipe.rights.iter().any(|right| right.on == RightOn::Key);
        let by_claviger = recipe.id == RecipeId::ClvRun;
        assert_eq!(decrypts, subject.has_own_key && !by_claviger, "{folder}/{}", recipe.id);
        let service = if subject.is_secret() { "secretsmanager:" } else { "ssm:" };
        for right in recipe.rights.iter().filter(|right| right.on == RightOn::Resource) {
            assert!(right.action.to_string().starts_with(service), "{folder}/{}", recipe.id);
        }
    }
}

/// The key decides under every key, and a comparison that leaves it out would call a role complete that AWS refuses.
#[test]
fn a_role_is_compared_with_the_key_under_every_key() {
    for (folder, _, recipe) in every() {
        let keys: Vec<RecipeAction> = recipe
            .compared_rights()
            .into_iter()
            .filter(|right| right.on == RightOn::Key)
            .map(|right| right.action)
            .collect();
        let writes = recipe.rights.iter().any(|one| one.action == RecipeAction::PutSecretValue);
        let wanted: &[RecipeAction] = match recipe.id {
            RecipeId::ClvRun => &[],
            _ if writes => &[RecipeAction::Decrypt, RecipeAction::GenerateDataKey],
            _ => &[RecipeAction::Decrypt],
        };
        assert_eq!(keys, wanted, "{folder}/{}", recipe.id);
    }
}

#[rstest]
#[case::whole(
    samples::secret(),
    "arn:aws:secretsmanager:eu-west-1:441205839201:secret:payments/api-token-AbCdEf\""
)]
#[case::key(samples::secret_with_key(), "payments/db-GhIjKl:password::\"")]
#[case::parameter(
    samples::parameter(),
    "arn:aws:ssm:eu-west-1:441205839201:parameter/payments/url\""
)]
fn ecs_names_the_key_behind_the_arn(#[case] subject: Subject, #[case] end: &str) {
    let text = texts(&of(RecipeId::Ecs, &subject));
    assert!(text.contains(end), "{text}");
}

#[test]
fn references_have_all_their_parts() {
    let mut subject = samples::secret_with_key();
    subject.stage = Some("AWSPREVIOUS".to_owned());
    let ecs = texts(&of(RecipeId::Ecs, &subject));
    assert!(ecs.contains("payments/db-GhIjKl:password:AWSPREVIOUS:\""), "{ecs}");
    let codebuild = texts(&of(RecipeId::CodeBuild, &subject));
    assert!(codebuild.contains("payments/db-GhIjKl:password:AWSPREVIOUS\""), "{codebuild}");
    subject.json_key = None;
    let ecs = texts(&of(RecipeId::Ecs, &subject));
    assert!(ecs.contains("payments/db-GhIjKl::AWSPREVIOUS:\""), "{ecs}");
    subject.stage = None;
    subject.json_key = Some("a:b".to_owned());
    for id in [RecipeId::Ecs, RecipeId::CodeBuild] {
        let refused = of(id, &subject);
        assert!(refused.not_supported[0].contains("colon"), "{id}");
        assert!(!texts(&refused).contains("a:b"), "{id}");
    }
}

#[rstest]
#[case::extension(RecipeId::LambdaExtension, "il-central-1", "publishes no layer")]
#[case::codebuild(RecipeId::CodeBuild, "ca-west-1", "has no endpoint in ca-west-1")]
fn a_region_without_the_service_gets_a_reason(
    #[case] id: RecipeId,
    #[case] region: &str,
    #[case] said: &str,
) {
    let mut subject = samples::secret();
    subject.region = region.parse().unwrap();
    subject.arn = subject.arn.in_region(&subject.region);
    let why = recipe(id, &subject).unwrap_err();
    assert!(why.contains(said) && why.contains(region), "{why}");
    assert!(recipe(RecipeId::Python, &subject).is_ok());
}

#[test]
fn each_partition_has_its_own_names() {
    let china = samples::in_china();
    assert!(texts(&of(RecipeId::GitHub, &china)).contains("audience: sts.amazonaws.com.cn"));
    let layer = texts(&of(RecipeId::LambdaExtension, &china));
    assert!(layer.contains("arn:aws-cn:lambda:cn-north-1:287114880934:layer:"), "{layer}");
    assert!(
        layer.contains("arn:aws-cn:iam::441205839201:role/claviger/payments-db-reader"),
        "{layer}"
    );
    let gov = texts(&of(RecipeId::Ecs, &samples::in_govcloud()));
    assert!(
        gov.contains("arn:aws-us-gov:iam::441205839201:role/claviger/payments-db-reader"),
        "{gov}"
    );
    assert!(!texts(&of(RecipeId::GitHub, &samples::secret())).contains("audience"));
}

#[test]
fn a_chosen_role_is_in_the_recipes_that_name_one() {
    let mut subject = samples::secret();
    let role = "arn:aws:iam::441205839201:role/apps/orders";
    subject.role = Some(role.parse().unwrap());
    let naming = [
        RecipeId::LambdaExtension,
        RecipeId::Ecs,
        RecipeId::CodeBuild,
        RecipeId::GitHub,
        RecipeId::GitLab,
        RecipeId::ExternalSecrets,
        RecipeId::CsiDriver,
    ];
    for id in naming {
        assert!(texts(&of(id, &subject)).contains(role), "{id}");
    }
}

#[test]
fn parameters_have_no_recipe_of_what_reads_secrets_only() {
    let parameter = samples::parameter();
    assert!(!RecipeId::of(&parameter).contains(&RecipeId::Ec2Agent));
    assert!(recipe(RecipeId::Rust, &parameter).unwrap_err().contains("reads secrets only"));
    let plain = texts(&of(RecipeId::Python, &samples::plain_parameter()));
    assert!(!plain.contains("decrypt=True"), "{plain}");
}

/// Parameter Store has versions and labels: no stages, no rotation of its own, no recovery window.
#[test]
fn recipes_of_parameters_do_not_speak_of_what_only_secrets_have() {
    for (folder, subject, recipe) in every().into_iter().filter(|(_, one, _)| !one.is_secret()) {
        let said = [&recipe.cache, &recipe.at_rotation, &recipe.on_auth_failure];
        let said = said.into_iter().chain(&recipe.traps).chain(&recipe.json_key);
        let said: Vec<&str> = said.chain(&recipe.not_supported).map(String::as_str).collect();
        let text = texts(&recipe);
        let said = format!("{}\n{text}", said.join("\n")).to_ascii_lowercase();
        // The CSI driver calls its own polling so.
        let said = said.replace("driver's rotation", "").replace("rotationpollinterval", "");
        let said = said.replace("enablesecretrotation", "");
        for word in
            ["awsprevious", "awscurrent", "stage", "rotation", "recovery window", "secretbinary"]
        {
            assert!(!said.contains(word), "{folder}/{}: {word}\n{said}", recipe.id);
        }
        assert!(subject.stage.is_none());
    }
}

#[test]
fn no_shell_prints_the_value() {
    for (folder, _, recipe) in every() {
        for file in
            recipe.files.iter().filter(|file| file.name.split('.').next_back() == Some("sh"))
        {
            assert!(!file.text.contains("echo") && !file.text.contains("set -x"), "{folder}");
        }
    }
}

#[test]
fn the_role_of_a_consumer_is_of_its_kind() {
    let subject = samples::secret();
    let of = |id| of(id, &subject).consumer;
    assert_eq!(of(RecipeId::Ecs), Some(ConsumerKind::EcsExecution));
    assert_eq!(of(RecipeId::Ec2Agent), Some(ConsumerKind::Ec2));
    assert_eq!(of(RecipeId::ExternalSecrets), Some(ConsumerKind::EksIrsa));
    assert_eq!(of(RecipeId::Java), None);
}

#[test]
fn an_expression_of_github_is_no_key() {
    let mut subject = samples::secret();
    subject.json_key = Some("${{ secrets.X }}".to_owned());
    for stage in [None, Some("AWSPREVIOUS".to_owned())] {
        subject.stage = stage;
        assert!(recipe(RecipeId::GitHub, &subject).unwrap_err().contains("JSON key"));
    }
    assert!(recipe(RecipeId::GitLab, &subject).is_ok());
}

/// Terraform would take the key for an expression, or for another key.
#[rstest]
#[case::template("$${a}", r#"["\u0024$${a}"]"#)]
#[case::directive("%%%{if a}", r#"["\u0025\u0025%%{if a}"]"#)]
fn a_key_is_a_text_of_terraform(#[case] key: &str, #[case] written: &str) {
    for mut subject in [samples::secret(), samples::parameter()] {
        subject.json_key = Some(key.to_owned());
        let text = texts(&of(RecipeId::Terraform, &subject));
        assert!(text.contains(written), "{text}");
    }
}

/// The page says of each program that a second refusal is an error.
#[test]
fn a_second_refusal_is_an_error() {
    let subject = samples::secret();
    for (id, error) in [
        (RecipeId::Go, "err = errors.New(\"the target refused"),
        (RecipeId::Java, ".orElseThrow("),
        (RecipeId::DotNet, "?? throw new InvalidOperationException(\"The target refused"),
    ] {
        let text = texts(&of(id, &subject));
        assert!(text.contains(error), "{id}\n{text}");
    }
}

/// An apply that writes a value must neither change the type nor remove what others have set.
#[test]
fn terraform_takes_a_parameter_over_as_it_is() {
    let mut list = samples::plain_parameter();
    list.kind = SubjectKind::Parameter { is_encrypted: false, is_advanced: false, is_list: true };
    let types = |subject: &Subject| -> Vec<String> {
        let text = texts(&of(RecipeId::Terraform, subject));
        assert!(text.contains("ignore_changes = [tags, tags_all, description, "), "{text}");
        let types = text.lines().filter_map(|line| line.strip_prefix("  type = \""));
        types.map(ToOwned::to_owned).collect()
    };
    assert_eq!(types(&list), ["StringList\""]);
    assert_eq!(types(&samples::plain_parameter()), ["String\""]);
    assert_eq!(types(&samples::parameter()), ["SecureString\""]);
}

#[test]
fn what_is_only_parsed_does_not_claim_more() {
    for (folder, _, recipe) in every() {
        for file in &recipe.files {
            let end = file.name.rsplit('.').next().unwrap_or_default();
            if matches!(end, "java" | "go" | "cs") {
                assert_eq!(file.proof.strength(), Strength::Syntax, "{folder}/{}", file.name);
                assert!(file.proof.sentence().contains("not compiled"));
            }
        }
    }
}
