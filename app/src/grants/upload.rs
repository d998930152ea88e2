//! A file as a new value: the browser sends it to a route of the server, which leads back to the grant.

use super::grant_api::PutValue;
use crate::{ui::own_field, wire::WireError};
use claviger_domain::{facts::Kind, grants::GrantResource, problem::Problem};
use leptos::{
    prelude::*,
    server_fn::{ServerFn, error::ServerFnUrlError},
};

/// The page of a grant after a file was written as this version.
pub fn uploaded(grant: &str, version: &str) -> String {
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair("uploaded", version).finish();
    format!("{}?{query}", page(grant))
}

/// The page of a grant with the reason why a file was not written, where the form of a new value shows it.
pub fn upload_refused(grant: &str, problem: Problem) -> String {
    let error = ServerFnUrlError::new(<PutValue as ServerFn>::PATH, WireError(problem));
    let page = page(grant);
    // Only its path and query are used.
    match error.to_url(&format!("http://localhost{page}")) {
        Ok(url) => format!("{page}?{}", url.query().unwrap_or_default()),
        Err(_) => page,
    }
}

fn page(grant: &str) -> String {
    let is_id = grant.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_id { format!("/access/{grant}") } else { "/access".to_owned() }
}

#[component]
pub(super) fn Upload(grant: String, resource: GrantResource) -> impl IntoView {
    // A version is AWS's id or a number; anything else in the address is not shown.
    let is_version = |text: &String| {
        (1..=64).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let done = own_field("uploaded").filter(is_version).map(|version| {
        view! { <p class="done" role="status">"File written as version "<span class="mono wrap">{version}</span></p> }
    });
    let kind = (resource.kind == Kind::Secret).then(|| {
        view! {
            <label class="field">
                <span>"Store as"</span>
                <select name="kind">
                    <option value="text">"Text (SecretString)"</option>
                    <option value="binary">"Binary (SecretBinary)"</option>
                </select>
            </label>
        }
    });
    view! {
        {done}
        <details class="upload">
            <summary>"Upload a file"</summary>
            <form method="post" action=format!("/access/{grant}/file") enctype="multipart/form-data" class="form">
                <input type="hidden" name="resource" value=resource.id.to_string() />
                {kind}
                <label class="field">
                    <span>"File"</span>
                    <input type="file" name="file" required />
                    <small>"Its bytes are written as they are, at most 65,536. Claviger doesn't store them."</small>
                </label>
                <div class="actions"><button class="button">"Write the file"</button></div>
            </form>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_the_grant_and_nowhere_else() {
        assert_eq!(uploaded("G-1", "a b"), "/access/G-1?uploaded=a+b");
        assert_eq!(page("../../evil"), "/access");
        assert_eq!(page("//evil.example"), "/access");
    }
}
