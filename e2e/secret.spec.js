// The page of one secret: its tabs, what fails and what can be done, who can read it, and what happened.
import { ask, expect, expectAccessible, hydrated, secretId, signIn, test, untilShown } from "./support.js";

const LEDGER = ["payments/ledger/postgres", "&account=441205839201&owner=named&state=live"];
const ROLE = "arn:aws:iam::441205839201:role/ledger-api";

const tabs = (page) => page.getByRole("navigation", { name: "Tabs" });

test("each tab has an address, and the header stays", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, ...LEDGER);
  await page.goto(`/inventory/${id}`);
  await hydrated(page);
  await expect(tabs(page).getByRole("link")).toHaveText(["Overview", "Access", "Use it", "Versions", "Rotation", "Activity", "Policy", "As code"]);
  for (const [label, segment] of [["Access", "/access"], ["Use it", "/use"], ["Versions", "/versions"], ["Rotation", "/rotation"], ["Activity", "/activity"], ["Policy", "/policy"], ["Overview", ""]]) {
    await tabs(page).getByRole("link", { name: label }).click();
    await expect(page).toHaveURL(new RegExp(`/inventory/${id}${segment}$`));
    await expect(page.locator("main h1")).toHaveText("payments/ledger/postgres");
    await expect(tabs(page).locator("[aria-current=page]")).toHaveText(label);
    await expect(page.getByRole("link", { name: "Request access" })).toBeVisible();
  }
  // A phone shows all of them at once.
  await page.setViewportSize({ width: 375, height: 800 });
  for (const tab of await tabs(page).getByRole("link").all()) await expect(tab).toBeInViewport({ ratio: 1 });
  // The address of the page before.
  await page.goto(`/inventory/${id}/readers`);
  await expect(page).toHaveURL(new RegExp(`/inventory/${id}/access$`));
});

test.describe("an address that does not exist", () => {
  test.use({ expectedStatuses: [404] });

  test("a tab that a parameter does not have is not found", async ({ page }) => {
    await signIn(page, "Ada Okafor", "/inventory?kind=parameter&account=441205839201");
    await hydrated(page);
    await page.locator("a.row-link").first().click();
    await expect(tabs(page).getByRole("link")).toHaveText(["Overview", "Access", "Use it", "Activity"]);
    const path = new URL(page.url()).pathname;
    for (const segment of ["versions", "nothing"]) {
      const response = await page.goto(`${path}/${segment}`);
      expect(response.status(), segment).toBe(404);
      await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
    }
  });
});

test("failing checks are cards with actions; the rest is folded", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await untilShown(page, page.locator("a.row-link").first(), "/findings?verdict=fail&kind=secret&account=441205839201");
  await page.locator("a.row-link").first().click();
  const card = page.locator(".checks.cards > li").first();
  await expect(card.getByRole("heading")).toBeVisible();
  await expect(card.getByRole("link", { name: "Fix" })).toBeVisible();
  await expect(card.getByRole("link", { name: "Request exception" })).toBeVisible();
  const passing = page.locator("summary", { hasText: /checks? pass/ });
  await expect(passing).toBeVisible();
  await passing.click();
  await expect(page.locator("details[open] .checks li").first()).toBeVisible();
  await expectAccessible(page);
});

test("who can read it, and what that role can read", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, ...LEDGER);
  // IAM is read in the background.
  await untilShown(page, page.getByRole("link", { name: "role/ledger-api" }), `/inventory/${id}/access`);
  await expect(page.getByText(/can read it/).first()).toBeVisible();
  await expect(page.getByRole("img", { name: "Who can read payments/ledger/postgres" })).toBeAttached();
  await expect(page.getByText("session policies are not read")).toBeVisible();
  await expectAccessible(page);
  await expect(page.locator(".access-drawing")).toBeInViewport();
  await page.goto(`/inventory/${id}`);
  await expect(page.locator(".who-reads")).toContainText(/can read it|Unknown/);
  await page.locator(".who-reads a").click();
  await page.getByRole("link", { name: "role/ledger-api" }).click();
  await expect(page).toHaveURL(`/principals?arn=${ROLE}`);
  await expect(page.getByText(/candidates were evaluated|were evaluated/).first()).toBeVisible();
  await expect(page.locator("tbody a").first()).toBeVisible();
  await expectAccessible(page);
  await page.goto("/principals?q=ledger-api");
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await expectAccessible(page);
});

test("a request is in the timeline, which filters by kind", async ({ page }) => {
  await signIn(page, "Ben Ito");
  const id = await secretId(page, ...LEDGER);
  const grant = await ask(page, id);
  await page.goto(`/inventory/${id}/activity`);
  await hydrated(page);
  await expect(page.locator(".timeline li").filter({ hasText: grant }).first()).toContainText("Requested by Ben Ito");
  await page.getByRole("navigation", { name: "Kinds of activity" }).getByRole("link", { name: "Changes" }).click();
  await expect(page).toHaveURL(/kind=change/);
  await expect(page.locator(".timeline li").filter({ hasText: grant })).toHaveCount(0);
  await expectAccessible(page);
  const answer = await page.request.post("/api/access/give-back", { form: { grant }, headers: { accept: "application/json" } });
  expect(answer.ok()).toBe(true);
});
