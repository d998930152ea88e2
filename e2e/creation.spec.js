// New secrets: previewed, approved where a rule wants it, created with a value that no page shows again.
import { expect, expectAccessible, hydrated, signedInPage, signIn, test } from "./support.js";

const SANDBOX = "561840927734";
const PAYMENTS = "441205839201";
/** What is looked for in tables and logs when the tests are over. */
const value = `${process.env.CLAVIGER_CANARY}-created`;

async function fill(page, { account, name, tags }) {
  const field = (of) => page.locator(`#shape [name=${of}]`);
  await field("account").selectOption(account);
  const isList = (await page.locator("#shape select[name=region]").count()) > 0;
  await (isList ? field("region").selectOption("us-east-1") : field("region").fill("us-east-1"));
  await field("name").fill(name);
  await field("tags").fill(tags);
  await field("reason").fill("The new service needs it.");
  await page.getByRole("button", { name: "Preview" }).click();
}

test("a secret is created with its tags, and its failing checks are accepted before", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await page.getByRole("link", { name: "New secret", exact: true }).click();
  await expect(page.getByRole("heading", { name: "New secret", level: 1 })).toBeVisible();
  await hydrated(page);
  await expectAccessible(page);
  await fill(page, { account: SANDBOX, name: "sandbox/new/api-key", tags: "owner=ml-research\nenv=sandbox" });
  await expect(page.getByText("sandbox/new/api-key in")).toBeVisible();
  await expect(page.getByText("CreateSecret in us-east-1")).toBeVisible();
  await expect(page.getByText(/It would fail \d+ check/)).toBeVisible();
  await hydrated(page);
  await expectAccessible(page);
  await page.locator("#create [name=value]").fill(value);
  await page.getByLabel("Create it although it fails these checks").check();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByText(/^Created\. Open/)).toBeVisible({ timeout: 20_000 });
  expect(await page.content()).not.toContain(value);
  await expect(page.getByText(/^When it was requested, it failed \d+ check/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Use it" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Open it in the inventory" }).click();
  await expect(page.getByRole("heading", { name: "sandbox/new/api-key", level: 1 })).toBeVisible();
});

for (const javaScriptEnabled of [true, false]) {
test(`a secret is created from a file, ${javaScriptEnabled ? "with" : "without"} scripts`, async ({ browser, baseURL }) => {
  const page = await signedInPage(browser, baseURL, "Ada Okafor", { javaScriptEnabled });
  const name = `sandbox/new/keystore-${javaScriptEnabled ? 1 : 2}`;
  await page.goto("/secrets/new");
  await fill(page, { account: SANDBOX, name, tags: "owner=ml-research\nenv=sandbox" });
  await page.getByText("Upload a file", { exact: true }).click();
  const form = page.locator("form[action='/secrets/new/file']");
  await form.getByLabel(/^Create it from the file/).check();
  const file = (buffer) => ({ name: "keystore.p12", mimeType: "application/octet-stream", buffer });
  await form.locator("[name=file]").setInputFiles(file(Buffer.alloc(65_537, 255)));
  await form.getByRole("button", { name: "Create from the file" }).click();
  // What was typed stays.
  await expect(page.getByText(/value: It has 65537 bytes/)).toBeVisible();
  await expect(page.locator("#shape [name=name]")).toHaveValue(name);
  if (javaScriptEnabled) await expectAccessible(page);
  await page.getByText("Upload a file", { exact: true }).click();
  await form.getByLabel(/^Create it from the file/).check();
  await form.locator("[name=file]").setInputFiles(file(Buffer.concat([Buffer.from(value), Buffer.from([255, 0])])));
  await form.getByRole("button", { name: "Create from the file" }).click();
  await expect(page.getByText(/^Created\. Open/)).toBeVisible({ timeout: 20_000 });
  expect(await page.content()).not.toContain(value);
  await page.context().close();
});
}

