//! The tabs of a secret's or parameter's page: each is an address of its own.

use claviger_domain::facts::Kind;
use leptos::prelude::*;

/// One tab. A new one is a line in `ALL` with its label and its kinds, and its content in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    Overview,
    Access,
    Use,
    Versions,
    Rotation,
    Activity,
    Policy,
    Code,
}

impl Tab {
    /// In their order.
    pub(crate) const ALL: [Self; 8] = [
        Self::Overview,
        Self::Access,
        Self::Use,
        Self::Versions,
        Self::Rotation,
        Self::Activity,
        Self::Policy,
        Self::Code,
    ];

    /// The last part of the address; empty for the first tab.
    fn segment(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Access => "access",
            Self::Use => "use",
            Self::Versions => "versions",
            Self::Rotation => "rotation",
            Self::Activity => "activity",
            Self::Policy => "policy",
            Self::Code => "code",
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Access => "Access",
            Self::Use => "Use it",
            Self::Versions => "Versions",
            Self::Rotation => "Rotation",
            Self::Activity => "Activity",
            Self::Policy => "Policy",
            Self::Code => "As code",
        }
    }

    pub(crate) fn of_segment(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.segment() == segment)
    }

    /// Whether resources of a kind have it. A parameter has no versions, rotation or resource policy that AWS would list, and
    /// as code it would have its value.
    pub(crate) fn is_of(self, kind: Kind) -> bool {
        match self {
            Self::Overview | Self::Access | Self::Use | Self::Activity => true,
            Self::Versions | Self::Rotation | Self::Policy | Self::Code => kind == Kind::Secret,
        }
    }

    pub(crate) fn href(self, id: impl std::fmt::Display) -> String {
        match self.segment() {
            "" => format!("/inventory/{id}"),
            segment => format!("/inventory/{id}/{segment}"),
        }
    }
}

/// Links to the tabs of a kind of resource.
#[component]
pub(crate) fn Tabs(id: String, kind: Kind, current: Tab) -> impl IntoView {
    let links = Tab::ALL
        .into_iter()
        .filter(|tab| tab.is_of(kind))
        .map(|tab| {
            let state = (tab == current).then_some("page");
            view! { <li><a href=tab.href(&id) aria-current=state>{tab.label()}</a></li> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="Tabs"><ul>{links}</ul></nav> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tab_has_an_address_of_its_own() {
        for tab in Tab::ALL {
            let href = tab.href("1");
            let segment = href.strip_prefix("/inventory/1").unwrap().trim_start_matches('/');
            assert_eq!(Tab::of_segment(segment), Some(tab));
        }
        assert_eq!(Tab::of_segment("readers"), None);
        let of_parameters = Tab::ALL.into_iter().filter(|tab| tab.is_of(Kind::Parameter));
        assert_eq!(of_parameters.count(), 4);
    }
}
