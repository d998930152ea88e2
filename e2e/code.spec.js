// Secrets as code, and a team's vault.
import { expect, expectAccessible, hydrated, secretId, signIn, test, untilShown } from "./support.js";

const PAYMENTS = "&account=441205839201";

test("a secret is written as code, by itself and in a selection", async ({ page }) => {
  await signIn(page, "Ada Okafor");
  const id = await secretId(page, "payments/batch/ledger/postgres-6", PAYMENTS);
  await page.goto(`/inventory/${id}`);
  await page.getByRole("link", { name: "As code" }).click();
  const terraform = page.getByRole("region", { name: "secrets-441205839201.tf" });
  await expect(terraform).toContainText("import {");
  await expect(terraform).toContainText('resource "aws_secretsmanager_secret" "payments_batch_ledger_postgres_6"');
  await expect(terraform).not.toContainText("CANARY");
  await expectAccessible(page);
  await page.getByRole("link", { name: "CloudFormation" }).click();
  await expect(page.getByRole("region", { name: "secrets-441205839201-us-east-1.template.yaml" })).toContainText("DeletionPolicy: Retain");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download secrets-441205839201-us-east-1.import.json" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("secrets-441205839201-us-east-1.import.json");

  await page.goto("/inventory/code?team=payments&account=441205839201&region=us-west-2&as=cdk");
  await expect(page.getByRole("region", { name: "secrets-441205839201-us-west-2.ts" })).toContainText("new CfnSecret(");
  await expectAccessible(page);
});

test("a new vault for a team names what is wrong, and writes its files", async ({ page }) => {
  await signIn(page, "Ada Okafor", "/teams");
  const team = page.locator('a[href^="/teams/payments"]').first();
  // A team has a page after the first evaluation.
  await untilShown(page, team, "/teams");
  await team.click();
  await page.getByRole("link", { name: "New vault" }).click();
  await hydrated(page);
  const field = (name) => page.locator(`#vault [name=${name}]`);
  await expect(field("team")).toHaveValue("payments");
  await expect(field("organization")).toHaveValue("o-n0rthw1nd1");
  await field("account").selectOption("441205839201");
  await field("region").fill("us-east-1");
  await field("function").fill("rotate");
  await field("readers").fill("ecs-tasks.amazonaws.com");
  await page.getByRole("button", { name: "Write the files" }).click();
  await expect(page.locator("#vault label.field", { has: page.locator("[name=function]") }).getByRole("alert")).toContainText("ARN");
  await expect(field("readers")).toHaveValue("ecs-tasks.amazonaws.com");
  await field("function").fill("arn:aws:lambda:us-east-1:441205839201:function:rotate");
  await page.getByRole("button", { name: "Write the files" }).click();
  await expect(page.getByRole("region", { name: "vault-payments.tf" })).toContainText('source                = "./team-vault"');
  await expectAccessible(page);
});
