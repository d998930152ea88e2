//! Where the parts of the drawing of readers stand: who, through what, the secret.

use super::readers::{Group, account_of, short_name, ways_of};
use claviger_domain::inventory::entitlement::{Answer, Entitlement, GrantedReader};
use std::collections::BTreeSet;

/// Readers of a group that are drawn one by one; the others are one node.
const MAX_DRAWN: usize = 6;
/// Characters of a name.
const MAX_NAME: usize = 38;
/// The height of a row, and the room above the first.
pub(crate) const ROW: usize = 30;
pub(crate) const TOP: usize = 34;

/// Through what a reader comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Through {
    Identity,
    ResourcePolicy,
    Grant,
    NotRead,
}

impl Through {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Identity => "Identity policies",
            Self::ResourcePolicy => "Resource policy",
            Self::Grant => "Access grants",
            Self::NotRead => "Not read",
        }
    }

    fn of(row: &Entitlement) -> BTreeSet<Self> {
        let allowed = ways_of(row).flat_map(|way| &way.through);
        let mut found: BTreeSet<Self> = allowed
            .filter_map(|text| match text.as_str() {
                // The key is asked as well; it lets nobody in by itself.
                text if text.starts_with("key policy") || text.ends_with(" of the key") => None,
                text if text.starts_with("resource policy") => Some(Self::ResourcePolicy),
                _ => Some(Self::Identity),
            })
            .collect();
        if found.is_empty() {
            // The root user needs no policy.
            let way = if row.answer == Answer::Unknown { Self::NotRead } else { Self::Identity };
            found.insert(way);
        }
        found
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    Unknown,
    Conditional,
    Plain,
    /// From outside the Organization, or from anyone.
    Outside,
}

impl Line {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Conditional => "conditional",
            Self::Plain => "plain",
            Self::Outside => "outside",
        }
    }

    fn of(row: &Entitlement) -> Self {
        match row.answer {
            _ if row.is_outside() => Self::Outside,
            Answer::Can => Self::Plain,
            Answer::Conditional => Self::Conditional,
            Answer::Unknown | Answer::Cannot => Self::Unknown,
        }
    }
}

/// One reader, or several as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) label: String,
    /// A second, fainter part, such as the account.
    pub(crate) note: String,
    pub(crate) line: Line,
    pub(crate) through: BTreeSet<Through>,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) nodes: Vec<Node>,
    pub(crate) middle: Vec<Through>,
    pub(crate) height: usize,
}

impl Layout {
    pub(crate) fn of(rows: &[Entitlement], grants: &[GrantedReader]) -> Self {
        let mut nodes = Vec::new();
        for group in Group::ALL {
            let all: Vec<&Entitlement> =
                rows.iter().filter(|row| Group::of(row) == group).collect();
            let is_whole = group.is_folded() && all.len() > 1;
            let drawn = match all.len() {
                _ if is_whole => 0,
                count if count <= MAX_DRAWN => count,
                _ => MAX_DRAWN - 1,
            };
            nodes.extend(all.iter().take(drawn).map(|row| one(row)));
            nodes.extend(several(group, &all[drawn..], drawn > 0));
        }
        if !grants.is_empty() {
            let label = match grants {
                [grant] => format!("{} by grant {}", grant.person, grant.grant),
                _ => format!("{} people by access grants", grants.len()),
            };
            nodes.push(Node {
                label: shortened(&label),
                note: String::new(),
                line: Line::Plain,
                through: [Through::Grant].into(),
            });
        }
        let used: BTreeSet<Through> =
            nodes.iter().flat_map(|node| node.through.iter().copied()).collect();
        // In the order of their readers, so that few lines cross.
        let place = |through: &Through| {
            let of = nodes.iter().enumerate().filter(|(_, node)| node.through.contains(through));
            let places: Vec<usize> = of.map(|(at, _)| at).collect();
            places.iter().sum::<usize>() * 100 / places.len().max(1)
        };
        let mut middle: Vec<Through> = used.into_iter().collect();
        middle.sort_by_key(place);
        let rows = nodes.len().max(middle.len() * 2).max(3);
        Self { nodes, middle, height: TOP + rows * ROW }
    }

    /// The middle of a reader's row.
    pub(crate) fn y(&self, at: usize) -> usize {
        let free = self.height - TOP - self.nodes.len() * ROW;
        TOP + free / 2 + at * ROW + ROW / 2
    }

    /// The middle of a policy's box.
    pub(crate) fn middle_y(&self, at: usize) -> usize {
        let share = (self.height - TOP) / self.middle.len().max(1);
        TOP + at * share + share / 2
    }

    pub(crate) fn secret_y(&self) -> usize {
        TOP + (self.height - TOP) / 2
    }

    /// How the line from a policy to the secret is drawn: as the most exposed of those who come through it.
    pub(crate) fn line_of(&self, through: Through) -> Line {
        let of = self.nodes.iter().filter(|node| node.through.contains(&through));
        of.map(|node| node.line).max().unwrap_or(Line::Unknown)
    }
}

