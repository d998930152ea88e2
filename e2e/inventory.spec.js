import { expect, hydrated, signIn, test } from "./support.js";

test.beforeEach(async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await hydrated(page);
});

test("a filter applies at once, is in the URL, and its token removes it", { tag: "@phone" }, async ({ page }, { project }) => {
  if (project.name === "narrow") await page.getByText(/^Filters/).first().click();
  await page.getByRole("checkbox", { name: "Stuck" }).check();
  await expect(page).toHaveURL(/rotation=stuck/);
  await expect(page.getByText(/^\d+ of 800 secrets and parameters match$/)).toBeVisible();
  const chips = page.locator("tbody .chip.bad", { hasText: "Stuck (AWSPENDING)" });
  await expect(chips).toHaveCount(await page.locator("tbody tr").count());
  await page.reload();
  await expect(page.getByLabel("Remove filter rotation: Stuck")).toBeVisible();
  await hydrated(page);
  await page.getByLabel("Remove filter rotation: Stuck").click();
  await expect(page).not.toHaveURL(/rotation/);
  await expect(page.getByText("800 secrets and parameters")).toBeVisible();
});

test("an OU includes its descendants", async ({ page }) => {
  await page.getByRole("checkbox", { name: "Workloads" }).check();
  await expect(page.locator("tbody tr").first()).toBeVisible();
  const match = page.getByText(/of 800 secrets and parameters match/);
  await expect(match).toBeVisible();
  const whole = parseInt(await match.textContent(), 10);
  await page.getByRole("checkbox", { name: "Workloads" }).uncheck();
  await page.getByRole("checkbox", { name: "Production" }).check();
  await expect(match).not.toHaveText(new RegExp(`^${whole} `));
  expect(parseInt(await match.textContent(), 10)).toBeLessThan(whole);
});

test("words are searched in names, descriptions and tags", async ({ page }) => {
  const box = page.getByLabel("Search names, descriptions, tags and ARNs");
  await box.fill("stripe api-key");
  await box.press("Enter");
  await expect(page).toHaveURL(/q=stripe\+api-key/);
  const names = () => page.locator("a.row-link").allTextContents();
  await expect.poll(async () => (await names()).every((name) => name.includes("stripe"))).toBe(true);
  expect((await names()).length).toBeGreaterThan(0);
  await expect(box).toHaveValue("stripe api-key");
  await box.fill("nothing-is-called-this");
  await box.press("Enter");
  await expect(page.getByRole("heading", { name: "No results." })).toBeVisible();
});

test("paging forward and back loses no row", async ({ page }) => {
  // An evaluation meanwhile changes which are the worst, but no name.
  await page.goto("/inventory?sort=name");
  await hydrated(page);
  const names = () => page.locator("a.row-link").evaluateAll((links) => links.map((link) => link.pathname));
  const first = await names();
  expect(first.length).toBe(50);
  await page.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(/page=/);
  await expect.poll(names).not.toEqual(first);
  const second = await names();
  expect(second.filter((href) => first.includes(href))).toEqual([]);
  await page.getByRole("link", { name: "Previous" }).click();
  await expect.poll(names).toEqual(first);
});

test("a column header sorts, and reverses the order", async ({ page }) => {
  await page.goto("/inventory?col=owner&col=changed");
  await hydrated(page);
  await page.getByRole("link", { name: "Changed" }).click();
  await expect(page.getByRole("columnheader", { name: "Changed" })).toHaveAttribute("aria-sort", "ascending");
  await page.getByRole("link", { name: "Changed" }).click();
  await expect(page).toHaveURL(/sort=changed&dir=desc/);
  await expect(page.locator("tbody time").first()).toHaveText(/just now|today|yesterday|ago/);
});

test("a replicated secret is one row, and its page shows each Region", async ({ page }) => {
  await page.goto("/inventory?kind=secret&account=441205839201&account=458812704336&sort=account");
  await hydrated(page);
  const row = page.locator("tbody tr", { has: page.locator("span[title^='Replicas in']") }).first();
  const name = await row.locator("a.row-link").textContent();
  await row.locator("a.row-link").click();
  await expect(page.getByRole("heading", { name, exact: true })).toBeVisible();
  const regions = page.locator("section", { has: page.getByRole("heading", { name: "Regions" }) });
  await expect(regions.getByText("primary", { exact: true })).toHaveCount(1);
  await expect(regions.getByText(/^replica /).first()).toBeVisible();
  await expect(page).toHaveTitle(`${name} · Claviger`);
});

