// Repeats each failed test with the first lines of its error below everything else: a log that keeps only its end has them.
const LINES = 14;
const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, "");

export default class FailuresReporter {
  failed = [];

  onTestEnd(test, result) {
    if (result.status === test.expectedStatus || result.status === "skipped") return;
    const message = result.errors.map((error) => plain(error.message ?? error.value ?? "")).join("\n");
    const first = message.split("\n").filter((line) => line.trim()).slice(0, LINES);
    this.failed.push([test.titlePath().filter(Boolean).join(" › "), ...first.map((line) => `    ${line.slice(0, 300)}`)].join("\n"));
  }

  onEnd() {
    if (this.failed.length) console.log(`\n== why ==\n${this.failed.join("\n")}`);
  }

  printsToStdio() {
    return false;
  }
}
