import { call, element } from "./call.js";
import { choices } from "./choices.js";

/**
 * Where the word at the caret begins and ends. An open quote includes the spaces after it.
 * @param {string} text
 * @param {number} caret
 */
function wordAt(text, caret) {
  let begin = 0;
  let quoted = false;
  for (let at = 0; at < caret; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    else if (/\s/.test(text[at]) && !quoted) begin = at + 1;
  }
  const end = text.slice(caret).search(/\s/);
  return [begin, end < 0 ? text.length : caret + end];
}

/** Completes filters in a search box. @param {HTMLInputElement} input */
function combo(input) {
  const list = document.getElementById(input.getAttribute("aria-controls") ?? "");
  if (!list) return;
  list.dataset.kept = "";
  const { mark, active, move, show } = choices(input, list);
  let newest = 0;
  const offer = (/** @type {Element[]} */ options) => {
    show(options);
    mark(-1);
    input.setAttribute("aria-expanded", String(options.length > 0));
  };
  const close = () => {
    newest += 1;
    offer([]);
  };
  const caret = () => input.selectionStart ?? input.value.length;
  const ask = async () => {
    const mine = ++newest;
    const typed = input.value.slice(wordAt(input.value, caret())[0], caret());
    // Until the response arrives, choices that no longer match are removed.
    const letters = typed.toLowerCase();
    offer(typed ? [...list.children].filter((option) => option.getAttribute("data-insert")?.toLowerCase().startsWith(letters)) : []);
    if (!typed) return;
    const found = (await call("inventory/complete", { begun: typed })) ?? [];
    if (mine !== newest) return;
    offer(
      found.map((/** @type {{ insert: string, label: string, hint: string, count: number | null }} */ { insert, label, hint, count }) => {
        const option = element("li");
        option.dataset.insert = insert;
        option.append(element("span", "mono", label), element("span", "faint", hint));
        if (count !== null) option.append(element("span", "count", count.toLocaleString("en-US")));
        return option;
      }),
    );
  };
  const accept = (/** @type {Element} */ option) => {
    const [begin, end] = wordAt(input.value, caret());
    const by = option.getAttribute("data-insert") ?? "";
    // A beginning such as `tag:` needs more, so no space follows.
    const head = input.value.slice(0, begin) + by + (/[:=]$/.test(by) ? "" : " ");
    input.value = head + input.value.slice(end).trimStart();
    input.setSelectionRange(head.length, head.length);
    close();
    if (!input.value.endsWith(" ")) ask();
  };
  input.addEventListener("input", ask);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.children.length === 0) return;
    const chosen = active();
    if ((event.key === "Enter" || event.key === "Tab") && chosen) accept(chosen);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" || event.key === "Tab") return close();
    else if (!move(event.key)) return;
    event.preventDefault();
  });
  // Not `click`, so that the field keeps the focus.
  list.addEventListener("mousedown", (event) => {
    const option = event.target instanceof Element && event.target.closest("li");
    if (!option) return;
    event.preventDefault();
    accept(option);
  });
}

/** @type {WeakSet<Element>} */
const bound = new WeakSet();

function bind() {
  for (const input of document.querySelectorAll(".combo input")) {
    if (!(input instanceof HTMLInputElement) || bound.has(input)) continue;
    bound.add(input);
    combo(input);
  }
}

export function combos() {
  bind();
  addEventListener("refreshed", bind);
}
