// Runs a recipe's module: see drive.py.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

class Refused extends Error {}

const recipe = await import(pathToFileURL(process.argv[2]).href);
for await (const line of createInterface({ input: process.stdin })) {
  const [command] = line.split(" ", 1);
  const expected = command === "connected" ? JSON.parse(line.slice(command.length)) : undefined;
  const connect = async (value) => {
    if (value !== expected) throw new Refused();
    return value;
  };
  const found = command === "read" ? await recipe.read() : await recipe.connected(connect, (error) => error instanceof Refused);
  console.log(JSON.stringify(found));
}
