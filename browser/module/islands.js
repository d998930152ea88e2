/** @type {Promise<any> | undefined} */
let loading;

/** The islands' WebAssembly, when a page first has an island. */
async function load() {
  const here = (/** @type {string} */ name) => new URL(name, import.meta.url).href;
  const islands = await import(here("islands.js"));
  await islands.default({ module_or_path: here("islands_bg.wasm") });
  islands.hydrate();
  return islands;
}

/** Hydrates the islands that are not hydrated yet. */
export async function hydrateIslands() {
  const found = [...document.querySelectorAll("leptos-island:not([data-hydrated])")];
  if (found.length === 0) return;
  for (const island of found) island.setAttribute("data-hydrated", "");
  try {
    const islands = await (loading ??= load());
    for (const island of found) islands[island.getAttribute("data-component") ?? ""](island);
  } catch (error) {
    // The next refresh tries again.
    loading = undefined;
    for (const island of found) island.removeAttribute("data-hydrated");
    throw error;
  }
}
