//! Forms whose fields are texts by the names that the browser sends.

use crate::filter::has_value;
use form_urlencoded::Serializer;

/// Puts what was sent into the field of its name. A field without a value, or of another name, changes nothing.
pub(crate) fn put<const N: usize>(fields: [(&str, &mut String); N], name: &str, value: &str) {
    if !has_value(name, value) {
        return;
    }
    if let Some((_, slot)) = fields.into_iter().find(|(own, _)| *own == name) {
        *slot = value.replace("\r\n", "\n");
    }
}

/// Appends the fields that are filled in.
pub(crate) fn append<const N: usize>(
    query: &mut Serializer<'_, String>,
    fields: [(&str, &mut String); N],
) {
    for (name, value) in fields {
        if !value.trim().is_empty() {
            query.append_pair(name, value);
        }
    }
}
