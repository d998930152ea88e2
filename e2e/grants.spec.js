// The complete journey: three people, each in their own browser.
import { ask, approve, call, expect, expectAccessible, hydrated, signedInPage, secretId, test } from "./support.js";

const canary = process.env.CLAVIGER_CANARY;

test("access is requested, approved by two people, activated, used, revoked, and then denied", { tag: "@phone" }, async ({ browser, baseURL }, testInfo) => {
  const tomas = await signedInPage(browser, baseURL, "Tomás Reyes");
  const ada = await signedInPage(browser, baseURL, "Ada Okafor");
  const ben = await signedInPage(browser, baseURL, "Ben Ito");
  const narrow = testInfo.project.name === "narrow";
  const place = narrow ? "region=eu-west-1" : "region=us-west-2";

  // From a list of several secrets: the last names, so that nobody reports one of them as leaked meanwhile.
  await ben.goto(`/inventory?kind=secret&account=441205839201&owner=named&state=live&path=payments%2F&sort=name&dir=desc&${place}`);
  await hydrated(ben);
  await ben.locator("td.pick input").nth(0).check();
  await ben.locator("td.pick input").nth(1).check();
  await ben.getByRole("button", { name: "Request access" }).click();
  await expect(ben.getByText("Allowed", { exact: true })).toHaveCount(2);
  await expect(ben.getByText("E.g. Tomás Reyes.").first()).toBeVisible();
  await ben.getByLabel("Purpose").fill("Reconcile the ledger after the failed nightly run.");
  await ben.locator("input[name=minutes]").fill("600");
  await ben.getByRole("button", { name: "Request access" }).click();
  await expect(ben).not.toHaveURL(/G-/);
  await ben.locator("input[name=minutes]").fill("20");
  await ben.getByRole("button", { name: "Request access" }).click();
  await expect(ben).toHaveURL(/\/access\/G-\d+/);
  await expect(ben.getByText("Pending approval")).toBeVisible();
  const grant = ben.url().split("/").pop();

  // The approver is notified without a reload, and decides by the link in the notification.
  await tomas.goto("/inbox");
  await tomas.locator(`a[href="/approvals/${grant}"]`).click();
  await expect(tomas.getByText("0 of 2 approvals")).toBeVisible();
  await tomas.getByText("See the policy").click();
  await expect(tomas.locator("pre.code").first()).toContainText("secretsmanager:GetSecretValue");
  await tomas.locator("summary", { hasText: "Shorten and approve" }).click();
  await tomas.getByLabel("Duration").fill("10");
  await tomas.getByRole("button", { name: "Shorten and approve" }).click();
  await expect(tomas.locator(".head [role=status]")).toHaveText(/^Approved\. /);

  await ada.goto(`/approvals/${grant}`);
  await hydrated(ada);
  await ada.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(ada.locator(".head [role=status]")).toHaveText(/^Approved\. /);
  await ada.goto(`/approvals/${grant}`);
  await expect(ada.locator(".chip").filter({ hasText: "Ready to start" }).last()).toBeVisible();

  // The requester's page updates without a reload.
  await ben.getByRole("button", { name: "Start access" }).click();
  await expect(ben.getByText("10 min left")).toBeVisible();
  expect(await ben.content()).not.toContain(canary);
  await ben.getByRole("button", { name: "Reveal" }).first().click();
  await expect(ben.locator(".revealed").first()).toContainText(canary);
  await expect(ben.getByText("Secret revealed by Ben Ito")).toBeVisible();
  await expect(ben.locator(".revealed").first(), "its own event does not take it away").toContainText(canary);

  await ada.goto(`/access/${grant}`);
  await hydrated(ada);
  await ada.locator("summary", { hasText: "Revoke" }).click();
  await ada.getByLabel("Reason").fill("The run was reconciled already.");
  await ada.getByRole("button", { name: "Revoke access" }).click();
  await expect(ada.getByText(/Revocation confirmed in [\d.]+ s/)).toBeVisible();
  await expect(ben.getByText("Revoked", { exact: true })).toBeVisible();
  await expect(ben.getByRole("button", { name: "Reveal" })).toHaveCount(0);
  await expect(ben.locator("body")).not.toContainText(canary);
});

test("a revealed value leaves the page after 30 seconds", async ({ browser, baseURL }) => {
  const [ben, tomas, ada] = await Promise.all(["Ben Ito", "Tomás Reyes", "Ada Okafor"].map((name) => signedInPage(browser, baseURL, name)));
  const grant = await ask(ben, await secretId(ben, "payments/reporting/postgres", "&account=441205839201&region=us-west-2"));
  await approve(tomas, grant);
  await approve(ada, grant);
  await call(ben, "access/claim", { grant });
  await ben.clock.install();
  await ben.goto(`/access/${grant}`);
  await hydrated(ben);
  await ben.getByRole("button", { name: "Reveal" }).click();
  await expect(ben.locator(".revealed")).toContainText(canary);
  await expect(ben.getByText(/^Hides in (30|29) s$/)).toBeVisible();
  await ben.clock.fastForward(10_000);
  await expect(ben.getByText(/^Hides in (20|19) s$/)).toBeVisible();
  await expect(ben.locator(".revealed")).toContainText(canary);
  await ben.getByRole("button", { name: "Hide" }).click();
  await expect(ben.locator(".revealed")).not.toContainText(canary);
  await ben.getByRole("button", { name: "Reveal" }).click();
  await expect(ben.locator(".revealed")).toContainText(canary);
  // The countdown of the first reveal does not end the second.
  await ben.clock.fastForward(25_000);
  await expect(ben.locator(".revealed")).toContainText(canary);
  await ben.clock.fastForward(6_000);
  await expect(ben.locator(".revealed")).not.toContainText(canary);
  expect(await ben.content()).not.toContain(canary);
  await ben.reload();
  await ben.goBack();
  expect(await ben.content()).not.toContain(canary);
});

