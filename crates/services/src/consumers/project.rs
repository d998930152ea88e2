//! A `CodeBuild` project that a plan gives a role: what its builds need of the role, what would break them, and what may.

use super::{
    ReadWorkload,
    opt_in::{opted_in, plaintext},
};
use claviger_domain::{
    creation::ShapeFault,
    remediation::{ATTACH_TAG, BOUNDARY_POLICY, ProjectArn},
};
use claviger_gateways::{ConsumerProject, ProjectUse};
use claviger_policy::consumers::{BuildNeeds, credential_like};

/// The project, if a role can be attached to it. One that is not there yet is created with the role: then the plan creates the role
/// alone.
pub(super) fn usable(
    project: &ProjectArn,
    read: Option<ConsumerProject>,
) -> Result<ReadWorkload, ShapeFault> {
    let wrong = |reason: String| ShapeFault::new("project", reason);
    let ProjectArn { name, region, account, .. } = project;
    let Some(read) = read else {
        let group = format!("/aws/codebuild/{name}");
        let build = BuildNeeds::read(&project.partition, region, Some(&group), None);
        return Ok(ReadWorkload {
            build: Some(build.map_err(wrong)?),
            findings: vec![format!(
                "There is no project {name} in {region} of the account {account}: the plan creates the role alone."
            )],
            ..ReadWorkload::default()
        });
    };
    let (key, value) = ATTACH_TAG;
    let command = format!(
        "aws resourcegroupstaggingapi tag-resources --region {region} --resource-arn-list {} --tags {key}={value}",
        project.arn
    );
    opted_in(&read.tags, &format!("project {name}"), &command).map_err(wrong)?;
    let build = build_needs(project, &read).map_err(wrong)?;
    let plain = read.variables.iter().filter(|one| one.kind == "PLAINTEXT");
    let named = plain.filter(|one| credential_like(&one.name));
    let findings = named.map(|one| plaintext(&one.name)).collect();
    Ok(ReadWorkload {
        warnings: warnings(&read),
        is_there: true,
        before: Some(read.role),
        build: Some(build),
        findings,
        ..ReadWorkload::default()
    })
}

/// What builds need of the role. An error says why they would fail with it, or cannot get it.
pub(super) fn build_needs(
    project: &ProjectArn,
    read: &ConsumerProject,
) -> Result<BuildNeeds, String> {
    let ProjectArn { name, region, partition, .. } = project;
    let breaks = breaks(read);
    if !breaks.is_empty() {
        return Err(format!(
            "With a role under the boundary {BOUNDARY_POLICY} the builds of {name} would fail: {}. Export the role, and add what builds need.",
            breaks.join("; ")
        ));
    }
    BuildNeeds::read(partition, region, read.log_group.as_deref(), read.image.as_deref()).map_err(
        |reason| {
            format!("The project {name} cannot get a role: {reason}. Correct the project first.")
        },
    )
}

/// What the boundary never leaves, and every build needs.
fn breaks(read: &ConsumerProject) -> Vec<String> {
    let mut found = Vec::new();
    if read.uses.contains(&ProjectUse::Vpc) {
        found.push(
            "they join a VPC (ec2:CreateNetworkInterfacePermission, ec2:DescribeDhcpOptions)"
                .to_owned(),
        );
    }
    for source in &read.sources {
        let needs = match source.kind.as_str() {
            "CODECOMMIT" => "codecommit:GitPull",
            "S3" | "CODEPIPELINE" => "s3:GetObject",
            _ => continue,
        };
        found.push(format!("they read a source of the type {} ({needs})", source.kind));
    }
    if read.sources.iter().any(|source| source.auth.as_deref() == Some("CODECONNECTIONS")) {
        found.push(
            "they sign in to their source by a connection (codeconnections:GetConnectionToken)"
                .to_owned(),
        );
    }
    for kind in &read.artifacts {
        found.push(format!("they store artifacts of the type {kind} (s3:PutObject)"));
    }
    found
}

/// What depends on more than the project says.
fn warnings(read: &ConsumerProject) -> Vec<String> {
    let mut found = vec![format!(
        "What else its buildspec does with the role, such as deployments or test reports, fails: the boundary {BOUNDARY_POLICY} does not leave it."
    )];
    for (kind, service) in
        [("SECRETS_MANAGER", "Secrets Manager"), ("PARAMETER_STORE", "Parameter Store")]
    {
        let all = read.variables.iter().filter(|one| one.kind == kind);
        let names: Vec<&str> = all.map(|one| one.name.as_str()).collect();
        if !names.is_empty() {
            found.push(format!(
                "CodeBuild reads variables from {service} with the role: {}. Builds fail unless the role reads each of them.",
                names.join(", ")
            ));
        }
    }
    let signs_in = |auth: &str| read.sources.iter().any(|one| one.auth.as_deref() == Some(auth));
    if signs_in("SECRETS_MANAGER") {
        found.push(
            "It signs in to its source with a secret: builds fail unless the role reads that secret."
                .to_owned(),
        );
    }
    let is_default = |kind: &str| kind.starts_with("GIT") || kind == "BITBUCKET";
    if read.sources.iter().any(|one| one.auth.is_none() && is_default(&one.kind)) {
        found.push(
            "It signs in to its source with the account's default credential, which was not read: builds fail if that is a connection, or a secret that the role does not read."
                .to_owned(),
        );
    }
    for one in &read.uses {
        let text = match one {
            // Refused before.
            ProjectUse::Vpc => continue,
            ProjectUse::Cache => "Its cache in S3 is neither read nor written any more.",
            ProjectUse::StoredLogs => "Its logs are not stored in S3 any more.",
            ProjectUse::RegistryCredential => {
                "It signs in to the registry of its image with a secret: builds fail unless the role reads that secret."
            }
            ProjectUse::Batches => "Batch builds keep the role that they have for starting builds.",
        };
        found.push(text.to_owned());
    }
    if let Some(key) = &read.encryption_key {
        found.push(format!(
            "It encrypts what it stores with the customer managed key {key}, which the role cannot use."
        ));
    }
    found
}
