// From a finding to a plan, to another person's approval, to a passing check.
import { ask, call, expect, hydrated, expectAccessible, secretId, signedInPage, signIn, test, untilShown } from "./support.js";

const pictures = new URL("../docs/images/", import.meta.url).pathname;

/** In Shared CI, where no test submits a plan: what an open plan contains is left out of every other preview. */
const UNOWNED = "policy=owner&account=419930762158";

/** Filtered findings of the first evaluation. */
async function findings(page, query) {
  await untilShown(page, page.locator("tbody tr").first(), `/findings?${query}`);
  await hydrated(page);
}

/** The form of a plan, after its preview has loaded. */
async function planForm(page) {
  await expect(page.getByRole("heading", { name: "Fix", exact: true })).toBeVisible();
  await hydrated(page);
}

test("a plan shows its changes first, and keeps typed text", { tag: "@looks" }, async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await findings(page, UNOWNED);
  await page.getByRole("link", { name: "Fix", exact: true }).click();
  await planForm(page);
  const tags = page.getByLabel("Tags");
  for (const [typed, fault] of [["owner", "write key=value, one a line"], ["owner=", "enter a value for owner"]]) {
    await tags.fill(typed);
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("alert")).toContainText(fault);
    await expect(tags).toHaveValue(typed);
    await expect(page.getByRole("button", { name: "Submit for approval" })).toHaveCount(0);
  }
  await tags.fill("owner=data-platform");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("status").filter({ hasText: /\d+ API calls?/ })).toBeVisible();
  const first = page.locator("tbody tr").first();
  await expect(first).toContainText(/TagResource|AddTagsToResource/);
  await expect(first.locator("del")).toHaveText("(none)");
  await expect(first.locator("ins")).toHaveText("data-platform");
  await page.getByLabel("Reason").fill("Typed before the second preview.");
  await tags.fill("owner=data-team");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(first.locator("ins")).toHaveText("data-team");
  await expect(page.getByLabel("Reason")).toHaveValue("Typed before the second preview.");
  await expectAccessible(page);
});

test("while a preview loads, nothing can be submitted and nothing is lost", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await findings(page, UNOWNED);
  await page.getByRole("link", { name: "Fix", exact: true }).click();
  await planForm(page);
  await page.getByLabel("Tags").fill("owner=first");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.locator("tbody tr ins").first()).toHaveText("first");
  await page.getByLabel("Reason").fill("Typed before.");
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  await page.route("**/remediation/new?*", async (route) => {
    await held;
    await route.continue();
  });
  await page.getByLabel("Tags").fill("owner=second");
  await page.getByRole("button", { name: "Preview" }).click();
  // A click and a key on the button do nothing.
  const submit = page.getByRole("button", { name: "Submit for approval" });
  await expect(submit).toBeDisabled();
  await submit.click({ force: true });
  await page.getByLabel("Reason").fill("Typed meanwhile.");
  answer();
  await expect(page.locator("tbody tr ins").first()).toHaveText("second");
  await expect(submit).toBeEnabled();
  await expect(page.getByLabel("Tags")).toHaveValue("owner=second");
  await expect(page.getByLabel("Reason")).toHaveValue("Typed meanwhile.");
  const { rows } = await call(page, "remediation/list");
  expect(JSON.stringify(rows)).not.toContain("owner=first");
});

test("an event elsewhere does not exchange a preview that was read", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await findings(page, UNOWNED);
  await page.getByRole("link", { name: "Fix", exact: true }).click();
  await planForm(page);
  await page.getByLabel("Tags").fill("owner=read");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.locator("tbody tr ins").first()).toHaveText("read");
  const preview = page.locator("#plan input[name=preview]");
  const read = await preview.inputValue();
  // From now on the server would preview something else.
  let reads = 0;
  await page.route("**/remediation/new?*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll(read, "0".repeat(64)) });
    reads += 1;
  });
  const grant = await ask(page, await secretId(page, "payments/paypal/oauth-client", "&account=441205839201&region=us-west-2"));
  await expect.poll(() => reads).toBeGreaterThan(0);
  // The update follows its response.
  await page.waitForTimeout(500);
  await expect(preview).toHaveValue(read);
  // Who asks for another preview gets it.
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(preview).toHaveValue("0".repeat(64));
  await call(page, "access/give-back", { grant });
});

test.describe("an outdated preview", () => {
  // The response is an error.
  test.use({ expectedStatuses: [409] });

  test("is not submitted", async ({ page }) => {
    await signIn(page, "Ada Okafor", "/findings");
    await findings(page, UNOWNED);
    await page.getByRole("link", { name: "Fix", exact: true }).click();
    await planForm(page);
    await page.getByLabel("Tags").fill("owner=payments");
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.locator("tbody tr ins").first()).toHaveText("payments");
    await page.getByLabel("Tags").fill("owner=WRONG");
    await expect(page.getByText("The values have changed since the preview")).toBeVisible();
    await page.getByRole("button", { name: "Submit for approval" }).click();
    await expect(page.getByRole("alert")).toContainText("have changed since the preview");
    await expect(page.getByLabel("Tags")).toHaveValue("owner=WRONG");
    const { rows } = await call(page, "remediation/list");
    expect(JSON.stringify(rows)).not.toContain("owner=payments (");
    expect(JSON.stringify(rows)).not.toContain("WRONG");
  });
});

