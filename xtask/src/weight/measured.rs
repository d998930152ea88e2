//! What was measured, and the project's limits.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of scripts and WebAssembly by brotli, on any page.
pub const MOST_BYTES: u64 = 130_000;
/// On a page without an island.
pub const MOST_BYTES_READING: u64 = 10_000;
/// More for each page that is added.
pub const MOST_BYTES_ADDED: u64 = 1_000;
/// From the click until the next document is complete, milliseconds on loopback.
pub const MOST_NAVIGATION_MS: f64 = 100.0;
pub const LEAST_DESKTOP: u32 = 99;
pub const LEAST_MOBILE: u32 = 95;
/// Largest contentful paint, milliseconds, throttled.
pub const MOST_LCP_MS: f64 = 1800.0;

/// What e2e/weight writes, and the added page.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Measured {
    pub pages: Vec<Page>,
    pub navigation: Vec<Navigation>,
    pub lighthouse: Vec<Lighthouse>,
    pub added_page: Option<AddedPage>,
}

/// One load of a page, without a cache.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page {
    pub route: String,
    pub path: String,
    pub person: String,
    pub islands: u32,
    /// Bytes of each script and WebAssembly file over the network, compressed, with the header of its response.
    pub files: BTreeMap<String, u64>,
    pub bytes: u64,
}

/// Medians of some rounds. The limit is on the document: what the console and its page need. The first paint also depends on
/// how the machine draws: without a graphics processor it comes 60 to 100 ms after the document is complete.
#[derive(Debug, Serialize, Deserialize)]
pub struct Navigation {
    pub step: String,
    pub painted_ms: f64,
    pub complete_ms: f64,
    pub rounds: u32,
}

/// Medians of three runs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Lighthouse {
    pub page: String,
    /// `desktop` or `mobile`.
    pub form: String,
    pub score: u32,
    pub lcp_ms: f64,
    pub fcp_ms: f64,
    pub tbt_ms: f64,
    pub cls: f64,
    /// The audits that cost points in the first run.
    pub faults: Vec<String>,
}

impl Lighthouse {
    fn least(&self) -> u32 {
        if self.form == "desktop" { LEAST_DESKTOP } else { LEAST_MOBILE }
    }
}

/// Bytes by brotli of all scripts and WebAssembly that the build makes.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddedPage {
    pub before: u64,
    pub after: u64,
}

impl AddedPage {
    pub fn more(&self) -> u64 {
        self.after.saturating_sub(self.before)
    }
}

impl Measured {
    /// The heaviest load of each route.
    pub fn heaviest(&self) -> BTreeMap<&str, &Page> {
        let mut heaviest: BTreeMap<&str, &Page> = BTreeMap::new();
        for page in &self.pages {
            let kept = heaviest.entry(&page.route).or_insert(page);
            if page.bytes > kept.bytes {
                *kept = page;
            }
        }
        heaviest
    }

    /// A line for each figure over its limit.
    pub fn over_limits(&self) -> Vec<String> {
        let mut over = Vec::new();
        for page in &self.pages {
            let most = if page.islands > 0 { MOST_BYTES } else { MOST_BYTES_READING };
            if page.bytes > most {
                let Page { path, person, bytes, .. } = page;
                over.push(format!("{path} ({person}): {bytes} bytes, at most {most}"));
            }
        }
        for Navigation { step, complete_ms, .. } in &self.navigation {
            if *complete_ms > MOST_NAVIGATION_MS {
                over.push(format!("{step}: {complete_ms:.0} ms, at most {MOST_NAVIGATION_MS:.0}"));
            }
        }
        for row in &self.lighthouse {
            let Lighthouse { page, form, score, lcp_ms, faults, .. } = row;
            let why = faults.join("; ");
            if *score < row.least() {
                over.push(format!(
                    "{page}, {form}: performance {score}, at least {} ({why})",
                    row.least()
                ));
            }
            if *lcp_ms > MOST_LCP_MS {
                over.push(format!("{page}, {form}: LCP {lcp_ms:.0} ms, at most {MOST_LCP_MS:.0}"));
            }
        }
        if let Some(added) = &self.added_page
            && added.more() > MOST_BYTES_ADDED
        {
            over.push(format!(
                "a page more: {} bytes more, at most {MOST_BYTES_ADDED}",
                added.more()
            ));
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(route: &str, islands: u32, bytes: u64) -> Page {
        let (path, person) = (route.to_owned(), "Ada Okafor".to_owned());
        Page { route: route.to_owned(), path, person, islands, files: BTreeMap::new(), bytes }
    }

    fn run(form: &str, score: u32, lcp_ms: f64) -> Lighthouse {
        let (page, form) = ("overview".to_owned(), form.to_owned());
        let faults = vec!["server-response-time 900 ms".to_owned()];
        Lighthouse { page, form, score, lcp_ms, fcp_ms: 1.0, tbt_ms: 0.0, cls: 0.0, faults }
    }

    #[test]
    fn what_is_over_its_limit_is_named() {
        let step = |complete_ms| Navigation {
            step: "overview to inventory".to_owned(),
            painted_ms: 180.0,
            complete_ms,
            rounds: 20,
        };
        let good = Measured {
            pages: vec![page("/audit", 0, 10_000), page("/access/:id", 1, 130_000)],
            navigation: vec![step(100.0)],
            lighthouse: vec![run("desktop", 99, 1800.0), run("mobile", 95, 1800.0)],
            added_page: Some(AddedPage { before: 1000, after: 2000 }),
        };
        assert_eq!(good.over_limits(), Vec::<String>::new());
        let bad = Measured {
            pages: vec![page("/audit", 0, 10_001), page("/access/:id", 1, 130_001)],
            navigation: vec![step(100.1)],
            lighthouse: vec![run("desktop", 98, 1800.1), run("mobile", 94, 1.0)],
            added_page: Some(AddedPage { before: 1000, after: 2001 }),
        };
        let over = bad.over_limits();
        assert_eq!(over.len(), 7, "{over:#?}");
        assert!(over[3].contains("server-response-time"), "{over:#?}");
    }

    #[test]
    fn the_heaviest_load_of_a_route_counts() {
        let pages = vec![page("/a", 0, 5), page("/a", 1, 9), page("/a", 0, 7)];
        let measured = Measured { pages, ..Measured::default() };
        assert_eq!(measured.heaviest()["/a"].bytes, 9);
    }
}
