// Every page that is read: whole without JavaScript, operable by keyboard alone, accessible, and without WebAssembly or
// horizontal scrolling; in each theme and width.
import { expect, expectAccessible, hydrated, secretId, signIn, test, withoutEvents } from "./support.js";

const LEDGER = ["payments/ledger/postgres", "&account=441205839201&owner=named&state=live"];
const ACCOUNT = "/accounts/441205839201";

/** Paths of the pages that Ada may read, most of them with rows. */
const pages = async (page) => {
  const ledger = `/inventory/${await secretId(page, ...LEDGER)}`;
  return [
    "/queue",
    "/overview",
    "/overview?weeks=4",
    "/teams",
    "/teams/payments",
    "/inventory",
    ledger,
    ...["access", "versions", "rotation", "activity", "policy"].map((tab) => `${ledger}/${tab}`),
    `${ledger}/hosted-rotation`,
    `${ledger}/code`,
    "/inventory/vault?team=payments",
    `${ledger}/role`,
    `${ledger}/use`,
    `${ledger}/use?for=external-secrets&key=password&role=nonsense`,
    `${ledger}/role?consumer=github&role_name=ledger-reader&repository=acme%2Fshop&branch=main&export=terraform`,
    `${ledger}/role?consumer=lambda&role_name=ledger-reader&boundary=nonsense`,
    "/principals",
    "/principals?arn=arn:aws:iam::441205839201:role/claviger-access",
    "/pipelines",
    "/variables",
    "/pipelines?role=arn:aws:iam::441205839201:role/github-deploy",
    "/inventory?kind=parameter&path=%2F",
    "/alarms",
    "/alarms/checks",
    "/changes",
    "/rotations",
    "/rotations?view=month",
    "/leaks",
    "/findings",
    "/policies",
    "/policies/owner",
    "/remediation",
    "/exceptions",
    "/evidence",
    "/evidence/soc-2",
    "/access",
    "/secrets/new",
    "/secrets/new?kind=parameter",
    "/creations",
    "/queue?kind=exception",
    "/reviews",
    "/access/live",
    "/accounts",
    ACCOUNT,
    "/inbox",
    "/inbox?show=unread&topic=plan",
    "/notifications",
    "/audit",
    "/rules",
    "/help",
    "/help/guide",
    "/help/rules",
    "/settings",
    "/settings/access-rules?person=Ada%20Okafor&secret=ml-research%2Fapi%2Fopenai%2Forg-key&action=read",
    "/settings/owners",
    "/settings/channels",
    "/settings/schedule",
    "/settings/jobs",
    "/settings/events",
    "/settings/system",
    "/settings/setup",
  ];
};

/** What the page says, without what needs scripts and without times, which move on. */
function said(page) {
  return page.evaluate(() => {
    const copy = document.querySelector("main").cloneNode(true);
    for (const part of copy.querySelectorAll("time, .needs-script, noscript, [data-until], [data-kept]")) part.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  });
}

/** Keeps what can be reached by the keyboard in the page's content, and returns how many parts it is. */
function keepReachable(page) {
  return page.evaluate(() => {
    const wanted = "a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select, textarea, summary, [tabindex='0']";
    const found = [...document.querySelectorAll(`main :is(${wanted})`)].filter((part) => part.checkVisibility({ visibilityProperty: true }));
    const radios = new Set();
    const each = found.filter((part) => part.type !== "radio" || (!radios.has(part.name) && radios.add(part.name)));
    // Not as attributes: an update of the page removes what the server does not know.
    window.reachable = each;
    return each.length;
  });
}

const focused = (page) => page.evaluate(() => window.reachable.indexOf(document.activeElement));

/** What another theme can break; no other rule of axe looks at colors. */
const COLORS = ["color-contrast", "link-in-text-block"];

/** So that no test takes minutes. */
const PARTS = 3;

/** Whole without scripts: it says the same, and does not scroll sideways on a phone either. */
async function expectWhole(page, without, path) {
  await without.goto(path);
  // Between two loads, a count may change: another test works at the same time.
  await expect(async () => {
    const [plain, full] = [await said(without), await said(page)];
    if (plain !== full) await Promise.all([page.reload(), without.reload()]);
    expect(plain, path).toBe(full);
  }).toPass({ timeout: 30_000 });
  await hydrated(page);
  const wide = page.viewportSize();
  for (const size of [wide, { width: 375, height: 800 }]) {
    await without.setViewportSize(size);
    const [content, view] = await without.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(content, `${path} without scripts at ${size.width}`).toBeLessThanOrEqual(view);
  }
  await without.setViewportSize(wide);
}

/** From the start of the page: the skip link, then everything in the content, in its order. */
async function expectReachable(page, path) {
  const count = await keepReachable(page);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const reached = [];
  // The browser stops at parts that scroll as well.
  for (let at = 0; at < 2 * count && reached.length < count; at += 1) {
    await page.keyboard.press("Tab");
    const found = await focused(page);
    // A date is one part with several stops.
    if (found >= 0 && found !== reached.at(-1)) reached.push(found);
  }
  expect(reached, `${path}: reached by Tab`).toEqual([...Array(count).keys()]);
}

for (let part = 0; part < PARTS; part += 1) {
  test(`each is whole without scripts, and works by keyboard (${part + 1} of ${PARTS})`, { tag: "@looks" }, async ({ page, browser, baseURL }, { project }) => {
    test.setTimeout(240_000);
    await signIn(page, "Ada Okafor", "/overview");
    await hydrated(page);
    const storageState = await page.context().storageState();
    const plain = await browser.newContext({ baseURL, storageState, javaScriptEnabled: false });
    const without = await plain.newPage();
    // An update in between would move what Tab goes through.
    await withoutEvents(page);
    const loaded = [];
    page.on("request", (request) => request.url().endsWith(".wasm") && loaded.push(request.url()));
    for (const path of (await pages(page)).filter((_, at) => at % PARTS === part)) {
      await page.goto(path);
      await hydrated(page);
      await expect(page.locator("main h1"), path).toHaveCount(1);
      // The server sends the same to each theme and width: what it sends and how it is operated is compared in one.
      if (project.name === "light") await expectWhole(page, without, path);
      await expectAccessible(page, project.name === "dark" ? COLORS : undefined);
      if (project.name === "light") await expectReachable(page, path);
    }
    expect(loaded, "no WebAssembly").toEqual([]);
    await plain.close();
  });
}
