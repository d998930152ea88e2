//! The figures as tables of Markdown.

use super::measured::{
    LEAST_DESKTOP, LEAST_MOBILE, MOST_BYTES, MOST_BYTES_ADDED, MOST_BYTES_READING, MOST_LCP_MS,
    MOST_NAVIGATION_MS, Measured,
};
use std::{fmt::Write, path::Path};

pub fn tables(measured: &Measured) -> String {
    let mut text = String::new();
    if !measured.pages.is_empty() {
        let _ = writeln!(
            text,
            "\n| scripts and WebAssembly by brotli: at most {MOST_BYTES} bytes, {MOST_BYTES_READING} without an island | islands | bytes | of them WebAssembly |\n|---|---|---|---|"
        );
        for (route, page) in measured.heaviest() {
            let wasm: u64 = page
                .files
                .iter()
                .filter(|(name, _)| Path::new(name).extension() == Some("wasm".as_ref()))
                .map(|(_, bytes)| bytes)
                .sum();
            let _ = writeln!(text, "| `{route}` | {} | {} | {wasm} |", page.islands, page.bytes);
        }
    }
    if let Some(added) = &measured.added_page {
        let _ = writeln!(
            text,
            "\n| all scripts and WebAssembly, by brotli: at most {MOST_BYTES_ADDED} bytes more with a page added | bytes |\n|---|---|\n| as it is | {} |\n| with a page more | {} |",
            added.before, added.after
        );
    }
    if let Some(first) = measured.navigation.first() {
        let _ = writeln!(
            text,
            "\n| from click to the next page, median of {}, ms | document complete: at most {MOST_NAVIGATION_MS:.0} | first paint, without a graphics processor |\n|---|---|---|",
            first.rounds
        );
        for row in &measured.navigation {
            let _ =
                writeln!(text, "| {} | {:.0} | {:.0} |", row.step, row.complete_ms, row.painted_ms);
        }
    }
    if !measured.lighthouse.is_empty() {
        let _ = writeln!(
            text,
            "\n| Lighthouse, median of 3: at least {LEAST_DESKTOP} on a desktop and {LEAST_MOBILE} on a phone, LCP at most {MOST_LCP_MS:.0} ms | performance | LCP, ms | FCP, ms | TBT, ms | CLS |\n|---|---|---|---|---|---|"
        );
        for row in &measured.lighthouse {
            let _ = writeln!(
                text,
                "| {}, {} | {} | {:.0} | {:.0} | {:.0} | {:.3} |",
                row.page, row.form, row.score, row.lcp_ms, row.fcp_ms, row.tbt_ms, row.cls
            );
        }
    }
    text
}
