// As a user would: clv, and the plain AWS command line, against the emulator that enforces sessions.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, hydrated, signedInPage, test } from "./support.js";

const run = promisify(execFile);
const { CLAVIGER_CLV: clv, CLAVIGER_AWS: aws, CLAVIGER_AWS_ENDPOINT: endpoint, CLAVIGER_URL: url, CLAVIGER_CANARY: canary } = process.env;

/** A person's laptop: its own home folder. */
class Laptop {
  constructor() {
    this.home = mkdtempSync(join(tmpdir(), "clv-"));
    this.env = { PATH: process.env.PATH, HOME: this.home, AWS_ENDPOINT_URL: endpoint, AWS_DEFAULT_REGION: "us-east-1", AWS_EC2_METADATA_DISABLED: "true", AWS_PAGER: "" };
  }

  clv(...args) {
    return run(clv, args, { env: this.env }).then((done) => done.stdout.trim());
  }

  /** With this standard input; returns the output as bytes. */
  piped(input, ...args) {
    return new Promise((resolve, reject) => {
      const child = spawn(clv, args, { env: this.env });
      const out = [];
      let said = "";
      child.stdout.on("data", (data) => out.push(data));
      child.stderr.on("data", (data) => (said += data));
      child.on("close", (code) => (code === 0 ? resolve(Buffer.concat(out)) : reject(new Error(`${code}: ${said}`))));
      child.stdin.end(input);
    });
  }

  /** The exit code of a command. */
  code(...args) {
    return run(clv, args, { env: this.env }).then(
      () => 0,
      (error) => error.code,
    );
  }

  /** Runs a printed command unchanged. */
  shell(command) {
    const path = `${join(clv, "..")}:${join(aws, "..")}:${this.env.PATH}`;
    return run("sh", ["-c", command], { env: { ...this.env, PATH: path }, cwd: this.home }).then((done) => done.stdout.trim());
  }

  aws(...args) {
    return run(aws, args, { env: this.env }).then((done) => done.stdout.trim());
  }

  /** The error output of a failed command. */
  async refused(command, ...args) {
    const failed = await this[command](...args).then(
      (out) => ({ stderr: `it worked: ${out}` }),
      (error) => error,
    );
    return failed.stderr;
  }

  /** The device flow; its browser part runs in a browser. */
  async login(browser, name) {
    const child = spawn(clv, ["login", url], { env: this.env });
    let out = "";
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (out += data));
    await expect.poll(() => out).toContain("Open http");
    const page = await (await browser.newContext()).newPage();
    await page.goto(out.match(/Open (\S+)/)[1]);
    const onward = page.getByRole("button", { name: /Continue|Yes, go on/ });
    await onward.click();
    const choice = page.getByRole("button", { name });
    await expect(onward.or(choice).first()).toBeVisible();
    if (await onward.isVisible()) await onward.click();
    await choice.click();
    await expect(page.getByText("go back to the client")).toBeVisible();
    expect(await ended, out).toBe(0);
    expect(out).toContain(`Signed in as ${name}`);
    await page.context().close();
    return this;
  }
}

