import { readFileSync } from "node:fs";
import { call, expect, hydrated, expectAccessible, signIn, test } from "./support.js";

const box = (page) => page.locator("#words");

test.beforeEach(async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await hydrated(page);
});

test("a typed filter is completed, and its URL is the same as that of the controls", async ({ page }) => {
  await box(page).click();
  await box(page).pressSequentially("tag:own");
  const offered = page.locator("#words-completions [role=option]");
  await expect(offered.first().locator(".mono")).toHaveText("owner");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(box(page)).toHaveValue("tag:owner=");
  await expect(offered.first()).toBeVisible();
  const count = parseInt((await offered.first().locator(".count").textContent()).replace(/\D/g, ""), 10);
  const owner = await offered.first().locator(".mono").textContent();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.locator("#words-completions")).toBeHidden();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`\\?tag=owner(%3D|=)${owner}$`));
  await expect(page.getByText(new RegExp(`^${count} of 800 secrets`))).toBeVisible();
  await expect(box(page)).toHaveValue("");
  await page.getByLabel(`Remove filter tag: owner=${owner}`).click();
  await expect(page).toHaveURL(/\/inventory$/);
});

test("words and filters share one search box", async ({ page }) => {
  await box(page).fill("api-key kind:secret -tag:owner");
  await box(page).press("Enter");
  await expect(page).toHaveURL(/q=api-key&kind=secret&tag=(%21|!)owner/);
  await expect(box(page)).toHaveValue("api-key");
  await page.goBack();
  await expect(page).toHaveURL(/\/inventory$/);
});

test.describe("bad input", () => {
  test.use({ expectedStatuses: [400] });

  test("an unknown filter lists the known ones, and keeps typed text", async ({ page }) => {
    await box(page).fill("acount:441205839201");
    await box(page).press("Enter");
    await expect(page.getByRole("alert")).toContainText("there is no filter acount:");
    await expect(page).toHaveURL(/acount/);
  });
});

test("chosen columns stay while filtering", async ({ page }) => {
  await page.getByText("Columns", { exact: true }).click();
  await page.getByRole("checkbox", { name: "Tags", exact: true }).check();
  await expect(page).toHaveURL(/col=tags/);
  const tags = page.locator("td[data-label=Tags]").first();
  await expect(tags).toBeVisible();
  await box(page).fill("tag:owner");
  await box(page).press("Enter");
  await expect(page).toHaveURL(/tag=owner/);
  await expect(page).toHaveURL(/col=tags/);
  await expect(tags).toContainText("owner=");
  await expectAccessible(page);
});

test("a view is saved under a name, opened, and deleted", async ({ page }) => {
  const name = "Stuck ones";
  await page.goto("/inventory?rotation=stuck&sort=account");
  await hydrated(page);
  const menu = page.getByText("Saved views", { exact: true });
  await menu.click();
  await page.getByLabel("Save this view as").fill(name);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("link", { name, exact: true })).toBeAttached();
  await page.goto("/inventory");
  await hydrated(page);
  await menu.click();
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page).toHaveURL(/rotation=stuck&sort=account/);
  await page.reload();
  await hydrated(page);
  await menu.click();
  await page.getByRole("button", { name: `Delete the view ${name}` }).click();
  await expect(page.getByRole("link", { name, exact: true })).toHaveCount(0);
});

test("an export has the whole filtered list, its filter and its scan coverage", async ({ page }) => {
  await page.goto("/inventory?kind=parameter");
  await hydrated(page);
  const { matching } = await call(page, "inventory/list", { query: "kind=parameter" });
  await page.getByText("Export as", { exact: true }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV, for spreadsheets" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^claviger-inventory-.*\.csv$/);
  const lines = readFileSync(await file.path(), "utf8").trim().split("\n");
  expect(lines[0]).toMatch(/^# Claviger inventory; exported_at .*; filter kind=parameter$/);
  expect(lines[1]).toMatch(/^arn,kind,/);
  expect(lines.filter((line) => line.startsWith("arn:aws:ssm:")).length).toBe(matching);
  await expect(page.getByText(`All ${matching} rows exported.`)).toBeVisible();
});

test("path segments of a name filter the list", async ({ page }) => {
  await page.getByRole("link", { name: "Browse by path" }).click();
  const steps = page.getByRole("region", { name: "Paths" });
  await expect(steps).toBeVisible();
  const first = steps.locator("li a").first();
  const step = await first.textContent();
  await first.click();
  await expect(page).toHaveURL(new RegExp(`path=${encodeURIComponent(`/${step}`).replace("%2F", "(%2F|/)")}`));
  const names = page.locator("a.row-link");
  await expect.poll(async () => (await names.allTextContents()).every((name) => name.startsWith(`/${step}`))).toBe(true);
  await expectAccessible(page);
});

test("the command palette finds any page by a few letters", async ({ page }) => {
  await page.keyboard.press("Control+k");
  const palette = page.locator("dialog#palette");
  await expect(palette).toBeVisible();
  await page.keyboard.type("plaintext");
  await expect(palette.getByRole("option", { name: "Plaintext variables" })).toBeVisible();
  await palette.locator("input").fill("");
  await page.keyboard.type("payments");
  await expect(palette.locator("[role=option]", { hasText: "account" }).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/accounts\/\d{12}$/);
  await expect(palette).toBeHidden();
});
