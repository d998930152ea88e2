//! Controls of compliance frameworks, as AWS Security Hub lists them for Secrets Manager.

use super::PolicyRule;

/// A control of a framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Control {
    pub framework: &'static str,
    pub id: &'static str,
}

const fn hub(id: &'static str) -> Control {
    Control { framework: "AWS Security Hub", id }
}

const fn config(id: &'static str) -> Control {
    Control { framework: "AWS Config", id }
}

const fn nist(id: &'static str) -> Control {
    Control { framework: "NIST 800-53 r5", id }
}

const fn pci(id: &'static str) -> Control {
    Control { framework: "PCI DSS 4.0.1", id }
}

/// The controls that the rule covers. The requirements are those that Security Hub relates to its controls.
pub fn controls_of(rule: &PolicyRule) -> &'static [Control] {
    match rule {
        PolicyRule::RotationEnabled {} | PolicyRule::RotationInterval { .. } => {
            const {
                &[
                    hub("SecretsManager.1"),
                    config("secretsmanager-rotation-enabled-check"),
                    nist("AC-2(1)"),
                    nist("AC-3(15)"),
                    pci("8.6.3"),
                    pci("8.3.9"),
                ]
            }
        }
        PolicyRule::RotatedAsScheduled {} => {
            const {
                &[
                    hub("SecretsManager.2"),
                    config("secretsmanager-scheduled-rotation-success-check"),
                    nist("AC-2(1)"),
                    nist("AC-3(15)"),
                    pci("8.6.3"),
                    pci("8.3.9"),
                ]
            }
        }
        PolicyRule::Unused { .. } => {
            const {
                &[
                    hub("SecretsManager.3"),
                    config("secretsmanager-secret-unused"),
                    nist("AC-2(1)"),
                    nist("AC-2(3)"),
                    nist("AC-3(15)"),
                    nist("AC-3(7)"),
                    nist("AC-6"),
                ]
            }
        }
        PolicyRule::ValueAge { .. } => {
            const {
                &[
                    hub("SecretsManager.4"),
                    config("secretsmanager-secret-periodic-rotation"),
                    nist("AC-2(1)"),
                    nist("AC-3(15)"),
                    pci("8.6.3"),
                    pci("8.3.9"),
                ]
            }
        }
        // With its parameter requiredTagKeys the control requires certain keys, without it any tag that is not
        // an AWS tag.
        PolicyRule::Tagged {} | PolicyRule::RequiredTags { .. } => {
            const { &[hub("SecretsManager.5")] }
        }
        PolicyRule::CustomerManagedKey {} => const { &[config("secretsmanager-using-cmk")] },
        _ => &[],
    }
}
