//! Texts in different forms, and how they are parsed.

use super::{collect::OTLP, *};
use crate::settings::Regions;
use std::collections::BTreeMap;

const NEEDED: &[(&str, &str)] = &[
    ("DATABASE_URL", "postgres://localhost/claviger"),
    ("CLAVIGER_OIDC_ISSUER", "https://id.example.com"),
    ("CLAVIGER_OIDC_CLIENT_ID", "claviger"),
    ("CLAVIGER_OIDC_CLIENT_SECRET", "s"),
];

fn with(file: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
    let given: BTreeMap<&str, &str> = NEEDED.iter().chain(variables).copied().collect();
    let given = given.into_iter().map(|(name, value)| (name.into(), value.into()));
    read(file, given).map_err(|fault| fault.0)
}

/// Everything that a text could be mistaken for.
const TEXTS: &[&str] = &[
    "00123456",
    "007",
    "0",
    "1e5",
    "1E5",
    "0x1f",
    "1_000",
    "-0",
    "+1",
    "1.10",
    ".5",
    "inf",
    "NaN",
    "true",
    "FALSE",
    "yes",
    "off",
    "null",
    "none",
    "~",
    "a,b",
    ",",
    " padded ",
    "[1]",
    "{}",
    "\"quoted\"",
    "key=value",
    "2026-11-27",
    "12345678901234567890123",
    "ünïcode",
    "#",
    "$HOME",
    "%41",
];

#[test]
fn a_text_of_the_environment_stays_as_it_is() {
    for text in TEXTS {
        let variables: Vec<(&str, &str)> = [
            "CLAVIGER_OIDC_CLIENT_ID",
            "CLAVIGER_OIDC_CLIENT_SECRET",
            "CLAVIGER_OIDC_GROUPS_CLAIM",
            "CLAVIGER_OIDC_CLI_CLIENT_ID",
            "CLAVIGER_INVENTORY_ROLE",
            "CLAVIGER_ACCESS_ROLE",
            "CLAVIGER_REMEDIATION_ROLE",
            "CLAVIGER_CONSUMERS_ROLE",
            "CLAVIGER_IAM_ROLE",
            "CLAVIGER_EXTERNAL_ID",
            "CLAVIGER_MAIL_FROM",
            "CLAVIGER_SMTP_URL",
            "CLAVIGER_WEBHOOK_URL",
            "CLAVIGER_EVENT_WEBHOOK_URL",
            "CLAVIGER_EVENT_WEBHOOK_SECRET",
            "CLAVIGER_SITE_DIR",
            "CLAVIGER_ACCESS_POLICIES",
            "CLAVIGER_ACCESS_RULES",
            "DATABASE_URL",
        ]
        .map(|name| (name, *text))
        .to_vec();
        let settings = with("", &variables).unwrap();
        let secret = |secret: &Option<secrecy::SecretString>| {
            secret.as_ref().unwrap().expose_secret().to_owned()
        };
        let path = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
        for read in [
            settings.oidc_client_id.clone(),
            settings.oidc_client_secret.expose_secret().to_owned(),
            settings.oidc_groups_claim.clone(),
            settings.oidc_cli_client_id.clone().unwrap(),
            settings.inventory_role.clone(),
            settings.access_role.clone(),
            settings.remediation_role.clone(),
            settings.consumers_role.clone(),
            settings.iam_role.clone(),
            secret(&settings.external_id),
            settings.mail_from.clone(),
            secret(&settings.smtp_url),
            secret(&settings.webhook_url),
            secret(&settings.event_webhook_url),
            secret(&settings.event_webhook_secret),
            path(settings.site_dir.clone()),
            path(settings.access_policies.clone().unwrap()),
            path(settings.access_rules.clone().unwrap()),
            settings.database_url.expose_secret().to_owned(),
        ] {
            assert_eq!(read, *text);
        }
    }
}

