// The tab Use it: a recipe in two clicks from a secret's page, with the secret's own ARN; and the choices, which the URL holds.
import { expect, expectAccessible, secretId, signIn, test } from "./support.js";

const LEDGER = ["payments/ledger/postgres", "&account=441205839201&owner=named&state=live"];
const ARN = /arn:aws:secretsmanager:us-east-1:441205839201:secret:payments\/ledger\/postgres-\w{6}/;

const recipes = (page) => page.getByRole("navigation", { name: "Recipes" });

test("a recipe is copied in two clicks", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, ...LEDGER);
  await page.goto(`/inventory/${id}`);
  await page.getByRole("navigation", { name: "Tabs" }).getByRole("link", { name: "Use it" }).click();
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(ARN);
  expect(copied).toBe(await page.locator("pre.source").first().textContent());
  expect(copied).toContain("aws secretsmanager get-secret-value");
});

test("another consumer, a JSON key and a role", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, ...LEDGER);
  await page.goto(`/inventory/${id}/use`);
  await recipes(page).getByRole("link", { name: "ECS" }).click();
  await expect(page).toHaveURL(/for=ecs/);
  await expect(page.getByText("Claviger's tests validate this file as a RegisterTaskDefinition request")).toBeVisible();
  await page.getByLabel("JSON key").fill("password");
  await page.getByLabel("Role that reads").fill("arn:aws:iam::441205839201:role/ledger-api");
  await page.getByRole("button", { name: "Fill in" }).click();
  await expect(page.locator("pre.source")).toContainText(":password::");
  await expect(page.locator("pre.source")).toContainText("role/ledger-api");
  // IAM is read in the background.
  await expect(async () => {
    await page.reload();
    await expect(page.locator("#rights-summary")).toContainText("This role", { timeout: 2_000 });
  }).toPass({ timeout: 90_000 });
  await expectAccessible(page);
  await page.getByRole("link", { name: "Draft a role for it" }).click();
  await expect(page.locator("select[name=consumer]")).toHaveValue("ecs-execution");
});
