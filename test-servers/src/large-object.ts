import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface LargeObject {
  /** The built main module of a plugin: `new URL("../dist/index.js", import.meta.url)`. */
  readonly plugin: URL;
  /** The name under which it exports the store's definition. */
  readonly flavor: string;
  readonly config: object;
  /** What references in the configuration stand for, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface StreamedObject {
  /** The most memory of the process, in bytes. */
  readonly peak: number;
  /** Of writing, and of reading. */
  readonly seconds: readonly [number, number];
  /** Digests of what was sent and of what came back. */
  readonly sent: string;
  readonly read: string;
}

/** 256 MiB; a machine that has the time sets `TENON_TEST_OBJECT_MIB=2048`. */
const largeObjectBytes = Number(process.env.TENON_TEST_OBJECT_MIB ?? 256) * 2 ** 20;

/** Writes and reads a large object through a store in a process of its own, whose memory is looked at meanwhile. */
export async function streamLargeObject({
  plugin,
  flavor,
  config,
  secrets = {},
  env = {},
}: LargeObject): Promise<StreamedObject> {
  const child = fork(fileURLToPath(new URL("./large-object.mjs", import.meta.url)), {
    env: { ...process.env, NODE_NO_WARNINGS: "1", ...env },
    execArgv: [],
  });
  child.send({ plugin: plugin.href, flavor, config, secrets, bytes: largeObjectBytes });
  const result = await new Promise<StreamedObject>((resolve, reject) => {
    child.once("message", resolve as (message: unknown) => void);
    child.once("exit", (code) => reject(new Error(`it ended with exit code ${code}`)));
  });
  const [writing, reading] = result.seconds.map(
    (seconds) => `${Math.round(largeObjectBytes / 2 ** 20 / seconds)} MiB/s`,
  );
  console.info(
    `${flavor}: ${largeObjectBytes / 2 ** 20} MiB in ${Math.round(result.peak / 1e6)} MB of memory, ${writing} there, ${reading} back`,
  );
  return result;
}
