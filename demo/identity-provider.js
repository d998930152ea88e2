// The demo's identity provider: seven people, no passwords, loopback only. Never for anything real.
//
// usage: node identity-provider.js  (PORT, CLIENT_ID, CLIENT_SECRET and CONSOLE_URL in the environment; HOST only in a container)

import http from "node:http";
import Provider from "oidc-provider";

const port = Number(process.env.PORT);
const consoleUrl = process.env.CONSOLE_URL;
const issuer = `http://127.0.0.1:${port}`;

export const people = [
  { sub: "ada", name: "Ada Okafor", groups: ["security-team"], who: "Security admin" },
  { sub: "sam", name: "Sam Keller", groups: ["security-team"], who: "Security admin" },
  { sub: "ben", name: "Ben Ito", groups: ["payments-engineers"], who: "Engineer, Payments" },
  { sub: "mira", name: "Mira Lindqvist", groups: ["growth-engineers"], who: "Engineer, Growth" },
  { sub: "tomas", name: "Tomás Reyes", groups: ["production-approvers"], who: "Approver, Production" },
  { sub: "ines", name: "Inès Moreau", groups: ["audit"], who: "Auditor" },
  { sub: "noa", name: "Noa Berg", groups: [], who: "No group at all" },
].map((person) => ({ ...person, email: `${person.sub}@northwind.example`, email_verified: true }));

const findPerson = (id) => people.find((person) => person.sub === id);

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: process.env.CLIENT_ID,
      client_secret: process.env.CLIENT_SECRET,
      redirect_uris: [`${consoleUrl}/auth/callback`],
      post_logout_redirect_uris: [`${consoleUrl}/signed-out`],
      response_types: ["code"],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "client_secret_basic",
    },
    // clv: a public client, by the device authorization flow.
    {
      client_id: "claviger-cli",
      redirect_uris: [],
      response_types: [],
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
      application_type: "native",
      token_endpoint_auth_method: "none",
    },
  ],
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
  scopes: ["openid", "profile", "email", "groups"],
  // The claims belong into the id token itself, which is what the console verifies.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  // The console and clv read the groups again every few minutes.
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed("refresh_token"),
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true, userCodeInputSource, userCodeConfirmSource, successSource },
    rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource },
  },
  cookies: { keys: [process.env.CLIENT_SECRET] },
  ttl: { Session: 8 * 3600, Interaction: 3600, Grant: 8 * 3600, AccessToken: 3600, IdToken: 3600, RefreshToken: 8 * 3600 },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, id) => {
    const person = findPerson(id);
    return person && { accountId: id, claims: () => ({ ...person }) };
  },
  // The console is trusted: nobody is asked for consent.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile email groups");
    await grant.save();
    return grant;
  },
  renderError: (ctx, out) => {
    ctx.type = "html";
    ctx.body = page("Something is wrong", `<p>${escape(out.error)}: ${escape(out.error_description ?? "")}</p>`);
  },
});

function escape(text) {
  return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function page(title, body) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>
:root{color-scheme:light dark;font:14px/1.5 system-ui,sans-serif}body{max-width:26rem;margin:12vh auto;padding:0 1rem}
h1{font-size:1.2rem}button{display:block;width:100%;text-align:left;font:inherit;padding:.6rem .8rem;margin:.4rem 0;border:1px solid #8886;border-radius:7px;background:transparent;cursor:pointer}
button:hover{border-color:#2f5fd0}small{color:#777;display:block}</style><main><h1>${escape(title)}</h1>${body}</main></html>`;
}

async function logoutSource(ctx, form) {
  // The console has already ended its own session and sends a hint: no second question.
  ctx.body = page("Signing out", `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out everywhere</button>
<script>document.getElementById("op.logoutForm").insertAdjacentHTML("beforeend",'<input type="hidden" name="logout" value="yes">');document.getElementById("op.logoutForm").submit()</script>`);
}

async function postLogoutSuccessSource(ctx) {
  ctx.body = page("Signed out", "<p>You are signed out.</p>");
}

async function userCodeInputSource(ctx, form, out, err) {
  ctx.body = page("Sign in a client", `<p>${err ? "That code is not known." : "Type the code that the client shows."}</p>${form}
<button type="submit" form="op.deviceInputForm">Continue</button>`);
}

async function userCodeConfirmSource(ctx, form, _client, _device, code) {
  ctx.body = page("Sign in a client", `<p>Does the client show this code?</p><p><strong>${escape(code)}</strong></p>${form}
<button type="submit" form="op.deviceConfirmForm" autofocus>Yes, go on</button>`);
}

async function successSource(ctx) {
  ctx.body = page("Signed in", "<p>You can close this page and go back to the client.</p>");
}

function chooser(uid) {
  const choices = people
    .map((p) => `<button name="login" value="${p.sub}">${escape(p.name)}<small>${escape(p.who)}</small></button>`)
    .join("");
  return page("Northwind sign-in (demo)", `<p>Who are you today?</p><form method="post" action="/interaction/${uid}">${choices}</form>`);
}

async function readForm(request) {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > 10_000) throw new Error("form too large");
  }
  return new URLSearchParams(body);
}

const callback = provider.callback();
const server = http.createServer(async (request, response) => {
  const match = /^\/interaction\/([\w-]+)$/.exec(request.url ?? "");
  if (!match) return callback(request, response);
  try {
    if (request.method === "POST") {
      const person = findPerson((await readForm(request)).get("login"));
      const result = person
        ? // A native client's sign-in counts as consented by the choice.
          { login: { accountId: person.sub }, consent: {} }
        : { error: "access_denied", error_description: "nobody was chosen" };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    } else {
      await provider.interactionDetails(request, response);
      response.setHeader("content-type", "text/html; charset=utf-8").end(chooser(match[1]));
    }
  } catch (error) {
    response.statusCode = 400;
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(page("This sign-in has ended", `<p>Go back to the console and sign in again.</p><p>${escape(error.message)}</p>`));
  }
});
// In a container loopback is the container's own: there the engine publishes the port on the machine's loopback alone.
server.listen(port, process.env.HOST ?? "127.0.0.1", () => console.log(`identity provider at ${issuer}`));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
