// Alarms: one that is raised by an event, closed with a note, and whether alarms can fire, part by part.
import { call, expect, expectAccessible, hydrated, secretId, signIn, test, untilShown } from "./support.js";

const { CLAVIGER_AWS_ENDPOINT: endpoint } = process.env;
const HUB = "204917356680";
const ACCOUNT = "441205839201";

/** Puts an event into the hub's queue, as the accounts' rules do: the emulator emits none of CloudTrail. */
async function send(event) {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "AmazonSQS.SendMessage",
      // By the emulator's rule, an account's number as the key is the account's root.
      authorization: `AWS4-HMAC-SHA256 Credential=${HUB}/20261129/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: JSON.stringify({ QueueUrl: `${endpoint}/${HUB}/claviger-events`, MessageBody: JSON.stringify(event) }),
  });
  expect(answer.ok, await answer.text()).toBe(true);
}

function deletion(name, region, id) {
  const at = new Date().toISOString().replace(/\.\d+Z/, "Z");
  return {
    version: "0", id, "detail-type": "AWS Service Event via CloudTrail", source: "aws.secretsmanager", account: ACCOUNT,
    time: at, region, resources: [],
    detail: {
      eventTime: at, eventSource: "secretsmanager.amazonaws.com", eventName: "StartSecretVersionDelete", eventID: id,
      eventType: "AwsServiceEvent", userIdentity: { invokedBy: "secretsmanager.amazonaws.com" },
      additionalEventData: { SecretId: name },
    },
  };
}

test("an event raises an alarm, which is closed with a note", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/alarms");
  const id = await secretId(page, "payments/stripe/webhook-signing", `&account=${ACCOUNT}&owner=named&state=live`);
  const { page: found } = await call(page, "inventory/list", { query: `q=payments%2Fstripe%2Fwebhook-signing&account=${ACCOUNT}&owner=named&state=live` });
  const { name, region } = found.rows.find((row) => row.id === id);
  const event = `e2e-${Date.now()}`;
  await send(deletion(name, region, event));
  await send(deletion(name, region, event));
  const alarm = page.locator(".alarms > li").filter({ hasText: event });
  await untilShown(page, alarm, "/alarms?kind=version-deletion");
  await hydrated(page);
  await expect(alarm).toContainText("Version deletion");
  await expect(alarm).toContainText("restore the secret at once");
  await expectAccessible(page);

  await page.goto(`/inventory/${id}/activity`);
  await expect(page.getByRole("link", { name: "alarm: Version deletion" }).first()).toBeVisible();
  await page.goto("/alarms?kind=version-deletion");
  await hydrated(page);
  await alarm.locator("summary").click();
  await alarm.getByLabel("What it was, and what was done").fill("A test of the alarms.");
  await expectAccessible(page);
  await alarm.getByRole("button", { name: "Close alarm" }).click();
  await expect(page).toHaveURL(/\/alarms$/);
  await page.goto("/alarms?state=closed");
  await expect(alarm).toContainText("A test of the alarms.");
  await expectAccessible(page);
});

test("an alarm is tested, and each part says what it proves", async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, "Ada Okafor", "/alarms/checks");
  await hydrated(page);
  await expect(page.getByText("does not prove that AWS emits an event")).toBeVisible();
  await expect(page.getByText("CloudWatch has no metric for failed rotations.")).toBeVisible();
  const place = page.locator(`section[id="${ACCOUNT}-us-east-1"]`);
  await place.getByRole("button", { name: /^Test alarms/ }).click();
  const rule = place.locator(".alarm-rules > li").filter({ hasText: "Rotations and deletions of secrets" });
  const part = (name) => rule.locator(".checks li").filter({ has: page.locator("b", { hasText: name }) });
  await expect(async () => {
    await page.goto("/alarms/checks");
    await expect(part("Test event")).toContainText(/arrived in the queue after \d+ s/, { timeout: 1_000 });
  }).toPass({ timeout: 90_000 });
  for (const name of ["Rule", "Pattern", "Sample event", "Target", "Test event"]) {
    await expect(part(name)).toContainText("Pass");
  }
  await hydrated(page);
  await expectAccessible(page);
});

test("without JavaScript the alarms are a list and forms", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, "Ada Okafor", "/alarms");
  await expect(page.getByRole("heading", { name: "Alarms", exact: true })).toBeVisible();
  await page.getByLabel("State").selectOption("closed");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/state=closed/);
  await page.goto("/alarms/checks");
  await expect(page.getByRole("button", { name: /^Test alarms/ }).first()).toBeVisible();
  await context.close();
});
