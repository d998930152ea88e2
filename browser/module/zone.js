/** The server's absolute times, such as `23 July 2026, 09:12 UTC`. */
const ABSOLUTE = /\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC/;

/** Shows times in the browser's time zone, where the person chose that. The server writes UTC. */
export function zone() {
  const format = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  const show = () => {
    if (document.documentElement.dataset.zone !== "browser") return;
    for (const time of document.querySelectorAll("time")) {
      const local = format.format(new Date(time.dateTime));
      time.title = time.title.replace(ABSOLUTE, local);
      const texts = document.createTreeWalker(time, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const text = texts.currentNode;
        if (text.nodeValue) text.nodeValue = text.nodeValue.replace(ABSOLUTE, local);
      }
    }
    const pill = document.querySelector(".pill.zone");
    if (!(pill instanceof HTMLElement)) return;
    pill.textContent = format.formatToParts().find(({ type }) => type === "timeZoneName")?.value ?? "";
    pill.title = `Times are in ${format.resolvedOptions().timeZone}`;
  };
  addEventListener("refreshed", show);
  show();
}
