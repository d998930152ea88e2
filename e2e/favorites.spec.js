// Favorites: marked on a secret's page, requested again from My access.
import { expect, expectAccessible, hydrated, secretId, signIn, test } from "./support.js";

const FILTER = "&account=441205839201&owner=named&state=live";

test("a favorite is marked, found on My access, requested and removed", async ({ page }) => {
  await signIn(page, "Ben Ito");
  const ids = [await secretId(page, "payments/ledger/postgres", FILTER), await secretId(page, "payments/portal/fraud/redis", FILTER)];
  const star = page.getByRole("button", { name: "Favorite" });
  for (const id of ids) {
    await page.goto(`/inventory/${id}`);
    await hydrated(page);
    await expect(star).toHaveAttribute("aria-pressed", "false");
    await star.click();
    await expect(star).toHaveAttribute("aria-pressed", "true");
    await expect(star).toBeFocused();
  }
  await expectAccessible(page);
  await page.goto("/access");
  await hydrated(page);
  const favorites = page.getByRole("region", { name: "Favorites" });
  await expect(favorites.locator("a.row-link")).toHaveText(["payments/portal/fraud/redis", "payments/ledger/postgres"]);
  await expectAccessible(page);
  for (const box of await favorites.getByRole("checkbox").all()) await box.check();
  await favorites.getByRole("button", { name: "Request access" }).click();
  await expect(page).toHaveURL(new RegExp(`/access/request\\?resource=${ids[1]}&resource=${ids[0]}`));
  await expect(page.locator(".offers > li")).toHaveCount(2);
  await page.goto("/access");
  await favorites.getByRole("link", { name: "payments/portal/fraud/redis" }).click();
  await expect(page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "My access" })).toBeVisible();
  for (const id of ids) {
    await page.goto(`/inventory/${id}`);
    await hydrated(page);
    await star.click();
    await expect(star).toHaveAttribute("aria-pressed", "false");
  }
  await page.goto("/access");
  await expect(page.getByRole("heading", { name: "My access" })).toBeVisible();
  await expect(favorites).toHaveCount(0);
});

// The star is each person's own.
test("another person's favorites are not mine", async ({ page, browser }) => {
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, "payments/stripe/api-key", `${FILTER}&region=us-east-1`);
  await page.goto(`/inventory/${id}`);
  await hydrated(page);
  await page.getByRole("button", { name: "Favorite" }).click();
  await expect(page.getByRole("button", { name: "Favorite" })).toHaveAttribute("aria-pressed", "true");
  const other = await browser.newContext();
  const bens = await other.newPage();
  await signIn(bens, "Ben Ito", `/inventory/${id}`);
  await expect(bens.getByRole("button", { name: "Favorite" })).toHaveAttribute("aria-pressed", "false");
  await other.close();
  await page.getByRole("button", { name: "Favorite" }).click();
  await expect(page.getByRole("button", { name: "Favorite" })).toHaveAttribute("aria-pressed", "false");
});
