//! How a configuration is read, and what is refused.

use super::*;

const WHOLE: &str = r#"
        database_url = "postgres://localhost/claviger"
        oidc_issuer = "https://id.example.com"
        oidc_client_id = "claviger"
        oidc_client_secret = "s"
        public_url = "https://claviger.example.com"
        [[roles]]
        group = "security"
        role = "security-admin"
        scope = "organization"
        [[roles]]
        group = "payments"
        role = "requester"
        scope = { ou = "Workloads/Production" }
        [[roles]]
        group = "few"
        role = "viewer"
        scope = { accounts = ["111122223333"] }
    "#;

fn read(text: &str) -> Result<Settings, StartError> {
    let settings = source::read(text, std::iter::empty()).map_err(|fault| said(&fault))?;
    settings.validate()?;
    Ok(settings)
}

#[test]
fn a_whole_file_is_read_with_its_roles() {
    let settings = read(WHOLE).unwrap();
    assert_eq!(settings.roles.len(), 3);
    assert!(settings.is_https());
    assert_eq!(settings.origin(), "https://claviger.example.com");
}

#[test]
fn what_is_wrong_is_said() {
    let with = |from: &str, to: &str| read(&WHOLE.replace(from, to)).unwrap_err().to_string();
    assert!(
        with("https://claviger.example.com", "http://claviger.example.com").contains("unprotected")
    );
    assert!(with("https://id.example.com", "http://id.example.com").contains("oidc_issuer"));
    assert!(with("security-admin", "boss").contains("boss"));
    assert!(with("111122223333", "1111").contains("12 digits"));
    assert!(with("database_url", "databaseurl").contains("did you mean database_url?"));
    let without = with("database_url = \"postgres://localhost/claviger\"", "");
    assert!(without.contains("Set DATABASE_URL"), "{without}");
    assert!(read(&WHOLE.replacen("oidc_issuer", "sweep_minutes = 0\noidc_issuer", 1)).is_err());
}

#[test]
fn the_regions_are_those_that_are_enabled_or_a_list() {
    let with =
        |line: &str| read(&WHOLE.replacen("oidc_issuer", &format!("{line}\noidc_issuer"), 1));
    assert_eq!(with("").unwrap().regions, Regions::Enabled);
    assert_eq!(with("regions = \"enabled\"").unwrap().regions, Regions::Enabled);
    let listed = with("regions = [\"eu-west-1\"]").unwrap().regions;
    assert_eq!(listed, Regions::These(vec!["eu-west-1".parse().unwrap()]));
    assert!(with("regions = []").unwrap_err().to_string().contains("at least one Region"));
    assert!(with("regions = \"all\"").unwrap_err().to_string().contains("\"enabled\""));
}

#[test]
fn plain_http_is_for_loopback_alone() {
    assert!(read(&WHOLE.replace("https://claviger.example.com", "http://127.0.0.1:8080")).is_ok());
    assert!(read(&WHOLE.replace("https://claviger.example.com", "http://localhost:8080")).is_ok());
    assert!(read(&WHOLE.replace("https://claviger.example.com", "http://10.0.0.1")).is_err());
}

#[test]
fn proxies_are_addresses_and_networks() {
    let with =
        |line: &str| read(&WHOLE.replacen("oidc_issuer", &format!("{line}\noidc_issuer"), 1));
    assert!(with("").unwrap().trusted_proxies.is_empty());
    let read = with(r#"trusted_proxies = ["10.0.0.0/8", "2001:db8::1"]"#).unwrap();
    assert_eq!(read.trusted_proxies, ["10.0.0.0/8", "2001:db8::1/128"].map(|n| n.parse().unwrap()));
    let wrong = with(r#"trusted_proxies = ["balancer"]"#).unwrap_err().to_string();
    assert!(wrong.contains("balancer") && wrong.contains("10.0.0.0/8"), "{wrong}");
    assert!(with("sign_in_per_minute = 0").is_err());
    assert!(with("replicas = 0").is_err() && with("audit_head_minutes = 0").is_err());
}

#[test]
fn a_secret_is_never_printed() {
    assert!(
        !format!("{:?}", read(&WHOLE.replace("\"s\"", "\"hunter2\"")).unwrap()).contains("hunter2")
    );
}

#[test]
fn a_host_of_pipelines_has_one_issuer() {
    let with = |sources: &str| {
        read(&WHOLE.replacen("oidc_issuer", &format!("pipelines = {sources}\noidc_issuer"), 1))
    };
    assert!(with(r#"["https://git.example.com/a", "https://git.example.com/b"]"#).is_ok());
    let two = with(r#"["https://git.example.com/a", "https://git.example.com:8443/a"]"#);
    let says = two.unwrap_err().to_string();
    assert!(says.contains("pipelines: git.example.com has two issuers"), "{says}");
}
