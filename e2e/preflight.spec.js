// Before a rotation: why it would fail, and that it passes once the cause is corrected.
import { expect, expectAccessible, hydrated, secretId, signIn, signedInPage, test } from "./support.js";

// A person's last result for a secret is shown again, and tests run side by side: a secret for each test that checks one.
const PAYMENTS = "&account=441205839201&region=us-east-1";
const ROTATED = "payments/batch/ledger/postgres-6";
const FUNCTION = "arn:aws:lambda:us-east-1:441205839201:function:rotate-batch-ledger";

const found = (page) => page.locator("#preflight-result");
const cause = (page, name) => found(page).locator(`[data-cause=${name}]`);

async function open(page, name) {
  const id = await secretId(page, name, PAYMENTS);
  await page.goto(`/inventory/${id}/rotation`);
  return id;
}

/** Sends the form until IAM and the resource policy, which are read in the background, were read. */
async function check(page, lambda) {
  await expect(async () => {
    await page.getByLabel("Rotation function").fill(lambda);
    await page.getByRole("button", { name: "Check rotation" }).click();
    await expect(cause(page, "role-writes")).not.toContainText(/not read/i, { timeout: 5_000 });
    await expect(cause(page, "function-active")).not.toContainText("Pending", { timeout: 1_000 });
  }).toPass({ timeout: 90_000 });
}

test("a pre-flight fails, and passes with a function that is ready", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  const id = await open(page, ROTATED);
  await hydrated(page);
  await expect(page.getByLabel("Interval in days")).toHaveValue("30");
  await expect(found(page)).toBeEmpty();
  await check(page, `${FUNCTION}-draft`);
  await expect(found(page)).toContainText("A rotation would fail for");
  await expect(found(page).locator(".checks li").first()).toContainText("Fails");
  await expect(cause(page, "function-policy")).toContainText("Secrets Manager");
  await expect(cause(page, "function-policy")).toContainText("What to do: Add a statement");
  await expect(cause(page, "role-writes")).toContainText("rotate-batch-ledger-draft may not call secretsmanager:PutSecretValue");
  await expect(cause(page, "host-reachable")).toContainText("Only a rotation shows");
  await expectAccessible(page);
  // What was typed stays.
  await expect(page.getByLabel("Rotation function")).toHaveValue(`${FUNCTION}-draft`);

  await check(page, FUNCTION);
  await expect(found(page)).toContainText("Nothing was found that makes it fail.");
  await expect(cause(page, "role-writes")).toBeHidden();
  await found(page).locator("summary", { hasText: /checks pass/ }).click();
  await expect(cause(page, "role-writes")).toContainText("Allowed by inline policy rotation, Rotate.");
  await expectAccessible(page);
  const onward = new URL(await found(page).getByRole("link", { name: "Configure rotation" }).getAttribute("href"), page.url());
  expect(onward.pathname).toBe("/remediation/new");
  expect(onward.searchParams.get("of")).toBe(`resource=${id}`);
  expect(onward.searchParams.get("lambda")).toBe(FUNCTION);
  await page.goto(onward.href);
  await expect(page.getByLabel("Rotation function")).toHaveValue(FUNCTION);
});

test("the form stays with its error where AWS would refuse the schedule", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await open(page, "payments/ledger/postgres");
  await hydrated(page);
  await page.getByLabel("Interval in days").fill("");
  await page.locator("[name=schedule]").fill("rate(3 hours)");
  await page.getByLabel("Rotation function").fill("rotate");
  await page.getByRole("button", { name: "Check rotation" }).click();
  await expect(cause(page, "schedule")).toContainText("at the soonest every 4 hours");
  await expect(cause(page, "function-arn")).toContainText("rotate is not the ARN of a Lambda function");
  await expect(page.locator("[name=schedule]")).toHaveValue("rate(3 hours)");
});

test("without scripts the page comes back with the result", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, "Ada Okafor");
  await open(page, "payments/settlement/sftp");
  await page.getByLabel("Rotation function").fill("rotate");
  await page.getByRole("button", { name: "Check rotation" }).click();
  await expect(page).toHaveURL(/\/rotation\?checked=yes#preflight$/);
  await expect(cause(page, "function-arn")).toContainText("rotate is not the ARN of a Lambda function");
  await expect(page.getByLabel("Rotation function")).toHaveValue("rotate");
  await context.close();
});

test("only who may remediate sees the form", async ({ browser, baseURL }) => {
  const page = await signedInPage(browser, baseURL, "Ben Ito");
  await open(page, ROTATED);
  await expect(page.getByRole("heading", { name: "Rotation history" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Check rotation" })).toHaveCount(0);
  await page.context().close();
});
