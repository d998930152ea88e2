//! Who can read: the groups, and how a reader is named, for the drawing and the tables.

use crate::{
    ui::escaped,
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::inventory::entitlement::{
    Answer, Entitlement, EntitlementsView, ReaderKind, Way,
};

pub(crate) async fn load_readers(id: String) -> Result<EntitlementsView, WireError> {
    let (services, caller) = call()?;
    services.readers().readers_of(&caller, &id).await.map_err(wire)
}

/// The groups, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// Anyone, and accounts and principals outside the Organization.
    Outside,
    /// Other accounts as a whole, services, and what was not read.
    Beyond,
    Principals,
    Administrators,
    ServiceLinked,
    Claviger,
}

impl Group {
    pub(crate) const ALL: [Self; 6] = [
        Self::Outside,
        Self::Beyond,
        Self::Principals,
        Self::Administrators,
        Self::ServiceLinked,
        Self::Claviger,
    ];

    pub(crate) fn of(row: &Entitlement) -> Self {
        match row.kind {
            _ if row.is_outside() => Self::Outside,
            _ if row.is_claviger => Self::Claviger,
            ReaderKind::ServiceLinkedRole => Self::ServiceLinked,
            ReaderKind::Root => Self::Administrators,
            ReaderKind::Role | ReaderKind::User if row.is_administrator => Self::Administrators,
            ReaderKind::Role | ReaderKind::User => Self::Principals,
            ReaderKind::Account
            | ReaderKind::Organization
            | ReaderKind::Public
            | ReaderKind::Service
            | ReaderKind::Unread
            | ReaderKind::Other => Self::Beyond,
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Outside => "Outside the Organization",
            Self::Beyond => "Accounts and services",
            Self::Principals => "Roles and users",
            Self::Administrators => "Administrators",
            Self::ServiceLinked => "Service-linked roles",
            Self::Claviger => "Claviger's own roles",
        }
    }

    /// What it means where the title does not say it.
    pub(crate) fn note(self) -> Option<&'static str> {
        match self {
            Self::Outside | Self::Beyond | Self::Principals => None,
            Self::Administrators => {
                Some("An identity policy allows them every action on every resource.")
            }
            Self::ServiceLinked => Some("AWS manages these roles for its services."),
            Self::Claviger => Some(
                "People use these roles only through access grants, each limited by a session policy.",
            ),
        }
    }

    /// Whether its table is closed at first.
    pub(crate) fn is_folded(self) -> bool {
        matches!(self, Self::Administrators | Self::ServiceLinked | Self::Claviger)
    }
}

/// Whether a reader has a page about everything that it can read.
pub(crate) fn has_page(kind: ReaderKind) -> bool {
    matches!(kind, ReaderKind::Role | ReaderKind::User | ReaderKind::ServiceLinkedRole)
}

/// The address of that page.
pub(crate) fn principal_href(arn: &str) -> String {
    format!("/principals?arn={}", escaped(arn))
}

/// `role/app` of an ARN, anything else as it is.
pub(crate) fn short_name(principal: &str) -> &str {
    let resource = principal.splitn(6, ':').nth(5);
    resource.filter(|_| principal.starts_with("arn:")).unwrap_or(principal)
}

/// The account of an ARN.
pub(crate) fn account_of(principal: &str) -> Option<&str> {
    principal.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3))
}

/// The ways by which the answer holds.
pub(crate) fn ways_of(row: &Entitlement) -> impl Iterator<Item = &Way> {
    row.ways.iter().filter(|way| way.answer == row.answer)
}

pub(crate) fn answer_label(answer: Answer) -> &'static str {
    match answer {
        Answer::Can => "Can read",
        Answer::Conditional => "Under conditions",
        Answer::Unknown => "Unknown",
        Answer::Cannot => "Cannot read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_named_by_what_tells_it_apart() {
        let arn = "arn:aws:iam::111122223333:role/service/app+1";
        assert_eq!(short_name(arn), "role/service/app+1");
        assert_eq!(account_of(arn), Some("111122223333"));
        assert_eq!(
            principal_href(arn),
            "/principals?arn=arn:aws:iam::111122223333:role/service/app%2B1"
        );
        assert_eq!(
            (short_name("Anyone in AWS"), account_of("Anyone in AWS")),
            ("Anyone in AWS", None)
        );
    }
}
