//! The files in `infra` against the table of permissions, and against each other.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::grants::GrantId;
use claviger_policy::permissions::{
    DENIED, Role, TABLE,
    lint::{
        INLINE_LIMIT, MANAGED_LIMIT, TRUST_LIMIT, allowed_actions, policy_faults, size,
        trust_faults,
    },
    roles::{SESSION_NAMES, SESSION_TAGS},
    templates::{EVENTS, HAND_WRITTEN, TEMPLATE_VERSION, content, files},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, fs, path::PathBuf};

fn infra() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../infra")
}

fn file(name: &str) -> String {
    fs::read_to_string(infra().join(name)).unwrap_or_else(|error| panic!("infra/{name}: {error}"))
}

/// A template of CloudFormation; short forms are as their arguments.
fn template(name: &str) -> Value {
    parsed(&file(name))
}

fn parsed(text: &str) -> Value {
    let short_forms =
        regex::Regex::new(r"!(?:And|Cidr|Condition|Equals|FindInMap|GetAZs|GetAtt|If|Join|Not|Ref|Select|Split|Sub)\b").unwrap();
    serde_saphyr::from_str(&short_forms.replace_all(text, "")).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_str(&file(name)).unwrap()
}

/// Its resource in the CloudFormation template, such as `AccessRole`.
fn resource_name(role: Role) -> String {
    let key = role.key();
    format!("{}{}Role", key[..1].to_uppercase(), &key[1..])
}

fn resource(template: &Value, role: Role) -> Value {
    template["Resources"][&resource_name(role)]["Properties"].clone()
}

/// `cargo xtask infra` writes them.
#[test]
fn the_files_are_as_the_table_has_them() {
    let rendered = files(&file(EVENTS));
    for (name, text) in &rendered {
        let found = fs::read_to_string(infra().join(name)).unwrap_or_default();
        assert!(found == *text, "infra/{name} differs: run `cargo xtask infra`");
    }
    for folder in ["policies", "cloudformation", "terraform/member-roles/policies"] {
        for entry in fs::read_dir(infra().join(folder)).unwrap() {
            let name = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
            let known = HAND_WRITTEN.contains(&name.as_str())
                || rendered
                    .keys()
                    .any(|file| *file == name || file.starts_with(&format!("{name}/")));
            assert!(known, "infra/{name} is neither rendered nor listed as written by hand");
        }
    }
}

/// The actions of a role, and what it is denied, in the table and in all three forms.
#[test]
fn each_role_has_the_same_actions_in_every_form() {
    let template = template("cloudformation/member-roles.yaml");
    assert_eq!(Role::members().count(), 5, "a new role belongs in the documentation too");
    for role in Role::members() {
        let table: BTreeSet<&str> = TABLE
            .iter()
            .filter(|call| call.role == role)
            .flat_map(|call| call.needs)
            .map(|need| need.action)
            .collect();
        let table: Vec<String> = table.into_iter().map(str::to_owned).collect();
        let denied: BTreeSet<&str> = DENIED
            .iter()
            .filter(|(of, _)| *of == role)
            .flat_map(|(_, actions)| actions.iter().copied())
            .collect();
        let forms = [
            json(&format!("policies/{}.json", role.name())),
            json(&format!("policies/aws-cn/{}.json", role.name())),
            json(&format!("policies/aws-us-gov/{}.json", role.name())),
            json(&format!("terraform/member-roles/policies/{}.json.tftpl", role.key())),
            resource(&template, role)["Policies"][0]["PolicyDocument"].clone(),
        ];
        for form in &forms {
            assert_eq!(allowed_actions(form), table, "{form}");
            let deny: Vec<&Value> = form["Statement"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|statement| statement["Effect"] == "Deny")
                .collect();
            let actions: BTreeSet<&str> = deny
                .iter()
                .flat_map(|deny| deny["Action"].as_array().unwrap())
                .map(|action| action.as_str().unwrap())
                .collect();
            assert_eq!(actions, denied);
            assert_eq!(deny.len(), usize::from(!denied.is_empty()));
            assert_eq!(policy_faults(role, form), Vec::<String>::new());
        }
        // Filled in, the templates are the policy of the partition, but for the account.
        let fill = |text: String, names: [(&str, &str); 4]| {
            let text = names.iter().fold(text, |text, (name, value)| text.replace(name, value));
            serde_json::from_str::<Value>(&text).unwrap()
        };
        let cloudformation = fill(
            forms[4].to_string(),
            [
                ("${AWS::Partition}", "aws-cn"),
                ("${AWS::URLSuffix}", "amazonaws.com.cn"),
                ("${AWS::AccountId}", "*"),
                ("${AccessRoleName}", "claviger-access"),
            ],
        );
        assert_eq!(in_order(cloudformation), in_order(forms[1].clone()));
        let terraform = fill(
            forms[3].to_string(),
            [
                ("${partition}", "aws-cn"),
                ("${dns_suffix}", "amazonaws.com.cn"),
                ("${account_id}", "*"),
                ("${access_role_name}", "claviger-access"),
            ],
        );
        assert_eq!(in_order(terraform), in_order(forms[1].clone()));
    }
}