test("a write grant with a ticket writes a new value", async ({ browser, baseURL }) => {
  const [ben, tomas, ada] = await Promise.all(["Ben Ito", "Tomás Reyes", "Ada Okafor"].map((name) => signedInPage(browser, baseURL, name)));
  const id = await secretId(ben, "payments/paypal/oauth-client", "&account=441205839201&region=us-west-2");
  await ben.goto(`/access/request?action=write&resource=${id}`);
  await expect(ben.getByText("The rule requires one that matches")).toBeVisible();
  const grant = await ask(ben, id, { action: "write", ticket: "PAY-4482" });
  await approve(tomas, grant);
  await approve(ada, grant);
  await ben.goto(`/access/${grant}`);
  await hydrated(ben);
  await ben.getByRole("button", { name: "Start access" }).click();
  await ben.getByLabel("Value").fill(`${canary}-written`);
  await ben.getByRole("button", { name: "Write the new value" }).click();
  await expect(ben.getByText("Written as version")).toBeVisible();
  await expect(ben.getByLabel("Value"), "what was written leaves the page").toHaveValue("");
  await expect(ben.getByText("New value written by Ben Ito")).toBeVisible();
});

test("break-glass access notifies and is reviewed by someone else", async ({ browser, baseURL }) => {
  const [ben, ada] = await Promise.all(["Ben Ito", "Ada Okafor"].map((name) => signedInPage(browser, baseURL, name)));
  const id = await secretId(ben, "payments/portal/fraud/redis", "&account=441205839201&owner=named&state=live");
  await ben.goto(`/access/request?resource=${id}`);
  await hydrated(ben);
  await ben.getByLabel("Purpose").fill("The fraud check is down and nobody else is awake.");
  await ben.getByRole("link", { name: "Use break-glass access" }).click();
  await expect(ben.getByRole("heading", { name: "What happens" })).toBeVisible();
  await expect(ben.getByText("Another person reviews what you did")).toBeVisible();
  await expect(ben.getByRole("heading", { name: "Approval" }), "nothing about approvals").toHaveCount(0);
  await expectAccessible(ben);
  await ben.getByLabel("Purpose").fill("The fraud check is down and nobody else is awake.");
  await ben.locator("input[name=minutes]").fill("15");
  const start = ben.getByRole("button", { name: "Start break-glass access" });
  await start.click();
  await expect(ben.getByLabel("Incident"), "needs an incident").toBeFocused();
  await ben.getByLabel("Incident").fill("INC-204");
  await start.click();
  await expect(ben.getByText("15 min left")).toBeVisible();
  await expect(ben.getByText("Review pending")).toBeVisible();
  const grant = ben.url().split("/").pop();
  await ada.goto("/queue?kind=review");
  await ada.locator(`a[href="/queue/review/${grant}?kind=review"]`).click();
  await expect(ada.locator("h2[data-open]")).toContainText("used break-glass access");
  await expect(ada.getByText("INC-204").first()).toBeVisible();
  await ada.getByLabel("Findings of the review").fill("The outage was real.");
  await ada.getByRole("button", { name: "Close review" }).click();
  await expect(ada.locator(".head [role=status]")).toHaveText(/^Reviewed\. /);
  await ada.goto(`/access/${grant}`);
  await expect(ada.getByText("The outage was real.").first()).toBeVisible();
  await expect(ben.getByText("Reviewed", { exact: true })).toBeVisible();
});

test("the form says what is not allowed before it is submitted", async ({ browser, baseURL }) => {
  const ben = await signedInPage(browser, baseURL, "Ben Ito");
  const list = await call(ben, "inventory/list", { query: "owner=missing&kind=secret" });
  await ben.goto(`/access/request?resource=${list.page.rows[0].id}`);
  await expect(ben.getByText("This request can't be submitted")).toBeVisible();
  await expect(ben.getByText("No policy allows you to request")).toBeVisible();
});

test("the audit log verifies, and an auditor sees it", async ({ browser, baseURL }) => {
  const ines = await signedInPage(browser, baseURL, "Inès Moreau");
  await ines.goto("/audit");
  await hydrated(ines);
  await ines.getByRole("button", { name: "Verify integrity" }).click();
  await expect(ines.getByText(/\d+ entries verified/)).toBeVisible();
});
