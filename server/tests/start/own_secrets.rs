//! Settings from Secrets Manager, with an IAM user that may read one secret.

use crate::{claviger_alone, fails_saying, said, site};
use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_secretsmanager::primitives::Blob;
use claviger_testkit::ministack;
use std::{fs, path::PathBuf, process::Output};

/// An account of the emulator that no other test uses.
const ACCOUNT: &str = "618033988749";
const REGION: &str = "us-east-1";

struct Hub {
    secrets: aws_sdk_secretsmanager::Client,
    key: (String, String),
    site: PathBuf,
    name: &'static str,
}

impl Hub {
    /// Its role may read secrets with this prefix only.
    async fn new(name: &'static str) -> Self {
        let emulator = ministack();
        let root = Credentials::new(ACCOUNT, "root", None, None, "root");
        let root: SdkConfig = emulator.config(root).await;
        let iam = aws_sdk_iam::Client::new(&root);
        let user = format!("own-{name}-{}", std::process::id());
        iam.create_user().user_name(&user).send().await.unwrap();
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"secretsmanager:GetSecretValue",
                "Resource":"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:allowed/*"}}]}}"#
        );
        let put = iam.put_user_policy().user_name(&user).policy_name("own").policy_document(policy);
        put.send().await.unwrap();
        let key = iam.create_access_key().user_name(&user).send().await.unwrap();
        let key = key.access_key().unwrap();
        Self {
            secrets: aws_sdk_secretsmanager::Client::new(&root),
            key: (key.access_key_id().to_owned(), key.secret_access_key().to_owned()),
            site: site(name),
            name,
        }
    }

    fn named(&self, prefix: &str, name: &str) -> String {
        format!("{prefix}/{}-{name}-{}", self.name, std::process::id())
    }

    /// The ARN of a new secret.
    async fn secret(&self, prefix: &str, name: &str, value: &str) -> String {
        let name = self.named(prefix, name);
        let made = self.secrets.create_secret().name(name).secret_string(value).send().await;
        made.unwrap().arn().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
        let emulator = ministack();
        let mut all = vec![
            ("CLAVIGER_OIDC_ISSUER", "https://id.example.com"),
            ("CLAVIGER_OIDC_CLIENT_ID", "claviger"),
            ("CLAVIGER_SITE_DIR", self.site.to_str().unwrap()),
            ("CLAVIGER_LISTEN", "127.0.0.1:0"),
            ("AWS_ENDPOINT_URL", &emulator.url),
            ("AWS_ACCESS_KEY_ID", &self.key.0),
            ("AWS_SECRET_ACCESS_KEY", &self.key.1),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            // The log of libraries too.
            ("RUST_LOG", "trace"),
        ];
        all.extend(settings);
        let output = claviger_alone(arguments, &all);
        let stdout = String::from_utf8_lossy(&output.stdout);
        for text in [&said(&output), &*stdout] {
            assert!(!text.contains("CANARY"), "a value is in the output: {text}");
        }
        output
    }
}

fn passes(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

#[sqlx::test(migrations = false)]
async fn commands_read_their_secrets_from_secrets_manager(
    _: sqlx::postgres::PgPoolOptions,
    options: sqlx::postgres::PgConnectOptions,
) {
    let pool = claviger_testkit::emptied(&options).await;
    let hub = Hub::new("reads").await;
    let whole = std::env::var("DATABASE_URL").unwrap();
    let (server, _) = whole.rsplit_once('/').unwrap();
    let url = format!("{server}/{}", options.get_database().unwrap());
    let database = hub.secret("allowed", "database", &url).await;
    let json =
        r#"{"client_secret": "CANARY-client", "external.id": "CANARY-external", "port": 4711}"#;
    let both = hub.secret("allowed", "both", json).await;
    let (client, external) = (format!("{both}#client_secret"), format!("{both}#external.id"));

    // Only with the database's URL.
    passes(&hub.run(&["migrate"], &[("DATABASE_URL_ARN", &database)]));
    let migrations: i64 =
        sqlx::query_scalar("select count(*) from _sqlx_migrations").fetch_one(&pool).await.unwrap();
    assert!(migrations > 0, "the database of the secret was migrated");

    let settings = [
        ("DATABASE_URL_ARN", database.as_str()),
        ("CLAVIGER_OIDC_CLIENT_SECRET_ARN", &client),
        ("CLAVIGER_EXTERNAL_ID_ARN", &external),
    ];
    passes(&hub.run(&["check"], &settings));
    let verified = hub.run(&["audit", "verify"], &settings);
    assert!(said(&verified).contains("0 entries verified"), "{}", said(&verified));

    // In the file too; the environment takes precedence.
    let file = hub.site.join("claviger.toml");
    fs::write(
        &file,
        format!("oidc_client_secret_arn = \"{client}\"\nexternal_id_arn = \"wrong\"\n"),
    )
    .unwrap();
    let file = ["--file", file.to_str().unwrap(), "check"];
    passes(&hub.run(&file, &[settings[0], ("CLAVIGER_EXTERNAL_ID", "x")]));
    fails_saying(&hub.run(&file, &settings[..1]), &["external_id_arn", "ARN of a secret"]);
}

#[tokio::test]
async fn a_secret_that_cannot_be_used_is_said() {
    let hub = Hub::new("refused").await;
    let json = r#"{"client_secret": "CANARY-client", "port": 4711}"#;
    let usable = hub.secret("allowed", "json", json).await;
    let denied = hub.secret("other", "denied", "CANARY-denied").await;
    let text = hub.secret("allowed", "text", "CANARY-text").await;
    let binary = hub.secrets.create_secret().name(hub.named("allowed", "binary"));
    let binary = binary.secret_binary(Blob::new(b"CANARY-binary".to_vec())).send().await.unwrap();
    let binary = binary.arn().unwrap().to_owned();
    let missing =
        format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:allowed/nothing-AbCdEf");
    let cases: &[(&str, &[&str])] = &[
        ("CANARY-value", &["is to be the ARN of a secret"]),
        (&denied, &["secretsmanager:GetSecretValue", "kms:Decrypt", &denied]),
        (&missing, &["does not exist", &missing]),
        (&binary, &["binary", "SecretString"]),
        (&format!("{text}#client_secret"), &["not a JSON object"]),
        (&format!("{usable}#Client_Secret"), &["has no key \"Client_Secret\""]),
        (&format!("{usable}#port"), &["\"port\"", "is not a string"]),
    ];
    for (arn, says) in cases {
        let settings = [
            ("DATABASE_URL", "postgres://claviger:hunter2@127.0.0.1:9/claviger"),
            ("CLAVIGER_OIDC_CLIENT_SECRET_ARN", *arn),
        ];
        let (check, serve) = (hub.run(&["check"], &settings), hub.run(&["serve"], &settings));
        fails_saying(&check, &["CLAVIGER_OIDC_CLIENT_SECRET_ARN"]);
        fails_saying(&check, says);
        let last = |output: &Output| said(output).lines().last().map(ToOwned::to_owned);
        assert_eq!(last(&check), last(&serve), "{arn}");
    }
    let without = [
        ("DATABASE_URL", "postgres://claviger:hunter2@127.0.0.1:9/claviger"),
        ("CLAVIGER_OIDC_CLIENT_SECRET_ARN", usable.as_str()),
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
    ];
    fails_saying(&hub.run(&["check"], &without), &["no AWS credentials"]);
}
