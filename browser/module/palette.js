import { call, element } from "./call.js";
import { choices } from "./choices.js";
import { refresh } from "./refresh.js";

/** The command palette: the pages that the document lists, and what the server finds. */
export function palette() {
  const dialog = document.getElementById("palette");
  const input = dialog?.querySelector("input");
  const list = dialog?.querySelector("ul");
  const none = dialog?.querySelector("p");
  if (!(dialog instanceof HTMLDialogElement) || !input || !list || !none) return;
  const pages = [...list.children];
  const { mark, active, move, show } = choices(input, list);
  mark(0);
  let newest = 0;
  const offer = (/** @type {Element[]} */ options) => {
    show(options);
    mark(0);
    none.hidden = options.length > 0;
  };
  const ask = async () => {
    const mine = ++newest;
    const text = input.value.trim().toLowerCase();
    const fitting = pages.filter((page) => [...page.children].some((part) => part.textContent?.toLowerCase().includes(text)));
    offer(fitting);
    const found = text ? ((await call("jumps", { text: input.value })) ?? []) : [];
    if (mine !== newest || found.length === 0) return;
    const at = [...list.children].findIndex((option) => option === active());
    show(
      fitting.concat(
        found.map((/** @type {{ label: string, href: string, hint: string }} */ { label, href, hint }) => {
          const option = element("li");
          option.dataset.href = href;
          option.append(element("span", "", label), element("span", "faint", hint));
          return option;
        }),
      ),
    );
    mark(Math.max(at, 0));
    none.hidden = true;
  };
  const go = (/** @type {Element | null | undefined} */ option) => {
    const href = option?.getAttribute("data-href");
    const command = option?.getAttribute("data-call");
    if (!href && !command) return;
    input.value = "";
    ask();
    dialog.close();
    if (href) location.assign(href);
    else if (command) call(command, {}).then(() => refresh());
  };
  input.addEventListener("input", ask);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") go(active());
    else if (!move(event.key)) return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => go(event.target instanceof Element ? event.target.closest("li") : null));
}
