//! What changed between two versions of a text, line by line.

use serde::{Deserialize, Serialize};

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineChange {
    Kept,
    Removed,
    Added,
}

/// A line of either version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    pub change: LineChange,
    pub text: String,
}

/// Longer texts are compared as a whole: the table of the comparison has a cell for each pair of lines.
const MAX_CELLS: usize = 4_000_000;

/// The lines of both texts in order, with the fewest changes: removed lines come before those that replace them.
pub fn diff_lines(old: &str, new: &str) -> Vec<DiffLine> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let start = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let rest = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(rest);
    let end = end.take_while(|(one, other)| one == other).count();
    let mut lines: Vec<DiffLine> =
        old[..start].iter().map(|text| line(LineChange::Kept, text)).collect();
    lines.extend(changed(&old[start..old.len() - end], &new[start..new.len() - end]));
    lines.extend(old[old.len() - end..].iter().map(|text| line(LineChange::Kept, text)));
    lines
}

fn line(change: LineChange, text: &str) -> DiffLine {
    DiffLine { change, text: text.to_owned() }
}

fn changed(old: &[&str], new: &[&str]) -> Vec<DiffLine> {
    if old.len().saturating_mul(new.len()) > MAX_CELLS {
        let removed = old.iter().map(|text| line(LineChange::Removed, text));
        return removed.chain(new.iter().map(|text| line(LineChange::Added, text))).collect();
    }
    // In each cell, how many lines the rest of both texts have in common.
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for (at, one) in old.iter().enumerate().rev() {
        for (beside, other) in new.iter().enumerate().rev() {
            common[at * width + beside] = if one == other {
                common[(at + 1) * width + beside + 1] + 1
            } else {
                common[(at + 1) * width + beside].max(common[at * width + beside + 1])
            };
        }
    }
    let (mut lines, mut at, mut beside) = (Vec::new(), 0, 0);
    while at < old.len() || beside < new.len() {
        let is_same = at < old.len() && beside < new.len() && old[at] == new[beside];
        if is_same {
            lines.push(line(LineChange::Kept, old[at]));
            at += 1;
            beside += 1;
        } else if at < old.len()
            && (beside == new.len()
                || common[(at + 1) * width + beside] >= common[at * width + beside + 1])
        {
            lines.push(line(LineChange::Removed, old[at]));
            at += 1;
        } else {
            lines.push(line(LineChange::Added, new[beside]));
            beside += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(old: &str, new: &str) -> String {
        let lines = diff_lines(old, new);
        let each = lines.iter().map(|line| {
            let mark = match line.change {
                LineChange::Kept => ' ',
                LineChange::Removed => '-',
                LineChange::Added => '+',
            };
            format!("{mark}{}\n", line.text)
        });
        each.collect()
    }

    #[test]
    fn a_changed_line_is_removed_and_added_in_its_place() {
        let old = "id: a\nseverity: low\nrule:\n  owner: {}";
        let new = "id: a\nseverity: high\nmode: notify\nrule:\n  owner: {}";
        let shown =
            " id: a\n-severity: low\n+severity: high\n+mode: notify\n rule:\n   owner: {}\n";
        assert_eq!(marked(old, new), shown);
        assert_eq!(marked("a\nb", "a\nb"), " a\n b\n");
        assert_eq!(marked("", "a"), "+a\n");
        assert_eq!(marked("a", ""), "-a\n");
    }

    proptest! {
        #[test]
        fn both_versions_can_be_read_from_it(old in "([abc]\n){0,12}", new in "([abc]\n){0,12}") {
            let lines = diff_lines(&old, &new);
            let of = |without: LineChange| {
                let kept = lines.iter().filter(|line| line.change != without);
                kept.flat_map(|line| [line.text.as_str(), "\n"]).collect::<String>()
            };
            prop_assert_eq!(of(LineChange::Added), old);
            prop_assert_eq!(of(LineChange::Removed), new);
        }
    }
}
