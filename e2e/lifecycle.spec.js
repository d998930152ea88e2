// Changes of one secret or of a selection: planned on its page, approved by somebody else, carried out and read again.
import { call, expect, expectAccessible, hydrated, signedInPage, signIn, test, untilShown } from "./support.js";

const FILTER = "kind=secret&account=561840927734&state=live&sort=name";
/** Where Tomás approves. Other tests plan owners for those without one here. */
const PRODUCTION = "kind=secret&account=458812704336&state=live&owner=named&replicated=no&sort=name";

/** The page of the first secret with a version to roll back to in a Region: each project has its own. */
async function withPrevious(page, region) {
  const { page: found } = await call(page, "inventory/list", { query: `${PRODUCTION}&region=${region}` });
  for (const { id } of found.rows) {
    await page.goto(`/inventory/${id}/versions`);
    if (await page.getByRole("link", { name: "Roll back" }).count()) {
      await hydrated(page);
      return id;
    }
  }
  throw new Error("no secret has a previous version");
}

const versionWith = (page, stage) => page.locator("tbody tr").filter({ hasText: stage }).locator("td").first();

test("a secret is rolled back from its versions by an approved plan", { tag: "@looks" }, async ({ page, browser, baseURL }, { project }) => {
  test.setTimeout(150_000);
  const region = { light: "us-east-1", dark: "eu-west-1", narrow: "us-west-2" }[project.name];
  const tomas = await signedInPage(browser, baseURL, "Tomás Reyes");
  await signIn(page, "Ada Okafor");
  const id = await withPrevious(page, region);
  const [current, previous] = [await versionWith(page, "AWSCURRENT").innerText(), await versionWith(page, "AWSPREVIOUS").innerText()];
  await expectAccessible(page);
  await page.getByRole("link", { name: "Roll back" }).click();
  await expect(page.getByRole("heading", { name: "Change", exact: true })).toBeVisible();
  const row = page.locator("table.steps tbody tr");
  // Until the versions' details are read, nothing is planned.
  await untilShown(page, row);
  await hydrated(page);
  await expect(page.locator("input[name=version]")).toHaveValue(previous);
  await expect(row).toContainText("UpdateSecretVersionStage");
  await expect(row.locator("del").first()).toHaveText(current);
  await expect(row.locator("ins").first()).toHaveText(previous);
  await expectAccessible(page);
  await page.getByLabel("Reason").fill("The new password does not work.");
  await page.getByRole("button", { name: "Submit for approval" }).click();
  await expect(page.getByText("Needs approval", { exact: true })).toBeVisible();
  await expectAccessible(page);
  const path = new URL(page.url()).pathname;

  // The secret's page names the plan, and offers no second one.
  await page.goto(`/inventory/${id}/versions`);
  await expect(page.getByText("Planned change:")).toBeVisible();
  await expect(page.getByRole("link", { name: "Roll back", exact: true })).toHaveCount(0);
  await expectAccessible(page);

  await tomas.goto(path);
  await hydrated(tomas);
  await expect(tomas.locator("table.steps ins").first()).toHaveText(previous);
  await tomas.getByRole("button", { name: "Approve and run" }).click();
  await expect(tomas.getByText("1 of 1 done")).toBeVisible({ timeout: 30_000 });
  await page.goto(`/inventory/${id}/versions`);
  await expect(versionWith(page, "AWSCURRENT")).toHaveText(previous);
  await expect(versionWith(page, "AWSPREVIOUS")).toHaveText(current);
  await expect(page.getByText("Planned change:")).toHaveCount(0);
  await tomas.context().close();
});

test("a selection is changed by one plan", async ({ page }) => {
  await signIn(page, "Ada Okafor", `/inventory?${FILTER}`);
  await hydrated(page);
  await page.locator("td.pick input").nth(0).check();
  await page.locator("td.pick input").nth(1).check();
  await page.getByRole("group", { name: "Selection" }).getByRole("button", { name: "Change" }).click();
  await expect(page.getByRole("heading", { name: "Change", exact: true })).toBeVisible();
  await expect(page.getByText("2 secrets and parameters")).toBeVisible();
  await hydrated(page);
  const actions = page.getByRole("navigation", { name: "Action" });
  await expect(actions.getByRole("link", { name: "Roll back" })).toBeVisible();
  await expect(actions.getByRole("link", { name: /statements/ })).toHaveCount(0);
  await actions.getByRole("link", { name: "Change the description" }).click();
  await page.getByLabel("Description").fill("Of the sandbox");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("status").filter({ hasText: "2 API calls" })).toBeVisible();
  await expectAccessible(page);
});

test("a page offers its changes to those who may plan them", { tag: "@looks" }, async ({ page, browser, baseURL }) => {
  await signIn(page, "Ada Okafor");
  const { page: found } = await call(page, "inventory/list", { query: `${FILTER}&rotation=scheduled` });
  const { id } = found.rows.find(({ replica_regions: replicas }) => replicas.length === 0);
  await page.goto(`/inventory/${id}/rotation`);
  await hydrated(page);
  const buttons = ["Rotate now", "Configure rotation", "Cancel rotation"];
  for (const name of buttons) await expect(page.getByRole("link", { name, exact: true })).toBeVisible();
  await expectAccessible(page);
  await page.locator("summary").filter({ hasText: /^Change$/ }).click();
  await expect(page.getByRole("link", { name: "Schedule deletion" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Schedule deletion" }).click();
  await expect(page.getByLabel("Recovery window in days")).toHaveValue("30");
  await expect(page.locator("table.steps")).toContainText("DeleteSecret");

  const auditor = await signedInPage(browser, baseURL, "Inès Moreau");
  await auditor.goto(`/inventory/${id}/rotation`);
  await expect(auditor.getByRole("heading", { name: "Rotation history" })).toBeVisible();
  for (const name of buttons) await expect(auditor.getByRole("link", { name, exact: true })).toHaveCount(0);
  await expect(auditor.locator("summary").filter({ hasText: /^Change$/ })).toHaveCount(0);
  await auditor.context().close();
});
