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

export default defineConfig({
  testDir: ".",
  outputDir: "results",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    baseURL: process.env.CLAVIGER_URL,
    launchOptions: chromium,
    locale: "en-GB",
    timezoneId: "Pacific/Auckland",
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "light", testIgnore: /no-script/, use: { ...desktop, colorScheme: "light" } },
    { name: "dark", testMatch: /visual|compliance|remediation|exceptions/, use: { ...desktop, colorScheme: "dark" } },
    { name: "narrow", testMatch: /visual|inventory|grants|compliance|remediation|exceptions|pages/, use: { viewport: { width: 375, height: 800 }, colorScheme: "light" } },
    { name: "no-script", testMatch: /no-script/, use: { ...desktop, javaScriptEnabled: false } },
  ],
});
