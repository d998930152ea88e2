//! Help: what is where, and the keyboard shortcuts. The header's link leads to the part about the page that one is on.

use super::{document_page::DocumentList, keys::KEYS};
use crate::ui::{PageHeader, PageTitle, Panel, own_path};
use leptos::prelude::*;

/// A part of the console.
struct Topic {
    /// The first segment of its path, and the anchor.
    id: &'static str,
    title: &'static str,
    /// The part of the documentation about it.
    document: &'static str,
    says: &'static [&'static str],
}

static TOPICS: [Topic; 20] = [
    Topic {
        id: "overview",
        title: "Overview",
        document: "guide#overview-findings-policies",
        says: &[
            "The score is the weighted share of checks that pass. Unknown counts as failing; excepted findings are left out.",
            "Every number leads to its rows.",
        ],
    },
    Topic {
        id: "inventory",
        title: "Inventory",
        document: "guide#inventory",
        says: &[
            "Every secret and parameter in your scope. All words of a search must appear in the name, description, tags or ARN; filters such as tag:owner=payments, team:payments, rotation:overdue or accessed:>90d work in the same box.",
            "The address contains the filters: send it to colleagues, who see the same list within their own scope.",
            "No page shows a value. Request access to read it.",
        ],
    },
    Topic {
        id: "changes",
        title: "Changes",
        document: "guide#changes",
        says: &["What differed between two scans, with the old and the new value."],
    },
    Topic {
        id: "findings",
        title: "Findings",
        document: "guide#overview-findings-policies",
        says: &[
            "Checks that fail, the most severe first. Fix plans the calls that correct them; an exception accepts the risk for a limited time.",
            "Unknown means that a fact is missing: the finding's page says which.",
        ],
    },
    Topic {
        id: "policies",
        title: "Policies",
        document: "compliance",
        says: &[
            "What is required where. Each policy uses one rule of the rule catalog, and every save is a new version.",
            "A dry run shows what a policy would open and close before it is saved.",
        ],
    },
    Topic {
        id: "rules",
        title: "Rules",
        document: "rules",
        says: &[
            "The built-in rules with their parameters, an example, and the policies that use them.",
        ],
    },
    Topic {
        id: "remediation",
        title: "Remediation",
        document: "guide#remediation-and-exceptions",
        says: &[
            "A plan contains every AWS call with the values before and after. Another person approves exactly what is shown.",
            "A call is skipped if the resource changed since the plan was created. Pause stops all new calls.",
        ],
    },
    Topic {
        id: "teams",
        title: "Teams",
        document: "guide#overview-findings-policies",
        says: &[
            "The score, the findings and the overdue rotations of each team. A team's page can be shared and printed.",
        ],
    },
    Topic {
        id: "evidence",
        title: "Evidence",
        document: "guide#evidence",
        says: &[
            "For each compliance framework, its controls with their results and exceptions on this day.",
        ],
    },
    Topic {
        id: "principals",
        title: "Roles and users",
        document: "guide#who-can-read-a-secret",
        says: &["What each role and user of AWS can read, and through which policy."],
    },
    Topic {
        id: "pipelines",
        title: "Pipelines",
        document: "guide#pipelines-that-end-at-a-secret",
        says: &["Which pipelines may assume which roles of AWS, and which secrets they end at."],
    },
    Topic {
        id: "variables",
        title: "Plaintext variables",
        document: "guide#credentials-in-plaintext-variables",
        says: &[
            "Variables of Lambda functions, ECS task definitions and CodeBuild projects, and parameters and outputs of CloudFormation stacks, that hold a credential in plain text.",
        ],
    },
    Topic {
        id: "exceptions",
        title: "Exceptions",
        document: "guide#remediation-and-exceptions",
        says: &[
            "A risk that is accepted until a date, approved by another person. Its findings stay visible and are counted separately.",
        ],
    },
    Topic {
        id: "access",
        title: "My access",
        document: "guide#requesting-access",
        says: &[
            "Your requests and grants. After approval, start access: time runs from then. Each session is limited to the actions and secrets of the grant and ends with it.",
            "End access when you are done.",
        ],
    },
    Topic {
        id: "queue",
        title: "Queue",
        document: "guide#queue",
        says: &[
            "What needs your decision: access requests, plans, exceptions and break-glass reviews. Below it, what is overdue for your teams and your own access. Your approval is bound to a hash of the request shown. You can't approve your own request.",
        ],
    },
    Topic {
        id: "reviews",
        title: "Break-glass reviews",
        document: "guide#deciding",
        says: &["Emergency access is immediate and is reviewed afterwards by another person."],
    },
    Topic {
        id: "accounts",
        title: "Accounts",
        document: "guide#accounts",
        says: &[
            "How far the last scan read each account, with the reason for failures, and whether Claviger's roles are ready.",
        ],
    },
    Topic {
        id: "notifications",
        title: "Notifications",
        document: "guide#notifications",
        says: &[
            "Each channel and email address is delivered to and retried separately. The inbox keeps everything that was sent to you.",
        ],
    },
    Topic {
        id: "audit",
        title: "Audit log",
        document: "guide#audit-log",
        says: &[
            "Every action, each with the hash of the one before it. Keep the exported heads elsewhere: they prove that nothing was removed.",
        ],
    },
    Topic {
        id: "settings",
        title: "Settings",
        document: "guide#settings",
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
            <p class="context">"What is where. "<a href="/help/guide">"User guide"</a></p>
        </PageHeader>
        <div class="with-rail">
            <div class="stack">
            <nav class="panel choices" aria-label="Topics"><h2>"Topics"</h2><ul>
                {links.collect_view()}<li><a href="#keyboard">"Keyboard shortcuts"</a></li>
            </ul></nav>
            <DocumentList />
            </div>
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
            <Panel title=topic.title>{says}<p><a href=href>{format!("Open {}", topic.title)}</a>" · "<a href=format!("/help/{}", topic.document)>{format!("{} in the documentation", topic.title)}</a></p></Panel>
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
    use super::{TOPICS, topic_href};
    use crate::shell::documents::document;

    #[test]
    fn help_is_about_the_page_that_one_is_on() {
        assert_eq!(topic_href("/inventory/abc/readers"), "/help#inventory");
        assert_eq!(topic_href("/settings/jobs"), "/help#settings");
        assert_eq!(topic_href("/queue/access/G-1"), "/help#queue");
        assert_eq!(topic_href("/"), "/help");
        assert_eq!(topic_href("/inbox"), "/help");
    }

    #[test]
    fn each_part_leads_to_a_heading_of_the_documentation() {
        for topic in &TOPICS {
            let (name, anchor) = topic.document.split_once('#').unwrap_or((topic.document, ""));
            let page = document(name).unwrap().page();
            let is_there = anchor.is_empty() || page.anchors.iter().any(|own| own == anchor);
            assert!(is_there, "{}", topic.document);
        }
    }
}
