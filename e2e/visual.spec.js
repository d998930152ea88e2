// Each page in each theme and width: accessible, no horizontal scrolling; and the pictures of the README.
import { expect, hydrated, expectAccessible, signIn, test } from "./support.js";

const pictures = new URL("../docs/images/", import.meta.url).pathname;

async function picture(page, testInfo, name) {
  // Only a few are kept, so that the repository stays small.
  const kept = { light: ["inventory", "secret"], dark: ["accounts"], narrow: ["inventory"] }[testInfo.project.name];
  if (kept?.includes(name)) await page.screenshot({ path: `${pictures}${name}-${testInfo.project.name}.png` });
}

test("the sign-in page", { tag: "@looks" }, async ({ page }) => {
  await page.goto("/inventory");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expectAccessible(page);
});

test("the inventory", { tag: "@looks" }, async ({ page }, testInfo) => {
  await signIn(page, "Ada Okafor", "/inventory?kind=secret&rotation=overdue&rotation=scheduled&rotation=stuck");
  await hydrated(page);
  await expect(page.locator("tbody tr").first()).toBeVisible();
  await expectAccessible(page);
  await picture(page, testInfo, "inventory");
  if (testInfo.project.name === "narrow") {
    // The menu lies over the page.
    await page.getByText("Filters (4)").click();
    await page.locator("label.nav-toggle").click();
    await expect(page.getByRole("link", { name: "Accounts" })).toBeVisible();
  }
  if (testInfo.project.name !== "narrow") {
    // Nothing to open, and who is signed in is on the first screen.
    await expect(page.locator("#nav-open")).toBeHidden();
    await expect(page.locator("details.person summary")).toBeInViewport({ ratio: 1 });
  }
  await page.locator("details.person summary").click();
  await expectAccessible(page);
});

test("a secret", { tag: "@looks" }, async ({ page }, testInfo) => {
  await signIn(page, "Ada Okafor", "/inventory?rotation=stuck");
  await hydrated(page);
  await page.locator("a.row-link").first().click();
  await expect(page.getByRole("heading", { name: "Details" })).toBeVisible();
  await expectAccessible(page);
  await picture(page, testInfo, "secret");
});

test("a parameter", { tag: "@looks" }, async ({ page }) => {
  await signIn(page, "Ada Okafor", "/inventory?kind=parameter");
  await page.locator("a.row-link").first().click();
  await expect(page.getByRole("heading", { name: "Details" })).toBeVisible();
  await expectAccessible(page);
});

test("the accounts, and one of them", { tag: "@looks" }, async ({ page }, testInfo) => {
  await signIn(page, "Ada Okafor", "/accounts");
  await hydrated(page);
  await expect(page.locator("tbody tr")).toHaveCount(14);
  await expectAccessible(page);
  await picture(page, testInfo, "accounts");
  await page.getByRole("link", { name: "Partner Gateway" }).click();
  await expect(page.getByRole("heading", { name: "Partner Gateway" })).toBeVisible();
  await expectAccessible(page);
});

test.describe("errors", () => {
  test.use({ expectedStatuses: [404] });

  test("a page that does not exist", { tag: "@looks" }, async ({ page }) => {
    await signIn(page, "Ada Okafor", "/nothing/here");
    await expect(page.getByRole("alert")).toContainText("Page not found");
    await expectAccessible(page);
  });
});
