// What every test uses: errors in the browser's console fail a test, and people sign in through the provider.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { test as base, expect } from "@playwright/test";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const test = base.extend({
  // Statuses of our own pages that a test expects; the browser reports each as an error.
  expectedStatuses: [[], { option: true }],

  page: async ({ page, baseURL, expectedStatuses }, use) => {
    const faults = [];
    page.on("console", (message) => {
      const ours = message.location().url.startsWith(baseURL);
      const expected = expectedStatuses.some((status) => message.text().includes(`status of ${status}`));
      if (ours && !expected && ["error", "warning"].includes(message.type())) faults.push(message.text());
    });
    page.on("pageerror", (error) => faults.push(String(error)));
    await use(page);
    expect(faults, "errors in the browser's console").toEqual([]);
  },
});

export { expect };

const SESSION = "claviger-loopback";

/** The session of each person, for the tests of one worker: to sign in takes longer than what many of them test. */
const sessions = new Map();

/** Opens the page as this person. `fresh` goes through the identity provider in any case, and keeps the session to itself. */
export async function signIn(page, name, path = "/inventory", { fresh = false } = {}) {
  const kept = sessions.get(name);
  if (!fresh && kept) await page.context().addCookies([kept]);
  await page.goto(path);
  const navigation = page.locator("nav[aria-label=Main]");
  const link = page.getByRole("link", { name: "Sign in with SSO" });
  await expect(navigation.or(link).first()).toBeAttached();
  if (await navigation.count()) return;
  await link.click();
  await page.getByRole("button", { name }).click();
  // Three people at once sign in through one provider, which signs each token.
  await expect(navigation).toBeAttached({ timeout: 30_000 });
  if (fresh) return;
  const [session] = (await page.context().cookies()).filter((cookie) => cookie.name === SESSION);
  sessions.set(name, session);
}

/** Waits until the page's scripts have started. */
export async function hydrated(page) {
  await page.waitForFunction(() => document.body.dataset.hydrated === "true");
}

const WCAG = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };

/** No violation of WCAG 2.2 A and AA (or of the named rules alone), and no horizontal scrolling. */
export async function expectAccessible(page, rules) {
  // Content that is still loading fades in.
  await expect(page.locator(".loading")).toHaveCount(0);
  await page.evaluate(axeSource);
  const runOnly = rules ? { type: "rule", values: rules } : WCAG;
  const violations = await page.evaluate(async (runOnly) => {
    const found = await window.axe.run(document, { runOnly });
    return found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).slice(0, 3).join(" | ")}`);
  }, runOnly);
  expect(violations).toEqual([]);
  const [content, view] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(content, "no horizontal scrolling").toBeLessThanOrEqual(view);
}

/** A new browser context with a signed-in person. Theme and width are those of the project. */
export async function signedInPage(browser, baseURL, name, options = {}) {
  const context = await browser.newContext({ baseURL, ...options });
  const page = await context.newPage();
  await signIn(page, name, "/access");
  if (options.javaScriptEnabled !== false) await hydrated(page);
  return page;
}

/**
 * Loads the page until this is shown: the first scan, evaluation or reading of IAM may still run. Without a path it is the page
 * that is open.
 */
export async function untilShown(page, locator, path) {
  await expect(async () => {
    await (path ? page.goto(path) : page.reload());
    await expect(locator).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 90_000 });
}

/** No update comes to the page: other tests change what it shows. To be called before the page is opened. */
export async function withoutEvents(page) {
  await page.addInitScript(() => {
    window.EventSource = class extends EventTarget {
      close() {}
    };
  });
}

/** Counts the presses on all pages of a context from now on. */
export async function clicksOf(page) {
  const clicks = { count: 0 };
  await page.context().exposeFunction("pressed", () => (clicks.count += 1));
  await page.context().addInitScript(() => addEventListener("pointerdown", (event) => event.isTrusted && globalThis.pressed(), true));
  return clicks;
}

/** Calls a server function with the page's session. */
export async function call(page, name, form = {}) {
  const answer = await page.request.post(`/api/${name}`, { form, headers: { accept: "application/json" } });
  expect(answer.ok(), `${name}: ${answer.status()} ${await answer.text()}`).toBe(true);
  return answer.json();
}

/**
 * The console's id of a secret. Accounts and Regions have secrets of the same name, whose order differs from run to
 * run: `more` narrows the list until one is left.
 */
export async function secretId(page, name, more = "") {
  const list = await call(page, "inventory/list", { query: `q=${encodeURIComponent(name)}${more}` });
  const rows = list.page.rows.filter((row) => row.name === name);
  expect(rows.map((row) => `${row.name} ${row.account_name} ${row.region}`), `one ${name}`).toHaveLength(1);
  return rows[0].id;
}

/** Requests access, and returns the grant's number. */
export async function ask(page, id, more = {}) {
  const form = { resources: id, action: "read", extends: "", minutes: 30, purpose: "Reconcile the ledger.", ...more };
  const answer = await page.request.post("/api/access/request", { form, headers: { accept: "application/json" } });
  expect(answer.ok(), `${answer.status()} ${await answer.text()}`).toBe(true);
  // From the redirect: this person's newest grant may be another test's.
  return answer.headers().location.split("/").pop();
}

export async function approve(page, grant) {
  const { hash } = await call(page, "access/grant", { grant });
  await call(page, "access/decide", { grant, verdict: "approve", hash });
}
