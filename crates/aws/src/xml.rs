//! Parts of XML responses.

use aws_smithy_xml::decode::{ScopedDecoder, XmlDecodeError, try_data};

/// The text of an element.
pub(crate) fn data(tag: &mut ScopedDecoder<'_, '_>) -> Result<String, XmlDecodeError> {
    try_data(tag).map(std::borrow::Cow::into_owned)
}

/// Each `<item>` of a set.
pub(crate) fn items<T>(
    set: &mut ScopedDecoder<'_, '_>,
    read: impl Fn(&mut ScopedDecoder<'_, '_>) -> Result<T, XmlDecodeError>,
) -> Result<Vec<T>, XmlDecodeError> {
    let mut found = Vec::new();
    while let Some(mut item) = set.next_tag() {
        if item.start_el().local() == "item" {
            found.push(read(&mut item)?);
        }
    }
    Ok(found)
}

/// The text of one field of an item.
pub(crate) fn field(
    item: &mut ScopedDecoder<'_, '_>,
    name: &str,
) -> Result<String, XmlDecodeError> {
    let mut found = String::new();
    while let Some(mut tag) = item.next_tag() {
        if tag.start_el().local() == name {
            found = data(&mut tag)?;
        }
    }
    Ok(found)
}