test("a secret's page shows what matters now, and copies the ARN", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/inventory?rotation=stuck");
  await hydrated(page);
  await page.locator("a.row-link").first().click();
  await expect(page.getByRole("heading", { name: "Rotation is stuck" })).toBeVisible();
  await page.getByRole("button", { name: "Copy ARN" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^arn:aws:secretsmanager:/);
  const link = page.getByRole("link", { name: "Open in AWS" });
  await expect(link).toHaveAttribute("href", /^https:\/\/[a-z0-9-]+\.console\.aws\.amazon\.com\/secretsmanager\/secret\?name=/);
});

test("a secret's page shows its key as KMS does, and what that means", async ({ page }) => {
  await page.goto("/inventory?account=561840927734&region=us-east-1&key=customer-managed&kind=secret");
  await hydrated(page);
  await page.locator("a.row-link").first().click();
  await expect(page.getByRole("heading", { name: /^Its key is deleted in 1[34] d$/ })).toBeVisible();
  const facts = page.locator("section", { has: page.getByRole("heading", { name: "Details" }) });
  await expect(facts.getByText("alias/ml-research", { exact: true })).toBeVisible();
  await expect(facts.getByText("Pending deletion", { exact: true })).toBeVisible();
  await expect(facts.getByText("Customer managed")).toBeVisible();
});

test("everything works by keyboard", async ({ page }) => {
  await page.keyboard.press("/");
  await expect(page.locator("#search")).toBeFocused();
  await page.locator("#search").fill("ledger");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=ledger/);
  await page.locator("#search").blur();
  await page.keyboard.press("ArrowDown");
  await expect(page.locator("a.row-link").first()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.locator("a.row-link").nth(1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/inventory\/[0-9a-f-]{36}/);
  // A page of its own, which answers to keys once it is alive.
  await expect(page.getByRole("heading", { name: "Details" })).toBeVisible();
  await hydrated(page);
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await expect(page.getByRole("heading", { name: "Accounts", exact: true })).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.locator("dialog#keys")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog#keys")).toBeHidden();
});

test.describe("bad input", () => {
  test.use({ expectedStatuses: [400] });

  test("an invalid filter says what is valid", async ({ page }) => {
    await page.goto("/inventory?kind=password");
    await expect(page.getByRole("alert")).toContainText("use secret or parameter");
    await page.getByRole("link", { name: "Clear the filters" }).click();
    await expect(page.getByText("800 secrets and parameters")).toBeVisible();
  });
});

test("the worst come first, with their findings, and a page says where it stands", async ({ page }) => {
  const first = page.locator("tbody tr").first();
  await expect(async () => {
    await page.goto("/inventory");
    await expect(first.locator("td.findings .chip").first()).toHaveText(/^\d+ critical$/, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.locator(".pager .range")).toHaveText("1–50 of 800");
  await page.getByRole("link", { name: "Next" }).click();
  await expect(page.locator(".pager .range")).toHaveText("51–100 of 800");
  await page.getByRole("link", { name: "Previous" }).click();
  await expect(page.locator(".pager .range")).toHaveText("1–50 of 800");
});

test("ticked rows are counted, and all that match can be selected", async ({ page }) => {
  await page.locator("td.pick input").nth(0).check();
  await page.locator("td.pick input").nth(1).check();
  const bar = page.getByRole("group", { name: "Selection" });
  await expect(bar.getByRole("button", { name: "Request access" })).toBeVisible();
  // The style sheet counts; what it shows is in the accessibility tree and nowhere else.
  const cdp = await page.context().newCDPSession(page);
  const { nodes } = await cdp.send("Accessibility.getFullAXTree");
  const texts = nodes.filter((node) => node.role?.value === "StaticText").map((node) => node.name?.value);
  expect(texts[texts.indexOf(" selected") - 1], "the number of ticks").toBe("2");
  await bar.getByRole("link", { name: "Select all 800 that match" }).click();
  await expect(bar).toContainText("All 800 selected");
  await expect(page.locator("td.pick input:checked")).toHaveCount(50);
  await bar.getByRole("link", { name: "Clear selection" }).click();
  await expect(page.locator("td.pick input:checked")).toHaveCount(0);
});

test("a phone shows eight rows", async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 812 });
  const bottom = async () => (await page.locator("tbody tr").nth(7).boundingBox()).y + (await page.locator("tbody tr").nth(7).boundingBox()).height;
  await expect.poll(bottom).toBeLessThanOrEqual(812);
  // The box of a row touches none of its states.
  const touched = await page.locator("tbody tr").evaluateAll((rows) => rows.filter((row) => {
    const box = row.querySelector("td.pick").getBoundingClientRect();
    const states = [...row.querySelectorAll("td:not(.name) .chip")].map((chip) => chip.getBoundingClientRect());
    return states.some((state) => state.height > 0 && state.right > box.left && state.top < box.bottom);
  }).length);
  expect(touched).toBe(0);
});
