import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";
import { answers, freePorts, ServerProcesses } from "./processes.js";

export interface Azurite {
  /** With the account's name: `http://127.0.0.1:10000/devstoreaccount1`. */
  readonly endpoint: string;
  readonly port: number;
  readonly account: string;
  readonly key: string;
  stop(): Promise<void>;
}

const account = "devstoreaccount1";
/** Not Azurite's own, which everybody knows. */
const key = Buffer.from("a key for tests only").toString("base64");

/** Microsoft's emulator of Blob Storage, as `from`'s package has it installed; it keeps everything in memory. */
export async function startAzurite(from: string | URL): Promise<Azurite> {
  const program = createRequire(from).resolve("azurite/dist/src/blob/main.js");
  const processes = await ServerProcesses.create("azurite");
  const [port = 0] = await freePorts(1);
  const options = ["--blobHost", "127.0.0.1", "--blobPort", String(port)];
  const child = processes.start(
    "azurite",
    process.execPath,
    [program, ...options, "--silent", "--disableTelemetry", "--inMemoryPersistence", "--skipApiVersionCheck"],
    { AZURITE_ACCOUNTS: `${account}:${key}` },
  );
  const endpoint = `http://127.0.0.1:${port}/${account}`;
  try {
    while (!(await answers(endpoint))) {
      if (child.exitCode !== null) throw new Error(`azurite ended with ${child.exitCode}`);
      await setTimeout(50);
    }
  } catch (error) {
    await processes.stop();
    throw error;
  }
  return { endpoint, port, account, key, stop: () => processes.stop() };
}
