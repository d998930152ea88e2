//! Parameters and outputs of CloudFormation stacks, nested ones too. AWS returns asterisks for a parameter with `NoEcho`. Templates
//! and their metadata are not read.

use super::{
    content::reduced,
    reader::{Reader, following},
    unread,
};
use crate::{
    AwsError, WorkloadVariables,
    signed::{SignedBody, SignedCall},
    xml::{data, each, is_whole},
};
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};
use claviger_domain::variables::{EnvironmentVariable, OUTPUTS, VariableContent};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use std::borrow::Cow;

const OPERATION: &str = "DescribeStacks";
/// AWS returns such a stack only by its id.
const DELETED: &str = "DELETE_COMPLETE";

/// A page has 1 MB at most.
pub(super) async fn read(reader: &Reader<'_>) -> Result<WorkloadVariables, AwsError> {
    let mut found = WorkloadVariables::default();
    let mut token: Option<String> = None;
    loop {
        let after = token.as_deref().map_or_else(String::new, |token| {
            format!("&NextToken={}", utf8_percent_encode(token, NON_ALPHANUMERIC))
        });
        let call = SignedCall {
            service: "CloudFormation",
            endpoint: "cloudformation",
            operation: "DescribeStacks",
            path: "/".into(),
            body: SignedBody::Form(format!("Action=DescribeStacks&Version=2010-05-15{after}")),
        };
        let body = reader.call(&call).await?;
        let next = page(&body, &mut found)?;
        drop(body);
        token = following(OPERATION, token.as_deref(), next)?;
        if token.is_none() {
            return Ok(found);
        }
    }
}

#[derive(Default)]
struct Stack {
    id: String,
    status: String,
    parameters: Vec<Entry>,
    outputs: Vec<Entry>,
}

/// A parameter or an output: its key, and what its value is.
type Entry = (String, VariableContent);

/// Adds the parameters and outputs of a page; the token of the next one.
pub(super) fn page(body: &[u8], found: &mut WorkloadVariables) -> Result<Option<String>, AwsError> {
    let text = std::str::from_utf8(body).map_err(|_| unread(OPERATION))?;
    if !is_whole(text) {
        return Err(unread(OPERATION));
    }
    let mut document = Document::new(text);
    let mut root = document.root_element().map_err(|_| unread(OPERATION))?;
    let (stacks, next) = result(&mut root).map_err(|_| unread(OPERATION))?;
    for stack in stacks.into_iter().filter(|stack| stack.status != DELETED) {
        let consumer = consumer(&stack.id);
        let parameters = stack.parameters.into_iter().map(|entry| (None::<&str>, entry));
        let outputs = stack.outputs.into_iter().map(|entry| (Some(OUTPUTS), entry));
        found.variables.extend(parameters.chain(outputs).map(|(container, (name, content))| {
            EnvironmentVariable {
                consumer: consumer.to_owned(),
                container: container.map(ToOwned::to_owned),
                name,
                content,
            }
        }));
    }
    Ok(next)
}

/// The ARN of a stack without its id, which is another one when the stack is created again.
fn consumer(arn: &str) -> &str {
    let before = arn.rsplit_once('/').map(|(before, _)| before);
    before.filter(|before| before.contains('/')).unwrap_or(arn)
}

/// The stacks of a response, and the token of the next page.
fn result(
    root: &mut ScopedDecoder<'_, '_>,
) -> Result<(Vec<Stack>, Option<String>), XmlDecodeError> {
    let (mut stacks, mut next) = (None, None);
    while let Some(mut result) = root.next_tag() {
        if result.start_el().local() != "DescribeStacksResult" {
            continue;
        }
        while let Some(mut tag) = result.next_tag() {
            match tag.start_el().local() {
                "Stacks" => stacks = Some(each(&mut tag, "member", stack)?),
                "NextToken" => next = Some(data(&mut tag)?),
                _ => {}
            }
        }
    }
    // A response without a list is not an empty one.
    let stacks = stacks.ok_or_else(|| XmlDecodeError::custom("there is no list of stacks"))?;
    Ok((stacks, next))
}

fn stack(member: &mut ScopedDecoder<'_, '_>) -> Result<Stack, XmlDecodeError> {
    let mut found = Stack::default();
    while let Some(mut tag) = member.next_tag() {
        match tag.start_el().local() {
            "StackId" => found.id = data(&mut tag)?,
            "StackStatus" => found.status = data(&mut tag)?,
            "Parameters" => found.parameters = each(&mut tag, "member", entry)?,
            "Outputs" => found.outputs = each(&mut tag, "member", entry)?,
            _ => {}
        }
    }
    if found.id.is_empty() {
        return Err(XmlDecodeError::custom("a stack has no id"));
    }
    Ok(found)
}

fn entry(member: &mut ScopedDecoder<'_, '_>) -> Result<Entry, XmlDecodeError> {
    let (mut key, mut content, mut is_name) = (String::new(), VariableContent::Empty, false);
    while let Some(mut tag) = member.next_tag() {
        match tag.start_el().local() {
            "ParameterKey" | "OutputKey" => key = data(&mut tag)?,
            "ParameterValue" | "OutputValue" => content = value(&mut tag)?,
            // The value is the name of a parameter of Systems Manager. What that has is not looked at.
            "ResolvedValue" => is_name = true,
            _ => {}
        }
    }
    Ok((key, if is_name { VariableContent::Reference } else { content }))
}

/// What the text of an element is. A whole response has it in one piece (`is_whole`).
fn value(tag: &mut ScopedDecoder<'_, '_>) -> Result<VariableContent, XmlDecodeError> {
    Ok(match try_data(tag)? {
        // Borrowed from the buffer of the response, which is overwritten when it is dropped.
        Cow::Borrowed(text) => of_text(text),
        // A copy, because it had escapes.
        Cow::Owned(text) => of_text(&Zeroizing::new(text)),
    })
}

fn of_text(text: &str) -> VariableContent {
    let is_masked = !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    if is_masked { VariableContent::Masked } else { reduced(text) }
}
