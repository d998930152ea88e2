// A record of every kind, so that each route has a page with content.
import { expect } from "@playwright/test";
import { approve, ask, call, secretId } from "../support.js";

const LEDGER = ["payments/ledger/postgres", "&account=441205839201&owner=named&state=live"];
const READONLY = ["payments/ledger/readonly", "&account=441205839201&region=eu-west-1"];
const REDIS = ["payments/portal/fraud/redis", "&account=441205839201&owner=named&state=live"];
const MONTH_MS = 30 * 86_400_000;

/** A plan, an exception, a pending request, a grant in use, and break-glass access to review. Returns the id of a secret, and paths that only a form leads to. */
export async function samples(ada, ben, tomas) {
  const secret = await secretId(ada, ...LEDGER);
  const of = `resource=${secret}`;
  const query = new URLSearchParams({ of, wish: "set-tags", tags: "reviewed=yes" });
  // There is nothing to do until the first evaluation has ended.
  await expect(async () => {
    const { preview } = await call(ada, "remediation/draft", { query: String(query) });
    await call(ada, "remediation/submit", { of, wish: "set-tags", tags: "reviewed=yes", reason: "Looked at.", preview });
  }).toPass({ timeout: 120_000, intervals: [1_000] });
  const until = new Date(Date.now() + MONTH_MS).toISOString().slice(0, 10);
  const form = { policy: "customer-managed-key", target: `resource:${secret}`, reason: "Until spring.", until };
  const asked = await ada.request.post("/api/exceptions/ask", { form, headers: { accept: "application/json" } });
  const exception = asked.headers().location.split("/").pop();
  const emergency = { break_glass: "true", incident: "INC-204", minutes: 15 };
  const review = await ask(ben, await secretId(ben, ...REDIS), emergency);
  await ask(ben, await secretId(ben, ...READONLY));
  const grant = await ask(ben, secret);
  for (const person of [tomas, ada]) await approve(person, grant);
  await call(ben, "access/claim", { grant });
  const paths = [`/remediation/new?of=${encodeURIComponent(of)}`, `/queue/exception/${exception}`, `/queue/review/${review}`];
  return { secret, paths };
}
