// The audit log is searched and exported, and evidence packs are read and exported.
import { readFileSync } from "node:fs";
import { ask, call, expect, expectAccessible, hydrated, secretId, signIn, signedInPage, test } from "./support.js";

const LEDGER = ["payments/ledger/postgres", "&account=441205839201&owner=named&state=live"];

/** The text of a file that a click downloads. */
async function downloaded(page, click) {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

test("the audit log is narrowed, and each entry leads to what it is about", async ({ page, browser, baseURL }) => {
  const ben = await signedInPage(browser, baseURL, "Ben Ito");
  const purpose = `Compare totals ${Date.now()}`;
  const grant = await ask(ben, await secretId(ben, ...LEDGER), { purpose });
  await ben.context().close();

  await signIn(page, "Inès Moreau", "/audit");
  await hydrated(page);
  await expect(page.getByText(/1–\d+ of [\d,]+ entries|1 entry/)).toBeVisible();
  await expect(page.getByText(/Tamper-evident: [\d,]+ entries/)).toBeVisible();

  // Words, then the actor and the action from the panel, each of which is part of the URL.
  await page.getByLabel("Search reasons, names, ids and ARNs").fill(purpose);
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page).toHaveURL(/q=Compare/);
  await expect(page.locator("table.audit tbody tr")).toHaveCount(1);
  const row = page.locator("table.audit tbody tr").first();
  await expect(row).toContainText(`Ben Ito requested ${grant}.`);
  await expect(row.getByRole("link", { name: grant })).toHaveAttribute("href", `/access/${grant}`);
  await page.locator("#filters").getByLabel("Request access").check();
  await expect(page).toHaveURL(/action=request/);
  await expect(page.locator("table.audit tbody tr")).toHaveCount(1);
  await page.getByRole("link", { name: "Remove filter action: Request access" }).click();
  await expect(page).not.toHaveURL(/action=/);
  await row.locator("summary").click();
  await expect(row.locator("pre")).toContainText(`"subject":"${grant}"`);
  await expectAccessible(page);
  await row.getByRole("link", { name: `All entries about ${grant}` }).click();
  await expect(page).toHaveURL(new RegExp(`target=${grant}`));
  await expect(page.locator("table.audit tbody tr").last()).toContainText(`requested ${grant}`);
  await expectAccessible(page);
});

test("pages of the audit log lead both ways", async ({ page }) => {
  await signIn(page, "Inès Moreau", "/audit");
  const last = (rows) => rows.last().locator("td.number").innerText();
  const rows = page.locator("table.audit tbody tr");
  test.skip((await rows.count()) < 50, "the log is too short");
  const end = Number(await last(rows));
  await page.getByRole("link", { name: "Older" }).click();
  await expect(page.getByText(/51–\d+ of/)).toBeVisible();
  await expect(rows.first().locator("td.number")).toHaveText(String(end - 1));
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(rows.last().locator("td.number")).toHaveText(/\d+/);
  await expect(page.getByText(/^1–50 of/)).toBeVisible();
});

test("the filtered audit log is exported, which is an entry of its own", async ({ page }) => {
  await signIn(page, "Inès Moreau", "/audit?action=save-policy");
  await hydrated(page);
  await page.locator("summary", { hasText: "Export" }).click();
  const { name, text } = await downloaded(page, () => page.getByRole("button", { name: "CSV, for spreadsheets" }).click());
  expect(name).toMatch(/^claviger-audit-.*\.csv$/);
  const lines = text.trim().split("\n");
  expect(lines[0]).toContain("seq,at,actor_subject");
  expect(lines.slice(1).every((line) => line.includes("save-policy"))).toBe(true);
  await page.goto("/audit?action=export-audit");
  await expect(page.locator("table.audit tbody tr").first()).toContainText("Inès Moreau exported the audit log.");
  await expect(page.locator("table.audit tbody tr").first()).toContainText("Filter: action=save-policy");
});

test("a filter that cannot be read is said, and who may not read the log sees none of it", async ({ browser, baseURL }) => {
  const ben = await signedInPage(browser, baseURL, "Ben Ito");
  const answer = await ben.request.post("/export/audit/csv");
  expect(answer.status()).toBe(403);
  await ben.context().close();
});

test("an evidence pack has its scope, its controls and its exceptions, and is exported", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/evidence");
  await hydrated(page);
  await expectAccessible(page);
  await page.getByRole("link", { name: "PCI DSS 4.0.1" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("PCI DSS 4.0.1");
  await expect(page.getByText("The mapping of rules to controls is Claviger's own")).toBeVisible();
  await expect(page.getByText(/The whole Organization: \d+ accounts|A part of the Organization/)).toBeVisible();
  // No control is better than its checks: where one fails, it fails; without a rule, nothing is said.
  const pack = await call(page, "evidence/pack", { framework: "pci-dss" });
  for (const control of pack.controls) {
    const expected = control.policies.length === 0 ? "not-checked" : control.tally.fail > 0 ? "fail" : undefined;
    if (expected) expect(control.result, control.id).toBe(expected);
    if (control.result === "pass") expect(control.tally.unknown + control.tally.waived, control.id).toBe(0);
  }
  await expectAccessible(page);
  await page.locator("summary", { hasText: "Export" }).click();
  const { name, text } = await downloaded(page, () => page.getByRole("button", { name: "CSV, for spreadsheets" }).click());
  expect(name).toMatch(/^claviger-evidence-pci-dss-.*\.csv$/);
  expect(text).toContain("# framework: PCI DSS 4.0.1");
  expect(text.split("\n").filter((line) => line.startsWith("control,"))).toHaveLength(pack.controls.length);
});
