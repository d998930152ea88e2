// What the browser loads for each route: the bytes of scripts and WebAssembly as they came over the network.
import { brotliCompressSync } from "node:zlib";
import { hydrated } from "../support.js";

/** No request for this long: what the page loads by itself has come. */
const QUIET_MS = 400;

const matches = (pattern, path) => {
  const [wanted, parts] = [pattern.split("/"), path.split("/")];
  return wanted.length === parts.length && wanted.every((part, at) => part === parts[at] || (part.startsWith(":") && parts[at] !== ""));
};
/** `/policies/new` is a route of its own, not an id of `/policies/:id`. */
const routeOf = (routes, path) => routes.find((route) => route === path) ?? routes.find((route) => matches(route, path));

/** Scripts and WebAssembly of one load without a cache; undefined if the server refuses the page. */
async function weigh(page, cdp, path) {
  const kinds = new Map();
  const files = {};
  let last = Date.now();
  const seen = ({ requestId, type, response }) => {
    last = Date.now();
    if (type === "Script" || response.mimeType === "application/wasm") kinds.set(requestId, new URL(response.url).pathname.split("/").pop());
  };
  // With the header of each answer: a little more than the bodies.
  const ended = ({ requestId, encodedDataLength }) => {
    last = Date.now();
    if (kinds.has(requestId)) files[kinds.get(requestId)] = encodedDataLength;
  };
  cdp.on("Network.responseReceived", seen);
  cdp.on("Network.loadingFinished", ended);
  try {
    const answer = await page.goto(path);
    if (answer.status() !== 200) return undefined;
    await hydrated(page);
    while (Date.now() - last < QUIET_MS) await page.waitForTimeout(50);
  } finally {
    cdp.off("Network.responseReceived", seen);
    cdp.off("Network.loadingFinished", ended);
  }
  const { inline, islands, links, here } = await page.evaluate(() => ({
    inline: [...document.scripts].filter((script) => !script.src && script.type !== "application/json").map((script) => script.textContent).join("\n"),
    islands: document.querySelectorAll("leptos-island").length,
    links: [...document.querySelectorAll("a[href^='/']")].map((link) => link.getAttribute("href")),
    here: location.pathname,
  }));
  if (inline) files.inline = brotliCompressSync(inline).length;
  return { files, islands, links, here, bytes: Object.values(files).reduce((sum, bytes) => sum + bytes, 0) };
}

/**
 * Every route, for each of the people: as it is, and by the first link to it that a page had, which knows real ids; and
 * `more`, paths that no link leads to. Throws if nobody could open a route.
 */
export async function weighPages(people, routes, more) {
  const rows = [];
  for (const [person, page] of Object.entries(people)) {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Network.enable");
    await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
    const known = new Set();
    const waiting = [...routes.filter((route) => !route.includes(":")), ...more];
    while (waiting.length > 0) {
      const path = waiting.shift();
      const weighed = await weigh(page, cdp, path);
      if (!weighed) continue;
      const { links, here, ...row } = weighed;
      const route = routeOf(routes, here);
      if (route) rows.push({ route, path, person, ...row });
      for (const link of links) {
        const [to, query] = link.split("#")[0].split("?");
        const leads = routeOf(routes, to);
        // One address of each route, and one with a query.
        const kind = `${leads} ${Boolean(query)}`;
        if (!leads || known.has(kind) || (leads === to && !query)) continue;
        known.add(kind);
        waiting.push(link.split("#")[0]);
      }
    }
    await cdp.detach();
  }
  const missing = routes.filter((route) => !rows.some((row) => row.route === route));
  if (missing.length > 0) throw new Error(`nobody could open ${missing.join(", ")}: samples.js has to create one`);
  return rows;
}
