import { call, element } from "./call.js";

/** Milliseconds between two questions about a running export. */
const PROGRESS_PAUSE_MS = 700;

/** @param {Element} state @param {string} token */
async function follow(state, token) {
  await new Promise((resolve) => setTimeout(resolve, PROGRESS_PAUSE_MS));
  const known = await call("inventory/export-progress", { token });
  if (!state.isConnected) return;
  if (!known) return follow(state, token);
  const [written, total] = [known.written, known.total].map((count) => count.toLocaleString("en-US"));
  if (known.ended && known.failed) return state.replaceChildren(element("p", "fault", `Export incomplete (${written} of ${total} rows). Try again.`));
  if (known.ended) return state.replaceChildren(element("p", "", `All ${written} rows exported.`));
  const bar = document.createElement("progress");
  Object.assign(bar, { max: known.total, value: known.written });
  state.replaceChildren(bar, element("p", "faint", `${written} of ${total} rows`));
  return follow(state, token);
}

/** Shows the progress of an export. */
export function exports() {
  addEventListener("click", ({ target }) => {
    if (!(target instanceof HTMLAnchorElement) || target.dataset.export === undefined) return;
    // Differs from those of this person's other exports.
    const token = Date.now().toFixed();
    const url = new URL(target.href);
    url.searchParams.set("progress", token);
    target.href = url.href;
    const state = target.closest("details")?.querySelector("[aria-live]");
    if (!state) return;
    state.setAttribute("data-kept", "");
    state.replaceChildren(element("p", "faint", "Starting…"));
    follow(state, token);
  });
}
