//! EKS: the External Secrets Operator, and the Secrets Store CSI driver.

use super::{
    Proof, Recipe, RecipeAction, RecipeId, Subject, base, cost, facts, file, names, rights,
    rights_in_batch,
    template::{Facts, quoted},
};
use crate::{code::yaml, consumers::ConsumerKind};

/// A key as a path of gjson, which External Secrets reads: what is special there is escaped.
fn property(key: &str) -> String {
    let mut path = String::new();
    for (at, c) in key.chars().enumerate() {
        let is_special = ".*?|#!{}()=<>%\"\\,:[]~^&".contains(c) || (at == 0 && c == '@');
        if is_special {
            path.push('\\');
        }
        path.push(c);
    }
    path
}

/// Names as scalars of YAML: `123` and `true` are names of objects, and no texts there.
fn names_in_yaml(subject: &Subject) -> Facts {
    let object = names::object(subject);
    facts(subject)
        .value("OBJECT", yaml::string(&object))
        .value("READER", yaml::string(&format!("{object}-reader")))
        .value("ROLE_YAML", yaml::string(&subject.role_arn()))
}

pub(super) fn external_secrets(subject: &Subject) -> Recipe {
    let service = if subject.is_secret() { "SecretsManager" } else { "ParameterStore" };
    let remote = if subject.is_secret() { subject.arn.as_str() } else { &subject.name };
    let facts = names_in_yaml(subject)
        .value("SERVICE", service)
        .value("REMOTE", yaml::string(remote))
        .value("PROPERTY", quoted(&property(subject.json_key.as_deref().unwrap_or_default())));
    let (gone, change) = if subject.is_secret() {
        (
            "the AWS secret is deleted or not found, also while it is in its recovery window",
            "a rotation",
        )
    } else {
        ("the parameter is deleted or not found", "a new version of the parameter")
    };
    Recipe {
        files: vec![
            file("store-irsa.yaml", Proof::ExternalSecretsSchema, include_str!("texts/store-irsa.yaml"), &facts),
            file("store-pod-identity.yaml", Proof::ExternalSecretsSchema, include_str!("texts/store-pod-identity.yaml"), &facts),
            file("external-secret.yaml", Proof::ExternalSecretsSchema, include_str!("texts/external-secret.yaml"), &facts),
        ],
        cache: "In the Kubernetes Secret, for refreshInterval: one hour as the recipe sets it.".to_owned(),
        at_rotation: "The Secret has the new value after the next refresh. A pod that reads it from environment variables has to be started again; a mounted file changes within about a minute.".to_owned(),
        on_auth_failure: "Refresh at once with kubectl annotate externalsecret NAME force-sync=$(date +%s) --overwrite, and read the file again. A container with environment variables ends with an error and is started again.".to_owned(),
        json_key: subject.json_key.as_ref().map(|_| "remoteRef.property names the key; the operator reads it, as a path of gjson.".to_owned()),
        traps: vec![
            format!("deletionPolicy: Delete deletes the Kubernetes Secret when {gone}, and reports no error. Retain, as in the recipe, keeps the last value and reports SecretSyncedError."),
            "deletionPolicy: Merge removes the keys and keeps an empty Secret: pods then start without the value.".to_owned(),
            "deletionPolicy: Delete works with creationPolicy: Owner only. With Owner, deleting the ExternalSecret deletes the Secret, whatever deletionPolicy says.".to_owned(),
            format!("refreshInterval: 0 reads once and never again, also after {change}."),
            "Anyone who can create an ExternalSecret in the namespace of the store can read everything that the store's role can.".to_owned(),
            "Use one of the two stores. With Pod Identity the association is that of the operator's own service account, which then assumes the role of the store by itself: the role has to trust it.".to_owned(),
        ],
        reader: "The role of the store".to_owned(),
        consumer: Some(ConsumerKind::EksIrsa),
        cost: Some(cost::table(subject, "refreshInterval", "ExternalSecret and cluster")),
        ..base(RecipeId::ExternalSecrets, subject)
    }
}

pub(super) fn csi_driver(subject: &Subject) -> Recipe {
    let object = if subject.is_secret() { subject.arn.as_str() } else { &subject.name };
    let kind = if subject.is_secret() { "secretsmanager" } else { "ssmparameter" };
    // A quoted identifier of JMESPath, in the YAML that is a text of the YAML.
    let path = quoted(&quoted(subject.json_key.as_deref().unwrap_or_default()));
    let facts = names_in_yaml(subject)
        .value("OBJECT_NAME", quoted(object))
        .value("OBJECT_TYPE", kind)
        .value("PATH", path);
    let rights = if subject.is_secret() {
        rights(subject, &[RecipeAction::DescribeSecret])
    } else {
        rights_in_batch(subject)
    };
    Recipe {
        files: vec![
            file("secret-provider-class.yaml", Proof::CsiSchema, include_str!("texts/csi-class.yaml"), &facts),
            file("pod.yaml", Proof::CsiSchema, include_str!("texts/csi-pod.yaml"), &facts),
        ],
        cache: "In a file of the pod, from its start on; with the driver's rotation enabled, for its poll interval.".to_owned(),
        at_rotation: "Without the driver's rotation the file keeps the old value until the pod is started again. With enableSecretRotation it changes after the next poll; the program has to read the file again.".to_owned(),
        on_auth_failure: "Read the file again; if it has not changed, end with an error: a new pod reads the new value.".to_owned(),
        json_key: subject.json_key.as_ref().map(|_| "jmesPath names the key; AWS's provider reads it and mounts it as a file of its own, beside the whole value.".to_owned()),
        traps: vec![
            "The whole JSON is mounted too, under objectAlias: anyone who reads the volume reads every key.".to_owned(),
            "rotationPollInterval is a setting of the driver, for all pods; its default of two minutes makes many calls.".to_owned(),
            "A pod does not start while the value cannot be read.".to_owned(),
            "The driver is a DaemonSet: it does not run on Fargate.".to_owned(),
            "For Pod Identity set usePodIdentity to \"true\", and leave the annotation of the service account out.".to_owned(),
        ],
        rights,
        reader: "The role of the pod's service account".to_owned(),
        consumer: Some(ConsumerKind::EksIrsa),
        cost: Some(cost::polls(subject, "rotationPollInterval", "pod that mounts it, with the driver's rotation enabled")),
        ..base(RecipeId::CsiDriver, subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kubernetes refuses a number where it wants a name.
    #[test]
    fn names_stay_texts_in_yaml() {
        let mut subject = crate::inventory::recipes::samples::secret();
        subject.name = "123".to_owned();
        subject.role = "arn:aws:iam::441205839201:role/a=b".parse().ok();
        for recipe in [external_secrets(&subject), csi_driver(&subject)] {
            for file in recipe.files {
                assert!(!file.text.contains(": 123\n"), "{}", file.text);
                assert!(!file.text.contains(": arn:aws:iam"), "{}", file.text);
                assert!(file.text.contains("\"123\""), "{}", file.text);
            }
        }
    }

    #[test]
    fn what_is_special_in_a_path_is_escaped() {
        assert_eq!(property("password"), "password");
        assert_eq!(property("db.pass*"), r"db\.pass\*");
        assert_eq!(property("@this"), r"\@this");
        assert_eq!(property("a@b"), "a@b");
    }
}
