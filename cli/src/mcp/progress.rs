//! Notifications of progress, for a client that asked for them with a token.

use super::rpc::Params;
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use tokio::{sync::mpsc::UnboundedSender, time::sleep};

/// Between two notifications about the same.
const EVERY: Duration = Duration::from_secs(5);

/// Where the progress of a call is reported; nowhere without a token.
pub(super) struct Progress {
    token: Option<Value>,
    /// How many were sent: the number of each is larger than that of the one before.
    sent: AtomicU64,
    responses: UnboundedSender<Value>,
}

impl Progress {
    /// With the token of these parameters, which is a string or an integer.
    pub(super) fn of(params: &Params, responses: UnboundedSender<Value>) -> Self {
        let token = params.get("_meta").and_then(|meta| meta.get("progressToken"));
        let token = token.filter(|token| token.is_string() || token.is_i64() || token.is_u64());
        Self { token: token.cloned(), sent: AtomicU64::new(0), responses }
    }

    /// Reports a step.
    pub(super) fn say(&self, message: &str) {
        let Some(token) = &self.token else { return };
        let number = self.sent.fetch_add(1, Ordering::Relaxed) + 1;
        let params = json!({ "progressToken": token, "progress": number, "message": message });
        let _ = self.responses.send(json!({
            "jsonrpc": "2.0",
            "method": "notifications/progress",
            "params": params,
        }));
    }

    /// Reports again and again that this goes on, until it is done.
    pub(super) async fn during<T>(&self, what: &str, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let began = Instant::now();
        self.say(&format!("{what}."));
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = sleep(EVERY) => {
                    self.say(&format!("{what}, for {} seconds.", began.elapsed().as_secs()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;

    #[test]
    fn only_a_token_of_the_protocol_is_answered() {
        for (meta, is_answered) in [
            (json!({ "progressToken": "a" }), true),
            (json!({ "progressToken": 7 }), true),
            (json!({ "progressToken": 7.5 }), false),
            (json!({ "progressToken": null }), false),
            (json!({ "progressToken": { "a": 1 } }), false),
            (json!({}), false),
            (json!("a"), false),
        ] {
            let params = Params::from_iter([("_meta".to_owned(), meta.clone())]);
            let (responses, mut all) = unbounded_channel();
            Progress::of(&params, responses).say("It goes on.");
            assert_eq!(all.try_recv().is_ok(), is_answered, "{meta}");
        }
    }
}
