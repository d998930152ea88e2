// What holds on every page: no horizontal scrolling, whatever its content; touch targets are large enough; typed text stays;
// and no page says what is not true.
import { approve, ask, call, expect, hydrated, expectAccessible, signedInPage, secretId, signIn, test } from "./support.js";

const PAGES = [
  "/overview", "/teams", "/teams/payments", "/inventory", "/inventory?rotation=stuck", "/inventory?rotation=overdue", "/changes", "/alarms", "/alarms/checks", "/findings",
  "/policies", "/policies/owner", "/policies/new", "/remediation", "/remediation/new?of=policy%3Downer", "/exceptions",
  "/access", "/queue", "/reviews", "/access/live", "/accounts", "/audit", "/evidence", "/evidence/pci-dss", "/inbox",
];

// In production; each test that requests access has its own secret, so that they do not see each other's grants.
const LEDGER = ["payments/ledger/readonly", "&account=441205839201&region=eu-west-1"];
const ORG_KEY = ["ml-research/openai/org-key", "&account=472093615847&region=us-west-2"];
const TOKEN = ["ml-research/huggingface/token", "&account=472093615847&region=us-east-1"];

const width = (page) => page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);

async function ready(page, path) {
  await page.goto(path);
  await hydrated(page);
  await expect(page.locator(".loading")).toHaveCount(0);
}

test("no page scrolls horizontally at 1280, 1024 and 375 pixels", async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, "Ada Okafor", "/overview");
  for (const path of PAGES) {
    await ready(page, path);
    for (const wide of [1280, 1024, 375]) {
      await page.setViewportSize({ width: wide, height: 800 });
      const [content, view] = await width(page);
      expect(content, `${path} at ${wide}`).toBeLessThanOrEqual(view);
    }
  }
});

/** A record of every kind; missing ones are created, and pending. */
async function records(page) {
  const secret = await secretId(page, ...LEDGER);
  const grant = await ask(page, secret);
  const of = `resource=${secret}`;
  if ((await call(page, "remediation/list")).rows.length === 0) {
    const query = new URLSearchParams({ of, wish: "set-tags", tags: "reviewed=yes" });
    // There is nothing to do until the first evaluation has ended.
    await expect(async () => {
      const { preview } = await call(page, "remediation/draft", { query: String(query) });
      await call(page, "remediation/submit", { of, wish: "set-tags", tags: "reviewed=yes", reason: "Looked at.", preview });
    }).toPass({ timeout: 60_000, intervals: [1_000] });
  }
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await call(page, "exceptions/ask", { policy: "customer-managed-key", target: `resource:${secret}`, reason: "Until spring.", until });
  const plan = (await call(page, "remediation/list")).rows[0].id;
  const exception = (await call(page, "exceptions/list")).rows[0].id;
  return {
    grant,
    pages: [
      `/inventory/${secret}`, `/access/${grant}`, `/approvals/${grant}`, `/access/request?resource=${secret}`, `/remediation/P-${plan}`,
      `/exceptions/W-${exception}`, `/exceptions/new?policy=customer-managed-key&target=resource%3A${secret}`, "/accounts/441205839201",
    ],
  };
}

/** Replaces every text that may come from outside by one word: names, tags, reasons, AWS's messages. */
const fillWithOneWord = (page) => page.evaluate(() => {
  const word = "x".repeat(1900);
  const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walk.nextNode()) texts.push(walk.currentNode);
  // Buttons, table headers, states, numbers, times and Regions are the product's own texts, or short.
  const own = "svg, .button, button, .sr, thead, script, style, time, .segments, .left, .number, .share, table.list .chip, table.regions td.name, table.inventory td:not(.name, .place, .long, [data-label=Owner]), "
    + ["Category", "Call", "Last updated", "Requested", "Expires", "Prerequisites", "Roles", "For", "Mode", "Severity", "Outcome", "Due"].map((label) => `[data-label="${label}"]`).join(", ");
  for (const text of texts) {
    if (text.textContent.trim().length > 1 && !text.parentElement.closest(own)) text.textContent = word;
  }
});

