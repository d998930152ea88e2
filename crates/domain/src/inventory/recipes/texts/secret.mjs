// Reads <<NAME>> from Secrets Manager, and keeps it in memory.
// npm install @aws-lambda-powertools/parameters @aws-sdk/client-secrets-manager
import { SecretsProvider } from "@aws-lambda-powertools/parameters/secrets";

const SECRET_ID = "<<ARN>>";
const TTL_SECONDS = 300;

const provider = new SecretsProvider({ clientConfig: { region: "<<REGION>>" } });

/** `again` asks Secrets Manager now: after a rotation the value in memory is the old one. */
export async function read(again = false) {
  const value = await provider.get(SECRET_ID, {
    maxAge: TTL_SECONDS,
    forceFetch: again,
?stage?     sdkOptions: { VersionStage: "<<STAGE>>" },
  });
  if (typeof value !== "string") throw new Error("The secret has no text.");
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
