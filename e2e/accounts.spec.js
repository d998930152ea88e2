import { expect, hydrated, expectAccessible, signIn, test, untilShown } from "./support.js";

test("twelve accounts are scanned, and the other two say why they are not", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  await expect(page.getByText("12 of 14 accounts scanned")).toBeVisible({ timeout: 20_000 });
  const row = (name) => page.locator("tbody tr", { hasText: name });
  await expect(row("Partner Gateway")).toContainText("The role claviger-inventory is missing");
  await expect(row("Partner Gateway")).toContainText("no data");
  await expect(row("Legacy Sandbox")).toContainText("The account is suspended");
  await row("Partner Gateway").locator("a.row-link").click();
  await expect(page.getByText("AccessDenied").first()).toBeVisible();
  // Its Regions cannot be read, so the account has one failed scan.
  await expect(page.locator("table.regions tbody tr")).toHaveCount(1);
  // The prerequisites are checked after the scan.
  await expect(async () => {
    await page.goto("/accounts/441205839201");
    await expect(page.locator("table.regions tbody tr")).toHaveCount(3);
    await expect(page.getByText("Enabled Regions, scanned: 3.")).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
});

test("a button starts a scan, and its progress updates live", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  await hydrated(page);
  await page.getByRole("button", { name: "Scan now" }).click();
  await expect(page.getByRole("status").filter({ hasText: /Scanning|Scan: listing/ })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "Last scan just now, 12 of 14 accounts" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Scan now" })).toBeEnabled();
});

test("the theme changes at once and is kept", async ({ page }) => {
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

test("an account shows its prerequisites and its effective tag policy", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  const row = page.locator("tr").filter({ hasText: "Network Hub" });
  // The prerequisites are checked after the scan; an open page does not follow them.
  await expect(async () => {
    await page.goto("/accounts");
    await expect(row).toContainText("1 not ready", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await row.locator("a.row-link").click();
  const off = page.locator(".checks li").filter({ hasText: "The recorder of AWS Config is off." });
  await expect(off).toContainText("us-west-2");
  await expect(page.locator(".checks li").filter({ hasText: "CloudTrail" })).toContainText("Ready");
  await expect(page.locator("tr").filter({ hasText: "cost-center" })).toContainText("cc-1*");
  await expectAccessible(page);
});

test("accounts without ready roles are counted, filtered, and have the command that deploys the roles", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  // The roles are checked after the scan.
  await untilShown(page, page.getByRole("heading", { name: "Roles: 12 of 13 accounts ready" }), "/accounts");
  await page.locator(".roll-out .states a").filter({ hasText: "Role missing" }).click();
  await expect(page).toHaveURL(/roles=missing/);
  await expect(page.locator("table.accounts tbody tr")).toHaveCount(1);
  await expect(page.locator("table.accounts tbody tr")).toContainText("Partner Gateway");
  await page.locator(".snippet summary").filter({ hasText: "stack set" }).click();
  const command = page.locator(".snippet[open] pre");
  await expect(command).toContainText("create-stack-instances");
  await expect(command).toContainText("Accounts=489316607725,AccountFilterType=INTERSECTION");
  await expectAccessible(page);
  await page.setViewportSize({ width: 375, height: 800 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(wide).toBe(false);
  await page.goto("/accounts/489316607725");
  await expect(page.locator(".checks li").filter({ hasText: "Access role" })).toContainText("Missing");
  await expect(page.locator(".snippet").first()).toBeVisible();
});

test("a finding shows the result of AWS Config next to its own", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await untilShown(page, page.locator("a.row-link").first(), "/findings?policy=rotation-enabled&account=441205839201");
  await page.locator("a.row-link").first().click();
  const check = page.locator(".checks li").filter({ hasText: "Automatic rotation must be enabled" });
  await expect(check).toContainText("AWS Config: Noncompliant secretsmanager-rotation-enabled-check");
  await expectAccessible(page);
});
