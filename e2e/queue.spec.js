// One queue shows and decides access, plans and exceptions, per role, by mouse and by keyboard.
import { ask, call, expect, expectAccessible, hydrated, signedInPage, test } from "./support.js";

const POLICY = "customer-managed-key";

/** Findings of the first evaluation, as soon as there are any. */
async function findings(page, query) {
  let rows = [];
  await expect(async () => {
    ({ rows } = await call(page, "posture/findings", { query }));
    expect(rows.length).toBeGreaterThan(0);
  }).toPass({ timeout: 60_000 });
  return rows;
}

/** Posts a form, and returns the number of what it made. */
async function made(page, name, form) {
  const answer = await page.request.post(`/api/${name}`, { form, headers: { accept: "application/json" } });
  expect(answer.ok(), `${name}: ${answer.status()} ${await answer.text()}`).toBe(true);
  return answer.headers().location.split("/").pop();
}

/** A request of Ben's for a secret of his team, of those that no other test requests by name. */
async function request(ben, at) {
  const paths = ["admin", "edge", "etl", "sync", "worker"].map((service) => `&path=payments%2F${service}%2F`).join("");
  const query = `kind=secret&account=441205839201&owner=named&state=live&region=us-east-1&sort=name${paths}`;
  const { page } = await call(ben, "inventory/list", { query });
  return ask(ben, page.rows[at].id, { purpose: "For the queue." });
}

/** An exception that Ben requests. Other tests take the first ones; excepted ones stay in the list, so that no place moves. */
async function exception(ben, at) {
  const rows = await findings(ben, `policy=${POLICY}&kind=secret&account=441205839201&sort=name&state=open&state=waived`);
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  return made(ben, "exceptions/ask", { policy: POLICY, target: `resource:${rows[6 + at].resource}`, reason: "For the queue.", until });
}

/** A plan of Ada's, for one parameter in production. The first plan is carried out: it takes the last one, so no place moves. */
async function plan(ada, at) {
  const rows = await findings(ada, "policy=owner&kind=parameter&account=441205839201&sort=name");
  const form = { of: `policy=owner&resource=${rows.at(at - 1).resource}`, wish: "set-tags", tags: "owner=payments" };
  const { preview } = await call(ada, "remediation/draft", { query: new URLSearchParams(form).toString() });
  return made(ada, "remediation/submit", { ...form, reason: "For the queue.", preview });
}

async function ready(page, path) {
  await page.goto(path);
  await hydrated(page);
}

const item = (page, kind, number) => page.locator(`.queue a[href^="/queue/${kind}/${number}?"], .queue a[href="/queue/${kind}/${number}"]`);
const status = (page) => page.locator(".head [role=status]");
const opened = (page) => page.locator("h2[data-open]");
const DONE = /^(Approved|Denied)\. (\d+ left|Nothing left to decide)\.$/;

