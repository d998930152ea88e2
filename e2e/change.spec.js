// A value changed in part under a grant to read and write: keys of a JSON object, a parameter's settings, versions compared.
import { ask, call, expect, expectAccessible, hydrated, signedInPage, test } from "./support.js";

const canary = process.env.CLAVIGER_CANARY;

/** A live resource of this kind in the development account, where short access needs no approval. */
async function changing(page, kind, at) {
  const query = `kind=${kind}&account=506274918803&tag=owner%3Dpayments&state=live&sort=name`;
  const list = await call(page, "inventory/list", { query });
  const row = list.page.rows.filter((one) => one.region === "us-east-1" && !one.name.includes("hsm"))[at];
  const grant = await ask(page, row.id, { action: "change" });
  await call(page, "access/claim", { grant });
  await page.goto(`/access/${grant}`);
  await hydrated(page);
  return { grant, id: row.id, name: row.name };
}

test("one key of a secret changes, the others stay, and the versions are compared", async ({ browser, baseURL }) => {
  const ben = await signedInPage(browser, baseURL, "Ben Ito");
  const { id } = await changing(ben, "secret", 0);
  await expect(ben.getByText(/read and write access for/)).toBeVisible();
  const whole = ben.locator(`section[data-key="${id}"]`);
  const text = `{ "user" : "${canary}",  "port" : 5432.0, "password" : "${canary}-old" }`;
  await whole.getByLabel("Value").fill(text);
  await whole.getByRole("button", { name: "Write the new value" }).click();
  await expect(whole.getByText("Written as version")).toBeVisible();

  const keys = ben.locator(`section[data-key="keys-${id}"]`);
  await keys.getByRole("button", { name: "Show key names" }).click();
  await expect(keys.locator("tbody tr")).toHaveText(["userstring", "portnumber", "passwordstring"]);
  await expectAccessible(ben);
  await keys.getByLabel("Name").nth(0).fill("password");
  await keys.getByLabel("New value").nth(0).fill(`${canary}-new`);
  await keys.getByLabel("Name").nth(1).fill("engine");
  await keys.getByLabel("Action").nth(1).selectOption("add");
  await keys.getByLabel("New value").nth(1).fill("postgres");
  await keys.getByLabel("Name").nth(2).fill("absent");
  await keys.getByLabel("Action").nth(2).selectOption("remove");
  await keys.getByRole("button", { name: "Write the changed keys" }).click();
  await expect(keys.getByRole("alert")).toContainText("no key absent");
  await expect(keys.getByLabel("New value").nth(0), "what was typed stays").toHaveValue(`${canary}-new`);
  await keys.getByLabel("Name").nth(2).fill("");
  await keys.getByRole("button", { name: "Write the changed keys" }).click();
  await expect(keys.getByText("Written as version")).toBeVisible();
  expect(await ben.locator("body").innerText()).not.toContain(canary);

  const compare = ben.locator(`section[data-key="compare-${id}"]`);
  await compare.getByRole("button", { name: "Compare" }).click();
  await expect(compare.locator("tbody tr")).toHaveText(["usersamestring", "portsamenumber", "passwordsamestring", "engineaddedstring"]);
  await expectAccessible(ben);
  await ben.getByRole("button", { name: "Reveal" }).click();
  await ben.locator("summary", { hasText: "Raw value" }).click();
  await expect(ben.locator(".revealed")).toContainText(`"port" : 5432.0, "password" : "${canary}-new"`);
});

test("a parameter's tier and pattern change, after a preview", async ({ browser, baseURL }) => {
  const ben = await signedInPage(browser, baseURL, "Ben Ito");
  const { id } = await changing(ben, "parameter", 0);
  const settings = ben.locator(`section[data-key="settings-${id}"]`);
  await settings.getByLabel("Tier").selectOption("Advanced");
  await settings.locator("input[name=allowed_pattern]").fill("^[0-9]+$");
  await settings.getByLabel("New value").fill("letters");
  await settings.getByRole("button", { name: "Preview" }).click();
  await expect(settings.getByText("Value: It doesn't match the allowed pattern")).toBeVisible();
  await expect(settings.getByRole("row", { name: /AllowedPattern/ })).toContainText("^[0-9]+$");
  await expectAccessible(ben);
  await settings.getByRole("button", { name: "Change parameter" }).click();
  await expect(settings.getByRole("alert")).toContainText("doesn't match");
  await settings.getByLabel("New value").fill("4711");
  await settings.getByRole("button", { name: "Change parameter" }).click();
  await expect(settings.getByText("Written as version")).toBeVisible();
  await settings.getByLabel("Tier").selectOption("Standard");
  await settings.getByRole("button", { name: "Change parameter" }).click();
  await expect(settings.getByRole("alert")).toContainText("AWS can't turn an Advanced parameter into a Standard one");
});

test("a file is written without JavaScript, as bytes or as text", async ({ browser, baseURL }) => {
  const scripted = await signedInPage(browser, baseURL, "Ben Ito");
  const { grant, id } = await changing(scripted, "secret", 2);
  const ben = await signedInPage(browser, baseURL, "Ben Ito", { javaScriptEnabled: false });
  await ben.goto(`/access/${grant}`);
  const whole = ben.locator(`section[data-key="${id}"]`);
  const upload = async (kind, buffer) => {
    await whole.locator("summary", { hasText: "Upload a file" }).click();
    await whole.getByLabel("Store as").selectOption(kind);
    await whole.locator("input[type=file]").setInputFiles({ name: "value", mimeType: "application/octet-stream", buffer });
    await whole.getByRole("button", { name: "Write the file" }).click();
  };
  await upload("binary", Buffer.from([0, 159, 146, 150, 13, 10]));
  await expect(ben.getByText("File written as version")).toBeVisible();
  await upload("text", Buffer.from([0xff, 0xfe]));
  await expect(whole.getByRole("alert")).toContainText("not text in UTF-8");
  await expect(ben.getByText("File written as version")).toHaveCount(0);
  await scripted.goto(`/access/${grant}`);
  await hydrated(scripted);
  await scripted.getByRole("button", { name: "Reveal" }).click();
  await expect(scripted.locator(".revealed")).toContainText("AJ+Slg0K");
});
