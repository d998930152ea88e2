import { expect, hydrated, signIn, test } from "./support.js";

test("twelve accounts are read, and the other two say why not", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  await expect(page.getByText("12 of 14 accounts read whole in the newest sweep")).toBeVisible({ timeout: 20_000 });
  const row = (name) => page.locator("tbody tr", { hasText: name });
  await expect(row("Partner Gateway")).toContainText("The role claviger-inventory is missing");
  await expect(row("Partner Gateway")).toContainText("no data");
  await expect(row("Legacy Sandbox")).toContainText("The account is suspended");
  await row("Partner Gateway").locator("a.row-link").click();
  await expect(page.getByText("AccessDenied").first()).toBeVisible();
  await expect(page.locator("tbody tr")).toHaveCount(3);
});

test("a sweep is begun by a button, and its progress comes by itself", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  await hydrated(page);
  await page.getByRole("button", { name: "Sweep now" }).click();
  await expect(page.getByRole("status").filter({ hasText: /Sweeping|Sweep: reading/ })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "Swept just now, 12 of 14 accounts" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Sweep now" })).toBeEnabled();
});

test("the look is switched at once and stays", async ({ page }) => {
  await signIn(page, "Mira Lindqvist", "/accounts");
  await hydrated(page);
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const before = await background();
  await page.locator("details.person summary").click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect.poll(background).not.toBe(before);
  await expect.poll(async () => (await page.context().cookies()).some((c) => c.name === "claviger-theme" && c.value === "dark")).toBe(true);
  await page.reload();
  expect(await background()).not.toBe(before);
});
