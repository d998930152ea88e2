// The overview's numbers and their rows, testing and saving a policy, a secret's checks and readers.
import { readFile } from "node:fs/promises";
import { expect, hydrated, expectAccessible, signIn, test, untilShown } from "./support.js";

const pictures = new URL("../docs/images/", import.meta.url).pathname;

/** Evaluation runs after the first scan. */
async function evaluated(page, path) {
  await untilShown(page, page.locator("tbody tr").first(), "/findings");
  await page.goto(path);
  await hydrated(page);
}

const number = (text) => Number(text.replace(/[^0-9]/g, ""));

test("every number of the overview links to its rows", { tag: "@looks" }, async ({ page }, testInfo) => {
  await signIn(page, "Ada Okafor", "/findings");
  await evaluated(page, "/overview");
  // There is no score before everything has been evaluated.
  await expect(async () => {
    await page.reload();
    await expect(page.locator(".score strong")).toHaveText(/^\d+\.\d$/, { timeout: 1_000 });
  }).toPass({ timeout: 40_000 });
  await hydrated(page);
  await expectAccessible(page);
  if (testInfo.project.name === "dark") await page.screenshot({ path: `${pictures}overview-dark.png` });
  const need = page.locator(".needs a").filter({ hasText: "Rotations failing or stuck" });
  const wanted = number(await need.locator("strong").innerText());
  expect(wanted).toBeGreaterThan(0);
  await need.click();
  await expect(page.locator(".context")).toHaveText(new RegExp(`^${wanted} findings?$`));
  await expectAccessible(page);
});

/** The weeks before the first evaluation are written when everything has been evaluated. */
async function withHistory(page, path) {
  await evaluated(page, path);
  await untilShown(page, page.locator("div.trend svg").first());
  await hydrated(page);
}

test("the overview is one screen, and each of its drawings has its numbers in a table", { tag: "@looks" }, async ({ page }, { project }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await withHistory(page, "/overview");
  for (const title of ["Posture", "Needs attention", "New this week", "Pass rate by OU", "Teams", "Accounts", "Time to fix"]) {
    await expect(page.getByRole("heading", { level: 2, name: new RegExp(`^${title}`) })).toHaveCount(1);
  }
  await expect(page.locator(".score .moved")).toHaveText(/^(up|down) \d+\.\d this week$|^unchanged this week$/);
  await expect(page.locator("div.trend > svg")).toHaveAttribute("aria-label", /^The score from \d+\.\d on .* to \d+\.\d on /);
  // Events are in the table as well, with links.
  await page.locator(".score-panel summary").filter({ hasText: "The numbers" }).click();
  const changed = page.locator(".score-panel tbody a.event").filter({ hasText: /^Policy .* (added|changed, version \d+|disabled)/ });
  await expect(changed.first()).toBeVisible();
  expect(await page.locator("svg.areas a").count()).toBeGreaterThan(5);
  await expect(page.locator("svg.areas a").first()).toHaveAttribute("aria-label", / score, .* secrets and parameters, /);
  await expect(page.locator("table.heat svg.spark").first()).toBeVisible();
  await expectAccessible(page);
  await page.reload();
  if (project.name !== "narrow") {
    await page.setViewportSize({ width: 1360, height: 960 });
    const end = await page.locator(".posture").evaluate((part) => part.getBoundingClientRect().bottom);
    expect(end).toBeLessThanOrEqual(960);
  } else {
    const hint = page.locator(".scroll-hint");
    await expect(hint).toBeVisible();
    const box = page.locator(".heat-map .scrolls").first();
    expect(await box.evaluate((part) => part.scrollWidth > part.clientWidth)).toBe(true);
  }
});

test("each cell of the overview leads to exactly its rows", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await withHistory(page, "/overview");
  const cell = page.locator("table.heat td.share.bad a").first();
  const failing = number(/(\d+) fail/.exec(await cell.getAttribute("title"))[1]);
  await cell.click();
  await expect(page.locator(".context")).toHaveText(new RegExp(`^${failing} findings?$`));
  await page.goto("/overview");
  const account = page.locator("svg.areas a").first();
  const checks = number(/, ([\d,]+) failing/.exec(await account.getAttribute("aria-label"))[1]);
  await account.focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".context")).toHaveText(new RegExp(`^${checks} findings?$`));
});

test("the period and the OU are in the address, also without scripts", async ({ page, browser, baseURL }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await withHistory(page, "/overview");
  const storageState = await page.context().storageState();
  const plain = await browser.newContext({ baseURL, storageState, javaScriptEnabled: false });
  const without = await plain.newPage();
  await without.goto("/overview");
  await without.getByLabel("Period").selectOption("Last 4 weeks");
  await without.getByRole("combobox", { name: "OU", exact: true }).selectOption("Sandbox");
  await without.getByRole("button", { name: "Show" }).click();
  await expect(without).toHaveURL(/weeks=4&ou=ou-/);
  await expect(without.locator(".context")).toContainText("Sandbox: ");
  await expect(without.locator("table.heat tbody th")).toHaveText(["Sandbox"]);
  await expect(without.locator(".needs a").first()).toHaveAttribute("href", /ou=ou-/);
  await plain.close();
});

