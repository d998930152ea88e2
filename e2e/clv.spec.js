// As a user would: clv, and the plain AWS command line, against the emulator that enforces sessions.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "./support.js";

const run = promisify(execFile);
const { CLAVIGER_CLV: clv, CLAVIGER_AWS: aws, CLAVIGER_AWS_ENDPOINT: endpoint, CLAVIGER_URL: url, CLAVIGER_CANARY: canary } = process.env;

/** A person's laptop: a home of its own. */
class Laptop {
  constructor() {
    this.home = mkdtempSync(join(tmpdir(), "clv-"));
    this.env = { PATH: process.env.PATH, HOME: this.home, AWS_ENDPOINT_URL: endpoint, AWS_DEFAULT_REGION: "us-east-1", AWS_EC2_METADATA_DISABLED: "true", AWS_PAGER: "" };
  }

  clv(...args) {
    return run(clv, args, { env: this.env }).then((done) => done.stdout.trim());
  }

  aws(...args) {
    return run(aws, args, { env: this.env }).then((done) => done.stdout.trim());
  }

  /** What a refused command said. */
  async refused(command, ...args) {
    const failed = await this[command](...args).then(
      (out) => ({ stderr: `it worked: ${out}` }),
      (error) => error,
    );
    return failed.stderr;
  }

  /** The device flow, with the browser's part in a browser. */
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

test("the granted secret is read and nothing else is, until it is revoked", async ({ browser }) => {
  test.setTimeout(120_000);
  const ben = await new Laptop().login(browser, "Ben Ito");
  const tomas = await new Laptop().login(browser, "Tomás Reyes");
  const ada = await new Laptop().login(browser, "Ada Okafor");
  expect(statSync(join(ben.home, ".config/claviger/sign-in.json")).mode & 0o777).toBe(0o600);
  expect(await ben.clv("whoami")).toContain("Ben Ito, requester");

  const [name, other] = ["payments/vault-card/hsm-pin", "payments/adyen/merchant"];
  const where = ["--account", "Payments Prod", "--region", "us-east-1"];
  expect(await ben.clv("search", name)).toContain("Payments Prod");
  const asked = async (...args) => (await ben.clv("request", ...args, ...where, "--purpose", "Reconcile.", "--for", "20m")).split("\t")[0];
  const approved = async (grant) => {
    expect(await tomas.clv("queue")).toContain(grant);
    await tomas.clv("approve", grant);
    expect(await ada.clv("approve", grant)).toContain("Ready to claim");
    await ben.clv("claim", grant);
  };
  expect(await ben.refused("clv", "request", name, "--purpose", "x", ...where, "--for", "9h")).toContain("Ask for between 1 and 240 minutes");
  const [first, second] = [await asked(name), await asked(name, other)];
  expect(await ben.refused("clv", "approve", first)).toContain("Nobody approves their own request");
  expect(await ben.refused("clv", "creds", "--grant", first)).toContain("It still waits for its approval");
  await approved(first);
  await approved(second);

  // The plain AWS command line, by a profile.
  for (const grant of [first, second]) await ben.clv("configure", "--grant", grant);
  const config = readFileSync(join(ben.home, ".aws/config"), "utf8");
  expect(config).toContain(`[profile claviger-${first}]`);
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
  expect(await ben.refused("clv", "get", name, "--grant", first, "--field", "colour")).toContain("It has password, username");

  // Credentials that were handed out before the revocation, as an attacker would keep them.
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
  expect(await ben.refused("clv", "get", name)).toContain("no live grant of yours");
});

test("after the end by the clock the credentials are of no use", async ({ browser }) => {
  test.setTimeout(120_000);
  const mira = await new Laptop().login(browser, "Mira Lindqvist");
  const rows = (await mira.clv("search", "growth/")).split("\n").map((line) => line.split("\t"));
  const names = rows.filter(([, kind, account, region]) => kind === "secret" && account === "Growth Dev" && region === "us-east-1").map(([name]) => name);
  // Development approves half an hour by itself; tags decide who may ask.
  let grant;
  let name;
  for (name of names) {
    const made = await mira.clv("request", name, "--account", "Growth Dev", "--region", "us-east-1", "--purpose", "Look.", "--for", "1m").catch(() => "");
    if (made.includes("Ready to claim")) {
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
  await new Promise((over) => setTimeout(over, Math.max(0, new Date(kept.Expiration) - Date.now())));
  expect(await mira.refused("clv", "creds", "--grant", grant)).toContain("Its time is over");
});

test("who is not signed in is told how", async () => {
  const nobody = new Laptop();
  expect(await nobody.refused("clv", "grants")).toContain("Sign in with `clv login");
  expect(await nobody.refused("clv", "login", "http://127.0.0.1:9")).toContain("cannot be reached");
});
