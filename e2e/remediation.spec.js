// From a finding to a plan, to somebody else's approval, to green.
import { expect, hydrated, looksRight, person, signIn, test } from "./support.js";

const pictures = new URL("../docs/images/", import.meta.url).pathname;

/** Findings of the first evaluation, narrowed. */
async function findings(page, query) {
  await expect(async () => {
    await page.goto(`/findings?${query}`);
    await expect(page.locator("tbody tr").first()).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await hydrated(page);
}

test("what a plan would do is shown before it is made", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await findings(page, "policy=owner&q=data");
  await page.getByRole("link", { name: "Plan a fix" }).click();
  await expect(page.getByRole("heading", { name: "Plan a fix" })).toBeVisible();
  await hydrated(page);
  await page.getByLabel("Tags").fill("owner");
  await page.getByRole("button", { name: "Show the calls" }).click();
  await expect(page.getByRole("alert")).toContainText("write key=value, one a line");
  await page.getByLabel("Tags").fill("owner=data-platform");
  await page.getByRole("button", { name: "Show the calls" }).click();
  await expect(page.getByRole("status").filter({ hasText: /\d+ calls? would be made/ })).toBeVisible();
  const first = page.locator("tbody tr").first();
  await expect(first).toContainText("TagResource");
  await expect(first.locator("del")).toHaveText("nothing");
  await expect(first.locator("ins")).toHaveText("data-platform");
  await looksRight(page);
});

test("a finding is planned, approved by somebody else, mended and gone", async ({ page, browser, baseURL }, testInfo) => {
  const { name: look, use } = testInfo.project;
  // Each look mends a secret of its own, so that they do not meet.
  const wanted = { light: 0, dark: 1, narrow: 2 }[look];
  // Who has signed in before is told of what waits for them.
  const tomas = await person(browser, baseURL, "Tomás Reyes", { viewport: use.viewport, colorScheme: use.colorScheme });
  await signIn(page, "Ada Okafor", "/findings");
  await findings(page, "policy=owner&account=458812704336&kind=secret");
  const row = page.locator("a.row-link").nth(wanted);
  const secret = (await row.innerText()).trim();
  // Other accounts and Regions have secrets of the same name.
  const record = await row.getAttribute("href");
  await row.click();
  const check = page.locator(".checks li").filter({ hasText: "Every secret has an owner" });
  await check.getByRole("link", { name: "Plan a fix" }).click();
  await page.getByLabel("Tags").fill(`owner=e2e-${look}`);
  await page.getByRole("button", { name: "Show the calls" }).click();
  await expect(page.getByText("1 call would be made")).toBeVisible();
  await page.getByLabel("Why it is wanted").fill("Nobody answers for it.");
  await page.getByRole("button", { name: "Make the plan" }).click();
  await expect(page.getByText("Waits for approval")).toBeVisible();
  await looksRight(page);
  const path = new URL(page.url()).pathname;
  // One's own plan is somebody else's to approve.
  await expect(page.getByRole("button", { name: "Approve and begin" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Withdraw" })).toBeVisible();

  await tomas.goto("/inbox");
  await expect(tomas.getByText(new RegExp(`Ada Okafor plans:.*${secret}`)).first()).toBeVisible();
  await tomas.goto(path);
  await hydrated(tomas);
  await expect(tomas.locator("ins")).toHaveText(`e2e-${look}`);
  await looksRight(tomas);
  if (look === "light") await tomas.screenshot({ path: `${pictures}plan-light.png` });
  await tomas.getByRole("button", { name: "Approve and begin" }).click();

  await expect(page.getByText("1 of 1 done")).toBeVisible({ timeout: 30_000 });
  await expect(page.locator("tbody tr").first()).toContainText("Done");
  await looksRight(page);
  await page.locator("a.row-link").first().click();
  await expect(page.locator(".checks li").filter({ hasText: "Every secret has an owner" })).toContainText("Pass");
  await page.goto(`/findings?policy=owner&q=${encodeURIComponent(secret)}`);
  await hydrated(page);
  await expect(page.locator(`a.row-link[href="${record}"]`)).toHaveCount(0);
  await tomas.context().close();
});
