//! Parts of XML responses.

use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

/// The text of an element.
pub(crate) fn data(tag: &mut ScopedDecoder<'_, '_>) -> Result<String, XmlDecodeError> {
    try_data(tag).map(std::borrow::Cow::into_owned)
}

/// Each `<item>` of a set.
pub(crate) fn items<T>(
    set: &mut ScopedDecoder<'_, '_>,
    read: impl Fn(&mut ScopedDecoder<'_, '_>) -> Result<T, XmlDecodeError>,
) -> Result<Vec<T>, XmlDecodeError> {
    each(set, "item", read)
}

/// Each element of a list that has this name, such as `<member>`.
pub(crate) fn each<T>(
    list: &mut ScopedDecoder<'_, '_>,
    name: &str,
    read: impl Fn(&mut ScopedDecoder<'_, '_>) -> Result<T, XmlDecodeError>,
) -> Result<Vec<T>, XmlDecodeError> {
    let mut found = Vec::new();
    while let Some(mut one) = list.next_tag() {
        if one.start_el().local() == name {
            found.push(read(&mut one)?);
        }
    }
    Ok(found)
}

/// Whether a response can be read to its end, and each text is one piece. The decoder takes what is cut off or cannot be parsed
/// for the end of each list, and leaves out what is behind a comment or processing instruction, or in a CDATA section. AWS writes
/// none.
pub(crate) fn is_whole(text: &str) -> bool {
    let mut depth = 0;
    for token in Document::new(text) {
        let Ok((_, at)) = token else { return false };
        depth = at;
    }
    let has_declaration_only = text.rfind("<?").is_none_or(|at| at == 0);
    depth == 0 && has_declaration_only && !text.contains("<!")
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

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn what_is_cut_off_or_has_texts_that_are_not_given_is_not_whole() {
        for text in ["<a/>", "<a><b>1</b></a>", "<?xml version=\"1.0\"?>\n<a><b/>&lt;!</a>\n"] {
            assert!(is_whole(text), "{text}");
        }
        for text in [
            "nonsense",
            "<a>",
            "<a><b",
            "<a><b>1</b>",
            "<a><b>1<</b></a>",
            "<a><b><![CDATA[1]]></b></a>",
            "<a><b>1<!-- 2 -->3</b></a>",
            "<a><b>1<?p 2?>3</b></a>",
        ] {
            assert!(!is_whole(text), "{text}");
        }
    }
}