test("a grant reads its secret and no other, until it is revoked", async ({ browser }) => {
  const ben = await new Laptop().login(browser, "Ben Ito");
  const tomas = await new Laptop().login(browser, "Tomás Reyes");
  const ada = await new Laptop().login(browser, "Ada Okafor");
  expect(statSync(join(ben.home, ".config/claviger/sign-in.json")).mode & 0o777).toBe(0o600);
  expect(await ben.clv("whoami")).toContain("Ben Ito, requester");

  // Nobody else requests these as Ben: `clv request` refuses what an open request of his covers.
  const [name, other] = ["payments/vault-card/hsm-pin", "payments/adyen/merchant"];
  const where = ["--account", "Payments Prod", "--region", "us-east-1"];
  expect(await ben.clv("search", name)).toContain("Payments Prod");
  const asked = async (...args) => (await ben.clv("request", ...args, ...where, "--purpose", "Reconcile.", "--for", "20m")).split("\t")[0];
  const approved = async (grant) => {
    expect(await tomas.clv("queue")).toContain(grant);
    await tomas.clv("approve", grant);
    expect(await ada.clv("approve", grant)).toContain("Ready to start");
    await ben.clv("claim", grant);
  };
  expect(await ben.refused("clv", "request", name, "--purpose", "x", ...where, "--for", "9h")).toContain("Request between 1 and 240 minutes");
  const [first, second] = [await asked(name), await asked(name, other)];
  expect(await ben.refused("clv", "approve", first)).toContain("You can't approve your own request");
  expect(await ben.refused("clv", "creds", "--grant", first)).toContain("It is pending approval");
  await approved(first);
  await approved(second);

  // The plain AWS command line, by a profile.
  for (const grant of [first, second]) await ben.clv("configure", "--grant", grant);
  const config = readFileSync(join(ben.home, ".aws/config"), "utf8");
  expect(config).toContain(`[profile claviger-${first}]\nregion = us-east-1\n`);
  const as = (grant, ...args) => ["--profile", `claviger-${grant}`, "--region", "us-east-1", ...args];
  const read = (grant, id) => as(grant, "secretsmanager", "get-secret-value", "--secret-id", id, "--query", "SecretString", "--output", "text");
  const arn = (await ben.clv("exec", "--grant", first, "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID")).startsWith("ASIA");
  expect(arn).toBe(true);
  expect(await ben.aws(...read(first, name))).toContain(canary);
  expect(await ben.aws(...read(second, other))).toContain(canary);
  for (const call of [
    read(first, other),
    as(first, "secretsmanager", "list-secrets"),
    as(first, "secretsmanager", "put-secret-value", "--secret-id", name, "--secret-string", "x"),
    as(first, "secretsmanager", "describe-secret", "--secret-id", name),
    as(first, "ssm", "describe-parameters"),
    as(first, "iam", "list-users"),
  ]) {
    expect(await ben.refused("aws", ...call), call.join(" ")).toMatch(/AccessDenied|not authorized/);
  }
  expect(await ben.clv("get", name, "--grant", first, "--field", "password")).toContain(canary);
  expect(await ben.refused("clv", "get", name, "--grant", first, "--field", "colour")).toContain("It has username, password");

  // Credentials that were issued before the revocation, as an attacker would keep them.
  const kept = JSON.parse(await ben.clv("creds", "--grant", first, "--format", "json"));
  const thief = new Laptop();
  Object.assign(thief.env, { AWS_ACCESS_KEY_ID: kept.AccessKeyId, AWS_SECRET_ACCESS_KEY: kept.SecretAccessKey, AWS_SESSION_TOKEN: kept.SessionToken });
  const steal = ["secretsmanager", "get-secret-value", "--secret-id", name];
  expect(await thief.aws(...steal)).toContain(canary);
  const revokedAt = Date.now();
  await tomas.clv("revoke", first, "--reason", "The laptop is lost.");
  let refusedAfter;
  await expect
    .poll(async () => {
      const said = await thief.refused("aws", ...steal);
      refusedAfter = Date.now() - revokedAt;
      return said;
    })
    .toMatch(/AccessDenied|not authorized/);
  test.info().annotations.push({ type: "measured", description: `refused ${refusedAfter} ms after the revocation began` });
  console.log(`revoked credentials were refused ${refusedAfter} ms after the revocation was asked for`);
  expect(await ben.refused("aws", ...read(first, name))).toContain("It was revoked");
  expect(await ben.aws(...read(second, name)), "the other grant goes on").toContain(canary);
  expect(await ben.clv("grants")).toContain(`${second}\tread payments/adyen/merchant and 1 more`);
  await ben.clv("give-back", second);
  expect(await ben.refused("clv", "get", name)).toContain("no active grant of yours");
});

test("credentials do not work after the grant's time is over", async ({ browser }) => {
  const mira = await new Laptop().login(browser, "Mira Lindqvist");
  const rows = (await mira.clv("search", "growth/")).split("\n").map((line) => line.split("\t"));
  const names = rows.filter(([, kind, account, region]) => kind === "secret" && account === "Growth Dev" && region === "us-east-1").map(([name]) => name);
  // Development approves 30 minutes automatically; tags decide who can request.
  let grant;
  let name;
  for (name of names) {
    const made = await mira.clv("request", name, "--account", "Growth Dev", "--region", "us-east-1", "--purpose", "Look.", "--for", "1m").catch(() => "");
    if (made.includes("Ready to start")) {
      grant = made.split("\t")[0];
      break;
    }
  }
  expect(grant, "one of them is owned by growth").toBeTruthy();
  await mira.clv("claim", grant);
  const kept = JSON.parse(await mira.clv("creds", "--grant", grant, "--format", "json"));
  expect(new Date(kept.Expiration) - Date.now(), "renewed by the end of the window, not of AWS's least").toBeLessThan(61_000);
  const later = new Laptop();
  Object.assign(later.env, { AWS_ACCESS_KEY_ID: kept.AccessKeyId, AWS_SECRET_ACCESS_KEY: kept.SecretAccessKey, AWS_SESSION_TOKEN: kept.SessionToken });
  const read = ["secretsmanager", "get-secret-value", "--secret-id", name];
  expect(await later.aws(...read)).toContain(canary);
  await expect.poll(() => later.refused("aws", ...read), { timeout: 75_000, intervals: [5_000] }).toMatch(/AccessDenied|not authorized/);
  // AWS's dates have whole seconds: its policy ends a fraction of one before the grant.
  await new Promise((over) => setTimeout(over, Math.max(0, new Date(kept.Expiration) - Date.now()) + 1_100));
  expect(await mira.refused("clv", "creds", "--grant", grant)).toContain("It has expired");
});

