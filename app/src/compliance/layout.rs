//! Where the parts of drawings are. Pure: numbers come in, places in percent of the drawing go out.

use std::fmt::Write;

/// A part of an area, in percent of its width and height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Areas in proportion to the values, each as square as it can be, in an area `aspect` times as wide as high. The values
/// are above zero, the largest first.
pub(super) fn treemap(values: &[u32], aspect: f64) -> Vec<Rect> {
    let total: f64 = values.iter().map(|value| f64::from(*value)).sum();
    let mut rest = Rect { x: 0.0, y: 0.0, width: 100.0 * aspect, height: 100.0 };
    let scale = rest.width * rest.height / total.max(1.0);
    let areas: Vec<f64> = values.iter().map(|value| f64::from(*value) * scale).collect();
    let mut out = Vec::with_capacity(areas.len());
    let mut at = 0;
    while at < areas.len() {
        // As many in one strip along the shorter side as make its worst part more square.
        let side = rest.width.min(rest.height);
        let mut end = at + 1;
        while end < areas.len() && worst(&areas[at..=end], side) <= worst(&areas[at..end], side) {
            end += 1;
        }
        let strip = &areas[at..end];
        let sum: f64 = strip.iter().sum();
        let thickness = sum / side;
        let mut offset = 0.0;
        for area in strip {
            let length = area / thickness;
            out.push(if rest.width >= rest.height {
                Rect { x: rest.x, y: rest.y + offset, width: thickness, height: length }
            } else {
                Rect { x: rest.x + offset, y: rest.y, width: length, height: thickness }
            });
            offset += length;
        }
        if rest.width >= rest.height {
            rest = Rect { x: rest.x + thickness, width: rest.width - thickness, ..rest };
        } else {
            rest = Rect { y: rest.y + thickness, height: rest.height - thickness, ..rest };
        }
        at = end;
    }
    for rect in &mut out {
        rect.x /= aspect;
        rect.width /= aspect;
    }
    out
}

/// The proportions of the least square part of a strip along a side of this length.
fn worst(strip: &[f64], side: f64) -> f64 {
    let sum: f64 = strip.iter().sum();
    let thickness = sum / side;
    strip
        .iter()
        .map(|area| {
            let length = area / thickness;
            (length / thickness).max(thickness / length)
        })
        .fold(0.0, f64::max)
}

/// The lowest and highest value of a drawing's scale, with some room, so that a flat line is not on the edge.
pub(super) fn scale(values: impl Iterator<Item = u32> + Clone) -> Option<(u32, u32)> {
    let (low, high) = (values.clone().min()?, values.max()?);
    // Whole percents, at least two of them.
    let low = (low.saturating_sub(5) / 10 * 10).min(980);
    let high = ((high + 5).div_ceil(10) * 10).clamp(low + 20, 1000);
    Some((low, high))
}

/// How far up a value is, in percent.
pub(super) fn height(value: u32, (low, high): (u32, u32)) -> f64 {
    let span = f64::from((high - low).max(1));
    f64::from(value.clamp(low, high) - low) * 100.0 / span
}

/// The path through points of a drawing of 100 by 100: each with its place from the left in percent, and its value.
pub(super) fn path(points: &[(f64, Option<u32>)], range: (u32, u32)) -> String {
    let mut out = String::new();
    let mut is_begun = false;
    for (x, value) in points {
        let Some(value) = value else {
            is_begun = false;
            continue;
        };
        let letter = if is_begun { 'L' } else { 'M' };
        let _ = write!(out, "{letter}{x:.1} {:.1}", 100.0 - height(*value, range));
        is_begun = true;
    }
    out
}

/// The path through values at equal distances.
pub(super) fn sparkline(values: &[Option<u32>]) -> Option<String> {
    let known = values.iter().flatten().count();
    let range = scale(values.iter().flatten().copied()).filter(|_| known > 1)?;
    let last = u32::try_from(values.len()).ok()?.saturating_sub(1).max(1);
    let place =
        |at: usize| u32::try_from(at).map_or(0.0, |at| f64::from(at) * 100.0 / f64::from(last));
    let points: Vec<_> = values.iter().enumerate().map(|(at, value)| (place(at), *value)).collect();
    Some(path(&points, range))
}

/// `12.5%`.
pub(super) fn css(percent: f64) -> String {
    format!("{percent:.2}%")
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn areas_are_proportional_inside_and_do_not_overlap() {
        check_treemap(&[1], 3.0);
        check_treemap(&[6, 6, 4, 3, 2, 2, 1], 1.5);
        check_treemap(&[1000, 1, 1, 1], 3.5);
        check_treemap(&[40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 1], 0.6);
    }

    fn check_treemap(values: &[u32], aspect: f64) {
        let rects = treemap(values, aspect);
        let total: u32 = values.iter().sum();
        assert_eq!(rects.len(), values.len());
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        for (rect, value) in rects.iter().zip(values) {
            assert!(near(rect.width * rect.height, 1e4 * f64::from(*value) / f64::from(total)));
            assert!(rect.x >= -1e-6 && rect.x + rect.width <= 100.0 + 1e-6, "{rect:?}");
            assert!(rect.y >= -1e-6 && rect.y + rect.height <= 100.0 + 1e-6, "{rect:?}");
        }
        for (at, a) in rects.iter().enumerate() {
            for b in &rects[at + 1..] {
                let is_apart = a.x + a.width <= b.x + 1e-6
                    || b.x + b.width <= a.x + 1e-6
                    || a.y + a.height <= b.y + 1e-6
                    || b.y + b.height <= a.y + 1e-6;
                assert!(is_apart, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn nothing_has_no_areas() {
        assert_eq!(treemap(&[], 2.0), []);
    }

    #[test]
    fn a_scale_has_room_and_stays_within_a_percentage() {
        assert_eq!(scale([].into_iter()), None);
        assert_eq!(scale([874, 821].into_iter()), Some((810, 880)));
        assert_eq!(scale([1000].into_iter()), Some((980, 1000)));
        assert_eq!(scale([0].into_iter()), Some((0, 20)));
    }

    #[test]
    fn a_line_goes_from_the_bottom_to_the_top() {
        let points = [(0.0, Some(800)), (50.0, None), (75.0, Some(850)), (100.0, Some(900))];
        assert_eq!(path(&points, (800, 900)), "M0.0 100.0M75.0 50.0L100.0 0.0");
    }

    #[test]
    fn a_sparkline_needs_two_values() {
        assert_eq!(sparkline(&[]), None);
        assert_eq!(sparkline(&[None, Some(5)]), None);
        assert_eq!(sparkline(&[Some(10), None, Some(30)]).unwrap(), "M0.0 75.0M100.0 25.0");
    }
}
