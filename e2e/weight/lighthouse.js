// Lighthouse's performance of the main pages, as a signed-in person: the median of three runs, desktop and mobile.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";
import desktop from "lighthouse/core/config/desktop-config.js";

const RUNS = 3;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** What cost points, with its figure. */
const faults = (lhr) => lhr.categories.performance.auditRefs
  .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score < 0.99)
  .map(({ id }) => `${id} ${lhr.audits[id].displayValue}`);

async function one(url, form, cookie, port) {
  const flags = { port, output: "json", logLevel: "error", onlyCategories: ["performance"], extraHeaders: { Cookie: cookie } };
  const { lhr } = await lighthouse(url, flags, form === "desktop" ? desktop : undefined);
  if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  if (new URL(lhr.finalDisplayedUrl).pathname !== new URL(url).pathname) throw new Error(`${url} led to ${lhr.finalDisplayedUrl}`);
  const ms = (audit) => lhr.audits[audit].numericValue;
  return {
    score: Math.round(lhr.categories.performance.score * 100), lcp_ms: ms("largest-contentful-paint"), fcp_ms: ms("first-contentful-paint"),
    tbt_ms: ms("total-blocking-time"), cls: ms("cumulative-layout-shift"), faults: faults(lhr),
  };
}

/** A row for each page and form; `pages` maps names to paths. Each run has a Chrome of its own: what one leaves open is in no other. */
export async function lighthouses(baseURL, pages, cookie, chromePath, chromeFlags) {
  const rows = [];
  for (const form of ["desktop", "mobile"]) {
    for (const [page, path] of Object.entries(pages)) {
      const runs = [];
      for (let run = 0; run < RUNS; run += 1) {
        const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", ...chromeFlags] });
        try {
          runs.push(await one(baseURL + path, form, cookie, chrome.port));
        } finally {
          chrome.kill();
        }
      }
      const of = (key) => median(runs.map((run) => run[key]));
      rows.push({ page, form, score: of("score"), lcp_ms: of("lcp_ms"), fcp_ms: of("fcp_ms"), tbt_ms: of("tbt_ms"), cls: of("cls"), faults: runs[0].faults });
      console.log(`  ${form}, ${page}: ${rows.at(-1).score}, LCP ${Math.round(rows.at(-1).lcp_ms)} ms ${runs[0].faults.join("; ")}`);
    }
  }
  return rows;
}
