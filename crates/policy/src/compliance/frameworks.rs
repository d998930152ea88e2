//! Which rules are evidence for which controls of a framework, and why. The mapping is ours, in our words, and covers secrets
//! and parameters only; that of the AWS Foundational Security Best Practices is AWS's own.

use claviger_domain::compliance::evidence::Framework;

/// A control with the rules that are evidence for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    pub framework: Framework,
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Why the rules are evidence, or what else is where there are none.
    pub why: &'static str,
    /// Names of rules.
    pub rules: &'static [&'static str],
}

/// The controls of a framework, in its order.
pub fn requirements_of(framework: Framework) -> impl Iterator<Item = &'static Requirement> {
    REQUIREMENTS.iter().filter(move |requirement| requirement.framework == framework)
}

/// Rotation is on, happens, and takes effect.
const ROTATION: &[&str] = &[
    "rotation-enabled",
    "rotation-interval",
    "rotated-as-scheduled",
    "rotation-failing",
    "rotation-stuck",
    "value-age",
];

/// Who outside of the account can read a secret.
const SHARING: &[&str] = &["public-policy", "shared-outside", "shared-with-account", "wide-grant"];

const fn pci(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    rules: &'static [&'static str],
) -> Requirement {
    Requirement { framework: Framework::PciDss, id, title, why, rules }
}

const fn soc(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    rules: &'static [&'static str],
) -> Requirement {
    Requirement { framework: Framework::Soc2, id, title, why, rules }
}

const fn iso(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    rules: &'static [&'static str],
) -> Requirement {
    Requirement { framework: Framework::Iso27001, id, title, why, rules }
}

const fn fsbp(
    id: &'static str,
    title: &'static str,
    rules: &'static [&'static str],
) -> Requirement {
    let why = "The rule checks what AWS Security Hub checks with the control of this id.";
    Requirement { framework: Framework::AwsFsbp, id, title, why, rules }
}