test("a value is written and read byte for byte, by name and by ARN, and the page shows it unchanged", async ({ browser, baseURL }) => {
  const ben = await new Laptop().login(browser, "Ben Ito");
  const tomas = await new Laptop().login(browser, "Tomás Reyes");
  const ada = await new Laptop().login(browser, "Ada Okafor");
  const where = ["--account", "Payments Prod", "--region", "us-east-1"];
  const ask = (name, ...more) => ben.clv("request", name, ...where, "--purpose", "Set it up.", "--for", "20m", ...more).then((out) => out.split("\t")[0]);
  let name;
  let write;
  // As above, nobody else requests them as Ben.
  for (name of ["payments/settlement/sftp", "payments/kafka/mtls-client", "payments/stripe/api-key", "payments/ledger/readonly"]) {
    write = await ask(name, "--action", "write", "--ticket", "PAY-4483").catch(() => undefined);
    if (write) break;
  }
  expect(write, "one of them can be written").toBeTruthy();
  const read = await ask(name);
  for (const grant of [write, read]) {
    await tomas.clv("approve", grant);
    expect(await ada.clv("approve", grant)).toContain("Ready to start");
    await ben.clv("claim", grant);
  }

  const pem = "-----BEGIN KEY-----\n  QUFB\n-----END KEY-----\n";
  const value = `{"n":12345678901234567890123,"price":1.10,"twice":1,"twice":2,"key":${JSON.stringify(pem)},"caf\\u00e9":"${canary}"}\n`;
  expect((await ben.piped(value, "put", name, "--grant", write)).toString()).toContain("us-east-1");
  expect((await ben.piped("", "get", name, "--grant", read)).toString()).toBe(value);
  expect((await ben.piped("", "get", name, "--grant", read, "--field", "n")).toString()).toBe("12345678901234567890123");
  expect((await ben.piped("", "get", name, "--grant", read, "--field", "key")).toString()).toBe(pem);
  expect(await ben.code("get", name, "--grant", read, "--field", "twice")).toBe(6);
  expect(await ben.code("get", "payments/nothing")).toBe(5);
  expect(await ben.code("get", name, "--colour")).toBe(2);
  expect(await new Laptop().code("grants")).toBe(3);

  // As the page prints them.
  const page = await signedInPage(browser, baseURL, "Ben Ito", { permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(`/access/${read}`);
  await hydrated(page);
  const printed = (await page.locator("pre.code").first().textContent()).split("\n\n# or with the AWS CLI:\n");
  expect(await ben.shell(printed[0])).toBe(value.trim());
  expect(await ben.shell(`${printed[1]} --query SecretString --output text`)).toContain("12345678901234567890123");
  const arn = printed[0].match(/arn:\S+/)[0];
  expect(await ben.clv("get", arn.slice(0, -7), "--field", "price")).toBe("1.10");
  expect(await ben.code("request", arn.replace("us-east-1", "ap-south-1"), "--purpose", "x")).toBe(5);
  const expiration = JSON.parse(await ben.clv("creds", "--grant", read)).Expiration;
  expect(expiration).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

  await page.getByRole("button", { name: "Reveal" }).click();
  const shown = page.locator(".revealed");
  await expect(shown.locator("pre.text").first()).toHaveText("12345678901234567890123");
  expect(await shown.locator(":scope > .shown > .faint").allTextContents()).toEqual(["n", "price", "twice", "twice", "key", "café"]);
  expect(await shown.locator(":scope > .shown > .content > pre.text").nth(1).textContent()).toBe("1.10");
  expect(await shown.locator(":scope > .shown > .content > pre.text").nth(4).textContent()).toBe(pem);
  await expect(shown.getByText("The key twice appears 2 times")).toBeVisible();
  await expect(shown.getByText("Ends with a line break").first()).toBeVisible();
  await expect(page.getByText(/^Hides in \d+ s$/)).toBeVisible();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await shown.getByRole("button", { name: "Copy key", exact: true }).click();
  expect(await copied()).toBe(pem);
  await shown.getByText("Raw value", { exact: true }).first().click();
  await shown.getByRole("button", { name: "Copy Raw value", exact: true }).click();
  expect(await copied()).toBe(value);
  await shown.getByText("Copy single lines").first().click();
  // Meanwhile the grant's events grow, and the revealed value stays open.
  const events = page.locator(".timeline li");
  const before = await events.count();
  await ben.clv("get", name, "--grant", read);
  await expect.poll(() => events.count()).toBeGreaterThan(before);
  expect(await shown.locator("details").evaluateAll((all) => all.map((one) => one.open))).toEqual([true, true]);
  await shown.getByRole("button", { name: "Copy line 2 of key", exact: true }).click();
  expect(await copied()).toBe("  QUFB");
  await page.getByRole("button", { name: "Hide" }).click();
  await expect(shown).not.toContainText("QUFB");
  await expect(page.getByRole("button", { name: "Reveal" })).toBeVisible();
  await page.context().close();
});

test("without a sign-in, clv says how to sign in", async () => {
  const nobody = new Laptop();
  expect(await nobody.refused("clv", "grants")).toContain("Sign in with `clv login");
  expect(await nobody.refused("clv", "login", "http://127.0.0.1:9")).toContain("cannot be reached");
});
