import { arm, disarm } from "./triage.js";

/** @type {Record<string, string>} */
const PLACES = { q: "/queue", i: "/inventory", o: "/overview", f: "/findings", a: "/accounts", m: "/access" };

/** @param {string} id */
function show(id) {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

/**
 * Moves the focus to the next link of the list; `false` where the focus is elsewhere.
 * @param {number} by
 */
function step(by) {
  const list = document.querySelector("main .items") ? "main .items a" : "table a.row-link";
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(list)]);
  const focused = document.activeElement;
  const at = links.findIndex((link) => link === focused);
  if (at < 0 && focused && !focused.matches("body, main, [data-open]")) return false;
  // From the item that is open, if the focus is in none.
  const open = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = links[at < 0 ? (open < 0 ? 0 : open + by) : at + by];
  next?.focus();
  return at >= 0 || Boolean(next);
}

/** Selects the row with the focus, or no longer. */
function select() {
  const box = document.activeElement?.closest("tr")?.querySelector("td.pick input");
  if (box instanceof HTMLElement) box.click();
  return Boolean(box);
}

/** @param {string} key One character. */
function act(key) {
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (key === "x") return select();
  return (key === "a" || key === "d") && arm(key);
}

export function keys() {
  let isGoing = false;
  addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    if (key === "k" && (ctrlKey || metaKey) && !altKey) {
      event.preventDefault();
      return show("palette");
    }
    if (key === "Escape" && disarm()) return event.preventDefault();
    if ((target instanceof Element && target.matches("input, textarea, select")) || ctrlKey || metaKey || altKey) return;
    // A person can turn off single keys; those that only move the focus stay.
    const isOff = key.length === 1 && document.querySelector("[data-shortcuts=off]");
    const place = isGoing ? PLACES[key] : undefined;
    isGoing = key === "g" && !place;
    if (isOff || event.defaultPrevented) return;
    if (place) location.assign(place);
    else if (key === "/") document.getElementById("search")?.focus();
    else if (key === "?") return show("keys");
    else if (!(key === "ArrowDown" && step(1)) && !(key === "ArrowUp" && step(-1)) && !act(key)) return;
    event.preventDefault();
  });
}
