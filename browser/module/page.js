import { visit } from "./refresh.js";

/** Milliseconds for which a button says that it copied. */
const COPIED_MS = 2000;

/** @param {Element} field */
function isEdited(field) {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement)) return false;
  return ["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

/** Shows each note about fields that hold something else than the server has seen. */
function notes() {
  for (const part of document.querySelectorAll("[data-note]")) {
    const note = document.getElementById(part.getAttribute("data-note") ?? "");
    if (note) note.hidden = ![...part.querySelectorAll("input, textarea")].some(isEdited);
  }
}

/** @param {Element} button */
async function copy(button) {
  const label = button.querySelector("span");
  const text = label?.textContent;
  const done = await navigator.clipboard.writeText(button.getAttribute("data-copy") ?? "").then(
    () => "Copied",
    () => "Can't copy here",
  );
  if (!label || text === done) return;
  label.textContent = done;
  setTimeout(() => (label.textContent = text ?? ""), COPIED_MS);
}

/** What buttons and links do that the server need not know, or that stays on the page. */
export function page() {
  addEventListener("input", notes);
  addEventListener("refreshed", notes);
  addEventListener("click", (event) => {
    const found = event.target instanceof Element ? event.target.closest("[data-print], [data-copy], [data-in-place], [name=theme], [name=zone]") : null;
    if (!found || event.defaultPrevented) return;
    const { button, ctrlKey, metaKey, shiftKey, altKey } = event;
    if (found.hasAttribute("data-print")) print();
    else if (found.hasAttribute("data-copy")) copy(found);
    else if (found instanceof HTMLAnchorElement) {
      if (button !== 0 || ctrlKey || metaKey || shiftKey || altKey) return;
      // The same form about something else: what was typed stays.
      event.preventDefault();
      visit(found.href);
    } else if (found instanceof HTMLButtonElement) {
      // The look changes before the server responds; times follow when it has.
      if (found.name === "zone") document.documentElement.dataset.zone = found.value;
      else if (found.value === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = found.value;
    }
  });
}