/// The boundary has a variable of IAM, which each template escapes in its own way.
#[test]
fn the_boundary_is_the_same_in_every_form() {
    let own = json("policies/aws-cn/claviger-boundary.json");
    assert!(own.to_string().contains("\"${aws:PrincipalAccount}\""), "{own}");
    let template = template("cloudformation/member-roles.yaml");
    let written = &template["Resources"]["ConsumerBoundary"]["Properties"]["PolicyDocument"];
    let cloudformation = written
        .to_string()
        .replace("${AWS::Partition}", "aws-cn")
        .replace("${AWS::URLSuffix}", "amazonaws.com.cn");
    assert_eq!(serde_json::from_str::<Value>(&cloudformation).unwrap(), own);
    let terraform = json("terraform/member-roles/policies/boundary.json.tftpl")
        .to_string()
        .replace("${partition}", "aws-cn")
        .replace("${dns_suffix}", "amazonaws.com.cn")
        .replace("$${aws:", "${aws:");
    assert_eq!(serde_json::from_str::<Value>(&terraform).unwrap(), own);
}

/// With its statements in one order: they are sorted by their resources, which a template names by variables.
fn in_order(mut policy: Value) -> Value {
    if let Some(statements) = policy["Statement"].as_array_mut() {
        statements.sort_by_key(ToString::to_string);
    }
    policy
}

#[test]
fn every_trust_policy_is_the_same_and_has_no_fault() {
    let trust = json("policies/trust.json");
    assert_eq!(trust_faults(&trust), Vec::<String>::new());
    assert_eq!(json("terraform/member-roles/policies/trust.json.tftpl"), trust);
    let template = template("cloudformation/member-roles.yaml");
    for role in Role::members() {
        let own = resource(&template, role)["AssumeRolePolicyDocument"].clone();
        assert_eq!(trust_faults(&own), Vec::<String>::new());
        let text = own
            .to_string()
            .replace("HubPrincipalArn", "${hub_principal_arn}")
            .replace("\"ExternalId\"", "\"${external_id}\"")
            .replace("\"OrganizationId\"", "\"${organization_id}\"");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), trust);
    }
}

/// The hub's template is written by hand. Its task role is the rendered policy in every partition, and no other role of it
/// may assume roles.
#[test]
fn the_hub_template_has_exactly_the_policy_of_the_hub() {
    let hub = template("cloudformation/hub.yaml");
    let policies = &hub["Resources"]["HubRole"]["Properties"]["Policies"];
    assert_eq!(policies.as_array().unwrap().len(), 1);
    let own = &policies[0]["PolicyDocument"];
    assert_eq!(policy_faults(Role::Hub, own), Vec::<String>::new());
    let mut policy = own.to_string();
    for role in Role::members() {
        let parameter = format!("{}Name", resource_name(role));
        assert_eq!(hub["Parameters"][&parameter]["Default"], role.name());
        policy = policy.replace(&format!("${{{parameter}}}"), role.name());
    }
    for (partition, folder) in [("aws", ""), ("aws-us-gov", "aws-us-gov/"), ("aws-cn", "aws-cn/")] {
        let filled = policy.replace("${AWS::Partition}", partition);
        let filled: Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(filled, json(&format!("policies/{folder}hub.json")), "{partition}");
    }
    for (name, resource) in hub["Resources"].as_object().unwrap() {
        let inline = resource["Properties"]["Policies"].to_string();
        assert!(name == "HubRole" || !inline.contains("sts:"), "{name} may assume roles");
    }
}

/// The task's own right is to be exactly one database role of exactly this cluster.
#[test]
fn the_hub_signs_in_to_the_database_by_iam_and_has_no_password() {
    let hub = template("cloudformation/hub.yaml");
    let policy = &hub["Resources"]["DatabasePolicy"]["Properties"];
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Action"], "rds-db:connect");
    let resource = statements[0]["Resource"].to_string();
    let role = "dbuser:${Database.DBClusterResourceId}/claviger_console";
    assert!(resource.contains(role) && !resource.contains('*'), "{resource}");
    let console = &hub["Resources"]["ConsoleTask"]["Properties"]["ContainerDefinitions"][0];
    let environment = console["Environment"].to_string();
    for setting in ["CLAVIGER_DATABASE_AUTH", "rds-iam", "sslmode=verify-full&sslrootcert="] {
        assert!(environment.contains(setting), "{setting}");
    }
    assert!(!console["Secrets"].to_string().contains("DATABASE_URL"));
}

