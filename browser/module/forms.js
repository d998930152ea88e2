import { element, post } from "./call.js";
import { refresh, returned, visit } from "./refresh.js";

/** @type {WeakSet<HTMLFormElement>} */
const pending = new WeakSet();

/**
 * Sends a form and stays on the page. An error appears in the form, which keeps what was typed.
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} body
 * @param {URL} url
 * @param {HTMLElement | null} button The one that was pressed.
 */
async function send(form, body, url, button) {
  const buttons = [...form.querySelectorAll("button")];
  const enable = (/** @type {boolean} */ enabled) => buttons.forEach((button) => (button.disabled = !enabled));
  form.querySelectorAll(".fault[data-kept]").forEach((fault) => fault.remove());
  enable(false);
  const response = await post(url.href, body).catch(() => null);
  const result = await response?.json().catch(() => null);
  const to = response?.headers.get("location");
  // In a list that is worked through, the next item opens in place: the message about this one is read out.
  if (response?.ok && to) return form.hasAttribute("data-next") ? visit(to) : location.assign(to);
  const into = document.getElementById(button?.dataset.into ?? "");
  if (response?.ok && into) {
    // Only a question: the server's own HTML is the answer, and the form stays as it is.
    into.innerHTML = result;
    into.dataset.kept = "";
  } else if (response?.ok) {
    form.reset();
    await refresh();
    showResult(form, result);
  } else {
    const fault = element("p", "fault", result?.message ? `${result.message} ${result.hint}` : "Can't reach Claviger right now. Try again in a moment.");
    fault.role = "alert";
    fault.dataset.kept = "";
    form.append(fault);
  }
  enable(true);
  // A disabled button loses the focus.
  if (document.activeElement === document.body) button?.focus({ preventScroll: true });
}

/**
 * Shows what the form has for a success, with the result in its `<span>`.
 * @param {HTMLFormElement} form
 * @param {any} result
 */
function showResult(form, result) {
  const success = form.querySelector("[data-success]");
  if (!(success instanceof HTMLElement)) return;
  success.hidden = false;
  success.dataset.kept = "";
  const text = success.querySelector("span");
  if (text) text.textContent = result;
}

export function forms() {
  addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    // Not `form.action`: that is a field, if one has this name.
    const button = event.submitter;
    const stated = (/** @type {string} */ name) => button?.getAttribute(`form${name}`) ?? form.getAttribute(name);
    const url = new URL(stated("action") ?? "", location.href);
    const method = stated("method")?.toLowerCase() ?? "get";
    const fields = /** @type {any} */ (new FormData(form, button));
    const body = new URLSearchParams(fields);
    if (method === "post" && url.pathname.startsWith("/api/")) {
      event.preventDefault();
      if (pending.has(form)) return;
      pending.add(form);
      await send(form, body, url, button);
      pending.delete(form);
    } else if (method === "get" && url.pathname === location.pathname) {
      event.preventDefault();
      for (const [name, value] of [...body]) if (value === "") body.delete(name, value);
      url.search = body.toString();
      await visit(url.href);
    }
  });
  addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.type === "checkbox" && target.form?.dataset.submit === "change") target.form.requestSubmit();
  });
  addEventListener("popstate", returned);
}