test.describe("one long word", () => {
  // One of the addresses has an invalid filter.
  test.use({ expectedStatuses: [400] });

  test("a word of 1,900 characters makes no page wider", async ({ page }) => {
    test.setTimeout(240_000);
    await signIn(page, "Ada Okafor", "/overview");
    const { grant, pages } = await records(page);
    const wider = [];
    for (const path of [...PAGES, ...pages, `/inventory?q=${"a".repeat(200)}`, `/inventory?colour=${"a".repeat(1900)}`]) {
      await ready(page, path);
      await fillWithOneWord(page);
      for (const wide of [1280, 375]) {
        await page.setViewportSize({ width: wide, height: 800 });
        const [content, view] = await width(page);
        if (content > view) wider.push(`${path} at ${wide}: ${content}`);
      }
    }
    expect(wider).toEqual([]);
    await call(page, "access/give-back", { grant });
  });
});

test("touch targets are at least 24 pixels large", async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, "Ada Okafor", "/overview");
  await page.setViewportSize({ width: 375, height: 800 });
  for (const path of PAGES) {
    await ready(page, path);
    const small = await page.evaluate(() => {
      const shown = (el) => el.checkVisibility({ visibilityProperty: true }) && el.getClientRects().length > 0;
      // A link within a sentence is as tall as its line.
      const inSentence = (el) => el.matches("a") && [...el.parentElement.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim().length > 1);
      return [...document.querySelectorAll("main :is(a, button, summary, select, input:not([type=hidden]))")]
        .filter((el) => shown(el) && !inSentence(el) && !el.closest("label.choice, .sr") && !el.classList.contains("sr"))
        .filter((el) => {
          const { width, height } = el.getBoundingClientRect();
          // The row's link covers its row. An area is as large as its account; the table below has the same links.
          return !el.closest("svg.areas") && !el.classList.contains("row-link") && (width < 23.5 || height < 23.5);
        })
        .map((el) => `${el.tagName} ${el.className} "${el.textContent.trim().slice(0, 30)}" ${Math.round(el.getBoundingClientRect().width)}x${Math.round(el.getBoundingClientRect().height)}`);
    });
    expect(small, path).toEqual([]);
  }
});

test.describe("an invalid filter", () => {
  test.use({ expectedStatuses: [400] });

  test("stays in the search box for correction", async ({ page }) => {
    await signIn(page, "Ada Okafor", "/inventory");
    await hydrated(page);
    const box = page.locator("#words");
    await box.fill("ledger rotation:overdu");
    await box.press("Escape");
    await box.press("Enter");
    await expect(page.getByRole("alert")).toContainText("overdu");
    await expect(box).toHaveValue("ledger rotation:overdu");
    await box.fill("rotation:overdue");
    await box.press("Escape");
    await box.press("Enter");
    await expect(page.locator("tbody tr").first()).toBeVisible();
    await page.goto("/inventory?team=Data+platform&rotation=overdu&sort=changed");
    await expect(box).toHaveValue('team:"Data platform" rotation:overdu');
    await expectAccessible(page);
    // Each list links back to itself.
    await page.goto("/findings?severity=urgent");
    await expect(page.getByRole("link", { name: "Clear the filters" })).toHaveAttribute("href", "/findings");
  });
});

test("the selection bar covers the rows' checkboxes", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/inventory");
  await hydrated(page);
  await page.setViewportSize({ width: 1280, height: 500 });
  await page.locator("td.pick input").first().check();
  const bar = page.locator(".selection");
  await expect(bar).toBeVisible();
  const covered = await page.evaluate(() => {
    const bar = document.querySelector(".selection").getBoundingClientRect();
    const faults = [];
    for (let x = bar.left + 2; x < bar.right - 2; x += 6) {
      for (let y = bar.top + 2; y < Math.min(bar.bottom, innerHeight) - 2; y += 6) {
        if (!document.elementFromPoint(x, y)?.closest(".selection")) faults.push([x, y]);
      }
    }
    return faults;
  });
  expect(covered).toEqual([]);
});

test("someone without a role sees nothing about scans", async ({ page }) => {
  await page.goto("/access");
  await page.getByRole("link", { name: /^Sign in with/ }).click();
  await page.getByRole("button", { name: "Noa Berg" }).click();
  await hydrated(page);
  await expect(page.locator("header.topbar")).toBeVisible();
  await expect(page.getByText(/No scan yet/)).toHaveCount(0);
});

test("the menu shows a security admin's role", async ({ page }) => {
  await signIn(page, "Sam Keller", "/overview");
  await expect(page.locator(".person .who small")).toHaveText("Security admin");
});