test("a team has a page of its own", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await withHistory(page, "/overview");
  await page.locator("table.bars th a").filter({ hasText: /^payments$/ }).or(page.getByRole("link", { name: /^All \d+ teams$/ })).first().click();
  await page.goto("/teams/payments");
  await hydrated(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("payments");
  const severity = page.locator(".panel", { has: page.getByRole("heading", { name: "Findings by severity" }) }).locator("a").first();
  const wanted = number(await severity.locator("strong").innerText());
  await severity.click();
  await expect(page.locator(".context")).toHaveText(new RegExp(`^${wanted} findings?$`));
});

test.describe("beyond one's scope", () => {
  test.use({ expectedStatuses: [404] });

  test("an engineer sees the teams of their own accounts alone", async ({ page }) => {
    await signIn(page, "Mira Lindqvist", "/teams");
    await hydrated(page);
    await page.goto("/teams/payments");
    await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("payments");
  });
});

test("a finding links to its secret, which shows who can read it", { tag: "@looks" }, async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await evaluated(page, "/findings?policy=public-policy");
  await expect(page.locator("tbody tr").first()).toContainText("allows public access");
  await expectAccessible(page);
  await page.locator("a.row-link").first().click();
  await expect(page.locator(".checks").first()).toContainText("Secrets must not be public");
  await expectAccessible(page);
  await page.getByRole("navigation", { name: "Tabs" }).getByRole("link", { name: "Policy" }).click();
  await expect(page.locator(".sentences")).toContainText("Anyone can read the value, without a condition.");
  await expect(page.getByRole("heading", { name: "Resource policy (JSON)" })).toBeVisible();
  await expectAccessible(page);
});

test.describe("as an admin", () => {
  // An invalid policy gets an error.
  test.use({ expectedStatuses: [400] });

  test("a policy is tested, and an invalid one is rejected", async ({ page }) => {
    await signIn(page, "Ada Okafor", "/findings");
    await evaluated(page, "/policies/new");
    await expectAccessible(page);
    const text = page.locator("textarea[name=document]");
    await text.fill("id: broken\ntitle: Broken\nseverity: grave\nrule: {owner: {}}\n");
    await page.getByRole("button", { name: "Dry run" }).click();
    await expect(page.getByRole("alert")).toContainText("line 3");
    await text.fill("id: broken\ntitle: Broken\nseverity: low\nrule: {cel: {expression: \"kind == 'secret' && colour == 'red'\"}}\n");
    await page.getByRole("button", { name: "Dry run" }).click();
    await expect(page.getByRole("alert")).toContainText("line 1, column 21 of the expression: there is no fact colour");
    const weekly = (within) => `id: e2e-rotation\ntitle: Rotation every week\nseverity: low\nscope: {within: {${within}}}\nrule: {rotation-interval: {max-days: 7}}\n`;
    await text.fill(weekly("kinds: [secret]"));
    await page.getByRole("button", { name: "Dry run" }).click();
    await expect(page.getByText(/findings would open, 0 findings would be resolved/)).toBeVisible();
    await expectAccessible(page);
    // What is saved matches nothing: other tests count findings meanwhile.
    await text.fill(weekly("kinds: [secret], names: [none-of-these]"));
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("link", { name: "Rotation every week" })).toBeVisible();
    await page.getByRole("link", { name: "Rotation every week" }).click();
    await expect(page.getByText("Version 1, saved by Ada Okafor")).toBeVisible();
    await expectAccessible(page);
    await page.locator("summary").filter({ hasText: "Disable policy" }).click();
    await page.getByRole("button", { name: "Disable policy" }).click();
    await expect(page.getByRole("link", { name: "Rotation every week" })).toHaveCount(0);
  });
});

test("typed text stays while a scan changes the numbers on the page", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await evaluated(page, "/policies/owner");
  await page.getByText("Edit", { exact: true }).click();
  const text = page.locator("textarea[name=document]");
  const written = `${await text.inputValue()}# to be continued\n`;
  await text.fill(written);
  const reads = [];
  page.on("response", (answer) => answer.url().endsWith("/policies/owner") && reads.push(answer.url()));
  const other = await page.context().newPage();
  await other.goto("/accounts");
  await hydrated(other);
  await other.getByRole("button", { name: "Scan now" }).click();
  await expect.poll(() => reads.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await other.close();
  await expect(text).toBeVisible();
  await expect(text).toHaveValue(written);
});

test.describe("without permission", () => {
  test.use({ expectedStatuses: [403] });

  test("an engineer sees the policies but cannot change them", async ({ page }) => {
    await signIn(page, "Ben Ito", "/policies");
    await hydrated(page);
    await expect(page.locator("tbody tr").first()).toBeVisible();
    await expect(page.getByRole("link", { name: "New policy" })).toHaveCount(0);
    await page.goto("/policies/owner");
    await expect(page.getByText("Edit", { exact: true })).toHaveCount(0);
  });
});

test("an export has exactly the listed findings", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await evaluated(page, "/findings?policy=public-policy");
  const listed = number(await page.locator(".context").innerText());
  await page.locator("summary").filter({ hasText: "Export" }).click();
  await expectAccessible(page);
  const begun = page.waitForEvent("download");
  await page.getByRole("link", { name: "JSON", exact: true }).click();
  const download = await begun;
  expect(download.suggestedFilename()).toMatch(/^claviger-findings-.*\.json$/);
  const file = JSON.parse(await readFile(await download.path(), "utf8"));
  expect(file.filter).toBe("policy=public-policy");
  expect(file.findings.map((finding) => finding.policy)).toEqual(Array(listed).fill("public-policy"));
});
