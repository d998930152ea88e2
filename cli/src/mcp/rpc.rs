//! Messages of JSON-RPC 2.0, as the Model Context Protocol restricts them: one object on each line, no batches, ids that are
//! strings or integers, and parameters that are objects.

use serde_json::{Map, Value, json};

pub(super) const PARSE_ERROR: i64 = -32700;
pub(super) const INVALID_REQUEST: i64 = -32600;
pub(super) const METHOD_NOT_FOUND: i64 = -32601;
pub(super) const INVALID_PARAMS: i64 = -32602;

pub(super) type Params = Map<String, Value>;

/// A line that was read.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    Request {
        id: Value,
        method: String,
        params: Params,
    },
    Notification {
        method: String,
        params: Params,
    },
    /// The response to an invalid request; its id is null if the request's id cannot be read. JSON-RPC 2.0 is followed here: it
    /// requires the null, which the schema of the Model Context Protocol does not have.
    Invalid(Value),
    /// A response; this server asks nothing.
    Response,
}

/// An error in place of a result.
#[derive(Debug, PartialEq)]
pub(super) struct RpcError {
    pub(super) code: i64,
    pub(super) message: String,
}

impl RpcError {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// A response line, without its line break.
pub(super) fn response(id: &Value, outcome: Result<Value, RpcError>) -> Value {
    match outcome {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(RpcError { code, message }) => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
        }
    }
}

fn invalid(id: &Value, code: i64, message: &str) -> Incoming {
    Incoming::Invalid(response(id, Err(RpcError::new(code, message))))
}

/// The response to a line that is longer than this server reads.
pub(super) fn too_long(bytes: usize) -> Value {
    let message = format!("Invalid Request: a message has at most {bytes} bytes");
    response(&Value::Null, Err(RpcError::new(INVALID_REQUEST, message)))
}

pub(super) fn read(line: &[u8]) -> Incoming {
    let mut message = match serde_json::from_slice(line) {
        Ok(Value::Object(message)) => message,
        Ok(Value::Array(_)) => {
            let why = "Invalid Request: batches are not supported";
            return invalid(&Value::Null, INVALID_REQUEST, why);
        }
        Ok(_) => {
            return invalid(&Value::Null, INVALID_REQUEST, "Invalid Request: send an object");
        }
        Err(error) => {
            // The error's position only: its text could repeat the line.
            let why = format!("Parse error in column {}", error.column());
            return invalid(&Value::Null, PARSE_ERROR, &why);
        }
    };
    let id = message.remove("id");
    let known = match &id {
        Some(id) if id.is_string() || id.is_i64() || id.is_u64() => id.clone(),
        _ => Value::Null,
    };
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return invalid(&known, INVALID_REQUEST, "Invalid Request: jsonrpc has to be \"2.0\"");
    }
    let is_response = message.contains_key("result") || message.contains_key("error");
    let method = match message.remove("method") {
        Some(Value::String(method)) => method,
        None if is_response => return Incoming::Response,
        _ => return invalid(&known, INVALID_REQUEST, "Invalid Request: name a method"),
    };
    let params = match message.remove("params") {
        Some(Value::Object(params)) => Ok(params),
        None => Ok(Params::new()),
        Some(_) => Err("Invalid params: send an object"),
    };
    match (id, params) {
        (None, params) => Incoming::Notification { method, params: params.unwrap_or_default() },
        (Some(_), _) if known.is_null() => {
            invalid(&known, INVALID_REQUEST, "Invalid Request: an id is a string or an integer")
        }
        (Some(id), Ok(params)) => Incoming::Request { id, method, params },
        (Some(id), Err(why)) => invalid(&id, INVALID_PARAMS, why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> (i64, Value) {
        match read(line.as_bytes()) {
            Incoming::Invalid(response) => {
                (response["error"]["code"].as_i64().unwrap(), response["id"].clone())
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn malformed_messages_get_the_codes_of_json_rpc() {
        for (line, expected, id) in [
            ("{", PARSE_ERROR, json!(null)),
            ("", PARSE_ERROR, json!(null)),
            ("\u{fffd}", PARSE_ERROR, json!(null)),
            ("1", INVALID_REQUEST, json!(null)),
            ("[]", INVALID_REQUEST, json!(null)),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, INVALID_REQUEST, json!(null)),
            (r#"{"id":1,"method":"ping"}"#, INVALID_REQUEST, json!(1)),
            (r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#, INVALID_REQUEST, json!("a")),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, INVALID_REQUEST, json!(null)),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, INVALID_REQUEST, json!(null)),
            (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, INVALID_REQUEST, json!(null)),
            (r#"{"jsonrpc":"2.0","id":1}"#, INVALID_REQUEST, json!(1)),
            (r#"{"jsonrpc":"2.0","id":1,"method":2}"#, INVALID_REQUEST, json!(1)),
            (r#"{"jsonrpc":"2.0","id":1,"method":"a","params":[1]}"#, INVALID_PARAMS, json!(1)),
            (r#"{"jsonrpc":"2.0","id":1,"method":"a","params":"x"}"#, INVALID_PARAMS, json!(1)),
        ] {
            assert_eq!(code(line), (expected, id), "{line}");
        }
    }

    #[test]
    fn requests_notifications_and_responses() {
        let request = read(br#"{"jsonrpc":"2.0","id":"7","method":"ping"}"#);
        let params = Params::new();
        assert_eq!(request, Incoming::Request { id: json!("7"), method: "ping".into(), params });
        let notification = read(br#"{"jsonrpc":"2.0","method":"n","params":{"a":1}}"#);
        let Incoming::Notification { params, .. } = notification else {
            panic!("{notification:?}")
        };
        assert_eq!(params["a"], 1);
        assert_eq!(read(br#"{"jsonrpc":"2.0","id":1,"result":{}}"#), Incoming::Response);
    }
}
