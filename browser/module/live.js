import { refresh } from "./refresh.js";

/** Milliseconds for which changes elsewhere are collected. */
const PAUSE_MS = 1000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let planned;
let isScanning = false;

/** @param {number} pause */
function soon(pause) {
  if (planned && pause > 0) return;
  clearTimeout(planned);
  planned = setTimeout(() => {
    planned = undefined;
    refresh(true);
  }, pause);
}

/** The scan's progress, in the server's words. @param {MessageEvent} event */
function scan(event) {
  const { tone, text, running } = JSON.parse(event.data);
  const words = document.querySelector("[data-scan]");
  if (words) {
    words.textContent = text;
    if (words.previousElementSibling) words.previousElementSibling.className = `dot ${tone}`;
  }
  // After a scan, lists are out of date; some pages show its steps.
  if (isScanning && !running) soon(0);
  else if (running && document.querySelector("[data-follows=scan]")) soon(PAUSE_MS);
  isScanning = running;
}

function open() {
  const source = new EventSource("/events");
  source.addEventListener("scan", scan);
  // Has anything happened since the page was read?
  source.addEventListener("entry", ({ data }) => {
    const read = document.querySelector("[data-entry]")?.getAttribute("data-entry");
    if (read !== undefined && read !== data) soon(0);
  });
  source.addEventListener("access", ({ data }) => {
    const own = location.pathname.split("/").pop() ?? "";
    soon(data.split(" ").some((/** @type {string} */ word) => word === "*" || word === own) ? 0 : PAUSE_MS);
  });
  return source;
}

export function live() {
  let source = open();
  // A browser ends the stream of a page that it keeps for Back, and does not open it again.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) source = open();
  });
}