/** Moves through the list until the item has the focus, and opens it. */
async function open(page, kind, number) {
  for (let at = 0; at < 60; at += 1) {
    await page.keyboard.press("j");
    const href = await page.evaluate(() => document.activeElement?.getAttribute("href") ?? "");
    if (href.startsWith(`/queue/${kind}/${number}?`)) break;
  }
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/queue/${kind}/${number}\\?`));
  // A screen reader reads what was opened.
  await expect(opened(page)).toBeFocused();
}

test("access, plans and exceptions are decided by mouse, each by whom it concerns", async ({ browser, baseURL }) => {
  const [ben, tomas, ada, sam] = await Promise.all(["Ben Ito", "Tomás Reyes", "Ada Okafor", "Sam Keller"].map((name) => signedInPage(browser, baseURL, name)));
  const [grant, asked, planned] = [await request(ben, 0), await exception(ben, 0), await plan(ada, 0)];

  // The requester sees their own request, and has nothing to decide.
  await ready(ben, "/");
  await expect(ben).toHaveURL(/\/queue$/);
  await expect(ben.locator(`.queue a[href="/access/${grant}"]`)).toContainText("0 of 2 approvals");
  await expect(item(ben, "exception", asked)).toHaveCount(0);
  await expect(item(ben, "access", grant)).toHaveCount(0);
  // An approver of the OU decides access and plans there.
  await ready(tomas, "/queue");
  await expect(item(tomas, "exception", asked)).toHaveCount(0);
  await expect(tomas.locator("nav[aria-label=Main] .urgent")).toHaveCount(1);
  // Who planned it does not decide it.
  await ready(ada, "/queue?kind=plan");
  await expect(item(ada, "plan", planned)).toHaveCount(0);

  await ready(tomas, "/queue?kind=access");
  await item(tomas, "access", grant).click();
  await expect(opened(tomas)).toContainText("Ben Ito requests to read");
  await expect(item(tomas, "access", grant)).toHaveAttribute("aria-current", "true");
  await tomas.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(status(tomas)).toHaveText(DONE);
  await expect(tomas).toHaveURL(/\/queue(\/access\/G-\d+)?\?kind=access&done=approved$/);
  await expect(item(tomas, "access", grant)).toHaveCount(0);

  await ready(tomas, "/queue?kind=plan");
  await item(tomas, "plan", planned).click();
  await expect(tomas.getByRole("heading", { name: "Planned changes" })).toBeVisible();
  await tomas.getByRole("button", { name: "Approve and run" }).click();
  await expect(status(tomas)).toHaveText(DONE);
  await expect(item(tomas, "plan", planned)).toHaveCount(0);
  const { row } = await call(ada, "remediation/plan", { id: planned });
  expect(row.decision).toMatchObject({ approved: true, by: { name: "Tomás Reyes" } });

  await ready(sam, "/queue?kind=exception");
  await item(sam, "exception", asked).click();
  await expect(opened(sam)).toContainText("Ben Ito requests an exception");
  // Back, and forward again.
  await sam.goBack();
  await expect(opened(sam)).toHaveCount(0);
  await item(sam, "exception", asked).click();
  await sam.locator("summary", { hasText: "Deny" }).click();
  await sam.getByLabel("Note").fill("Use the key of the team.");
  await sam.getByRole("button", { name: "Deny", exact: true }).click();
  await expect(status(sam)).toHaveText(DONE);
  await expect(item(sam, "exception", asked)).toHaveCount(0);
  expect((await call(ben, "exceptions/exception", { id: asked })).row.state).toBe("denied");
  await Promise.all([ben, tomas, ada, sam].map((page) => page.context().close()));
});

test("the same by keyboard: a key arms, Enter confirms, Escape cancels", async ({ browser, baseURL }) => {
  const [ben, tomas, ada, sam] = await Promise.all(["Ben Ito", "Tomás Reyes", "Ada Okafor", "Sam Keller"].map((name) => signedInPage(browser, baseURL, name)));
  const [grant, asked, planned] = [await request(ben, 1), await exception(ben, 1), await plan(ada, 1)];

  await ready(tomas, "/queue?kind=access");
  // With nothing open, the keys of decisions do nothing.
  await tomas.keyboard.press("a");
  await tomas.keyboard.press("Enter");
  await open(tomas, "access", grant);
  await tomas.keyboard.press("a");
  const approve = tomas.getByRole("button", { name: "Approve", exact: true });
  await expect(approve).toBeFocused();
  await expect(tomas.getByText("Press Enter to approve.")).toBeVisible();
  await tomas.keyboard.press("Escape");
  await expect(tomas.getByText("Press Enter to approve.")).toHaveCount(0);
  await expect(opened(tomas)).toBeFocused();
  await tomas.keyboard.press("Enter");
  expect((await call(ada, "access/grant", { grant })).decided).toEqual([]);
  await tomas.keyboard.press("a");
  await tomas.keyboard.press("Enter");
  await expect(status(tomas)).toHaveText(DONE);
  expect((await call(ada, "access/grant", { grant })).decided).toMatchObject([{ verdict: "approve", by: { name: "Tomás Reyes" } }]);

  await ready(sam, "/queue?kind=plan");
  await open(sam, "plan", planned);
  await sam.keyboard.press("d");
  const reason = sam.getByLabel("Reason");
  await expect(reason).toBeFocused();
  await expect(sam.getByText("Type a reason.")).toBeVisible();
  // Letters of a text are no shortcuts.
  await sam.keyboard.type("a dark jk");
  await expect(reason).toHaveValue("a dark jk");
  await sam.keyboard.press("Escape");
  await expect(reason).toBeHidden();
  await sam.keyboard.press("d");
  await reason.fill("Not this one.");
  await sam.keyboard.press("Tab");
  await sam.keyboard.press("Enter");
  await expect(status(sam)).toHaveText(DONE);
  const { row } = await call(ada, "remediation/plan", { id: planned });
  expect(row.decision).toMatchObject({ approved: false, note: "Not this one.", by: { name: "Sam Keller" } });

  await ready(sam, "/queue?kind=exception");
  await open(sam, "exception", asked);
  await sam.keyboard.press("a");
  await sam.keyboard.press("Enter");
  await expect(status(sam)).toHaveText(DONE);
  expect((await call(ben, "exceptions/exception", { id: asked })).row.state).toBe("approved");
  await Promise.all([ben, tomas, ada, sam].map((page) => page.context().close()));
});

test("single-key shortcuts can be turned off, and lists are selected from by keyboard", async ({ browser, baseURL }) => {
  const [ben, tomas] = await Promise.all(["Ben Ito", "Tomás Reyes"].map((name) => signedInPage(browser, baseURL, name)));
  const grant = await request(ben, 2);
  await ready(tomas, `/queue/access/${grant}`);
  const help = tomas.getByRole("dialog", { name: "Keyboard shortcuts" });
  await tomas.keyboard.press("?");
  await expect(help).toContainText("Approve the open item");
  await help.getByRole("button", { name: "Close" }).click();
  await tomas.locator("details.person summary").click();
  const off = tomas.getByRole("group", { name: "Single-key shortcuts" }).getByRole("button", { name: "Off" });
  await off.click();
  await expect(off).toHaveAttribute("aria-pressed", "true");
  // Also on the next page.
  await tomas.reload();
  await hydrated(tomas);
  await tomas.keyboard.press("a");
  await expect(tomas.getByRole("button", { name: "Approve", exact: true })).not.toBeFocused();
  await tomas.keyboard.press("?");
  await expect(help).toBeHidden();
  await tomas.keyboard.press("Control+k");
  await expect(tomas.getByRole("dialog", { name: "Go to" })).toBeVisible();
  await tomas.keyboard.press("Escape");
  await tomas.locator("details.person summary").click();
  await tomas.getByRole("group", { name: "Single-key shortcuts" }).getByRole("button", { name: "On" }).click();
  await expect(off).toHaveAttribute("aria-pressed", "false");
  await call(ben, "access/give-back", { grant });

  await ready(ben, "/inventory?kind=secret&account=441205839201&owner=named&state=live");
  await ben.keyboard.press("j");
  await ben.keyboard.press("j");
  await ben.keyboard.press("k");
  await ben.keyboard.press("x");
  await expect(ben.locator("td.pick input").first()).toBeChecked();
  await ben.keyboard.press("x");
  await expect(ben.locator("td.pick input").first()).not.toBeChecked();
  await Promise.all([ben, tomas].map((page) => page.context().close()));
});

test("the inbox is filtered by topic, and reading marks nothing", async ({ browser, baseURL }) => {
  const [ben, tomas] = await Promise.all(["Ben Ito", "Tomás Reyes"].map((name) => signedInPage(browser, baseURL, name)));
  const grant = await request(ben, 3);
  await ready(tomas, "/inbox?show=unread");
  await expect(tomas.locator(`a[href="/approvals/${grant}"]`)).toContainText("Access");
  await tomas.getByRole("navigation", { name: "Filters" }).getByRole("link", { name: "Remediation" }).click();
  await expect(tomas).toHaveURL(/\/inbox\?show=unread&topic=plan$/);
  await expect(tomas.locator(`a[href="/approvals/${grant}"]`)).toHaveCount(0);
  await tomas.goto("/inbox?topic=access&show=unread");
  await expect(tomas.locator("li.unread").filter({ has: tomas.locator(`a[href="/approvals/${grant}"]`) })).toHaveCount(1);
  await call(ben, "access/give-back", { grant });
  await Promise.all([ben, tomas].map((page) => page.context().close()));
});

test("the queue and an open item of each kind are accessible", { tag: "@looks" }, async ({ browser, baseURL }) => {
  const { name: look } = test.info().project;
  const at = { light: 4, dark: 5, narrow: 6 }[look];
  const [ben, ada, sam] = await Promise.all(["Ben Ito", "Ada Okafor", "Sam Keller"].map((name) => signedInPage(browser, baseURL, name)));
  const tomas = await signedInPage(browser, baseURL, "Tomás Reyes");
  const [grant, asked, planned] = [await request(ben, at), await exception(ben, at - 2), await plan(ada, at - 2)];
  await ready(tomas, "/queue");
  await expectAccessible(tomas);
  for (const [page, path] of [
    [tomas, `/queue/access/${grant}`],
    [sam, `/queue/plan/${planned}?kind=plan`],
    [sam, `/queue/exception/${asked}`],
  ]) {
    await ready(page, path);
    await expect(opened(page)).toBeVisible();
    await expectAccessible(page);
    await page.locator("summary", { hasText: "Deny" }).click();
    await expectAccessible(page);
    // A narrow window shows the item alone, with the way back.
    const back = page.getByRole("link", { name: "Back to the queue" });
    await expect(back).toBeVisible({ visible: look === "narrow" });
    await expect(page.locator("section.queue")).toBeVisible({ visible: look !== "narrow" });
  }
  if (look === "narrow") {
    await sam.getByRole("link", { name: "Back to the queue" }).click();
    await expect(item(sam, "exception", asked)).toBeVisible();
    await item(sam, "exception", asked).click();
    await expect(opened(sam)).toBeVisible();
    await expectAccessible(sam);
  }
  // Nothing of this test is left in the others' queues.
  await call(ben, "access/give-back", { grant });
  await call(ben, "exceptions/move", { id: asked, step: "withdraw" });
  await call(ada, "remediation/move", { plan: planned, step: "withdraw" });
  // An empty queue says so.
  const ines = await signedInPage(browser, baseURL, "Inès Moreau");
  await ready(ines, "/queue");
  await expect(ines.getByRole("heading", { name: "You're all caught up." })).toBeVisible();
  await expectAccessible(ines);
  await Promise.all([ben, ada, sam, tomas, ines].map((page) => page.context().close()));
});
