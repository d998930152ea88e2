// Run by `cargo xtask test`, which starts the stack and says where it is.
import { defineConfig } from "@playwright/test";

const chromium = {
  executablePath: process.env.CLAVIGER_CHROMIUM,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
const desktop = { viewport: { width: 1360, height: 860 } };

/** Files by how their names begin: a folder above them may have any name. */
const files = (...names) => new RegExp(`/(${names.join("|")})[a-z-]*\\.spec\\.js$`);

const elsewhere = files("no-script", "access-resume", "creation");

export default defineConfig({
  testDir: ".",
  outputDir: "results",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  // A journey of several people takes 15 s on two quiet cores. A limit is for what never ends.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["./failures-reporter.js"]],
  use: {
    baseURL: process.env.CLAVIGER_URL,
    launchOptions: chromium,
    locale: "en-GB",
    timezoneId: "Pacific/Auckland",
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "light", testIgnore: elsewhere, use: { ...desktop, colorScheme: "light" } },
    // What people do is tested once. How it looks is tested in each theme and width (`@looks`), and what a narrow window
    // does otherwise (`@phone`).
    { name: "dark", testIgnore: elsewhere, grep: /@looks/, use: { ...desktop, colorScheme: "dark" } },
    { name: "narrow", testIgnore: elsewhere, grep: /@looks|@phone/, use: { viewport: { width: 375, height: 800 }, colorScheme: "light" } },
    { name: "no-script", testMatch: files("no-script"), use: { ...desktop, javaScriptEnabled: false } },
    // What they do concerns everybody: a pause, and more secrets than others count.
    { name: "alone", testMatch: files("access-resume", "creation"), dependencies: ["light", "dark", "narrow", "no-script"], use: { ...desktop, colorScheme: "light" } },
  ],
});
