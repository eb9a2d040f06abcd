import { createWriteStream } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { inspect } from "node:util";
import type { ArtifactReader } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { size } from "../terminal/format.js";
import { usageError } from "../usage-error.js";

interface LoadOptions {
  readonly output?: string;
  readonly as?: string;
  readonly visualization?: string;
}

export async function loadArtifact(
  invocation: Invocation<LoadOptions>,
  reference: string,
): Promise<ExitCode | undefined> {
  const { terminal, options, directory } = invocation;
  const target = options.output === undefined ? undefined : resolve(directory, options.output);
  if (target !== undefined) await refuseToOverwrite(target);
  await invocation.withClient(async (client) => {
    const artifact = await client.artifacts.get(reference);
    if (options.visualization !== undefined) {
      for (const { body } of await artifact.visualize(options.visualization)) {
        if (target === undefined) process.stdout.write(body);
        else await writeNew(target, body);
      }
    } else if (target !== undefined) {
      await writeFiles(await artifact.open(), target);
    } else {
      const value = await (options.as === undefined ? artifact.load() : artifact.load({ as: options.as }));
      await printValue(value);
    }
    if (target !== undefined) terminal.note(`Wrote ${artifact.name}@${artifact.version} to ${options.output}.`);
  });
  return undefined;

  async function printValue(value: unknown): Promise<void> {
    if (options.json) terminal.printJson(toJson(value));
    else if (typeof value === "string") terminal.print(value);
    else if (value instanceof Uint8Array) {
      if (process.stdout.isTTY) {
        throw usageError(
          `printing '${reference}'`,
          `it is ${size(value.byteLength)} of bytes, which a terminal cannot show`,
          "Write them to a file with --output <path>.",
        );
      }
      process.stdout.write(value);
    } else if (isStream(value)) {
      for await (const chunk of value) process.stdout.write(chunk);
    } else {
      const colors = terminal.colors.isColorSupported;
      terminal.print(inspect(value, { colors, depth: 8, maxArrayLength: 100, breakLength: 100 }));
    }
  }
}

async function refuseToOverwrite(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  throw usageError("writing the artifact", `${path} exists already`, "Name another path, or remove it first.");
}

async function writeFiles(reader: ArtifactReader, target: string): Promise<void> {
  const [only, ...others] = reader.files;
  if (only !== undefined && others.length === 0) {
    await writeNew(target, reader.stream(only.path));
    return;
  }
  await mkdir(target, { recursive: true });
  for (const { path } of reader.files) {
    await writeNew(join(target, ...path.split("/")), reader.stream(path));
  }
}

async function writeNew(path: string, body: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (typeof body === "string" || body instanceof Uint8Array) await writeFile(path, body, { flag: "wx" });
  else await pipeline(body, createWriteStream(path, { flags: "wx" }));
}

function isStream(value: unknown): value is AsyncIterable<Uint8Array | string> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** What JSON cannot hold is written in a readable way: a Map as a list of pairs, bytes in base64. */
function toJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => {
      if (typeof item === "bigint") return item.toString();
      if (item instanceof Map) return [...item];
      if (item instanceof Set) return [...item];
      if (ArrayBuffer.isView(item) && !(item instanceof DataView)) {
        return item instanceof Uint8Array ? Buffer.from(item).toString("base64") : [...(item as Float64Array)];
      }
      return item;
    }) ?? "null",
  );
}
