//! What a role is attached to besides a Lambda function, by its ARN.

use crate::ids::Region;

/// A `CodeBuild` project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectArn {
    pub arn: String,
    pub partition: String,
    pub region: String,
    pub account: String,
    pub name: String,
}

impl ProjectArn {
    /// `arn:PARTITION:codebuild:REGION:ACCOUNT:project/NAME`; `None` if the text is no such ARN.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "codebuild", region, account, resource] = parts.as_slice() else {
            return None;
        };
        let name = resource.strip_prefix("project/")?;
        let is_word = |text: &str, longest: usize| {
            !text.is_empty()
                && text.len() <= longest
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        };
        let is_account = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let is_whole = is_account
            && region.parse::<Region>().is_ok()
            && is_word(partition, 20)
            && is_word(name, 255);
        is_whole.then(|| Self {
            arn: text.to_owned(),
            partition: (*partition).to_owned(),
            region: (*region).to_owned(),
            account: (*account).to_owned(),
            name: name.to_owned(),
        })
    }
}

/// An EC2 instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceArn {
    pub arn: String,
    pub region: String,
    pub account: String,
    /// Such as `i-0a1b2c3d4e5f60718`.
    pub id: String,
}

impl InstanceArn {
    /// `arn:PARTITION:ec2:REGION:ACCOUNT:instance/ID`; `None` if the text is no such ARN.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "ec2", region, account, resource] = parts.as_slice() else {
            return None;
        };
        let id = resource.strip_prefix("instance/")?;
        let is_account = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let is_partition = partition.starts_with("aws")
            && partition.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        let is_whole = is_account && is_partition && region.parse::<Region>().is_ok();
        (is_whole && is_instance_id(id)).then(|| Self {
            arn: text.to_owned(),
            region: (*region).to_owned(),
            account: (*account).to_owned(),
            id: id.to_owned(),
        })
    }
}

/// `i-` with 8 or 17 hexadecimal digits.
pub fn is_instance_id(text: &str) -> bool {
    text.strip_prefix("i-").is_some_and(|digits| {
        matches!(digits.len(), 8 | 17)
            && digits.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_an_instance_is_read_and_no_other() {
        let arn = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718";
        let read = InstanceArn::read(arn).unwrap();
        assert_eq!((read.id.as_str(), read.region.as_str()), ("i-0a1b2c3d4e5f60718", "eu-west-1"));
        for wrong in [
            "i-0a1b2c3d4e5f60718",
            "arn:aws:ec2:eu-west-1:111122223333:volume/i-0a1b2c3d4e5f60718",
            "arn:aws:ec2:eu-west-1:1111:instance/i-0a1b2c3d4e5f60718",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-0A1B2C3D",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3",
            "arn:aws:ec2:eu-west-1:111122223333:instance/*",
            "arn:*:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d",
        ] {
            assert_eq!(InstanceArn::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_arn_of_a_project_is_read_and_no_other() {
        let arn = "arn:aws:codebuild:eu-west-1:111122223333:project/release";
        let read = ProjectArn::read(arn).unwrap();
        assert_eq!((read.name.as_str(), read.region.as_str()), ("release", "eu-west-1"));
        assert_eq!((read.arn.as_str(), read.account.as_str()), (arn, "111122223333"));
        for wrong in [
            "release",
            "arn:aws:codebuild:eu-west-1:111122223333:fleet/release",
            "arn:aws:codebuild:eu-west-1:1111:project/release",
            "arn:aws:codebuild:nowhere!:111122223333:project/release",
            "arn:aws:codebuild:eu-west-1:111122223333:project/",
            "arn:aws:codebuild:eu-west-1:111122223333:project/a/b",
            "arn:aws:codebuild:eu-west-1:111122223333:project/*",
            "arn:aws:codebuild:eu-west-1:111122223333:project/a:b",
            "arn:aws:lambda:eu-west-1:111122223333:project/release",
        ] {
            assert_eq!(ProjectArn::read(wrong), None, "{wrong}");
        }
    }
}
