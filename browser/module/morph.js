// Updates the page to what the server has now, and keeps the person's state: focus, ticks, open menus, typed text, hydrated islands.
// An element with `data-kept` belongs to the module: it stays as it is.

/** State that only the browser has. */
const OWN = ["open", "aria-expanded", "aria-activedescendant"];

/**
 * Two nodes with the same name and key are the same part of the page.
 * @param {Node} node
 */
function key(node) {
  if (!(node instanceof Element)) return "";
  const [id, row, name, action, kind] = ["id", "data-key", "name", "action", "class"].map((attribute) => node.getAttribute(attribute));
  if (node instanceof HTMLInputElement && node.type === "checkbox") return `${name}=${node.value}`;
  return id || row || name || action || kind || "";
}

/**
 * A field that was edited ignores its attributes until the server changes one.
 * @param {Element} old
 * @param {string} name
 * @param {string | null} value
 */
function set(old, name, value) {
  if (OWN.includes(name) || old.getAttribute(name) === value) return;
  // What is typed into a form that is posted stays until it is sent; a filter follows the address.
  const isTyped = old instanceof HTMLInputElement && old.form?.getAttribute("method") === "post" && old.value !== old.defaultValue;
  if (value === null) old.removeAttribute(name);
  else old.setAttribute(name, value);
  if (old instanceof HTMLInputElement && name === "checked") old.checked = value !== null;
  if (old instanceof HTMLInputElement && name === "value" && !isTyped) old.value = value ?? "";
}

/** @param {Node} node */
const isKept = (node) => node instanceof Element && node.hasAttribute("data-kept");

/**
 * @param {Element} old
 * @param {Element} fresh
 */
export function morph(old, fresh) {
  if (isKept(old)) return;
  const isIsland = old.localName === "leptos-island";
  if (isIsland && ["component", "props"].every((name) => old.getAttribute(`data-${name}`) === fresh.getAttribute(`data-${name}`))) return;
  if (isIsland) return old.replaceWith(fresh);
  for (const name of old.getAttributeNames()) if (!fresh.hasAttribute(name)) set(old, name, null);
  for (const name of fresh.getAttributeNames()) set(old, name, fresh.getAttribute(name));
  const left = [...old.childNodes];
  const pairs = [...fresh.childNodes].map((next) => {
    const wanted = key(next);
    const found = left.findIndex((node) => node.nodeName === next.nodeName && key(node) === wanted);
    return /** @type {[ChildNode, ChildNode]} */ ([found < 0 ? next : left.splice(found, 1)[0], next]);
  });
  // First, so that the others need not move: an element that moves loses the focus.
  for (const node of left) if (!isKept(node)) node.remove();
  let at = old.firstChild;
  for (const [node, next] of pairs) {
    while (at && left.includes(at)) at = at.nextSibling;
    if (node === at) at = at.nextSibling;
    else old.insertBefore(node, at);
    if (node === next) continue;
    if (node instanceof Element && next instanceof Element) morph(node, next);
    else if (node.nodeValue !== next.nodeValue) node.nodeValue = next.nodeValue;
  }
}