#[test]
fn the_items_of_a_list_are_texts_too() {
    let scopes = |text| with("", &[("CLAVIGER_OIDC_SCOPES", text)]).unwrap().oidc_scopes.unwrap();
    assert_eq!(scopes("007, true,1e5"), ["007", "true", "1e5"]);
    assert_eq!(scopes("00123"), ["00123"]);
    assert!(scopes("").is_empty());
    let regions = |text| with("", &[("CLAVIGER_REGIONS", text)]).map(|read| read.regions);
    assert_eq!(regions("enabled").unwrap(), Regions::Enabled);
    let two = ["eu-west-1", "us-east-1"].map(|name| name.parse().unwrap()).to_vec();
    assert_eq!(regions("eu-west-1, us-east-1").unwrap(), Regions::These(two));
    assert_eq!(regions("eu-west-1").unwrap(), Regions::These(vec!["eu-west-1".parse().unwrap()]));
    assert!(regions("12").unwrap_err().contains("regions"));
}

#[test]
fn numbers_are_read_where_numbers_are_wanted() {
    let jobs = |text| with("", &[("CLAVIGER_JOBS", text)]).map(|read| read.jobs);
    assert_eq!(jobs("007").unwrap(), 7);
    assert_eq!(jobs(" 12 ").unwrap(), 12);
    for wrong in ["", "true", "1e1", "8.0", "-1", "many", "99999999999999999999999"] {
        let fault = jobs(wrong).unwrap_err();
        assert!(fault.contains("CLAVIGER_JOBS"), "{wrong}: {fault}");
    }
    let percent = with("", &[("CLAVIGER_QUOTA_PERCENT", "300")]).unwrap_err();
    assert!(percent.contains("CLAVIGER_QUOTA_PERCENT"), "{percent}");
    assert_eq!(with("jobs = 3", &[]).unwrap().jobs, 3);
    assert_eq!(with("jobs = \"3\"", &[]).unwrap().jobs, 3);
    assert_eq!(with("jobs = 3", &[("CLAVIGER_JOBS", "4")]).unwrap().jobs, 4, "it wins");
}

#[test]
fn a_text_of_the_file_is_written_in_quotes() {
    for wrong in ["external_id = 123456", "external_id = 1e5", "external_id = true"] {
        let fault = with(wrong, &[]).unwrap_err();
        assert!(fault.contains("external_id") && fault.contains("in quotes"), "{fault}");
        assert!(!fault.contains("123456"), "it may be a secret: {fault}");
    }
    let fault = with("[[roles]]\ngroup = 7\nrole = \"viewer\"\nscope = \"organization\"", &[]);
    assert!(fault.unwrap_err().contains("roles"));
    let settings = with("external_id = \"00123456\"", &[]).unwrap();
    assert_eq!(settings.external_id.unwrap().expose_secret(), "00123456");
    let fault = with("external_id = \"hunter2", &[]).unwrap_err();
    assert!(fault.contains("line 1") && !fault.contains("hunter2"), "{fault}");
}

#[test]
fn an_empty_text_says_nothing() {
    for name in [
        "CLAVIGER_EXTERNAL_ID",
        "CLAVIGER_OIDC_CLIENT_SECRET",
        "CLAVIGER_LISTEN",
        "CLAVIGER_LOG_FORMAT",
    ] {
        let fault = with("", &[(name, "")]).unwrap_err();
        assert!(fault.contains(name) && fault.contains("empty"), "{fault}");
    }
}

#[test]
fn what_is_no_setting_is_said_with_the_nearest_one() {
    for (name, near) in [
        ("CLAVIGER_OIDC_CLIENTID", "CLAVIGER_OIDC_CLIENT_ID"),
        ("CLAVIGER_JOB", "CLAVIGER_JOBS"),
        ("CLAVIGER_WEBHOOK", "CLAVIGER_WEBHOOK_URL"),
        ("CLAVIGER_DATABASEURL", "CLAVIGER_DATABASE_URL"),
    ] {
        let fault = with("", &[(name, "1")]).unwrap_err();
        assert!(
            fault.contains(&format!("{name} is not a setting; did you mean {near}?")),
            "{fault}"
        );
    }
    let fault = with("sweep_minute = 3\nqqqq = 1", &[]).unwrap_err();
    assert!(
        fault.contains("did you mean sweep_minutes?") && fault.contains("qqqq is not a setting"),
        "{fault}"
    );
    let fault = with("", &[("CLAVIGER_ROLES", "")]).unwrap_err();
    assert!(fault.contains("in the file only"), "{fault}");
}

