// The calendar of rotations, the windows of a schedule, and a report of a leak.
import { ask, call, expect, expectAccessible, hydrated, secretId, signIn, signedInPage, test } from "./support.js";

const PAYMENTS = "&account=441205839201";

/** A live secret of the payments team with rotation, to which no other test requests access. */
async function rotating(page) {
  const query = "kind=secret&rotation=scheduled&state=live&account=441205839201&q=payments%2Fapi&tag=owner%3Dpayments&sort=name";
  const { page: found } = await call(page, "inventory/list", { query });
  expect(found.rows, "secrets with rotation").not.toEqual([]);
  return found.rows[0];
}

test("the calendar shows a week, a month and a team", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/inventory");
  await page.getByRole("link", { name: "Rotations" }).first().click();
  await expect(page.getByRole("heading", { name: "Rotations", exact: true })).toBeVisible();
  await hydrated(page);
  await expect(page.locator("section.day")).toHaveCount(7);
  await expect(page.getByText(/secrets? with rotation\./)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Next", exact: true }).click();
  await expect(page).toHaveURL(/on=/);
  await page.getByRole("link", { name: "Month", exact: true }).click();
  await expect(page.locator(".month li:not(.blank)").first()).toBeVisible();
  await expectAccessible(page);
  const day = page.locator(".month li:not(.blank) > a").first();
  const name = await day.innerText();
  await day.click();
  await expect(page.locator("section.day").filter({ hasText: name.split(" ")[1] }).first()).toBeVisible();
  await page.getByLabel("Team").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/team=/);
  await expectAccessible(page);
});

test("a schedule shows its next windows, and is refused with its field", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, "payments/batch/ledger/postgres-6", PAYMENTS);
  const plan = (schedule, duration) => `/remediation/new?of=resource%3D${id}&wish=enable-rotation&schedule=${encodeURIComponent(schedule)}&duration=${duration}&immediately=no`;
  await page.goto(plan("cron(0 8 ? * MON *)", "3h"));
  await hydrated(page);
  const windows = page.locator(".windows li");
  await expect(windows).toHaveCount(5);
  await expect(windows.first()).toContainText("08:00 UTC, for 3 hours");
  await expect(page.getByText("runs only the step testSecret on it")).toBeVisible();
  await expectAccessible(page);
  await page.goto(plan("cron(0 22 ? * MON *)", "3h"));
  await expect(page.getByRole("alert")).toContainText("reaches into the next UTC day");
  await expect(page.locator("input[name=schedule]")).toHaveValue("cron(0 22 ? * MON *)");
  await expect(windows).toHaveCount(0);
  const { id: rotates } = await rotating(page);
  await page.goto(`/inventory/${rotates}/rotation`);
  await expect(page.getByRole("heading", { name: "Next rotation windows" })).toBeVisible();
  await expect(windows).toHaveCount(5);
  await expectAccessible(page);
});

test("a rotation template of AWS is written, and what is refused keeps what was typed", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, "payments/batch/ledger/postgres-6", PAYMENTS);
  const field = (name) => page.locator(`#hosted [name=${name}]`);
  await page.goto(`/inventory/${id}/rotation`);
  await page.getByRole("link", { name: "Deploy a rotation template of AWS" }).click();
  await expect(page.getByRole("heading", { name: "AWS rotation template" })).toBeVisible();
  await hydrated(page);
  await expect(page.locator("#template")).toHaveCount(0);
  await expectAccessible(page);
  await field("engine").selectOption({ label: "RDS for PostgreSQL, Aurora PostgreSQL" });
  await field("function").fill("rotate ledger");
  await field("subnets").fill("subnet-0123456789abcdef0");
  await field("security_groups").fill("sg-0123456789abcdef0");
  await page.getByRole("button", { name: "Write the template" }).click();
  await expect(page.locator("#hosted label.field", { has: page.locator("[name=function]") }).getByRole("alert")).toContainText("hyphens");
  const red = await page.evaluate(() => {
    const sample = Object.assign(document.createElement("i"), { style: "color: var(--bad)" });
    document.body.append(sample);
    const { color } = getComputedStyle(sample);
    sample.remove();
    return color;
  });
  for (const fault of await page.locator("small.fault").all()) {
    await expect(fault).toHaveCSS("color", red);
  }
  await expect(field("function")).toHaveValue("rotate ledger");
  await expect(field("subnets")).toHaveValue("subnet-0123456789abcdef0");
  await expect(page.locator("#template")).toHaveCount(0);
  await expectAccessible(page);
  await field("function").fill("rotate-ledger");
  await page.getByRole("button", { name: "Write the template" }).click();
  const template = page.getByRole("region", { name: "CloudFormation template" });
  await expect(template).toContainText("RotationType: PostgreSQLSingleUser");
  await expect(template).toContainText("RotateImmediatelyOnUpdate: false");
  await expect(page.getByRole("region", { name: "Command" })).toContainText("= 441205839201 &&");
  await expect(page.locator(".windows li")).toHaveCount(5);
  await expect(page.locator("[data-cause=value-keys]")).toContainText("not read");
  await expectAccessible(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator("#template").getByRole("link", { name: "Download" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("rotate-ledger.yaml");
});

test.describe("a leak", () => {
// The second report is refused.
test.use({ expectedStatuses: [409] });

test("a leak ends access at once, and its rotation waits for an approval", async ({ page, browser, baseURL }) => {
  const ben = await signedInPage(browser, baseURL, "Ben Ito");
  await signIn(page, "Ada Okafor");
  const { id, name } = await rotating(page);
  const grant = await ask(ben, id);
  await page.goto(`/inventory/${id}`);
  await page.getByRole("link", { name: "This leaked" }).click();
  await expect(page.getByRole("heading", { name: "Report a leak" })).toBeVisible();
  await hydrated(page);
  await expect(page.getByRole("link", { name: grant })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Reason").fill("Seen in the log of a build.");
  await page.getByRole("button", { name: "Report the leak and end access" }).click();
  await expect(page.getByRole("heading", { name: "Who has read it" })).toBeVisible();
  await expect(page).toHaveURL(/\/leaks\/L-\d+$/);
  await expect(page.getByText("Seen in the log of a build.")).toBeVisible();
  await expect(page.getByText("1 grant ended")).toBeVisible();
  const plan = page.getByRole("link", { name: /^P-\d+$/ });
  await expect(plan).toBeVisible();
  await expectAccessible(page);
  const report = page.url();
  await ben.goto(`/access/${grant}`);
  await expect(ben.getByText("Revoked").first()).toBeVisible();
  await page.goto(`/inventory/${id}`);
  await expect(page.getByText("Reported as leaked, and no").or(page.locator(".notice.leak")).first()).toBeVisible();
  await expectAccessible(page);
  await page.goto(`/inventory/${id}/activity?kind=access`);
  await expect(page.getByText("Reported as leaked").last()).toBeVisible();
  // A second report does nothing more, and says so beside what was typed.
  await page.goto(`/leaks/new?resource=${id}`);
  await hydrated(page);
  await expect(page.getByText("Reported already in")).toBeVisible();
  await page.getByLabel("Reason").fill("Once more.");
  await page.getByRole("button", { name: "Report the leak and end access" }).click();
  await expect(page.getByRole("alert")).toContainText("reported as leaked already");
  await expect(page.getByLabel("Reason")).toHaveValue("Once more.");
  await page.goto("/leaks");
  await expect(page.getByRole("link", { name }).first()).toBeVisible();
  await expectAccessible(page);
  expect(report).toContain("/leaks/L-");
  await ben.context().close();
});
});
