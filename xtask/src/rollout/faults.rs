//! A roll-out that went wrong in one place: `claviger check --online` names the place and what to do.

use super::{aws::Aws, console::Console, organization::EmulatedOrganization, stack_set};
use crate::stack::Tools;
use anyhow::{Result, ensure};

/// Each fault is made, seen, and corrected.
pub fn are_named(tools: &Tools, place: &EmulatedOrganization, console: &Console) -> Result<()> {
    let Some(member) = place.organization.members.first() else { return Ok(()) };

    let (is_green, text) = console.check(&[("CLAVIGER_EXTERNAL_ID", "another")])?;
    ensure!(!is_green, "a wrong external id passed:\n{text}");
    has_line(&text, &["failed", "claviger-inventory", "AccessDenied", "external_id"])?;

    let owner = Aws::root(tools, &place.management.endpoint, member);
    let (role, policy) = ("claviger-access", "claviger-revoked-grants");
    // Claviger's own policy, which ended the first grant's session: IAM deletes no role with a policy.
    let _ = owner.run(&["iam", "delete-role-policy", "--role-name", role, "--policy-name", policy]);
    owner.run(&["iam", "delete-role-policy", "--role-name", role, "--policy-name", role])?;
    owner.run(&["iam", "delete-role", "--role-name", role])?;
    let (is_green, text) = console.check(&[])?;
    ensure!(!is_green, "a missing role passed:\n{text}");
    has_line(&text, &["failed", role, member, "Deploy the role there"])?;
    owner.run(&["cloudformation", "delete-stack", "--stack-name", "claviger-roles"])?;
    stack_set::deploy_stack(tools, place, member, &place.external_id)?;
    console.check_is_green()
}

/// One line has all of these.
fn has_line(text: &str, wanted: &[&str]) -> Result<()> {
    let has = text.lines().any(|line| wanted.iter().all(|part| line.contains(part)));
    ensure!(has, "no line has {wanted:?}:\n{text}");
    Ok(())
}
