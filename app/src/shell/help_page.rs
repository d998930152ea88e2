//! Help: what is where, and the keyboard shortcuts. The header's link leads to the part about the page that one is on.

use super::keys::KEYS;
use crate::ui::{PageHeader, PageTitle, Panel, own_path};
use leptos::prelude::*;

/// A part of the console.
struct Topic {
    /// The first segment of its path, and the anchor.
    id: &'static str,
    title: &'static str,
    says: &'static [&'static str],
}

static TOPICS: [Topic; 15] = [
    Topic {
        id: "overview",
        title: "Overview",
        says: &[
            "The score is the weighted share of checks that pass. Unknown counts as failing; excepted findings are left out.",
            "Every number leads to its rows.",
        ],
    },
    Topic {
        id: "inventory",
        title: "Inventory",
        says: &[
            "Every secret and parameter in your scope. All words of a search must appear in the name, description, tags or ARN; filters such as tag:owner=payments, team:payments, rotation:overdue or accessed:>90d work in the same box.",
            "The address contains the filters: send it to colleagues, who see the same list within their own scope.",
            "No page shows a value. Request access to read it.",
        ],
    },
    Topic {
        id: "changes",
        title: "Changes",
        says: &["What differed between two scans, with the old and the new value."],
    },
    Topic {
        id: "findings",
        title: "Findings",
        says: &[
            "Checks that fail, the most severe first. Fix plans the calls that correct them; an exception accepts the risk for a limited time.",
            "Unknown means that a fact is missing: the finding's page says which.",
        ],
    },
    Topic {
        id: "policies",
        title: "Policies",
        says: &[
            "What is required where. Each policy uses one rule of the rule catalog, and every save is a new version.",
            "A dry run shows what a policy would open and close before it is saved.",
        ],
    },
    Topic {
        id: "rules",
        title: "Rules",
        says: &[
            "The built-in rules with their parameters, an example, and the policies that use them.",
        ],
    },
    Topic {
        id: "remediation",
        title: "Remediation",
        says: &[
            "A plan contains every AWS call with the values before and after. Another person approves exactly what is shown.",
            "A call is skipped if the resource changed since the plan was created. Pause stops all new calls.",
        ],
    },
    Topic {
        id: "exceptions",
        title: "Exceptions",
        says: &[
            "A risk that is accepted until a date, approved by another person. Its findings stay visible and are counted separately.",
        ],
    },
    Topic {
        id: "access",
        title: "My access",
        says: &[
            "Your requests and grants. After approval, start access: time runs from then. Each session is limited to the actions and secrets of the grant and ends with it.",
            "End access when you are done.",
        ],
    },
    Topic {
        id: "approvals",
        title: "Approvals",
        says: &[
            "Requests that you can decide. Your approval is bound to a hash of the request shown. You can't approve your own request.",
        ],
    },
    Topic {
        id: "reviews",
        title: "Break-glass reviews",
        says: &["Emergency access is immediate and is reviewed afterwards by another person."],
    },
    Topic {
        id: "accounts",
        title: "Accounts",
        says: &[
            "How far the last scan read each account, with the reason for failures, and whether Claviger's roles are ready.",
        ],
    },
    Topic {
        id: "notifications",
        title: "Notifications",
        says: &[
            "Each channel and email address is delivered to and retried separately. The inbox keeps everything that was sent to you.",
        ],
    },
    Topic {
        id: "audit",
        title: "Audit log",
        says: &[
            "Every action, each with the hash of the one before it. Keep the exported heads elsewhere: they prove that nothing was removed.",
        ],
    },
    Topic {
        id: "settings",
        title: "Settings",
        says: &[
            "The configuration as it applies, for security admins and auditors of the whole Organization. It is changed by the configuration file.",
            "Access rules explains why a person can or can't request a secret. Setup lists what is not finished.",
        ],
    },
];

#[component]
pub(crate) fn HelpPage() -> impl IntoView {
    let links = TOPICS.iter().map(|topic| {
        view! { <li><a href=format!("#{}", topic.id)>{topic.title}</a></li> }
    });
    let topics = TOPICS.iter().map(|topic| view! { <TopicPanel topic /> }).collect_view();
    let keys =
        KEYS.map(|(key, does)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div> });
    view! {
        <PageTitle text="Help" />
        <PageHeader>
            <h1>"Help"</h1>
            <p class="context">"What is where. The full guide is in docs/guide of your release."</p>
        </PageHeader>
        <div class="with-rail">
            <nav class="panel choices" aria-label="Topics"><h2>"Topics"</h2><ul>
                {links.collect_view()}<li><a href="#keyboard">"Keyboard shortcuts"</a></li>
            </ul></nav>
            <div class="stack">
                {topics}
                <section class="panel" id="keyboard">
                    <h2>"Keyboard shortcuts"</h2>
                    <dl class="keys">{keys.into_iter().collect_view()}</dl>
                </section>
            </div>
        </div>
    }
}

#[component]
fn TopicPanel(topic: &'static Topic) -> impl IntoView {
    let says = topic.says.iter().map(|text| view! { <p>{*text}</p> }).collect_view();
    let href = format!("/{}", topic.id);
    view! {
        <div id=topic.id>
            <Panel title=topic.title>{says}<p><a href=href>{format!("Open {}", topic.title)}</a></p></Panel>
        </div>
    }
}

/// The header's link to the part about this page.
#[component]
pub(crate) fn HelpLink() -> impl IntoView {
    let path = own_path();
    view! { <a href=topic_href(&path) class="pill help-link" aria-label="Help" title="Help">"?"</a> }
}

/// The help about the page with this path.
fn topic_href(path: &str) -> String {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let known = TOPICS.iter().find(|topic| topic.id == first);
    known.map_or_else(|| "/help".to_owned(), |topic| format!("/help#{}", topic.id))
}

#[cfg(test)]
mod tests {
    use super::topic_href;

    #[test]
    fn help_is_about_the_page_that_one_is_on() {
        assert_eq!(topic_href("/inventory/abc/readers"), "/help#inventory");
        assert_eq!(topic_href("/settings/jobs"), "/help#settings");
        assert_eq!(topic_href("/"), "/help");
        assert_eq!(topic_href("/inbox"), "/help");
    }
}
