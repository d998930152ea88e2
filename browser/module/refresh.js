import { hydrateIslands } from "./islands.js";
import { morph } from "./morph.js";

/** How many refreshes have begun, and which of them the page shows. */
let begun = 0;
let applied = 0;
/** The address of a visit that has not arrived. @type {string | null} */
let visiting = null;

const place = () => location.pathname + location.search;
/** What is to be shown, without the part behind the hash. */
const wanted = () => (visiting ?? location.href).split("#")[0];
/** What is shown, without the part behind the hash. */
let shown = place();

/** @param {string} url */
async function read(url) {
  const response = await fetch(url, { headers: { accept: "text/html" } }).catch(() => null);
  const text = await response?.text().catch(() => null);
  return response && typeof text === "string" && response.status < 500 ? { url: response.url, text } : null;
}

/**
 * Reads the page again, or the one that is being visited, and updates this page to it.
 * @param {boolean} [byEvent] Then a page with `data-still` keeps its content: a person sends what they have read.
 */
export async function refresh(byEvent = false) {
  const mine = ++begun;
  const url = wanted();
  const page = await read(url);
  // A newer one is shown, or another address is. One that has only begun is not waited for: events may come faster than pages.
  if (mine < applied || url !== wanted()) return;
  // Without a page, the next event tries again; a visit is left to the browser, which shows the error.
  if (!page) return visiting === null ? undefined : location.assign(visiting);
  applied = mine;
  const fresh = new DOMParser().parseFromString(page.text, "text/html");
  // The session has expired: the sign-in returns here.
  if (!fresh.querySelector(".shell")) return location.assign(visiting ?? location.href);
  const focused = document.activeElement;
  const isStill = byEvent && visiting === null && document.querySelector("[data-still]") !== null;
  document.title = fresh.title;
  for (const part of ["aside.side", "header.topbar", "#notices", "#content"]) {
    const [old, next] = [document.querySelector(part), fresh.querySelector(part)];
    if (old && next && !(isStill && part === "#content")) morph(old, next);
  }
  if (focused instanceof HTMLElement && focused.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
  if (visiting !== null) arrive(page.url);
  dispatchEvent(new Event("refreshed"));
  await hydrateIslands();
}

/** @param {string} url After redirects. */
function arrive(url) {
  visiting = null;
  if (url !== location.href) history.pushState(null, "", url);
  shown = place();
  // The address now contains what was typed, or the filters do.
  for (const field of document.querySelectorAll("form[method=get i] input[type=text], input[form=filters]")) {
    if (field instanceof HTMLInputElement) field.value = field.defaultValue;
  }
}

/**
 * The same page at another address, such as with one more filter. Menus stay open. What is shown until it has arrived is
 * about something else: it cannot be submitted.
 * @param {string} url
 */
export function visit(url) {
  visiting = url;
  for (const button of document.querySelectorAll("#content form[method=post i] button")) {
    if (button instanceof HTMLButtonElement && button !== document.activeElement) button.disabled = true;
  }
  return refresh();
}

/** The browser has changed the address: Back, or a link within the page, which shows nothing else. */
export function returned() {
  if (visiting === null && place() === shown) return;
  visiting = null;
  shown = place();
  return refresh();
}