test("without scripts, an outdated preview is shown again with typed text", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, "Ada Okafor", `/remediation/new?of=${encodeURIComponent(UNOWNED)}&wish=set-tags&tags=owner%3Dpayments`);
  await page.getByLabel("Tags").fill("owner=data-team");
  await page.getByLabel("Reason").fill("Typed without scripts.");
  await page.getByRole("button", { name: "Submit for approval" }).click();
  await expect(page.getByRole("alert").first()).toContainText("have changed since your preview");
  await expect(page.getByLabel("Tags")).toHaveValue("owner=data-team");
  await expect(page.getByLabel("Reason")).toHaveValue("Typed without scripts.");
  await expect(page.locator("tbody tr ins").first()).toHaveText("data-team");
  // The preview button submits nothing.
  await page.getByLabel("Tags").fill("owner=other-team");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.locator("tbody tr ins").first()).toHaveText("other-team");
  await context.close();
});

test("the default button of each step leads from a finding to a passing check", { tag: "@looks" }, async ({ page, browser, baseURL }, testInfo) => {
  const { name: look } = testInfo.project;
  // Each project fixes its own secret, so that they do not conflict.
  const wanted = { light: 0, dark: 1, narrow: 2 }[look];
  // People who have signed in before are notified and named.
  const tomas = await signedInPage(browser, baseURL, "Tomás Reyes");
  await signIn(page, "Ada Okafor", "/findings");
  await findings(page, "policy=owner&account=458812704336&kind=secret");
  const row = page.locator("a.row-link").nth(wanted);
  const secret = (await row.innerText()).trim();
  // Other accounts and Regions have secrets of the same name.
  const record = await row.getAttribute("href");
  await row.click();
  const check = page.locator(".checks li").filter({ hasText: "Secrets must have an owner" });
  await check.getByRole("link", { name: "Fix", exact: true }).click();
  await planForm(page);
  // The offered values: nothing is typed.
  await expect(page.getByLabel("Tags")).toHaveValue(/^owner=\S+$/);
  const offered = (await page.getByLabel("Tags").inputValue()).replace("owner=", "");
  await expect(page.getByText("Suggested by")).toBeVisible();
  await expect(page.locator("tbody tr ins").first()).toHaveText(offered);
  await expect(page.getByText(/Needs approval by .*Tomás Reyes/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Submit for approval" }).click();
  await expect(page.getByText("Needs approval", { exact: true })).toBeVisible();
  await expect(page.getByText(/Needs approval by .*Tomás Reyes/)).toBeVisible();
  await expectAccessible(page);
  const path = new URL(page.url()).pathname;
  // Someone other than the author approves the plan.
  await expect(page.getByRole("button", { name: "Approve and run" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Withdraw" })).toBeVisible();

  await tomas.goto("/inbox");
  await expect(tomas.getByText(new RegExp(`Ada Okafor plans:.*${secret}`)).first()).toBeVisible();
  await tomas.goto(path);
  await hydrated(tomas);
  await expect(tomas.locator("ins")).toHaveText(offered);
  await expectAccessible(tomas);
  if (look === "light") await tomas.screenshot({ path: `${pictures}plan-light.png` });
  await tomas.getByRole("button", { name: "Approve and run" }).click();

  await expect(page.getByText("1 of 1 done")).toBeVisible({ timeout: 30_000 });
  await expect(page.locator("tbody tr").first()).toContainText("Done");
  await expectAccessible(page);
  await page.locator("a.row-link").first().click();
  await expect(page.locator(".checks li").filter({ hasText: "Secrets must have an owner" })).toContainText("Pass");
  await page.goto(`/findings?policy=owner&q=${encodeURIComponent(secret)}`);
  await hydrated(page);
  await expect(page.locator(`a.row-link[href="${record}"]`)).toHaveCount(0);
  await tomas.context().close();
});

test("every action can be submitted or says what is missing", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/findings");
  await findings(page, "verdict=fail");
  const { facets } = await call(page, "posture/findings", { query: "" });
  const policies = facets.policies.filter(({ count }) => count > 0).map(({ value }) => value);
  expect(policies.length).toBeGreaterThan(3);
  for (const policy of policies) {
    const of = `policy=${policy}`;
    const { choices } = await call(page, "remediation/draft", { query: new URLSearchParams({ of }).toString() });
    for (const [wish] of choices) {
      const draft = await call(page, "remediation/draft", { query: new URLSearchParams({ of, wish }).toString() });
      const what = `${policy}, ${wish}`;
      expect(draft.form.tags, what).not.toMatch(/=\s*$/m);
      if (draft.steps.length === 0) {
        expect(draft.fault ?? draft.left_out[0]?.why, `${what}: a dead end`).toBeTruthy();
      } else {
        expect(draft.preview, what).toMatch(/^[0-9a-f]{64}$/);
        expect(draft.reason, what).not.toBe("");
        for (const step of draft.steps) expect(step.changes.map(({ after }) => after), what).not.toContain("");
      }
    }
  }
});
