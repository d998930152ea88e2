// From pipelines to secrets: the list, a role with its correction, and the pipelines on a secret's page.
import { expect, expectAccessible, hydrated, secretId, signIn, test, untilShown } from "./support.js";

const STRIPE = ["payments/stripe/webhook-signing", "&account=441205839201&owner=named&state=live"];
const ROLE = "arn:aws:iam::441205839201:role/github-deploy";

/** IAM is read in the background. */
async function untilRead(page) {
  await untilShown(page, page.getByRole("link", { name: "every repository on GitHub" }), "/pipelines?q=github-deploy");
}

test("the most severe way in leads to its findings, its secrets and the correction", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await untilRead(page);
  await page.goto("/pipelines");
  const first = page.locator(".pipelines tbody tr").first();
  await expect(first).toContainText("Critical");
  await expect(first).toContainText("github-deploy");
  await expectAccessible(page);
  await page.getByRole("link", { name: "every repository on GitHub" }).click();
  await expect(page).toHaveURL(`/pipelines?role=${ROLE}`);
  await expect(page.getByText("The issuer is shared, and nothing names the tenant").first()).toBeVisible();
  await expect(page.getByText("Since June 2025 IAM refuses")).toBeVisible();
  await expect(page.getByRole("heading", { name: "1. Admit both forms of the subject" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "2. Remove the form without ids" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Secrets that it can read" }).getByRole("link").first()).toBeVisible();
  const command = page.locator("[data-copy]").first();
  expect(await command.getAttribute("data-copy")).toContain("aws iam update-assume-role-policy --role-name github-deploy");
  await expectAccessible(page);
});

test("the list is filtered by its address", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await untilRead(page);
  await page.goto("/pipelines");
  await hydrated(page);
  await page.getByLabel("Issuer").selectOption({ label: "GitLab.com" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/issuer=gitlab/);
  await expect(page.locator(".pipelines tbody tr")).toHaveCount(1);
  await expect(page.locator(".pipelines tbody tr")).toContainText("No finding");
  await page.goto("/pipelines?q=nothing-is-called-that");
  await expect(page.getByText("No pipelines match.")).toBeVisible();
  await expectAccessible(page);
});

test("a secret names the pipelines that end at it", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await untilRead(page);
  const id = await secretId(page, ...STRIPE);
  await page.goto(`/inventory/${id}/access`);
  const panel = page.locator("section").filter({ has: page.getByRole("heading", { name: "Pipelines that end here" }) });
  await expect(panel).toContainText("every repository on GitHub");
  await panel.getByRole("link", { name: "github-deploy" }).click();
  await expect(page).toHaveURL(`/pipelines?role=${ROLE}`);
  await expectAccessible(page);
});
