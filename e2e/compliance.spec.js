// The overview's numbers and their rows, testing and saving a policy, a secret's checks and readers.
import { readFile } from "node:fs/promises";
import { expect, hydrated, expectAccessible, signIn, test } from "./support.js";

const pictures = new URL("../docs/images/", import.meta.url).pathname;

/** Evaluation runs after the first scan. */
async function evaluated(page, path) {
  await expect(async () => {
    await page.goto("/findings");
    await expect(page.locator("tbody tr").first()).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await page.goto(path);
  await hydrated(page);
}

const number = (text) => Number(text.replace(/[^0-9]/g, ""));

test("every number of the overview links to its rows", async ({ page }, testInfo) => {
  await signIn(page, "Ada Okafor", "/findings");
  await evaluated(page, "/overview");
  await expect(page.locator(".score strong")).toHaveText(/^\d+\.\d$/);
  await expectAccessible(page);
  if (testInfo.project.name === "dark") await page.screenshot({ path: `${pictures}overview-dark.png` });
  const need = page.locator(".needs a").filter({ hasText: "Rotations failing or stuck" });
  const wanted = number(await need.locator("strong").innerText());
  expect(wanted).toBeGreaterThan(0);
  await need.click();
  await expect(page.locator(".context")).toHaveText(new RegExp(`^${wanted} findings?$`));
  await expectAccessible(page);
});

test("a finding links to its secret, which shows who can read it", async ({ page }) => {
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
    test.skip(test.info().project.name !== "light", "it changes what all looks share");
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
    await text.fill("id: e2e-rotation\ntitle: Rotation every week\nseverity: low\nscope: {within: {kinds: [secret]}}\nrule: {rotation-interval: {max-days: 7}}\n");
    await page.getByRole("button", { name: "Dry run" }).click();
    await expect(page.getByText(/findings would open, 0 findings would be resolved/)).toBeVisible();
    await expectAccessible(page);
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
  test.skip(test.info().project.name !== "light", "it scans, and looks the same everywhere");
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
  test.skip(test.info().project.name !== "light", "a file looks the same everywhere");
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
