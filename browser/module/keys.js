/** @type {Record<string, string>} */
const PLACES = { i: "/inventory", o: "/overview", f: "/findings", a: "/accounts", m: "/access", p: "/approvals" };

/** @param {string} id */
function show(id) {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

/**
 * Moves the focus to the next row's link; `false` where the focus is in no list.
 * @param {number} by
 */
function step(by) {
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("table a.row-link")]);
  const at = links.findIndex((link) => link === document.activeElement);
  if (at < 0 && document.activeElement !== document.body) return false;
  const next = at < 0 ? links[0] : links[at + by];
  next?.focus();
  return at >= 0 || Boolean(next);
}

export function keys() {
  let isGoing = false;
  addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    if (key === "k" && (ctrlKey || metaKey) && !altKey) {
      event.preventDefault();
      return show("palette");
    }
    if ((target instanceof Element && target.matches("input, textarea, select")) || ctrlKey || metaKey || altKey) return;
    const place = isGoing ? PLACES[key] : undefined;
    isGoing = key === "g" && !place;
    if (place) location.assign(place);
    else if (key === "/") document.getElementById("search")?.focus();
    else if (key === "?") return show("keys");
    else if (!(key === "ArrowDown" && step(1)) && !(key === "ArrowUp" && step(-1))) return;
    event.preventDefault();
  });
}
