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
    { name: "light", testIgnore: files("no-script", "access-pause", "creation"), use: { ...desktop, colorScheme: "light" } },
    { name: "dark", testMatch: files("visual", "grants-visual", "reading", "compliance", "remediation", "exceptions", "queue", "lifecycle"), use: { ...desktop, colorScheme: "dark" } },
    { name: "narrow", testMatch: files("visual", "reading", "inventory", "grants", "compliance", "remediation", "exceptions", "pages", "html-pages", "queue", "lifecycle"), use: { viewport: { width: 375, height: 800 }, colorScheme: "light" } },
    { name: "no-script", testMatch: files("no-script"), use: { ...desktop, javaScriptEnabled: false } },
    // What they do concerns everybody: a pause, and more secrets than others count.
    { name: "alone", testMatch: files("access-pause", "creation"), dependencies: ["light", "dark", "narrow", "no-script"], use: { ...desktop, colorScheme: "light" } },
  ],
});
