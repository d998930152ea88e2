// The access pages in each theme and width: accessible, no horizontal scrolling; and the pictures of the README.
import { ask, approve, call, expect, hydrated, expectAccessible, signedInPage, secretId, signIn, test } from "./support.js";

const pictures = new URL("../docs/images/", import.meta.url).pathname;

async function picture(page, testInfo, name) {
  const kept = { light: ["approval", "grant"], dark: ["grant"] }[testInfo.project.name];
  if (kept?.includes(name)) await page.screenshot({ path: `${pictures}${name}-${testInfo.project.name}.png` });
}

// Each project has its own secret, so that they do not conflict.
const secrets = {
  light: ["payments/ledger/postgres", "us-east-1"],
  dark: ["payments/reporting/postgres", "us-west-2"],
  narrow: ["payments/ledger/readonly", "us-east-1"],
};

test("access, from the request to its end", { tag: "@looks" }, async ({ browser, baseURL, page }, testInfo) => {
  const [name, region] = secrets[testInfo.project.name];
  const [tomas, ada] = await Promise.all(["Tomás Reyes", "Ada Okafor"].map((who) => signedInPage(browser, baseURL, who)));
  await signIn(page, "Ben Ito", "/access");
  await expectAccessible(page);
  const id = await secretId(page, name, `&account=441205839201&region=${region}`);
  await page.goto(`/access/request?resource=${id}`);
  await hydrated(page);
  await expect(page.getByText("Allowed", { exact: true })).toBeVisible();
  await expectAccessible(page);
  const purpose = "Reconcile the ledger after the failed nightly run. I need a read-only look with the application user.";
  const grant = await ask(page, id, { purpose, minutes: 45, ticket: "PAY-4482" });

  await tomas.goto("/approvals");
  await hydrated(tomas);
  await expectAccessible(tomas);
  await tomas.goto(`/approvals/${grant}`);
  await hydrated(tomas);
  await expect(tomas.getByRole("button", { name: "Approve", exact: true })).toBeVisible();
  await expectAccessible(tomas);
  await picture(tomas, testInfo, "approval");
  await tomas.locator("summary", { hasText: "Deny" }).click();
  await expectAccessible(tomas);

  await approve(tomas, grant);
  await approve(ada, grant);
  await call(page, "access/claim", { grant });
  await call(page, "access/reveal", { grant, resource: id });
  await page.goto(`/access/${grant}`);
  await hydrated(page);
  await expect(page.getByText("45 min left")).toBeVisible();
  await expectAccessible(page);
  await picture(page, testInfo, "grant");

  await ada.goto("/access/live");
  await hydrated(ada);
  await expect(ada.locator("tbody tr").first()).toBeVisible();
  await expectAccessible(ada);
  await call(ada, "access/revoke", { grant, reason: "Done." });
  await ada.goto(`/access/${grant}`);
  await expect(ada.getByText(/Revocation confirmed in/)).toBeVisible();
  await expectAccessible(ada);
  for (const path of ["/inbox", "/audit", "/reviews"]) {
    await ada.goto(path);
    await hydrated(ada);
    await expectAccessible(ada);
  }
  await page.goto("/access");
  await hydrated(page);
  await expect(page.getByRole("heading", { name: "Past" })).toBeVisible();
  await expectAccessible(page);
});
