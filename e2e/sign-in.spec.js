import { expect, hydrated, signIn as open, test } from "./support.js";

/** Through the identity provider, each time. */
const signIn = (page, name, path) => open(page, name, path, { fresh: true });

test("a security admin finds every secret of the accounts that were scanned", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await expect(page.getByText("800 secrets and parameters")).toBeVisible();
  await expect(page.locator("label.choice", { hasText: "Secrets Manager" })).toContainText("600");
});

test("an engineer sees only their own accounts", async ({ page }) => {
  await signIn(page, "Ben Ito", "/accounts");
  await expect(page.locator("tbody tr")).toHaveCount(2);
  await expect(page.getByRole("link", { name: "Payments Prod" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Scan now" })).toHaveCount(0);
  await page.goto("/inventory");
  await expect(page.getByText("Checkout Prod")).toHaveCount(0);
});

test("an approver of an OU sees its accounts", async ({ page }) => {
  await signIn(page, "Tomás Reyes", "/accounts");
  await expect(page.locator("tbody tr")).toHaveCount(4);
  await expect(page.getByText("Workloads/Production")).toHaveCount(4);
});

test.describe("outside of a person's scope", () => {
  test.use({ expectedStatuses: [403, 404] });

  test("someone without a group sees that, and nothing else", async ({ page }) => {
    await page.goto("/inventory");
    await page.getByRole("link", { name: "Sign in with SSO" }).click();
    await page.getByRole("button", { name: "Noa Berg" }).click();
    await expect(page.getByRole("heading", { name: "No access yet" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Go to My access" })).toBeVisible();
    await expect(page.getByRole("alert")).toContainText("The claim “groups” arrived without any group");
    await expect(page.getByRole("alert")).toContainText("Ask your security team");
    await expect(page.locator("table")).toHaveCount(0);
  });

  test("another team's secret is not found", async ({ page, browser, baseURL }) => {
    const admin = await browser.newContext({ baseURL });
    const theirs = await admin.newPage();
    await signIn(theirs, "Ada Okafor", "/inventory?q=checkout&kind=secret");
    const href = await theirs.locator("a.row-link").first().getAttribute("href");
    await admin.close();
    await signIn(page, "Ben Ito", href);
    await expect(page.getByRole("alert")).toContainText("Not found, or outside your scope: secret or parameter");
  });
});

test("signing out ends the session here and at the identity provider", async ({ page }) => {
  await signIn(page, "Inès Moreau");
  await hydrated(page);
  await page.locator("details.person summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Signed out" })).toBeVisible();
  await page.goto("/inventory");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.getByRole("link", { name: "Sign in with SSO" }).click();
  await expect(page.getByText("Who are you today?")).toBeVisible();
});
