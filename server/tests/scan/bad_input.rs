//! Each mistake gets a line that says what to do, exit code 2, and no file.

use crate::account::{Account, Ended, US, bare, folder};
use std::{fs, os::unix::fs::PermissionsExt, process::Stdio, time::Duration};
use tokio::net::TcpListener;

fn assert_says(ended: &Ended, parts: &[&str]) {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for part in parts {
        assert!(ended.stderr.contains(part), "no {part:?} in {}", ended.stderr);
    }
    assert!(ended.stdout.is_empty(), "{}", ended.stdout);
}

#[tokio::test]
async fn profiles_and_credentials() {
    let folder = folder("profiles");
    let config = folder.join("config");
    fs::write(
        &config,
        "[profile known]\nregion = us-east-1\n\
         [profile expired]\nregion = us-east-1\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = audit\n\
         [profile nowhere]\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example.com/start\n",
    )
    .unwrap();
    let command = |profile: &str| {
        let mut command = bare();
        command.env("AWS_CONFIG_FILE", &config).args(["--profile", profile]);
        command
    };
    assert_says(
        &Ended::of(&mut command("unknown")).await,
        &["there is no AWS profile \"unknown\"", "expired, known, nowhere"],
    );
    assert_says(
        &Ended::of(&mut command("expired")).await,
        &["IAM Identity Center", "aws sso login --profile expired"],
    );
    assert_says(&Ended::of(&mut command("nowhere")).await, &["no AWS Region is set", "--region"]);
    assert_says(
        &Ended::of(bare().args(["--region", US])).await,
        &["no usable AWS credentials", "--profile"],
    );
    assert_says(&Ended::of(&mut bare()).await, &["no AWS Region is set"]);
}

#[tokio::test]
async fn regions() {
    let account = Account::complete().await;
    let mistyped = Ended::of(account.command().args(["--region", "us-eest-1"])).await;
    assert_says(&mistyped, &["us-eest-1 does not exist", "Did you mean us-east-1?"]);
    let impossible = Ended::of(account.command().args(["--region", "Frankfurt"])).await;
    assert_says(&impossible, &["a Region code such as eu-west-1"]);
}

#[tokio::test]
async fn outputs_are_checked_before_aws_is_called() {
    let account = Account::complete().await;
    let folder = folder("outputs");
    let missing = folder.join("missing").join("a.html");
    let cases: [(&[&str], &str); 6] = [
        (&["--output", missing.to_str().unwrap()], "cannot be written"),
        (&["--output", folder.to_str().unwrap(), "--format", "csv"], "cannot be written"),
        (&["--output", "a.pdf"], "Give a --format"),
        (&["--output", "a.html", "--format", "html", "--format", "csv"], "one --format for each"),
        (&["--policy", missing.to_str().unwrap()], "the policies cannot be used"),
        (&["--pack", "basline"], "known are baseline"),
    ];
    for (arguments, says) in cases {
        assert_says(&account.scan(arguments).await, &[says]);
    }
    assert!(account.calls().is_empty(), "{:?}", account.calls());
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_and_keys_that_are_wrong() {
    let account = Account::complete().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = Ended::of(
        account
            .command()
            .env("AWS_ENDPOINT_URL", format!("http://{closed}"))
            .args(["--region", US]),
    )
    .await;
    assert_says(&away, &["AWS cannot be reached"]);
    let wrong = Ended::of(
        account.command().env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").args(["--region", US]),
    )
    .await;
    assert_says(&wrong, &["AWS does not accept the credentials"]);
}

#[tokio::test]
async fn an_interrupted_scan_leaves_the_old_file() {
    let account = Account::complete().await;
    let folder = folder("interrupted");
    let file = folder.join("a.json");
    fs::write(&file, "before").unwrap();
    // It takes connections, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let process = account
        .command()
        .env("AWS_ENDPOINT_URL", url)
        .args(["--region", US, "--output"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (_connection, _) = silent.accept().await.unwrap();
    let id = process.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ended = tokio::time::timeout(Duration::from_secs(10), process.wait_with_output());
    let ended = ended.await.unwrap().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("interrupted; no file was written"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "before");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left over");
}

#[tokio::test]
async fn a_result_replaces_the_old_file_and_only_its_owner_can_read_it() {
    let account = Account::complete().await;
    let file = folder("replaced").join("a.json");
    fs::write(&file, "before").unwrap();
    let ended = account.scan(&["--fail-on", "never", "--output", file.to_str().unwrap()]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(fs::read_to_string(&file).unwrap().contains("\"findings\""));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}
