/**
 * A text field with a list of choices. Arrow keys mark one, in `aria-activedescendant` too.
 * @param {HTMLInputElement} input
 * @param {Element} list
 */
export function choices(input, list) {
  let active = -1;
  const mark = (/** @type {number} */ at) => {
    active = at;
    [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[at]?.id ?? "");
  };
  return {
    mark,
    active: () => list.children[active],
    /** Returns whether the key was an arrow. @param {string} name */
    move(name) {
      const count = list.children.length;
      if (count === 0 || (name !== "ArrowDown" && name !== "ArrowUp")) return false;
      mark(name === "ArrowDown" ? (active + 1) % count : (Math.max(active, 0) + count - 1) % count);
      return true;
    },
    /** @param {Element[]} options */
    show(options) {
      options.forEach((option, at) => {
        option.id = `${list.id === "jumps" ? "jump" : list.id}-${at}`;
        option.setAttribute("role", "option");
      });
      list.replaceChildren(...options);
    },
  };
}
