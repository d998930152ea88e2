// Every page is usable without JavaScript: real links, real forms.
import { approve, ask, call, expect, secretId, signIn, test } from "./support.js";

test("the inventory filters, sorts, pages and opens", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await expect(page.getByText("800 secrets and parameters")).toBeVisible();
  await page.getByLabel("SSM parameters").check();
  await page.getByRole("button", { name: "Apply the filters" }).click();
  await expect(page.getByText("200 of 800 secrets and parameters match")).toBeVisible();
  await page.getByRole("link", { name: "Next" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(50);
  await page.getByRole("link", { name: "Name", exact: true }).click();
  await expect(page).toHaveURL(/kind=parameter&sort=name/);
  await page.locator("#search").fill("datadog");
  await page.locator("#search").press("Enter");
  await expect(page).toHaveURL(/q=datadog/);
  await page.locator("a.row-link").first().click();
  await expect(page.getByRole("heading", { name: "Details" })).toBeVisible();
});

test("accounts are shown, a scan starts, the theme changes", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  await page.getByRole("button", { name: "Scan now" }).click();
  await expect(page).toHaveURL(/\/accounts\??$/);
  await expect(page.locator("tbody tr")).toHaveCount(14);
  await page.locator("details.person summary").click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page).toHaveURL(/\/accounts\??$/);
});

test("a new value is stored as typed, and no value is returned", async ({ browser, baseURL }) => {
  const [ben, tomas, ada] = await Promise.all(
    ["Ben Ito", "Tomás Reyes", "Ada Okafor"].map(async (name) => {
      const page = await (await browser.newContext({ baseURL, javaScriptEnabled: false })).newPage();
      await signIn(page, name, "/access");
      return page;
    }),
  );
  const id = await secretId(ben, "payments/stripe/webhook-signing", "&account=441205839201&owner=named&state=live");
  const held = async (more) => {
    const grant = await ask(ben, id, more);
    await approve(tomas, grant);
    await approve(ada, grant);
    await call(ben, "access/claim", { grant });
    return grant;
  };
  const write = await held({ action: "write", ticket: "PAY-4484" });
  const read = await held({});
  const canary = process.env.CLAVIGER_CANARY;
  const stored = () => call(ben, "access/reveal", { grant: read, resource: id });
  for (const [crlf, end] of [
    [false, "\n"],
    [true, "\r\n"],
  ]) {
    await ben.goto(`/access/${write}`);
    await ben.getByLabel("Value").fill(`one\n  two ${canary}\n`);
    if (crlf) await ben.getByLabel("Store line breaks as CRLF (Windows)").check();
    await ben.getByRole("button", { name: "Write the new value" }).click();
    await expect(ben).toHaveURL(new RegExp(`/access/${write}\\??$`));
    expect(await ben.content()).not.toContain(canary);
    expect(await stored()).toEqual({ text: `one${end}  two ${canary}${end}` });
  }
  await ben.goto(`/access/${read}`);
  await expect(ben.getByRole("button", { name: "Reveal" })).toBeHidden();
  // Browsers render it when scripts are off; a browser whose developer tools turn them off does not.
  expect(await (await ben.request.get(`/access/${read}`)).text()).toContain("Revealing a value needs JavaScript");
  const refused = await ben.request.post("/api/access/reveal", { form: { grant: read, resource: id }, headers: { accept: "text/html" }, maxRedirects: 0 });
  expect(refused.status()).toBe(400);
  expect(await refused.text()).not.toContain(canary);
  await Promise.all([ben, tomas, ada].map((page) => page.context().close()));
});

test("a grant is decided, started and ended by its forms", async ({ browser, baseURL }) => {
  const [ben, tomas, ada] = await Promise.all(
    ["Ben Ito", "Tomás Reyes", "Ada Okafor"].map(async (name) => {
      const page = await (await browser.newContext({ baseURL, javaScriptEnabled: false })).newPage();
      await signIn(page, name, "/access");
      return page;
    }),
  );
  const grant = await ask(ben, await secretId(ben, "payments/reporting/postgres", "&account=441205839201&region=eu-west-1&owner=named&state=live"));
  for (const person of [tomas, ada]) {
    await person.goto(`/access/${grant}`);
    await person.getByRole("button", { name: "Approve", exact: true }).click();
    await expect(person).toHaveURL(new RegExp(`/access/${grant}\\??$`));
    await expect(person.getByRole("heading", { name: "Your decision" })).toHaveCount(0);
  }
  await ben.goto(`/access/${grant}`);
  await ben.getByRole("button", { name: "Start access" }).click();
  await expect(ben.getByText(/^(30|29) min left$/)).toBeVisible();
  await ben.getByRole("button", { name: "End access" }).click();
  await expect(ben.getByRole("button", { name: "End access" })).toHaveCount(0);
  // The form is filled in with what was requested.
  await ben.getByRole("link", { name: "Request again" }).click();
  await expect(ben.getByLabel("Purpose")).toHaveValue("Reconcile the ledger.");
  await expect(ben.getByLabel("Duration (minutes)")).toHaveValue("30");
  await expect(ben.getByRole("button", { name: "Request access" })).toBeVisible();
  await Promise.all([ben, tomas, ada].map((page) => page.context().close()));
});

test("a decision in the queue leads to the next item", async ({ browser, baseURL }) => {
  const [ben, tomas] = await Promise.all(
    ["Ben Ito", "Tomás Reyes"].map(async (name) => {
      const page = await (await browser.newContext({ baseURL, javaScriptEnabled: false })).newPage();
      await signIn(page, name, "/access");
      return page;
    }),
  );
  const grant = await ask(ben, await secretId(ben, "payments/reporting/postgres", "&account=441205839201&region=eu-west-1&owner=named&state=live"));
  await tomas.goto("/queue?kind=access");
  await tomas.locator(`a[href="/queue/access/${grant}?kind=access"]`).click();
  await expect(tomas.locator("h2[data-open]")).toContainText("Ben Ito requests to read");
  await tomas.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(tomas).toHaveURL(/\/queue(\/access\/G-\d+)?\?kind=access&done=approved$/);
  await expect(tomas.locator(".head [role=status]")).toHaveText(/^Approved\. /);
  await tomas.locator("details.person summary").click();
  await tomas.getByRole("group", { name: "Single-key shortcuts" }).getByRole("button", { name: "Off" }).click();
  await expect(tomas.locator("[data-shortcuts=off]")).toHaveCount(1);
  await call(ben, "access/give-back", { grant });
  await Promise.all([ben, tomas].map((page) => page.context().close()));
});