const REQUIREMENTS: &[Requirement] = &[
    pci(
        "3.6.1",
        "Keys that protect stored account data are protected against disclosure and misuse",
        "A customer managed key has a key policy of its own, so that who may decrypt a secret can be restricted; the AWS \
         managed key lets every principal of the account use it through the service.",
        &["customer-managed-key"],
    ),
    pci(
        "3.7.4",
        "Keys are changed at the end of their cryptoperiod",
        "Evidence only for secrets that hold cryptographic keys: a limit of age and a rotation schedule bound how long a \
         value is used.",
        &["rotation-interval", "value-age"],
    ),
    pci(
        "3.7.5",
        "Keys that are no longer needed are retired",
        "Evidence only for secrets that hold cryptographic keys: a secret that nobody reads is found, and one that is \
         still read is not deleted.",
        &["unused", "deletion-in-use"],
    ),
    pci(
        "7.2.2",
        "Access follows job function and least privilege",
        "A resource policy that lets in everybody, another Organization, a whole account or every action gives more than a \
         job needs.",
        SHARING,
    ),
    pci(
        "7.2.5",
        "Application and system accounts have least privilege",
        "Reading a path must not give a workload parameters that it is denied by name, and a resource policy must not \
         let in another account as a whole.",
        &["read-by-path", "wide-grant"],
    ),
    pci(
        "8.3.2",
        "Authentication factors are unreadable in storage",
        "A credential in a plain parameter is stored as readable text; a SecureString is encrypted.",
        &["plain-credential", "secure-string-required"],
    ),
    pci(
        "8.3.9",
        "Passwords that are the only factor are changed periodically",
        "AWS Security Hub relates its controls of rotation to this requirement; a limit of age shows when a value was \
         last changed.",
        &["rotation-enabled", "rotation-interval", "rotated-as-scheduled", "value-age"],
    ),
    pci(
        "8.6.2",
        "Passwords of application and system accounts are not hard coded",
        "A plain parameter is configuration that anyone with read access sees: a credential in it is as good as hard \
         coded.",
        &["plain-credential"],
    ),
    pci(
        "8.6.3",
        "Passwords of application and system accounts are protected against misuse",
        "They have to be changed periodically and after a suspicion: rotation is on, runs in time and takes effect.",
        ROTATION,
    ),
    pci(
        "10.2.1",
        "Audit logs are active",
        "No rule: every request, decision, session and reveal in Claviger is an entry of its audit log, whose newest hash \
         is in this pack. Access past Claviger is in CloudTrail.",
        &[],
    ),
    soc(
        "CC6.1",
        "Logical access to protected information is restricted",
        "A secret is encrypted with a key whose policy you control, is not stored as plain text, and is not open to \
         everybody or to another Organization.",
        &[
            "customer-managed-key",
            "plain-credential",
            "secure-string-required",
            "public-policy",
            "shared-outside",
        ],
    ),
    soc(
        "CC6.2",
        "Credentials are issued to those who are authorized, and removed when they are not",
        "A secret has an owner who answers for who uses it; one that nobody uses any more is found.",
        &["owner", "unused"],
    ),
    soc(
        "CC6.3",
        "Access follows roles, least privilege and segregation of duties",
        "No resource policy gives a whole account or every action, and reading a path does not bypass a Deny. Who \
         requests access does not approve it: the audit log has both.",
        &["shared-with-account", "wide-grant", "read-by-path"],
    ),
    soc(
        "CC6.6",
        "Access from outside the system's boundary is restricted",
        "No resource policy lets in callers from outside the Organization.",
        &["public-policy", "shared-outside"],
    ),
    soc(
        "CC7.2",
        "Components are monitored for anomalies",
        "A rotation that fails, gets stuck or is missed is a finding, and so is a replica that is out of sync.",
        &["rotation-failing", "rotation-stuck", "rotated-as-scheduled", "replica-health"],
    ),
    iso(
        "A.5.9",
        "Inventory of information and other associated assets",
        "Every secret and parameter of the Organization is listed; these rules require an owner and the tags that \
         classify it.",
        &["owner", "required-tags", "tagged", "tag-policy"],
    ),
    iso(
        "A.5.15",
        "Access control",
        "No resource policy lets in everybody, another Organization, an account that is not allowed, or every action.",
        SHARING,
    ),
    iso(
        "A.5.16",
        "Identity management",
        "No rule: people are known by the identity provider alone, and their groups are read again in each cycle. The \
         audit log names who did what.",
        &[],
    ),
    iso(
        "A.5.17",
        "Authentication information",
        "Values are changed automatically and in time, and are not stored as plain text.",
        &[
            "rotation-enabled",
            "rotation-interval",
            "rotated-as-scheduled",
            "rotation-failing",
            "rotation-stuck",
            "value-age",
            "plain-credential",
            "secure-string-required",
        ],
    ),
    iso(
        "A.5.18",
        "Access rights",
        "Access that is no longer used shows as a secret that nobody reads; access for another account has to be allowed \
         by name.",
        &["unused", "shared-with-account"],
    ),
    iso(
        "A.8.2",
        "Privileged access rights",
        "No resource policy gives every action or a whole account.",
        &["wide-grant"],
    ),
    iso(
        "A.8.3",
        "Information access restriction",
        "A principal that is denied a parameter cannot read it by its path, and no secret is public.",
        &["read-by-path", "public-policy"],
    ),
    iso(
        "A.8.10",
        "Information deletion",
        "A secret that nobody reads is found, and one that is still read is not deleted.",
        &["unused", "deletion-in-use"],
    ),
    iso(
        "A.8.15",
        "Logging",
        "No rule: every request, decision, session and reveal in Claviger is an entry of its audit log, whose newest hash \
         is in this pack.",
        &[],
    ),
    iso(
        "A.8.24",
        "Use of cryptography",
        "Secrets are encrypted with a customer managed key, and credentials in parameters are encrypted at all.",
        &["customer-managed-key", "plain-credential", "secure-string-required"],
    ),
    fsbp(
        "SecretsManager.1",
        "Secrets have automatic rotation",
        &["rotation-enabled", "rotation-interval"],
    ),
    fsbp("SecretsManager.2", "Secrets rotate as scheduled", &["rotated-as-scheduled"]),
    fsbp("SecretsManager.3", "Unused secrets are removed", &["unused"]),
    fsbp("SecretsManager.4", "Secrets rotate within a number of days", &["value-age"]),
    fsbp("SecretsManager.5", "Secrets are tagged", &["tagged", "required-tags"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::{PACKS, RULES, controls_of, read_policies};
    use claviger_domain::VariantArray;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_exists_and_no_control_is_listed_twice() {
        let known: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
        let mut seen = BTreeSet::new();
        for requirement in REQUIREMENTS {
            assert!(seen.insert((requirement.framework, requirement.id)), "{}", requirement.id);
            assert!(requirement.why.ends_with('.'), "{}", requirement.id);
            for rule in requirement.rules {
                assert!(known.contains(rule), "{}: {rule}", requirement.id);
            }
        }
        for framework in Framework::VARIANTS {
            assert!(requirements_of(*framework).count() > 0, "{framework}");
        }
    }

    /// What Security Hub relates to a rule is in the pack of that framework.
    #[test]
    fn the_packs_contain_what_security_hub_relates() {
        for (pack, file) in PACKS {
            for policy in read_policies(file).unwrap() {
                for control in controls_of(&policy.rule) {
                    let framework = match control.framework {
                        "PCI DSS 4.0.1" => Framework::PciDss,
                        "AWS Security Hub" => Framework::AwsFsbp,
                        _ => continue,
                    };
                    let found = requirements_of(framework).find(|one| one.id == control.id);
                    let found = found.unwrap_or_else(|| panic!("{pack}: {}", control.id));
                    let name = policy.rule.name();
                    assert!(found.rules.contains(&name), "{pack}: {} {name}", control.id);
                }
            }
        }
    }
}
