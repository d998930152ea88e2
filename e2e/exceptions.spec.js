// An exception for a failing check: requested, approved by someone else, shown, and ended.
import { expect, hydrated, expectAccessible, signedInPage, signIn, test, untilShown } from "./support.js";

test("an exception is requested, approved by someone else, shown, and ended", { tag: "@looks" }, async ({ page, browser, baseURL }, { project }) => {
  // Each project has its own secret, so that they do not conflict. Excepted ones stay in the list, so that no place moves.
  const wanted = { light: 0, dark: 1, narrow: 2 }[project.name];
  const ada = await signedInPage(browser, baseURL, "Ada Okafor");
  await signIn(page, "Ben Ito", "/findings");
  await untilShown(page, page.locator("tbody tr").nth(3), "/findings?policy=customer-managed-key&kind=secret&account=441205839201&sort=name&state=open&state=waived");
  await hydrated(page);
  const row = page.locator("a.row-link").nth(wanted);
  const secret = (await row.innerText()).trim();
  await row.click();
  const check = page.locator(".checks li").filter({ hasText: "Secrets must use a customer managed KMS key" }).first();
  await expect(check).toContainText("Failing");
  await check.getByRole("link", { name: "Request exception" }).click();
  await expect(page.getByText("Covers 1 finding now")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Reason").fill("Its key is shared with a vendor until spring.");
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("Expires").fill(until);
  await page.getByRole("button", { name: "Submit request" }).click();
  await expect(page.getByText("Not active yet.")).toBeVisible();
  await expectAccessible(page);
  await expect(page.getByRole("button", { name: "Approve" })).toHaveCount(0);
  const path = new URL(page.url()).pathname;
  // Other exceptions may be for secrets of the same name.
  const mine = ada.locator("tbody tr").filter({ has: ada.locator(`a.row-link[href="${path}"], a.row-link[href^="${path}?"]`) });

  await ada.goto("/exceptions");
  await hydrated(ada);
  await expect(mine).toContainText("Pending approval");
  await expectAccessible(ada);
  // The filter is in the address, and the way back keeps it.
  await ada.goto("/exceptions?state=waiting&policy=customer-managed-key&sort=requested");
  await hydrated(ada);
  await expect(mine).toBeVisible();
  await mine.locator("a.row-link").click();
  await expect(ada).toHaveURL(new RegExp(`${path}\\?from=`));
  await ada.locator(".head").getByRole("link", { name: "Exceptions" }).click();
  await expect(ada).toHaveURL(/state=waiting&policy=customer-managed-key&sort=requested/);
  const file = await ada.request.get(await ada.getByRole("link", { name: "Export CSV" }).getAttribute("href"));
  expect(await file.text()).toMatch(/^exception,policy,[^\n]+\n[^\n]*customer-managed-key/);
  await ada.goto("/exceptions?q=no-such-words-in-any-exception");
  await expect(ada.getByText("No results.")).toBeVisible();
  await ada.goto(path);
  await hydrated(ada);
  await ada.getByRole("button", { name: "Approve" }).click();
  await expect(ada.getByText("Active", { exact: true })).toBeVisible();
  await expect(ada.locator("dl.facts")).toContainText(/\d+ days left/);
  await expect(ada.getByRole("link", { name: "View findings" })).toHaveAttribute("href", /^\/findings\?state=waived&policy=customer-managed-key&resource=/);
  await expectAccessible(ada);

  // The page updates without a reload; the failure no longer counts, and stays visible.
  await expect(page.getByText("Active", { exact: true })).toBeVisible();
  const named = `policy=customer-managed-key&q=${encodeURIComponent(secret)}`;
  await untilShown(page, page.getByRole("link", { name: /Exception until/ }).first(), `/findings?${named}&state=waived`);
  await expectAccessible(page);
  await ada.locator("summary").filter({ hasText: "End exception" }).click();
  await ada.locator("details[open]").getByLabel("Note").fill("The vendor has moved.");
  await ada.getByRole("button", { name: "End the exception" }).click();
  await expect(ada.getByText("Ended by")).toBeVisible();
  await untilShown(page, page.locator("tbody tr").first(), `/findings?${named}`);
  await ada.context().close();
});