test("a canary that rotates is created, and its rotation is a call of its own", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/secrets/new");
  await hydrated(page);
  await page.getByText("Rotation", { exact: true }).click();
  await page.locator("#shape [name=function]").fill(`arn:aws:lambda:us-east-1:${SANDBOX}:function:rotate`);
  await page.getByLabel(/^Canary/).check();
  await fill(page, { account: SANDBOX, name: "sandbox/new/canary", tags: "owner=ml-research\nenv=sandbox" });
  // What is missing is said, and what was typed stays.
  await expect(page.getByText("Enter days, or a schedule.")).toBeVisible();
  await expect(page.locator("#shape [name=function]")).toHaveValue(/function:rotate$/);
  await page.locator("#shape [name=days]").fill("30");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("RotateSecret, which rotates it in the next window")).toBeVisible();
  await expectAccessible(page);
  await page.locator("#create [name=value]").fill(value);
  const accept = page.getByLabel("Create it although it fails these checks");
  if (await accept.count()) await accept.check();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByText(/^Created\. Open/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText("claviger:canary=true")).toBeVisible();
  await expect(page.getByText("every 30 days, none at once, by")).toBeVisible();
});

test("in production somebody else approves the shape, and the requester enters the value", async ({ page, browser, baseURL }) => {
  const ada = await signedInPage(browser, baseURL, "Ada Okafor");
  await signIn(page, "Ben Ito", "/secrets/new");
  await hydrated(page);
  // A name that is taken is said to be, and what was typed stays.
  await fill(page, { account: PAYMENTS, name: "payments/ledger/postgres", tags: "owner=payments\nenv=prod" });
  await expect(page.getByText("This name is taken")).toBeVisible();
  await expect(page.locator("#shape [name=tags]")).toHaveValue("owner=payments\nenv=prod");
  await fill(page, { account: PAYMENTS, name: "payments/ledger/reports", tags: "owner=payments\nenv=prod" });
  await expect(page.getByText(/no value|there is none/)).toBeVisible();
  const accept = page.getByLabel("Create it although it fails these checks");
  if (await accept.count()) await accept.check();
  await page.getByRole("button", { name: "Submit for approval" }).click();
  await expect(page.getByText("Pending approval", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve" })).toHaveCount(0);
  const path = new URL(page.url()).pathname;
  const id = path.split("/").pop();
  // The same once more leads to the open request.
  await page.goto("/secrets/new");
  await hydrated(page);
  await fill(page, { account: PAYMENTS, name: "payments/ledger/reports", tags: "owner=payments\nenv=prod" });
  await expect(page.getByRole("link", { name: id, exact: true })).toHaveAttribute("href", path);

  await ada.goto("/queue?kind=creation");
  await hydrated(ada);
  await ada.getByRole("link", { name: /payments\/ledger\/reports/ }).click();
  await hydrated(ada);
  await expectAccessible(ada);
  await ada.getByRole("button", { name: "Approve" }).click();
  await expect(ada.getByText("Waiting for the value", { exact: true })).toBeVisible();
  await expect(ada.getByRole("button", { name: "Create", exact: true })).toHaveCount(0);
  await ada.context().close();

  await page.goto(`${path}?format=database`);
  await hydrated(page);
  await expectAccessible(page);
  await page.locator("[name=value_engine]").fill("postgres");
  await page.locator("[name=value_host]").fill("db.example.com");
  await page.locator("[name=value_username]").fill("reports");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByText(/^Created\. Open/)).toBeVisible({ timeout: 20_000 });
});

test("who may create nothing here is told so before anything happens", async ({ page }) => {
  await signIn(page, "Ben Ito", "/secrets/new");
  await hydrated(page);
  await fill(page, { account: PAYMENTS, name: "growth/mailer", tags: "owner=growth" });
  await expect(page.locator("small.fault")).toContainText("With owner=payments, one does.");
  await expect(page.getByRole("button", { name: /^(Create|Submit for approval)$/ })).toHaveCount(0);
});
