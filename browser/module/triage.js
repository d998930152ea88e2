// Deciding in the queue by keyboard: a key only moves the focus to the button or the reason; Enter confirms.

/** What a key has chosen, until it is confirmed or left. @type {Element | null} */
let armed = null;

/** @param {string} words */
function say(words) {
  const hint = document.querySelector("[data-armed]");
  if (hint) hint.textContent = words;
}

const heading = () => document.querySelector("[data-open]");
const opened = () => heading()?.closest("[data-key]")?.getAttribute("data-key");

/** @param {Element | null} part */
function focus(part) {
  if (part instanceof HTMLElement) part.focus();
}

/**
 * Returns whether the page has something to decide by this key.
 * @param {string} key
 */
export function arm(key) {
  const part = document.querySelector(`[data-arm="${key}"]`);
  if (!part) return false;
  if (part instanceof HTMLDetailsElement) part.open = true;
  armed = part;
  focus(part.querySelector("textarea") ?? part);
  say(part.getAttribute("data-hint") ?? "");
  return true;
}

/** Returns whether anything was armed. */
export function disarm() {
  if (!armed) return false;
  if (armed instanceof HTMLDetailsElement) armed.open = false;
  armed = null;
  say("");
  focus(heading());
  return true;
}

export function triage() {
  addEventListener("focusin", ({ target }) => {
    if (!armed || (target instanceof Node && armed.contains(target))) return;
    armed = null;
    say("");
  });
  // Another item is open, or none: the focus goes to it, and a screen reader reads it.
  let last = opened();
  addEventListener("refreshed", () => {
    const now = opened();
    if (now !== last) focus(heading() ?? document.getElementById("content"));
    last = now;
  });
}
