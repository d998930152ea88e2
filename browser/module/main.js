// What pages do in the browser without holding state. A page works without it.
import { combos } from "./combo.js";
import { exports } from "./exports.js";
import { forms } from "./forms.js";
import { hydrateIslands } from "./islands.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { page } from "./page.js";
import { palette } from "./palette.js";
import { timer } from "./timer.js";
import { triage } from "./triage.js";
import { zone } from "./zone.js";

for (const start of [combos, exports, forms, keys, live, page, palette, timer, triage, zone]) start();
await hydrateIslands();
// For tests: scripts handle the page's events from now on.
document.body.dataset.hydrated = "true";
