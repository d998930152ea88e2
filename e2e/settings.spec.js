// The settings: for whom, why a person may request access, a test of a channel, and the setup's checklist.
import { expect, expectAccessible, hydrated, signedInPage, signIn, test } from "./support.js";

const PAGES = ["", "/access-rules", "/owners", "/channels", "/schedule", "/jobs", "/system", "/setup"];

test.describe("a person without the role", () => {
  test.use({ expectedStatuses: [403] });

  test("sees no settings", async ({ page }) => {
    await signIn(page, "Ben Ito", "/inventory");
    await hydrated(page);
    await expect(page.locator("nav[aria-label=Main] a[href='/settings']")).toHaveCount(0);
    for (const path of PAGES) {
      const response = await page.goto(`/settings${path}`);
      expect(response.status(), path).toBe(403);
      await expect(page.getByText("You don't have permission to view the settings")).toBeVisible();
    }
    await page.goto("/overview");
    await expect(page.locator(".setup-notice")).toHaveCount(0);
  });
});

test("an admin reads why a person can request a secret, and why not", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/settings/access-rules");
  await hydrated(page);
  await page.getByLabel("Person").fill("Ada Okafor");
  await page.getByLabel("Secret or parameter").fill("payments/no-such-secret");
  await page.getByRole("button", { name: "Explain" }).click();
  await expect(page.getByText("No secret or parameter has this name, ARN or id.")).toBeVisible();
  await page.getByLabel("Secret or parameter").fill("ml-research/api/openai/org-key");
  await page.getByRole("combobox", { name: "Access", exact: true }).selectOption("write");
  await page.getByRole("button", { name: "Explain" }).click();
  await expect(page.getByRole("heading", { name: "Ada Okafor can't request access to write" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Cedar policies" })).toContainText("No policy permits it");
  await expectAccessible(page);
  // The answer has an address, and it works without scripts.
  expect(page.url()).toContain("secret=ml-research%2Fapi%2Fopenai%2Forg-key");
});

test("a channel that is not configured offers no test, and the setup says so", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/settings/channels");
  await hydrated(page);
  for (const heading of ["Slack, or a compatible webhook", "Event webhook", "Email"]) {
    const panel = page.locator("section.panel").filter({ has: page.getByRole("heading", { name: heading }) });
    const isConfigured = (await panel.getByText("Not configured").count()) === 0;
    await expect(panel.getByRole("button", { name: "Send a test" })).toHaveCount(isConfigured ? 1 : 0);
  }
  await page.goto("/settings/setup");
  await expect(page.locator("ol.setup > li")).toHaveCount(6);
  await expectAccessible(page);
});

test("the checklist leads from the overview until it is dismissed, and back", async ({ page, browser, baseURL }) => {
  await signIn(page, "Ada Okafor", "/settings/setup");
  await hydrated(page);
  await page.goto("/overview");
  await page.getByRole("link", { name: "Open the checklist" }).click();
  await expect(page).toHaveURL(/\/settings\/setup$/);
  await hydrated(page);
  await page.getByRole("button", { name: "Hide from the overview" }).click();
  await expect(page.getByText("Hidden from the overview by Ada Okafor")).toBeVisible();
  const other = await signedInPage(browser, baseURL, "Ada Okafor");
  await other.goto("/overview");
  await expect(other.locator(".setup-notice")).toHaveCount(0);
  await other.context().close();
  await page.getByRole("button", { name: "Show on the overview again" }).click();
  await expect(page.getByRole("button", { name: "Hide from the overview" })).toBeVisible();
  await page.goto("/overview");
  await expect(page.locator(".setup-notice")).toBeVisible();
});

test("help and rules lead to the right place", async ({ page }) => {
  await signIn(page, "Ben Ito", "/policies/owner");
  await hydrated(page);
  await page.locator("dl.facts a[href='/rules#owner']").click();
  await expect(page).toHaveURL(/\/rules#owner$/);
  await expect(page.locator("#owner").getByRole("link").first()).toBeVisible();
  await page.getByRole("link", { name: "Help", exact: true }).click();
  await expect(page).toHaveURL(/\/help#rules$/);
});

test("a policy's fields are written into its YAML, and its versions are compared", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/policies");
  await hydrated(page);
  const id = "settings-owners";
  const saved = async (severity) => {
    const document = `id: ${id}\ntitle: Owners of all\nseverity: ${severity}\nscope:\n  within:\n    names: [none-of-these]\nrule:\n  owner: {}\n`;
    const answer = await page.request.post("/api/posture/save", { form: { document }, headers: { accept: "application/json" } });
    expect(answer.ok(), await answer.text()).toBe(true);
  };
  await saved("low");
  await saved("medium");
  await page.goto(`/policies/${id}`);
  await hydrated(page);
  await page.locator("summary", { hasText: "Edit" }).click();
  await page.getByRole("textbox", { name: "Title" }).fill("Owners must be known");
  await page.getByRole("combobox", { name: "Severity" }).selectOption("high");
  await page.getByRole("button", { name: "Write into the YAML" }).click();
  await expect(page.getByLabel("YAML")).toHaveValue(new RegExp(`^id: ${id}\\ntitle: Owners must be known\\nseverity: high\\n`));
  await expect(page.getByLabel("YAML")).toHaveValue(/rule:\n {2}owner: {}/);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page).toHaveURL(/from=1&to=2|from=\d+&to=\d+/);
  await expect(page.locator(".diff del")).toContainText("severity: low");
  await expect(page.locator(".diff ins")).toContainText("severity: medium");
  await expectAccessible(page);
  await page.request.post("/api/posture/retire", { form: { id } });
});

test("a record leads back to the filtered list, and times follow the person's zone", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/inventory?kind=secret&q=ledger");
  await hydrated(page);
  const row = page.locator("a.row-link").first();
  await row.click();
  await expect(page).toHaveURL(/\/inventory\/[0-9a-f-]{36}\?from=/);
  await hydrated(page);
  const crumb = page.locator("nav.crumbs a").first();
  await expect(crumb).toHaveText("Inventory");
  await expect(crumb).toHaveAttribute("href", /^\/inventory\?(q=ledger&kind=secret|kind=secret&q=ledger)$/);
  const record = new URL(page.url()).pathname;
  await page.goto(`${record}?from=${encodeURIComponent("https://example.com/inventory")}`);
  await expect(page.locator("nav.crumbs a").first()).toHaveAttribute("href", "/inventory");

  await page.goto("/audit");
  await hydrated(page);
  const time = page.locator("tbody time").first();
  await expect(time).toHaveAttribute("title", /UTC$/);
  await page.evaluate(() => {
    document.querySelector("details.person").open = true;
    const menu = document.getElementById("nav-open");
    if (menu) menu.checked = true;
  });
  await page.getByRole("button", { name: "Local time" }).click();
  // The browser of the tests is in Auckland.
  await expect(time).not.toHaveAttribute("title", /UTC$/);
  await page.reload();
  await hydrated(page);
  await expect(time).toHaveAttribute("title", /GMT\+1[23]|NZ[DS]T/);
});

test("the palette has the commands of the person's role", async ({ page, browser, baseURL }) => {
  await signIn(page, "Ada Okafor", "/changes");
  await hydrated(page);
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Search pages, accounts, views and secrets").fill("system health");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/settings\/system$/);
  const ben = await signedInPage(browser, baseURL, "Ben Ito");
  await ben.keyboard.press("Control+k");
  await expect(ben.locator("#jumps li").filter({ hasText: "System health" })).toHaveCount(0);
  await expect(ben.locator("#jumps li").filter({ hasText: "Start a scan" })).toHaveCount(0);
  await ben.context().close();
});