/// The server does not start with a variable that it does not know.
#[test]
fn the_hub_template_sets_documented_settings_only() {
    let documented = file("../docs/configuration.md");
    let hub = template("cloudformation/hub.yaml");
    let console = &hub["Resources"]["ConsoleTask"]["Properties"]["ContainerDefinitions"][0];
    let text = format!("{}{}", console["Environment"], console["Secrets"]);
    let names = regex::Regex::new("CLAVIGER_([A-Z_]+)").unwrap();
    let names: BTreeSet<String> =
        names.captures_iter(&text).map(|found| found[1].to_lowercase()).collect();
    assert!(names.len() >= 15, "the template is not as this test reads it: {names:?}");
    for name in names {
        let is_documented = documented.contains(&format!("`{name}`"))
            || documented.contains(&format!("`CLAVIGER_{}`", name.to_uppercase()));
        assert!(is_documented, "{name} is not in docs/configuration.md");
    }
}

/// With the longest values that the parameters take, in the longest partition and account.
#[test]
fn policies_fit_aws_limits() {
    let template = template("cloudformation/member-roles.yaml");
    let longest = |name: &str| {
        usize::try_from(template["Parameters"][name]["MaxLength"].as_u64().unwrap()).unwrap()
    };
    let trust = file("policies/trust.json")
        .replace("${hub_principal_arn}", &"p".repeat(longest("HubPrincipalArn")))
        .replace("${external_id}", &"e".repeat(longest("ExternalId")))
        .replace("${organization_id}", &format!("o-{}", "a".repeat(32)));
    let trust = size(&serde_json::from_str(&trust).unwrap());
    assert!(trust <= TRUST_LIMIT, "the trust policy may have {trust} characters");
    for role in Role::members() {
        let policy = file(&format!("terraform/member-roles/policies/{}.json.tftpl", role.key()))
            .replace("${partition}", "aws-us-gov")
            .replace("${dns_suffix}", "amazonaws.com.cn")
            .replace("${account_id}", "444455556666")
            .replace("${access_role_name}", &"n".repeat(64));
        assert!(!policy.contains("${"), "{policy}");
        let characters = size(&serde_json::from_str(&policy).unwrap());
        assert!(characters <= MANAGED_LIMIT, "{} has {characters}", role.name());
        // The access role keeps most of its inline policies for sessions that are ended.
        assert!(role != Role::Access || characters < INLINE_LIMIT / 4, "{characters}");
    }
    // The limits of `--template-body`, and of a stack set's template.
    let rendered = [
        "cloudformation/events-stack-set.yaml",
        "cloudformation/member-roles.yaml",
        "cloudformation/stack-set.yaml",
    ];
    for name in rendered.into_iter().chain(HAND_WRITTEN) {
        assert!(file(name).len() <= 51_200, "{name} has {} bytes", file(name).len());
    }
}

#[test]
fn each_stack_set_contains_its_template_and_passes_every_parameter() {
    let all = [
        ("cloudformation/stack-set.yaml", "cloudformation/member-roles.yaml", "MemberRoles"),
        ("cloudformation/events-stack-set.yaml", EVENTS, "Events"),
    ];
    for (outer, inner, resource) in all {
        contains_and_passes(&file(outer), &file(inner), resource);
    }
}

