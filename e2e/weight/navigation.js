// From the click on a link to the next page, in this browser, on loopback.
import { hydrated } from "../support.js";

const ROUNDS = 20;
const REST_MS = 400;
const menu = (path) => `nav[aria-label=Main] a[href="${path}"]`;
/** A round over the main pages: the name of each step, and the link that leads on. */
const STEPS = [
  ["overview to inventory", menu("/inventory")],
  ["inventory to a secret", "a.row-link"],
  ["a secret to findings", menu("/findings")],
  ["findings to my access", menu("/access")],
  ["my access to the queue", menu("/queue")],
  ["the queue to overview", menu("/overview")],
];

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** When the new page was painted first, and when its document was complete: milliseconds of the wall clock. */
const arrival = (page) => page.evaluate(async () => {
  const paint = () => performance.getEntriesByName("first-contentful-paint")[0];
  while (!paint()) await new Promise((resolve) => setTimeout(resolve, 10));
  const complete = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
  return { clicked: Number(sessionStorage.getItem("clicked")), painted: performance.timeOrigin + paint().startTime, complete: performance.timeOrigin + complete };
});

/** The medians of 20 rounds of each step. */
export async function navigations(page) {
  await page.addInitScript(() => {
    addEventListener("click", () => sessionStorage.setItem("clicked", String(performance.timeOrigin + performance.now())), { capture: true });
  });
  const took = Object.fromEntries(STEPS.map(([name]) => [name, { painted: [], complete: [] }]));
  await page.goto("/overview");
  // The first round fills the browser's cache.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, link] of STEPS) {
      await hydrated(page);
      const from = page.url();
      // As a person does: the pointer rests on the link before the click, and the browser fetches ahead.
      await page.locator(link).first().hover();
      await page.waitForTimeout(REST_MS);
      await page.locator(link).first().click();
      await page.waitForURL((url) => url.href !== from, { waitUntil: "domcontentloaded" });
      const { clicked, painted, complete } = await arrival(page);
      if (round === 0) continue;
      took[name].painted.push(painted - clicked);
      took[name].complete.push(complete - clicked);
    }
  }
  return STEPS.map(([step]) => ({ step, painted_ms: median(took[step].painted), complete_ms: median(took[step].complete), rounds: ROUNDS }));
}