fn one(row: &Entitlement) -> Node {
    let account = account_of(&row.principal).filter(|_| {
        row.location != claviger_domain::compliance::view::PrincipalLocation::SameAccount
    });
    let answer = match row.answer {
        Answer::Conditional => Some("under conditions"),
        Answer::Unknown => Some("unknown"),
        Answer::Can | Answer::Cannot => None,
    };
    let outside = row.is_outside().then_some("outside");
    let note: Vec<&str> = [outside, account, answer].into_iter().flatten().collect();
    Node {
        label: shortened(short_name(&row.principal)),
        note: note.join(", "),
        line: Line::of(row),
        through: Through::of(row),
    }
}

/// The rest of a group as one node.
fn several(group: Group, rest: &[&Entitlement], is_more: bool) -> Option<Node> {
    let line = rest.iter().map(|row| Line::of(row)).max()?;
    let count = rest.len();
    let what = group.title().to_lowercase();
    let what = if group == Group::Claviger { "roles of Claviger" } else { what.as_str() };
    let more = if is_more { " more" } else { "" };
    let unknown = rest.iter().filter(|row| row.answer == Answer::Unknown).count();
    Some(Node {
        label: match group {
            Group::Outside => format!("{count}{more} outside"),
            _ => format!("{count}{more} {what}"),
        },
        note: if unknown > 0 { format!("{unknown} unknown") } else { String::new() },
        line,
        through: rest.iter().flat_map(|row| Through::of(row)).collect(),
    })
}

/// A long name without its middle: its end tells it apart.
fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= MAX_NAME {
        return name.to_owned();
    }
    let head: String = name.chars().take(MAX_NAME / 2 - 1).collect();
    let tail: String = name.chars().skip(count - MAX_NAME / 2).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::{
        compliance::view::PrincipalLocation,
        inventory::entitlement::{ReaderKind, Way},
    };

    fn reader(name: &str, answer: Answer, through: &str) -> Entitlement {
        Entitlement {
            principal: format!("arn:aws:iam::111122223333:role/{name}"),
            kind: ReaderKind::Role,
            location: PrincipalLocation::SameAccount,
            is_claviger: false,
            is_administrator: false,
            answer,
            ways: vec![Way {
                action: "secretsmanager:GetSecretValue".into(),
                path: None,
                answer,
                through: vec![through.into(), "key policy, all".into()],
                conditions: Vec::new(),
                against: Vec::new(),
                not_read: Vec::new(),
            }],
        }
    }

    #[test]
    fn two_hundred_readers_stay_readable() {
        let mut rows: Vec<Entitlement> = (0..200)
            .map(|n| reader(&format!("app-{n}"), Answer::Can, "managed policy A, 1"))
            .collect();
        rows.extend((0..40).map(|n| Entitlement {
            is_administrator: true,
            ..reader(&format!("admin-{n}"), Answer::Can, "managed policy AdministratorAccess, 1")
        }));
        let layout = Layout::of(&rows, &[]);
        let labels: Vec<&str> = layout.nodes.iter().map(|node| node.label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "role/app-0",
                "role/app-1",
                "role/app-2",
                "role/app-3",
                "role/app-4",
                "195 more roles and users",
                "40 administrators"
            ]
        );
        assert_eq!(layout.middle, [Through::Identity], "the key lets nobody in by itself");
        assert!((TOP..layout.height).contains(&layout.y(layout.nodes.len() - 1)));
    }

    #[test]
    fn what_is_outside_is_first_and_marks_its_way() {
        let outside = Entitlement {
            kind: ReaderKind::Public,
            principal: "Anyone in AWS".into(),
            location: PrincipalLocation::Everyone,
            ..reader("x", Answer::Can, "resource policy, Open")
        };
        let unread = reader("half", Answer::Unknown, "");
        let unread = Entitlement {
            ways: vec![Way { through: Vec::new(), ..unread.ways[0].clone() }],
            ..unread
        };
        let layout = Layout::of(
            &[reader("app", Answer::Conditional, "inline policy a, 1"), unread, outside],
            &[],
        );
        assert_eq!(layout.nodes[0].line, Line::Outside);
        assert_eq!(layout.nodes[0].note, "outside");
        assert_eq!(layout.nodes[1].note, "under conditions");
        assert_eq!(layout.nodes[2].note, "unknown");
        assert_eq!(layout.middle, [Through::ResourcePolicy, Through::Identity, Through::NotRead]);
        assert_eq!(layout.line_of(Through::ResourcePolicy), Line::Outside);
        assert_eq!(layout.line_of(Through::Identity), Line::Conditional);
        for (at, _) in layout.middle.iter().enumerate() {
            assert!((TOP..layout.height).contains(&layout.middle_y(at)));
        }
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        let short = shortened(&format!("role/{}/end", "x".repeat(60)));
        assert!(short.starts_with("role/x") && short.ends_with("x/end"), "{short}");
        assert!(short.chars().count() <= MAX_NAME);
    }
}
