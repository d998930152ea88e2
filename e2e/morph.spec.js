// How the module of HTML pages updates a page: `browser/module/morph.js` alone, without the console.
import { readFileSync } from "node:fs";
import { expect, test } from "./support.js";

const source = readFileSync(new URL("../browser/module/morph.js", import.meta.url), "utf8").replaceAll("export function", "function");

test.beforeEach(async ({ page }) => {
  await page.setContent("<main></main>");
  await page.evaluate((source) => {
    window.morph = new Function(`${source}; return morph;`)();
    window.parse = (html) => new DOMParser().parseFromString(`<main>${html}</main>`, "text/html").querySelector("main");
    window.show = (html) => document.querySelector("main").replaceChildren(...window.parse(html).childNodes);
    window.update = (html) => window.morph(document.querySelector("main"), window.parse(html));
  }, source);
});

const update = (page, html) => page.evaluate((html) => window.update(html), html);
const show = (page, html) => page.evaluate((html) => window.show(html), html);
const rows = (...keys) => `<table><tbody>${keys.map((key) => `<tr data-key="${key}"><td><input type="checkbox" name="row" value="${key}"></td><td><a href="#${key}">${key}</a></td></tr>`).join("")}</tbody></table>`;

test("rows that come and go take neither focus nor ticks from the others", async ({ page }) => {
  await show(page, rows("a", "b", "c"));
  await page.getByRole("checkbox").nth(2).check();
  await page.getByRole("link", { name: "b" }).focus();
  await update(page, rows("n", "b", "m", "c"));
  await expect(page.getByRole("link")).toHaveText(["n", "b", "m", "c"]);
  await expect(page.getByRole("link", { name: "b" })).toBeFocused();
  expect(await page.getByRole("checkbox").evaluateAll((boxes) => boxes.map((box) => box.checked))).toEqual([false, false, false, true]);
});

test("what was typed and opened stays until the server changes the field", async ({ page }) => {
  const form = (first, value) => `<form action="/api/${first}"><input name="x" value=""></form><details><summary>Menu</summary><textarea name="reason"></textarea><input name="minutes" value="${value}"></details>`;
  await show(page, form("one", "5"));
  await page.locator("summary").click();
  await page.locator("textarea").fill("Half a sentence");
  await page.locator("[name=minutes]").fill("7");
  await page.locator("[name=x]").fill("for one");
  await update(page, form("two", "5"));
  await expect(page.locator("details")).toHaveAttribute("open");
  await expect(page.locator("textarea")).toHaveValue("Half a sentence");
  await expect(page.locator("[name=minutes]")).toHaveValue("7");
  await expect(page.locator("[name=x]"), "another form's field").toHaveValue("");
  await update(page, form("two", "9"));
  await expect(page.locator("[name=minutes]")).toHaveValue("9");
});

test("what was typed into a form that is posted stays when the server changes the field", async ({ page }) => {
  const form = (method, longest) => `<form method="${method}"><input name="minutes" value="${longest}"></form>`;
  const minutes = page.locator("[name=minutes]");
  for (const [method, after] of [["post", "17"], ["get", "10"]]) {
    await show(page, form(method, "30"));
    await minutes.fill("17");
    await update(page, form(method, "10"));
    await expect(minutes, method).toHaveValue(after);
  }
  // Nothing was typed.
  await show(page, form("post", "30"));
  await update(page, form("post", "10"));
  await expect(minutes).toHaveValue("10");
});

test("a tick follows the server only where the server changes it", async ({ page }) => {
  const box = (attributes, text) => `<label class="${text}"><input type="checkbox" name="kind" value="secret" ${attributes}>${text}</label>`;
  await show(page, box("", "1"));
  await page.getByRole("checkbox").check();
  await update(page, `<p>new</p>${box("", "1")}`);
  await expect(page.getByRole("checkbox")).toBeChecked();
  await update(page, box("checked", "1"));
  await expect(page.getByRole("checkbox")).toBeChecked();
  await update(page, box("", "1"));
  await expect(page.getByRole("checkbox")).not.toBeChecked();
});

test("what the module added stays in its place, and an island with the same props stays alive", async ({ page }) => {
  const html = (props) => `<p>one</p><leptos-island data-component="A" data-props='${props}'><b>server</b></leptos-island><p class="last">two</p>`;
  await show(page, html("{}"));
  await page.evaluate(() => {
    document.querySelector("b").textContent = "live";
    const note = document.createElement("em");
    note.dataset.kept = "";
    document.querySelector("leptos-island").before(note);
    window.last = document.querySelector(".last");
  });
  await update(page, html("{}"));
  expect(await page.locator("main").evaluate((main) => [...main.children].map((child) => child.localName))).toEqual(["p", "em", "leptos-island", "p"]);
  await expect(page.locator("b")).toHaveText("live");
  expect(await page.evaluate(() => window.last.isConnected), "nodes are reused").toBe(true);
  await update(page, html('{"grant":"G-2"}'));
  await expect(page.locator("b")).toHaveText("server");
});

test("markup in a text stays text, and scripts do not run", async ({ page }) => {
  await show(page, "<p>safe</p>");
  await update(page, "<p>&lt;img src=x onerror=&quot;window.ran = true&quot;&gt;</p><script>window.ran = true</script>");
  await expect(page.locator("p")).toHaveText('<img src=x onerror="window.ran = true">');
  expect(await page.evaluate(() => window.ran)).toBeUndefined();
});
