// What pages have in common: no WebAssembly without an island, no lost input when they update, and navigation.
import { approve, ask, call, expect, hydrated, secretId, signedInPage, signIn, test, withoutEvents } from "./support.js";

const canary = process.env.CLAVIGER_CANARY;
const PAYMENTS_PROD = "&account=441205839201&owner=named&state=live";

/** Records which scripts and WebAssembly a page loads, and violations of its Content Security Policy. */
async function watched(page) {
  const loaded = [];
  page.on("request", (request) => {
    if (/\.(js|wasm)$/.test(request.url())) loaded.push(request.url().split("/").pop());
  });
  await page.addInitScript(() => {
    window.refused = [];
    document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
  });
  return loaded;
}

const refused = (page) => page.evaluate(() => window.refused);

test("a page without an island loads one small module and no WebAssembly", async ({ page }) => {
  await signIn(page, "Sam Keller");
  const grant = await ask(page, await secretId(page, "payments/ledger/postgres", PAYMENTS_PROD));
  const loaded = await watched(page);
  for (const path of ["/inventory", "/inventory?rotation=stuck&col=tags", `/access/${grant}`]) {
    loaded.length = 0;
    await page.goto(path);
    await hydrated(page);
    await page.waitForLoadState("networkidle").catch(() => {});
    expect([...new Set(loaded)], path).toEqual(["console.js"]);
    expect(await refused(page), path).toEqual([]);
    // No data for hydration.
    expect(await page.content()).not.toMatch(/__RESOLVED_RESOURCES(\[\d|=\[[^\]])/);
  }
  await call(page, "access/give-back", { grant });
});

test("an island is hydrated where a grant is used, also after an update of the page", async ({ browser, baseURL }) => {
  const [ben, tomas, ada] = await Promise.all(["Ben Ito", "Tomás Reyes", "Ada Okafor"].map((name) => signedInPage(browser, baseURL, name)));
  const id = await secretId(ben, "payments/paypal/oauth-client", `${PAYMENTS_PROD}&region=us-west-2`);
  const grant = await ask(ben, id);
  const loaded = await watched(ben);
  await ben.goto(`/access/${grant}`);
  await hydrated(ben);
  await ben.evaluate(() => (window.same = true));
  await approve(tomas, grant);
  await approve(ada, grant);
  expect(loaded.filter((name) => name.endsWith(".wasm"))).toEqual([]);
  await ben.getByRole("button", { name: "Start access" }).click();
  await ben.getByRole("button", { name: "Reveal" }).click();
  await expect(ben.locator(".revealed")).toContainText(canary);
  expect(await ben.evaluate(() => window.same), "the page was not loaded again").toBe(true);
  expect(loaded.filter((name) => name.endsWith(".wasm"))).toEqual(["islands_bg.wasm"]);
  expect(await refused(ben)).toEqual([]);

  // What someone types stays when the grant changes.
  await ada.goto(`/access/${grant}`);
  await hydrated(ada);
  await ada.locator("summary", { hasText: "Revoke" }).click();
  const reason = ada.getByLabel("Reason");
  await reason.fill("Half a sen");
  await expect(ada.getByText("Secret revealed by Ben Ito")).toHaveCount(1);
  await ben.getByRole("button", { name: "Hide" }).click();
  await ben.getByRole("button", { name: "Reveal" }).click();
  await expect(ada.getByText("Secret revealed by Ben Ito")).toHaveCount(2);
  await expect(reason).toBeFocused();
  await ada.keyboard.type("tence");
  await expect(reason).toHaveValue("Half a sentence");
  await ada.getByRole("button", { name: "Revoke access" }).click();
  // The value disappears with the grant.
  await expect(ben.getByText("Revoked", { exact: true })).toBeVisible();
  await expect(ben.locator("leptos-island")).toHaveCount(0);
  await expect(ben.locator("body")).not.toContainText(canary);
  await Promise.all([ben, tomas, ada].map((page) => page.context().close()));
});

test.describe("an error", () => {
  test.use({ expectedStatuses: [400] });

  test("appears in its form, which keeps what was typed", async ({ page }) => {
    await signIn(page, "Ada Okafor", "/inventory?kind=secret");
    await hydrated(page);
    await page.locator("summary", { hasText: "Saved views" }).click();
    const name = page.getByLabel("Save this view as");
    // The browser takes it for a name; the server does not.
    await name.fill("   ");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.locator(".views").getByRole("alert")).toBeVisible();
    await expect(name).toHaveValue("   ");
    await expect(page.getByRole("button", { name: "Save", exact: true })).toBeEnabled();
  });
});

