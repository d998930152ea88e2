// Figures, not tests: bytes, paint, and when a page responds to scripts. Written to the file in FIGURES.
//   FIGURES=figures.json cargo xtask test --only browser -- figures --workers 1
import { writeFileSync } from "node:fs";
import { approve, ask, call, hydrated, secretId, signedInPage, test } from "./support.js";

const file = process.env.FIGURES;
const LEDGER = ["payments/ledger/postgres", "&account=441205839201&owner=named&state=live"];
const ROUNDS = 7;
const SLOWDOWNS = [1, 4, 8];

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Records when scripts respond, and when the result of a click has been painted. */
function watch() {
  const now = () => performance.timeOrigin + performance.now();
  const look = () => {
    if (document.body?.dataset.hydrated === "true" && !window.aliveAt) window.aliveAt = performance.now();
    const wanted = sessionStorage.getItem("wanted");
    if (wanted && document.querySelector(wanted)) {
      sessionStorage.removeItem("wanted");
      requestAnimationFrame(() => setTimeout(() => sessionStorage.setItem("painted", String(now()))));
    }
    requestAnimationFrame(look);
  };
  look();
  addEventListener("click", () => sessionStorage.setItem("clicked", String(now())), { capture: true });
}

test("figures of the pages", async ({ browser, baseURL }) => {
  test.skip(!file, "FIGURES is not set");
  test.setTimeout(1_800_000);
  const [ben, tomas, ada] = await Promise.all(["Ben Ito", "Tomás Reyes", "Ada Okafor"].map((name) => signedInPage(browser, baseURL, name, { viewport: { width: 1360, height: 860 } })));
  const grant = await ask(ben, await secretId(ben, ...LEDGER));
  for (const person of [tomas, ada]) await approve(person, grant);
  await call(ben, "access/claim", { grant });
  await Promise.all([tomas, ada].map((page) => page.context().close()));
  const pages = { inventory: "/inventory", grant: `/access/${grant}`, secret: `/inventory/${await secretId(ben, ...LEDGER)}` };
  const figures = { bytes: {}, loaded: {}, clicked: {} };
  const cdp = await ben.context().newCDPSession(ben);
  await ben.addInitScript(watch);

  await cdp.send("Network.enable");
  for (const [name, path] of Object.entries(pages)) {
    const kinds = new Map();
    const bytes = {};
    const seen = ({ requestId, type, response }) => kinds.set(requestId, response.url.endsWith(".wasm") ? "WebAssembly" : type);
    const ended = ({ requestId, encodedDataLength }) => (bytes[kinds.get(requestId)] = (bytes[kinds.get(requestId)] ?? 0) + encodedDataLength);
    cdp.on("Network.responseReceived", seen);
    cdp.on("Network.loadingFinished", ended);
    await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
    await ben.goto(path);
    await hydrated(ben);
    await ben.waitForTimeout(500);
    await cdp.send("Network.setCacheDisabled", { cacheDisabled: false });
    cdp.off("Network.responseReceived", seen);
    cdp.off("Network.loadingFinished", ended);
    figures.bytes[name] = bytes;
  }

  for (const rate of SLOWDOWNS) {
    await cdp.send("Emulation.setCPUThrottlingRate", { rate });
    for (const [name, path] of Object.entries(pages)) {
      const painted = [];
      const alive = [];
      const answered = [];
      for (let round = 0; round <= ROUNDS; round += 1) {
        await ben.goto(path);
        await hydrated(ben);
        await ben.waitForFunction(() => window.aliveAt && performance.getEntriesByName("first-contentful-paint").length > 0);
        const [paint, lives, answer] = await ben.evaluate(() => [performance.getEntriesByName("first-contentful-paint")[0].startTime, window.aliveAt, performance.getEntriesByType("navigation")[0].responseEnd]);
        // The first fills the browser's caches.
        if (round > 0) {
          painted.push(paint);
          alive.push(lives);
          answered.push(answer);
        }
      }
      figures.loaded[`${name} x${rate}`] = { answered: Math.round(median(answered)), painted: Math.round(median(painted)), alive: Math.round(median(alive)) };
    }
    if (rate === 8) break;
    const clicks = {
      "inventory to itself, sorted": [pages.inventory, 'a.sort[href*="sort=changed"]', 'a.sort[href*="sort=changed&dir=desc"]'],
      "my access to grant": ["/access", `main a[href="/access/${grant}"]`, ".panel.status"],
      "grant to inventory": [pages.grant, 'nav[aria-label=Main] a[href="/inventory"]', "table.inventory"],
      "inventory to a secret": [pages.inventory, "a.row-link", "dl.facts"],
      "secret to inventory": [pages.secret, 'nav[aria-label=Main] a[href="/inventory"]', "table.inventory"],
    };
    for (const [name, [from, link, wanted]] of Object.entries(clicks)) {
      const took = [];
      for (let round = 0; round <= ROUNDS; round += 1) {
        await ben.goto(from);
        await hydrated(ben);
        await ben.evaluate((wanted) => {
          sessionStorage.clear();
          sessionStorage.setItem("wanted", wanted);
        }, wanted);
        await ben.locator(link).first().click();
        await ben.waitForFunction(() => sessionStorage.getItem("painted"));
        const [clicked, painted] = await ben.evaluate(() => ["clicked", "painted"].map((key) => Number(sessionStorage.getItem(key))));
        if (round > 0) took.push(painted - clicked);
      }
      figures.clicked[`${name} x${rate}`] = Math.round(median(took));
    }
  }
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await call(ben, "access/give-back", { grant });
  await ben.context().close();
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
});