test("a pending request names who can approve it", async ({ page, browser, baseURL }) => {
  const sam = await signedInPage(browser, baseURL, "Sam Keller");
  const tomas = await signedInPage(browser, baseURL, "Tomás Reyes");
  await signIn(page, "Ada Okafor", "/access");
  const grant = await ask(page, await secretId(page, ...ORG_KEY));
  await ready(page, `/access/${grant}`);
  await expect(page.getByText(/Needs approval by .*Tomás Reyes/)).toBeVisible();
  // Lists show it too.
  await ready(page, "/access");
  const row = page.locator("tbody tr").filter({ has: page.locator(`a[href="/access/${grant}"]`) });
  await expect(row).toContainText(/Needs approval by .*Tomás Reyes/);
  await ready(tomas, "/approvals");
  await expect(tomas.locator(`a[href^="/queue/access/${grant}?"]`)).toContainText(/Needs approval by .*Tomás Reyes/);
  await ready(tomas, "/inbox");
  await expect(tomas.locator(`a[href="/approvals/${grant}"]`).first()).toContainText(/Needs approval by .*Tomás Reyes/);
  await approve(tomas, grant);
  await ready(page, `/access/${grant}`);
  await expect(page.getByText(/Needs approval by .*Sam Keller/)).toBeVisible();
  await expect(page.getByText("None in 90 days").or(page.getByText(/in 90 days, granted 0/))).toBeVisible();
  // The second security admin approves too.
  await approve(sam, grant);
  await expect(page.getByText(/Needs approval/)).toHaveCount(0);
  await tomas.context().close();
  await sam.context().close();
});

test("an approver's list of active sessions fits next to the request", async ({ page, browser, baseURL }) => {
  const sam = await signedInPage(browser, baseURL, "Sam Keller");
  const tomas = await signedInPage(browser, baseURL, "Tomás Reyes");
  await signIn(page, "Ada Okafor", "/access");
  const id = await secretId(page, ...TOKEN);
  const first = await ask(page, id);
  await approve(tomas, first);
  await approve(sam, first);
  await call(page, "access/claim", { grant: first });
  const second = await ask(page, id);
  await sam.setViewportSize({ width: 1280, height: 800 });
  for (const path of [`/approvals/${second}`, `/access/${second}`]) {
    await ready(sam, path);
    await expect(sam.getByRole("heading", { name: "Active on the same secrets" })).toBeVisible();
    const [content, view] = await width(sam);
    expect(content, path).toBeLessThanOrEqual(view);
  }
  await call(page, "access/give-back", { grant: first });
  await tomas.context().close();
  await sam.context().close();
});

test("a form that is about something else keeps typed text, and cannot be submitted meanwhile", async ({ page }) => {
  await signIn(page, "Ben Ito", "/access");
  const secret = await secretId(page, ...LEDGER);
  const until = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  const forms = [
    {
      path: `/access/request?resource=${secret}`, next: "**/access/request?*action=write*", other: page.getByRole("link", { name: "Write", exact: true }),
      typed: { Purpose: "Typed <before> & kept.", Duration: "17" }, submit: "Request access",
    },
    {
      path: `/exceptions/new?policy=customer-managed-key&target=resource%3A${secret}`, next: "**/exceptions/new?*",
      other: page.getByRole("navigation", { name: "Scope" }).getByRole("link").nth(1),
      typed: { Reason: "Typed <before> & kept.", Expires: until }, submit: "Submit request",
    },
  ];
  const FIELDS = "textarea, input:not([type=checkbox])";
  for (const form of forms) {
    await ready(page, form.path);
    for (const [label, text] of Object.entries(form.typed)) await page.getByLabel(label).and(page.locator(FIELDS)).fill(text);
    let answer;
    const held = new Promise((resolve) => (answer = resolve));
    await page.route(form.next, async (route) => {
      await held;
      await route.continue();
    });
    const submit = page.getByRole("button", { name: form.submit });
    const before = page.url();
    await form.other.click();
    await expect(submit).toBeDisabled();
    answer();
    await expect(page).not.toHaveURL(before);
    await expect(submit).toBeEnabled();
    for (const [label, text] of Object.entries(form.typed)) await expect(page.getByLabel(label).and(page.locator(FIELDS))).toHaveValue(text);
  }
});
