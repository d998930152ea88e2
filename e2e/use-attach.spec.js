// From a secret to a Lambda function that reads it with a role of its own: at most 6 clicks, and one approval by somebody else.
import { call, clicksOf, expect, expectAccessible, hydrated, secretId, signedInPage, signIn, test } from "./support.js";

const LEDGER = ["payments/ledger/postgres", "&account=441205839201&owner=named&state=live"];
const FUNCTION = "ledger-export";

test("a role is attached to a Lambda function in 6 clicks and with one approval", async ({ page, browser, baseURL }) => {
  const approver = await signedInPage(browser, baseURL, "Tomás Reyes");
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, ...LEDGER);
  const clicks = [await clicksOf(page), await clicksOf(approver)];
  await page.goto(`/inventory/${id}`);
  await hydrated(page);
  await page.locator("nav.tabs").getByRole("link", { name: "Access", exact: true }).click();
  await page.getByRole("link", { name: "Role for a Lambda function" }).click();
  await expect(page.getByLabel("Role name")).toHaveValue("payments-ledger-postgres-reader");
  await page.getByRole("textbox", { name: "Function" }).fill(FUNCTION);
  await page.getByRole("button", { name: "Preview plan" }).click();
  await expect(page.getByRole("status").filter({ hasText: "4 API calls" })).toBeVisible();
  await expect(page.locator(".notice").filter({ hasText: "Credential in the plaintext variable LEDGER_PASSWORD." }).first()).toBeVisible();
  const steps = page.locator("table.steps");
  await expect(steps.locator("tbody tr").last()).toContainText("role/rotate-batch-ledger");
  await expect(steps.locator("tbody tr").last()).toContainText("role/claviger/payments-ledger-postgres-reader");
  await expectAccessible(page);
  await page.getByLabel("Reason").fill("The export reads the ledger.");
  await page.getByRole("button", { name: "Submit for approval" }).click();
  await expect(page).toHaveURL(/remediation\/P-/);
  const path = new URL(page.url()).pathname;

  await approver.goto("/remediation");
  await hydrated(approver);
  await approver.locator(`a[href="${path}"]`).first().click();
  await approver.getByRole("button", { name: "Approve and run" }).click();
  await expect(approver.getByText("4 of 4 done")).toBeVisible({ timeout: 60_000 });
  expect(clicks[0].count + clicks[1].count).toBeLessThanOrEqual(6);
  await expect(approver.locator("table.steps")).toContainText("The function has the role payments-ledger-postgres-reader.");
  await approver.context().close();

  // It is there now: the same plan is refused before any call, and says why beside its field.
  const query = `consumer=lambda&role_name=payments-ledger-postgres-reader&function=${FUNCTION}`;
  const again = await call(page, "consumers/draft", { id, query: `${query}&apply=yes` });
  expect(again.plan?.faults.map((fault) => fault.field) ?? again.draft.faults.map((fault) => fault.field)).toEqual(["role_name"]);
});