fn contains_and_passes(outer: &str, inner: &str, resource: &str) {
    let start = outer.find("TemplateBody: |\n").unwrap() + "TemplateBody: |\n".len();
    let end = outer.rfind("\n\nOutputs:").unwrap() + 1;
    let lines: Vec<&str> = outer[start..end]
        .lines()
        .map(|line| line.strip_prefix("        ").unwrap_or(line))
        .collect();
    let body = format!("{}\n", lines.join("\n"));
    assert_eq!(body, inner);
    let without: String =
        format!("{}{}", &outer[..start].replace("TemplateBody: |", "X: 1"), &outer[end..]);
    let (outer, inner) = (parsed(&without), parsed(inner));
    let properties = &outer["Resources"][resource]["Properties"];
    let passed: Vec<&str> = properties["Parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["ParameterKey"].as_str().unwrap())
        .collect();
    let own: Vec<&String> = inner["Parameters"].as_object().unwrap().keys().collect();
    assert_eq!(passed, own);
    for name in own {
        assert_eq!(outer["Parameters"][name], inner["Parameters"][name]);
    }
    assert_eq!(properties["PermissionModel"], "SERVICE_MANAGED");
    assert_eq!(properties["AutoDeployment"]["Enabled"], true);
    assert_eq!(outer["Parameters"]["RetainStacksOnAccountRemoval"]["Default"], "false");
    for (preference, aws_default) in
        [("MaxConcurrentPercentage", 1), ("FailureTolerancePercentage", 0)]
    {
        let default = outer["Parameters"][preference]["Default"].as_str().unwrap();
        assert!(default.parse::<u32>().unwrap() > aws_default);
        assert_eq!(properties["OperationPreferences"][preference], preference);
    }
}

/// A role says its version by a tag, so the version has to rise with what it stands for.
#[test]
fn the_version_rises_with_the_policies() {
    let text = file("versions");
    let lines: Vec<(u32, &str)> = text
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(version, digest)| (version.parse().unwrap(), digest))
        .collect();
    let digest = format!("{:x}", Sha256::digest(content()));
    assert_eq!(
        lines.last().unwrap(),
        &(TEMPLATE_VERSION, digest.as_str()),
        "raise TEMPLATE_VERSION and run `cargo xtask infra`"
    );
    assert!(lines.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1));
    for role in Role::members() {
        let tags = &resource(&template("cloudformation/member-roles.yaml"), role)["Tags"];
        assert_eq!(tags[1]["Key"], "claviger:template-version");
        assert_eq!(tags[1]["Value"], TEMPLATE_VERSION.to_string());
        assert_eq!(tags[0]["Value"], role.key());
    }
    let metadata = &template("cloudformation/member-roles.yaml")["Metadata"];
    assert_eq!(metadata["ClavigerTemplateVersion"], TEMPLATE_VERSION);
}

/// What the code names sessions, tags and source identities, as far as its sources have them as texts.
#[test]
fn the_trust_policy_admits_what_the_code_sends() {
    let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![crates.join("aws/src"), crates.join("services/src")];
    let mut sources = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                let text = fs::read_to_string(path).unwrap();
                sources.push_str(text.split("#[cfg(test)]\nmod tests {").next().unwrap());
            }
        }
    }
    let texts = |pattern: &str| -> BTreeSet<String> {
        let pattern = regex::Regex::new(pattern).unwrap();
        pattern.captures_iter(&sources).map(|found| found[1].to_owned()).collect()
    };
    let admits = |pattern: &&str, name: &str| name.starts_with(pattern.trim_end_matches('*'));

    let mut names =
        texts(r#"(?:session_name: |SESSION(?:_NAME)?: &str = )(?:format!\()?"([^"]+)""#);
    assert!(names.len() >= 5, "the sources are not where they were: {names:?}");
    // A grant's begins with its number.
    names.insert(format!("{}-0123456789ab", GrantId(7)));
    for name in names {
        assert!(SESSION_NAMES.iter().any(|pattern| admits(pattern, &name)), "{name} is refused");
    }

    let tags = texts(r#"\("(claviger:[a-z]+)"\.into\(\),"#);
    assert_eq!(tags, SESSION_TAGS.iter().map(ToString::to_string).collect());

    let identities = texts(r#"(?:source_identity: |SOURCE_IDENTITY: &str = )"([^"]+)""#);
    assert!(!identities.is_empty());
    assert!(identities.iter().all(|identity| identity.len() >= 2), "{identities:?}");
}

/// The rules that Claviger looks for are those that the templates create, with a sample that is among their samples.
#[test]
fn alarms_look_for_the_rules_of_the_templates() {
    let patterns = file("terraform/events/patterns.json.tftpl");
    let patterns: Value = serde_json::from_str(&patterns).unwrap();
    let samples = json("events/samples.json");
    for (name, rule) in claviger_policy::alarms::expected_rules().unwrap() {
        assert_eq!(patterns[&name]["state"], Value::String(rule.state.clone()), "{name}");
        assert_eq!(patterns[&name]["pattern"], rule.pattern, "{name}");
        let is_it = |one: &&Value| one["event"] == rule.sample;
        let sample = samples.as_array().unwrap().iter().find(is_it).unwrap();
        let sends = |own: &str| sample["rules"].as_array().unwrap().contains(&Value::from(own));
        assert!(sends(&name), "{name}");
        // A test event is the sample with another source: it reaches this rule of an account alone.
        let others =
            ["claviger-secrets", "claviger-parameters", "claviger-reads", "claviger-findings"];
        assert!(others.into_iter().all(|other| other == name || !sends(other)), "{name}");
    }
}
