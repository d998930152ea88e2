// Reads <<NAME>> from Parameter Store, and keeps it in memory.
// npm install @aws-lambda-powertools/parameters @aws-sdk/client-ssm
import { SSMProvider } from "@aws-lambda-powertools/parameters/ssm";

const NAME = "<<NAME>>";
const TTL_SECONDS = 300;

const provider = new SSMProvider({ clientConfig: { region: "<<REGION>>" } });

/** `again` asks Parameter Store now: after a change the value in memory is the old one. */
export async function read(again = false) {
?encrypted?   const value = await provider.get(NAME, { maxAge: TTL_SECONDS, forceFetch: again, decrypt: true });
?!encrypted?   const value = await provider.get(NAME, { maxAge: TTL_SECONDS, forceFetch: again });
  if (typeof value !== "string") throw new Error("The parameter has no value.");
?!key?   return value;
?key?   const text = JSON.parse(value)[<<KEY>>];
?key?   if (typeof text !== "string") throw new Error("The JSON has no such key.");
?key?   return text;
}

/**
 * What connect(value) returns. Once more with a fresh value if it throws what isRefused says is a refusal.
 * @template T
 * @param {(value: string) => Promise<T>} connect
 * @param {(error: unknown) => boolean} isRefused
 */
export async function connected(connect, isRefused) {
  try {
    return await connect(await read());
  } catch (error) {
    if (!isRefused(error)) throw error;
    return connect(await read(true));
  }
}
