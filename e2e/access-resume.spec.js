// While all access is paused, every page says so. The pause stops everybody's access, so this runs after all other tests.
import { execFileSync } from "node:child_process";
import { expect, expectAccessible, signedInPage, test } from "./support.js";

const { CLAVIGER_PSQL, CLAVIGER_DATABASE } = process.env;
const sql = (text) => execFileSync(CLAVIGER_PSQL, ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", text, CLAVIGER_DATABASE]);
const note = (page) => page.getByRole("status").filter({ hasText: "Access paused" });

test.afterAll(() => sql("delete from access_pause"));

test("everybody sees the pause, and a security admin of the whole Organization resumes access", async ({ browser, baseURL }) => {
  sql("insert into access_pause (paused_by, reason, at) values ('Ada Example', 'INC-42: laptop stolen', now())");
  const names = ["Ben Ito", "Tomás Reyes", "Inès Moreau", "Ada Okafor"];
  const pages = await Promise.all(names.map((name) => signedInPage(browser, baseURL, name)));
  const [ben, , , ada] = pages;
  for (const page of pages) {
    for (const path of ["/access", "/inbox"]) {
      await page.goto(path);
      await expect(note(page)).toContainText("Access paused by Ada Example. INC-42: laptop stolen");
      await expect(note(page)).toContainText("Nobody can start access or get a session.");
      await expect(note(page).getByRole("button")).toHaveCount(page === ada ? 1 : 0);
    }
  }
  await ben.setViewportSize({ width: 375, height: 800 });
  await expectAccessible(ben);
  // Without the button, the request itself is refused.
  const refused = await ben.request.post("/api/access/resume", { headers: { accept: "application/json" } });
  expect(refused.status()).toBe(403);

  await ada.getByRole("button", { name: "Resume access" }).click();
  await expect(note(ada)).toHaveCount(0);
  for (const page of pages) {
    await page.goto("/access");
    await expect(note(page)).toHaveCount(0);
  }
  await ada.goto("/audit");
  await expect(ada.getByRole("row").filter({ hasText: "resumed all access" }).first()).toContainText("Ada Okafor");
  await Promise.all(pages.map((page) => page.context().close()));
});
