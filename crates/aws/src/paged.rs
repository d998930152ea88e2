//! Lists, page by page.

/// Continues until there is no token; an empty page with a token is not the end, a repeated token is an error.
macro_rules! paged {
    ($operation:literal, $request:expr, $items:ident, $each:expr) => {{
        let mut token: Option<String> = None;
        loop {
            let answer = $request.set_next_token(token.clone()).send().await.map_err(|error| {
                <crate::AwsError as crate::error::FromSdk>::of($operation, &error)
            })?;
            for item in answer.$items() {
                $each(item)?;
            }
            let next = answer.next_token().filter(|next| !next.is_empty()).map(ToOwned::to_owned);
            if next.is_none() {
                break;
            }
            if next == token {
                return Err(crate::AwsError::nonsense($operation, "the list repeats its token"));
            }
            token = next;
        }
    }};
}