test("a tick keeps the focus, the scroll and what is open", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  await hydrated(page);
  await page.evaluate(() => (window.same = true));
  const stuck = page.getByRole("checkbox", { name: "Stuck" });
  await stuck.check();
  await expect(page).toHaveURL(/\/inventory\?rotation=stuck$/);
  await expect(stuck).toBeFocused();
  await page.getByText("Columns", { exact: true }).click();
  await page.getByRole("checkbox", { name: "Tags", exact: true }).check();
  await expect(page).toHaveURL(/rotation=stuck&col=|col=.*rotation=stuck/);
  await expect(page.getByRole("checkbox", { name: "Tags", exact: true })).toBeVisible();
  // A selected row stays selected while it is in the list.
  await page.locator("td.pick input").first().check();
  const chosen = await page.locator("td.pick input").first().inputValue();
  await page.getByRole("checkbox", { name: "ARN", exact: true }).check();
  await expect(page.locator("td[data-label=ARN]").first()).toBeVisible();
  await expect(page.locator(`td.pick input[value="${chosen}"]`)).toBeChecked();
  await page.goBack();
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL(/\/inventory$/);
  await expect(stuck).not.toBeChecked();
  await expect(page.getByText("800 secrets and parameters")).toBeVisible();
  expect(await page.evaluate(() => window.same), "the page was not loaded again").toBe(true);
});

test("pages lead to each other: by link, form, key and Back", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  await hydrated(page);
  const nav = page.getByRole("navigation", { name: "Main" });
  await nav.getByRole("link", { name: "Inventory" }).click();
  await expect(page.locator("table.inventory")).toBeVisible();
  await hydrated(page);
  await nav.getByRole("link", { name: /^Accounts/ }).click();
  await expect(page.getByRole("heading", { name: "Accounts", exact: true })).toBeVisible();
  await hydrated(page);
  await page.goBack();
  await expect(page.locator("table.inventory")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Accounts", exact: true })).toBeVisible();
  await hydrated(page);
  await page.locator("#search").fill("ledger");
  await page.locator("#search").press("Enter");
  await expect(page).toHaveURL(/\/inventory\?q=ledger$/);
  await expect(page.locator("table.inventory")).toBeVisible();
  await hydrated(page);
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await expect(page.getByRole("heading", { name: "Findings" }).first()).toBeVisible();
  await hydrated(page);
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(page.locator("table.inventory")).toBeVisible();
});

test("the page behind a link is fetched while the pointer rests on it", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/accounts");
  await hydrated(page);
  const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Inventory/ });
  const how = () => page.evaluate(() => performance.getEntriesByType("navigation")[0].deliveryType);
  // At the first hover, the browser may not have read the rules yet.
  await expect(async () => {
    await page.goto("/accounts");
    await hydrated(page);
    await link.hover();
    await page.waitForTimeout(600);
    await link.click();
    await expect(page).toHaveURL(/inventory/);
    expect(await how()).toBe("navigational-prefetch");
  }).toPass();
  await expect(page.locator("table.inventory")).toBeVisible();
});

test("an event that comes while the page is left and kept is not missed", { tag: "@phone" }, async ({ page, browser, baseURL }) => {
  const elsewhere = await signedInPage(browser, baseURL, "Sam Keller");
  await signIn(page, "Sam Keller", "/access");
  const grant = await ask(page, await secretId(page, "payments/portal/fraud/redis", PAYMENTS_PROD));
  await page.goto(`/access/${grant}`);
  await hydrated(page);
  // On a phone the way is in the menu.
  if (test.info().project.name === "narrow") {
    await page.locator(".nav-toggle").click();
    await page.getByRole("link", { name: /^Queue/ }).click();
  } else {
    await page.locator("a.brand").click();
  }
  await expect(page.getByRole("heading", { name: "Queue", exact: true })).toBeVisible();
  await page.goBack();
  await expect(page.getByText("Pending approval")).toBeVisible();
  await call(elsewhere, "access/give-back", { grant });
  await expect(page.locator(".timeline")).toContainText("Ended early by Sam Keller");
  await elsewhere.context().close();
});

test("a page is updated while events come faster than it is read", async ({ page }) => {
  await page.addInitScript(() => {
    window.EventSource = class extends EventTarget {
      constructor() {
        super();
        setInterval(() => this.dispatchEvent(new MessageEvent("access", { data: "*" })), 200);
      }
      close() {}
    };
  });
  await page.route((url) => url.pathname === "/settings/setup", async (route) => {
    if (!route.request().isNavigationRequest()) await new Promise((resolve) => setTimeout(resolve, 1000));
    await route.continue().catch(() => {});
  });
  await signIn(page, "Ada Okafor", "/settings/setup");
  await hydrated(page);
  await page.evaluate(() => addEventListener("refreshed", () => (document.body.dataset.updated = "yes")));
  await expect(page.locator("body")).toHaveAttribute("data-updated", "yes");
});

test("a link within the page does not read it again", async ({ page }) => {
  await withoutEvents(page);
  await signIn(page, "Ada Okafor", "/audit");
  await hydrated(page);
  const read = [];
  page.on("request", (request) => new URL(request.url()).pathname === "/audit" && read.push(request.url()));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#content$/);
  // Long enough for a request to be sent.
  await page.waitForTimeout(500);
  expect(read).toEqual([]);
});
