// Every page is usable without JavaScript: real links, real forms.
import { expect, signIn, test } from "./support.js";

test("the inventory is filtered, ordered, paged and opened", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await expect(page.getByText("800 secrets and parameters")).toBeVisible();
  await page.getByLabel("SSM parameters").check();
  await page.getByRole("button", { name: "Apply the filters" }).click();
  await expect(page.getByText("200 of 800 secrets and parameters match")).toBeVisible();
  await page.getByRole("link", { name: "Next" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(50);
  await page.getByRole("link", { name: "Changed" }).click();
  await expect(page).toHaveURL(/kind=parameter&sort=changed/);
  await page.locator("#search").fill("datadog");
  await page.locator("#search").press("Enter");
  await expect(page).toHaveURL(/q=datadog/);
  await page.locator("a.row-link").first().click();
  await expect(page.getByRole("heading", { name: "Facts" })).toBeVisible();
});

test("the accounts are read, a sweep is begun, the look is switched", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  await page.getByRole("button", { name: "Sweep now" }).click();
  await expect(page).toHaveURL(/\/accounts\??$/);
  await expect(page.locator("tbody tr")).toHaveCount(14);
  await page.locator("details.person summary").click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page).toHaveURL(/\/accounts\??$/);
});
