// Measures the running console as a person's browser sees it, and writes what it measured as JSON. It compares nothing:
// the limits are in xtask/src/weight.
//   Environment: CLAVIGER_URL, CLAVIGER_CHROMIUM, CLAVIGER_ROUTES (JSON list of route patterns), CLAVIGER_OUT,
//   CLAVIGER_PARTS (of: pages, navigation, lighthouse)
import { writeFileSync } from "node:fs";
import { chromium } from "@playwright/test";
import { signedInPage } from "../support.js";
import { lighthouses } from "./lighthouse.js";
import { navigations } from "./navigation.js";
import { weighPages } from "./pages.js";
import { samples } from "./samples.js";

const { CLAVIGER_URL: baseURL, CLAVIGER_CHROMIUM: executablePath, CLAVIGER_ROUTES, CLAVIGER_OUT, CLAVIGER_PARTS } = process.env;
const asked = (part) => CLAVIGER_PARTS.split(",").includes(part);
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const browser = await chromium.launch({ executablePath, args: flags });
const options = { viewport: { width: 1360, height: 860 }, colorScheme: "light" };
const people = {};
for (const name of ["Ada Okafor", "Ben Ito", "Tomás Reyes"]) people[name] = await signedInPage(browser, baseURL, name, options);
const [ada, ben, tomas] = Object.values(people);
const found = await samples(ada, ben, tomas);

const measured = {};
if (asked("pages")) measured.pages = await weighPages(people, JSON.parse(CLAVIGER_ROUTES), found.paths);
if (asked("navigation")) measured.navigation = await navigations(ada);
const cookies = await ada.context().cookies();
await browser.close();
// The browser of this program would compete with the measured one.
if (asked("lighthouse")) {
  const main = {
    overview: "/overview", inventory: "/inventory", findings: "/findings", "a secret": `/inventory/${found.secret}`, "my access": "/access",
    "the queue": "/queue",
  };
  const header = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  measured.lighthouse = await lighthouses(baseURL, main, header, executablePath, flags);
}
writeFileSync(CLAVIGER_OUT, `${JSON.stringify(measured, null, 2)}\n`);