#[test]
fn what_is_not_for_the_server_is_passed_over() {
    let others = [
        ("CLAVIGER_FILE", "x"),
        ("CLAVIGER_URL", "https://console"),
        ("CLAVIGER_SERVICE_HOST", "10.0.0.1"),
        ("CLAVIGER_SERVICE_PORT", "8080"),
        ("CLAVIGER_SERVICE_PORT_HTTP", "8080"),
        ("CLAVIGER_PORT", "tcp://10.0.0.1:8080"),
        ("CLAVIGER_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("CLAVIGER_PORT_8080_TCP_PROTO", "tcp"),
        ("CLAVIGER_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("CLAVIGER", "x"),
    ];
    with("", &others).unwrap();
    assert!(with("", &[("CLAVIGER_PORT", "8080")]).is_err());
}

#[test]
fn each_secret_can_be_in_a_file_of_its_own() {
    let read_all = |variables: &[(&str, &str)]| {
        let needed = NEEDED.iter().filter(|(name, _)| *name != "DATABASE_URL").chain(variables);
        let given = needed.map(|(name, value)| ((*name).into(), (*value).into()));
        read("", given).map_err(|fault| fault.0)
    };
    let folder = std::env::temp_dir().join(format!("claviger-secrets-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let external = file("external-id", "00123456\n");
    let read = with("", &[("CLAVIGER_EXTERNAL_ID_FILE", &external)]).unwrap();
    assert_eq!(read.external_id.unwrap().expose_secret(), "00123456");
    // The environment takes precedence over the configuration file.
    let read =
        with("external_id = \"other\"", &[("CLAVIGER_EXTERNAL_ID_FILE", &external)]).unwrap();
    assert_eq!(read.external_id.unwrap().expose_secret(), "00123456");
    let url = file("database-url", "postgres://127.0.0.1/elsewhere\r\n");
    let read = read_all(&[("DATABASE_URL_FILE", &url)]).unwrap();
    assert_eq!(read.database_url.expose_secret(), "postgres://127.0.0.1/elsewhere");
    for (variables, says) in [
        (vec![("CLAVIGER_EXTERNAL_ID_FILE", "/nowhere")], "/nowhere: No such file"),
        (vec![("CLAVIGER_EXTERNAL_ID_FILE", &*file("empty", "\n"))], "is empty"),
        (
            vec![("CLAVIGER_EXTERNAL_ID_FILE", &*external), ("CLAVIGER_EXTERNAL_ID", "1")],
            "are the same setting",
        ),
        (
            vec![("DATABASE_URL_FILE", &*url), ("DATABASE_URL", "postgres://127.0.0.1/x")],
            "are the same setting",
        ),
        (vec![("CLAVIGER_LISTEN_FILE", &*external)], "CLAVIGER_LISTEN_FILE is not a setting"),
        (vec![("CLAVIGER_LISTEN_ARN", "arn:x")], "CLAVIGER_LISTEN_ARN is not a setting"),
        (
            vec![("CLAVIGER_EXTERNAL_ID_FILE", &*external), ("CLAVIGER_EXTERNAL_ID_ARN", "arn:x")],
            "are the same setting",
        ),
        (
            vec![("DATABASE_URL_ARN", "arn:x"), ("DATABASE_URL", "postgres://127.0.0.1/x")],
            "are the same setting",
        ),
    ] {
        let fault = read_all(&variables).unwrap_err();
        assert!(fault.contains(says), "{fault}");
        assert!(!fault.contains("00123456"), "{fault}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_collector_is_read_from_the_standard_variable_too_and_ours_takes_precedence() {
    let standard = (OTLP, "http://127.0.0.1:4318");
    let endpoint = |file: &str, variables: &[(&str, &str)]| {
        with(file, variables).unwrap().otlp_endpoint.map(|url| url.to_string())
    };
    assert_eq!(endpoint("", &[]), None);
    assert_eq!(endpoint("", &[standard]).as_deref(), Some("http://127.0.0.1:4318/"));
    let file = "otlp_endpoint = \"http://file:4318\"";
    assert_eq!(endpoint(file, &[standard]).as_deref(), Some("http://127.0.0.1:4318/"));
    let ours = ("CLAVIGER_OTLP_ENDPOINT", "http://ours:4318");
    assert_eq!(endpoint(file, &[standard, ours]).as_deref(), Some("http://ours:4318/"));
    let fault = with("", &[(OTLP, "4318")]).unwrap_err();
    assert!(fault.contains(OTLP), "{fault}");
}

#[test]
fn metrics_need_an_address_of_their_own_and_a_collector_http() {
    let validated = |variables: &[(&str, &str)]| {
        with("", variables).unwrap().validate().map_err(|error| error.to_string())
    };
    validated(&[("CLAVIGER_METRICS_LISTEN", "127.0.0.1:9464")]).unwrap();
    let fault = validated(&[("CLAVIGER_METRICS_LISTEN", "127.0.0.1:8080")]).unwrap_err();
    assert!(fault.contains("choose another port"), "{fault}");
    let fault = validated(&[("CLAVIGER_OTLP_ENDPOINT", "grpc://127.0.0.1:4317")]).unwrap_err();
    assert!(fault.contains("OTLP over HTTP"), "{fault}");
}

/// Paths in the file count from its folder, those in the environment from the working directory.
#[test]
fn paths_count_from_where_they_are_written() {
    const PATHS: [&str; 4] = ["access_policies", "access_rules", "audit_head_file", "site_dir"];
    let given = |text: &str, variables: &[(&str, &str)]| -> Settings {
        let file = Source { text, folder: Path::new("/etc/claviger") };
        let given =
            NEEDED.iter().chain(variables).map(|(name, value)| ((*name).into(), (*value).into()));
        collect(&file, given, None).unwrap().parse().unwrap()
    };
    let of = |settings: Settings| {
        [
            settings.access_policies.unwrap(),
            settings.access_rules.unwrap(),
            settings.audit_head_file.unwrap(),
            settings.site_dir,
        ]
        .map(|path| path.to_str().unwrap().to_owned())
    };
    let written =
        |folder: &str| PATHS.map(|name| format!("{name} = \"{folder}/{name}\"")).join("\n");
    let text = written("a");
    assert_eq!(of(given(&text, &[])), PATHS.map(|name| format!("/etc/claviger/a/{name}")));
    let absolute = written("/b");
    assert_eq!(of(given(&absolute, &[])), PATHS.map(|name| format!("/b/{name}")));
    let variables =
        PATHS.map(|name| (format!("CLAVIGER_{}", name.to_uppercase()), format!("c/{name}")));
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(of(given(&text, &variables)), PATHS.map(|name| format!("c/{name}")));
    assert_eq!(given("", &[]).site_dir, Path::new("target/site"), "the default is not in a file");
}

/// So do the files of secrets, which the configuration file may name too.
#[test]
fn the_file_names_secrets_elsewhere() {
    let folder = std::env::temp_dir().join(format!("claviger-named-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("external-id"), "00123456\n").unwrap();
    let named = |text: &str, variables: &[(&str, &str)]| -> Result<Settings, String> {
        let file = Source { text, folder: &folder };
        let given =
            NEEDED.iter().chain(variables).map(|(name, value)| ((*name).into(), (*value).into()));
        let given = collect(&file, given, None).and_then(Collected::read_files);
        given.and_then(Collected::parse).map_err(|fault| fault.0)
    };
    let read = named("external_id_file = \"external-id\"", &[]).unwrap();
    assert_eq!(read.external_id.unwrap().expose_secret(), "00123456");
    // The environment takes precedence: a file or a secret that is not used is not read either.
    for unused in ["external_id_file = \"nowhere\"", "external_id_arn = \"wrong\""] {
        let read = named(unused, &[("CLAVIGER_EXTERNAL_ID", "other")]).unwrap();
        assert_eq!(read.external_id.unwrap().expose_secret(), "other");
    }
    for (text, says) in [
        ("external_id_file = \"nowhere\"", "external_id_file: "),
        ("external_id_file = 7", "in quotes"),
        ("external_id_file = \"\"", "is empty"),
        ("external_id_file = \"external-id\"\nexternal_id = \"x\"", "are the same setting"),
        ("listen_file = \"external-id\"", "listen_file is not a setting"),
    ] {
        let fault = named(text, &[]).unwrap_err();
        assert!(fault.contains(says) && !fault.contains("00123456"), "{text}: {fault}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
