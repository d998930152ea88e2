//! The roles in the accounts of the Organization.

use crate::{check, check_accounts, folder, settings, with_emulator};

#[tokio::test]
async fn a_role_that_cannot_be_assumed_fails_and_the_others_are_tested() {
    let folder = folder("check-roles");
    let mut all = settings(&folder);
    with_emulator(&mut all);
    all.insert("CLAVIGER_ACCESS_ROLE", "not-deployed".to_owned());
    let answer = check(&all).await;
    let of = |role: &str| {
        let line = |line: &&String| line.contains(role) && line.contains("(member account)");
        answer.lines.iter().find(line).unwrap().clone()
    };
    assert!(of("Role not-deployed").starts_with("failed"), "{:?}", answer.lines);
    assert!(of("Role claviger-inventory").starts_with("ok"), "{:?}", answer.lines);
    assert!(of("Role claviger-remediation").starts_with("ok"), "{:?}", answer.lines);
}

/// Every account is tested, and those with the same result are one line. One account of the emulator has no roles.
#[tokio::test]
async fn the_roles_of_every_account_are_tested() {
    let folder = folder("check-every-account");
    let mut all = settings(&folder);
    with_emulator(&mut all);
    let answer = check_accounts(&all, &[]).await;
    let of = |role: &str| -> Vec<&String> {
        answer.lines.iter().filter(|line| line.contains(&format!("Role {role} in"))).collect()
    };
    for role in ["claviger-inventory", "claviger-access", "claviger-remediation"] {
        let lines = of(role);
        let ready = lines.iter().find(|line| line.contains("accounts (member accounts)"));
        let ready = ready.unwrap_or_else(|| panic!("{:?}", answer.lines));
        assert!(ready.starts_with("ok") && ready.contains("template version"), "{ready}");
        let failed: Vec<_> = lines.iter().filter(|line| line.starts_with("failed")).collect();
        assert_eq!(failed.len(), 1, "{lines:?}");
        assert!(failed[0].contains("489316607725") && failed[0].contains("Deploy"), "{failed:?}");
    }
    // One account has the opt-in roles. That the others do not is no problem.
    for role in ["claviger-consumers", "claviger-iam"] {
        let about = format!("Opt-in role {role}:");
        answer.is(&about, "info", "installed in 1 of");
        answer.is(&about, "info", " tested accounts");
        assert_eq!(of(role), Vec::<&String>::new());
    }
    assert!(!answer.success);
}

/// Nothing is installed under these names: the result is that of the needed roles alone.
#[tokio::test]
async fn an_opt_in_role_that_is_not_installed_is_no_problem() {
    let folder = folder("check-opt-in");
    let mut all = settings(&folder);
    with_emulator(&mut all);
    all.insert("CLAVIGER_IAM_ROLE", "not-deployed".to_owned());
    let answer = check(&all).await;
    answer.is("Opt-in role not-deployed:", "info", "installed in 0 of");
    answer.is("Opt-in role not-deployed:", "info", " tested account");
    let problem = answer.lines.iter().find(|line| line.contains("Role not-deployed"));
    assert_eq!(problem, None);
}
