// What changed between two scans.
import { expect, hydrated, expectAccessible, signedInPage, signIn, test, untilShown } from "./support.js";

test("a new tag shows in the changes and on the secret's page", async ({ page, browser, baseURL }) => {
  const tomas = await signedInPage(browser, baseURL, "Tomás Reyes");
  await signIn(page, "Ada Okafor", "/findings");
  await untilShown(page, page.locator("a.row-link").first(), "/findings?policy=owner&account=472093615847&kind=secret");
  await hydrated(page);
  const row = page.locator("a.row-link").first();
  const secret = (await row.innerText()).trim();
  await row.click();
  await page.locator(".checks li").filter({ hasText: "Secrets must have an owner" }).getByRole("link", { name: "Fix", exact: true }).click();
  await page.getByLabel("Tags").fill("owner=history-team");
  await page.getByRole("button", { name: "Preview" }).click();
  // The previewed plan is what is submitted.
  await expect(page.locator("tbody tr").first().locator("ins")).toHaveText("history-team");
  await page.getByLabel("Reason").fill("Nobody answers for it.");
  await page.getByRole("button", { name: "Submit for approval" }).click();
  await expect(page.getByText("Needs approval", { exact: true })).toBeVisible();
  await tomas.goto(new URL(page.url()).pathname);
  await hydrated(tomas);
  await tomas.getByRole("button", { name: "Approve and run" }).click();
  await expect(page.getByText("1 of 1 done")).toBeVisible({ timeout: 30_000 });

  await page.goto("/changes");
  await hydrated(page);
  await page.getByLabel("Field").selectOption("Tags");
  await page.getByLabel("Search", { exact: true }).fill(secret);
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/field=Tags/);
  const change = page.locator("tbody tr").filter({ hasText: "history-team" });
  await expect(change).toContainText("Tags.owner");
  await expect(change.locator("del")).toHaveText("(none)");
  await expectAccessible(page);
  await change.locator("a.row-link").click();
  const found = page.locator(".timeline li").filter({ hasText: "history-team" });
  await expect(found).toContainText(/by Ada Okafor, P-\d+/);
  await expectAccessible(page);
  await tomas.context().close();
});
