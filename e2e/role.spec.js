// The role of a consumer: from a secret to its policies in a few clicks, without JavaScript too, and with what was typed.
import { expect, expectAccessible, secretId, signIn, test } from "./support.js";

const LEDGER = ["payments/ledger/postgres", "&account=441205839201&owner=named&state=live"];

test("a role is drafted from the Access tab and exported", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, ...LEDGER);
  await page.goto(`/inventory/${id}/access`);
  await page.getByRole("link", { name: "Role for a consumer" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Role for a consumer");
  // The fields are those of the chosen kind, without a request.
  const consumer = page.locator("select[name=consumer]");
  const [lambda, project] = ["Function", "Project"].map((name) => page.getByRole("textbox", { name }));
  await expect(page.locator("[data-kinds]").filter({ visible: true })).toHaveCount(0);
  await consumer.selectOption({ label: "GitLab CI" });
  await project.fill("acme/shop");
  await expect(lambda).toBeHidden();
  await consumer.selectOption({ label: "Lambda function" });
  await expect(project).toBeHidden();
  await lambda.fill("ledger-export");
  await page.getByLabel("Role name").fill("ledger-lambda-reader");
  await page.getByRole("button", { name: "Show role" }).click();
  await expect(page.getByText("Reads exactly what is selected: yes")).toBeVisible();
  // The emulator has no Access Analyzer: the answer is unknown, and never good.
  await expect(page.locator("#analyzer-result")).toBeEmpty();
  await page.getByRole("button", { name: "Check with AWS Access Analyzer" }).click();
  await expect(page.locator("#analyzer-result")).toContainText("Unknown: AWS Access Analyzer did not answer every check.", { timeout: 25_000 });
  await expect(lambda).toHaveValue("ledger-export");
  await expect.poll(() => new URL(page.url()).searchParams.getAll("project"), "kept, and sent once").toEqual(["acme/shop"]);
  await expectAccessible(page);

  await page.getByRole("navigation", { name: "Export" }).getByRole("link", { name: "Terraform" }).click();
  await expect(page).toHaveURL(/export=terraform/);
  await expect(page.locator("pre.source")).toContainText('resource "aws_iam_role" "ledger_lambda_reader"');
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download" }).click()]);
  expect(file.suggestedFilename()).toBe("ledger-lambda-reader.tf");
});

test("what cannot be read is named beside its field, and what was typed stays", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, ...LEDGER);
  await page.goto(`/inventory/${id}/role?consumer=github&role_name=reader&repository=acme&branch=main&from=31.1.2027`);
  await expect(page.getByText("There is no role yet: correct 2 fields.")).toBeVisible();
  await expect(page.locator(".fault")).toHaveText([
    "Write one repository as owner/name, such as acme/shop; no wildcards.",
    "Use a day, such as 2027-01-31.",
  ]);
  await expect(page.getByLabel("Repository", { exact: false }).first()).toHaveValue("acme");
  await expect(page.getByLabel("First day")).toHaveValue("31.1.2027");
});
