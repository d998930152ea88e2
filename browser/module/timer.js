/** In the server's words. @param {number} seconds */
function left(seconds) {
  const whole = Math.trunc;
  if (seconds <= 0) return "over";
  if (seconds < 60) return `${seconds} s left`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min left`;
  if (seconds < 86_400) return `${whole(seconds / 3600)} h ${whole((seconds % 3600) / 60)} min left`;
  return `${whole(seconds / 86_400)} d ${whole((seconds % 86_400) / 3600)} h left`;
}

/** The server's time when the page was read, and this page's clock then. */
let asOf = "";
let began = 0;

function tick() {
  for (const clock of document.querySelectorAll("[data-until]")) {
    if (!(clock instanceof HTMLElement)) continue;
    const { now = "", since, until } = clock.dataset;
    if (now !== asOf) [asOf, began] = [now, performance.now()];
    const rest = Number(until) - Number(now) - (performance.now() - began);
    clock.textContent = left(Math.trunc(rest / 1000));
    const bar = clock.nextElementSibling;
    if (bar instanceof HTMLProgressElement) bar.value = Math.max(rest, 0) / Math.max(Number(until) - Number(since), 1);
  }
}

/** The time left of access, by the server's clock. */
export function timer() {
  tick();
  setInterval(tick, 1000);
}
