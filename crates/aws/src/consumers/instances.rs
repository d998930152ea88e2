//! An EC2 instance that is given an instance profile.

use super::attach::ec2;
use crate::{
    AwsError, AwsGateway, ConsumerInstance, ConsumerOrder, IssuedSession, ProfileAssociation,
    signed::SignedCall,
    xml::{data, field, items},
};
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError};
use claviger_domain::remediation::InstanceArn;
use std::collections::BTreeMap;

/// What EC2 answers where there is no such instance.
const NOT_FOUND: &str = "InvalidInstanceID.NotFound";

impl AwsGateway {
    pub(super) async fn read_instance(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        instance: &InstanceArn,
    ) -> Result<Option<ConsumerInstance>, AwsError> {
        let place = (&order.account, &order.region);
        let call = ec2("DescribeInstances", &[("InstanceId.1", &instance.id)]);
        let body = match self.function_call(place, session, &call).await {
            Ok(body) => body,
            Err(error) if error.code.as_deref() == Some(NOT_FOUND) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(mut found) = read(&call, &body, "reservationSet", reservation)?.into_iter().next()
        else {
            return Ok(None);
        };
        let filter = [("Filter.1.Name", "instance-id"), ("Filter.1.Value.1", instance.id.as_str())];
        let call = ec2("DescribeIamInstanceProfileAssociations", &filter);
        let body = self.function_call(place, session, &call).await?;
        let all = read(&call, &body, "iamInstanceProfileAssociationSet", association)?;
        found.association = all.into_iter().find(|one| one.state != "disassociated");
        Ok(Some(found))
    }
}

/// The items of a response's set.
fn read<T>(
    call: &SignedCall,
    body: &[u8],
    set: &str,
    item: impl Fn(&mut ScopedDecoder<'_, '_>) -> Result<T, XmlDecodeError>,
) -> Result<Vec<T>, AwsError> {
    // Without the parser's words: they could repeat a part of the response.
    let wrong = || AwsError::nonsense(call.operation, "the response cannot be read");
    let text = std::str::from_utf8(body).map_err(|_| wrong())?;
    let mut document = Document::new(text);
    let mut root = document.root_element().map_err(|_| wrong())?;
    let mut found = Vec::new();
    while let Some(mut tag) = root.next_tag() {
        if tag.start_el().local() == set {
            found = items(&mut tag, &item).map_err(|_| wrong())?;
        }
    }
    Ok(found)
}

/// One instance was asked for, so a reservation has one.
fn reservation(item: &mut ScopedDecoder<'_, '_>) -> Result<ConsumerInstance, XmlDecodeError> {
    let mut found = Vec::new();
    while let Some(mut tag) = item.next_tag() {
        if tag.start_el().local() == "instancesSet" {
            found = items(&mut tag, instance)?;
        }
    }
    found.into_iter().next().ok_or_else(|| XmlDecodeError::custom("a reservation is empty"))
}

fn instance(item: &mut ScopedDecoder<'_, '_>) -> Result<ConsumerInstance, XmlDecodeError> {
    let mut found = ConsumerInstance::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "instanceState" => found.state = field(&mut tag, "name")?,
            "tagSet" => {
                let tags = items(&mut tag, own_tag)?;
                found.tags = tags.into_iter().collect::<BTreeMap<_, _>>();
            }
            _ => {}
        }
    }
    Ok(found)
}

fn own_tag(item: &mut ScopedDecoder<'_, '_>) -> Result<(String, String), XmlDecodeError> {
    let (mut key, mut value) = (String::new(), String::new());
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "key" => key = data(&mut tag)?,
            "value" => value = data(&mut tag)?,
            _ => {}
        }
    }
    Ok((key, value))
}

fn association(item: &mut ScopedDecoder<'_, '_>) -> Result<ProfileAssociation, XmlDecodeError> {
    let mut found = ProfileAssociation::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "associationId" => found.id = data(&mut tag)?,
            "iamInstanceProfile" => found.profile = field(&mut tag, "arn")?,
            "state" => found.state = data(&mut tag)?,
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_read_with_its_tags_and_its_profile() {
        let call = ec2("DescribeInstances", &[]);
        let body = br#"<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>
            <reservationSet><item><reservationId>r-1</reservationId><instancesSet><item><instanceId>i-0a1b2c3d</instanceId>
            <instanceState><code>16</code><name>running</name></instanceState>
            <tagSet><item><key>claviger:attach</key><value>true</value></item><item><key>Name</key><value/></item></tagSet>
            </item></instancesSet></item></reservationSet></DescribeInstancesResponse>"#;
        let found = read(&call, body, "reservationSet", reservation).unwrap();
        assert_eq!(found[0].state, "running");
        assert_eq!(found[0].tags["claviger:attach"], "true");
        let body = br"<DescribeIamInstanceProfileAssociationsResponse><iamInstanceProfileAssociationSet><item>
            <associationId>iip-assoc-1</associationId><iamInstanceProfile><arn>arn:aws:iam::441205839201:instance-profile/old</arn>
            <id>AIPA1</id></iamInstanceProfile><instanceId>i-0a1b2c3d</instanceId><state>associated</state></item>
            </iamInstanceProfileAssociationSet></DescribeIamInstanceProfileAssociationsResponse>";
        let found = read(&call, body, "iamInstanceProfileAssociationSet", association).unwrap();
        let expected = ProfileAssociation {
            id: "iip-assoc-1".into(),
            profile: "arn:aws:iam::441205839201:instance-profile/old".into(),
            state: "associated".into(),
        };
        assert_eq!(found, [expected]);
        for unreadable in [
            &b"nonsense"[..],
            b"<a><reservationSet><item/></reservationSet></a>",
            b"<a><reservationSet><item><instancesSet><item><tagSet><item><key>&canary;</key>",
            b"\xff",
        ] {
            let error = read(&call, unreadable, "reservationSet", reservation).unwrap_err();
            assert_eq!(error.detail, "the response cannot be read");
        }
    }
}
