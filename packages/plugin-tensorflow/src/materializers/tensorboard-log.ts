import { createReadStream } from "node:fs";
import { join } from "node:path";
import { type JsonValue, type Materializer, series, TenonError } from "@tenon/core";
import { Curves, curveName } from "../tensorboard/curves.js";
import { type LogFile, logFiles } from "../tensorboard/log-files.js";
import { scalarPlot } from "../tensorboard/scalar-plot.js";
import { isTensorBoardLog, TensorBoardLog } from "../tensorboard/tensorboard-log.js";
import { tensorboardLog as type } from "../types.js";
import { refusal } from "./refusal.js";

/** The event files lie below it, as they lay in their directory. */
const root = "logs";
const mostTags = 200;
const mostCurves = 20;
const mostPoints = 100;

export const materializer: Materializer<TensorBoardLog> = {
  type,
  format: "tensorboard-log/1",
  reads: ["tensorboard-log/1"],
  recognises: isTensorBoardLog,

  async save(log, files) {
    if (!isTensorBoardLog(log)) throw refusal(type, log, "Return new TensorBoardLog(directory).");
    for (const { run, name, path } of await filesOf(log.directory)) {
      const body = createReadStream(path, { highWaterMark: 1 << 20 });
      await files.write([root, run, name].filter((part) => part !== "").join("/"), body);
    }
  },

  async load(files) {
    if (!files.files.some(({ path }) => path.startsWith(`${root}/`) && path.includes("tfevents"))) {
      throw none("reading a TensorBoard log", "the artifact holds no event file");
    }
    return new TensorBoardLog(join(await files.directory(), root));
  },

  async metadata(log) {
    const tags = new Map<string, { kind: string; events: number; first: number; last: number }>();
    const scalars = new Curves();
    for await (const event of log.events()) {
      if (event.kind !== "summary") continue;
      scalars.add(event);
      for (const { tag, kind } of event.values) {
        const name = curveName(event.run, tag);
        const found = tags.get(name) ?? { kind, events: 0, first: event.step, last: event.step };
        tags.set(name, {
          kind,
          events: found.events + 1,
          first: Math.min(found.first, event.step),
          last: Math.max(found.last, event.step),
        });
      }
    }
    const curves = [...scalars.sorted()].slice(0, mostCurves).map(([name, points]): [string, JsonValue] => {
      const stride = Math.max(1, Math.ceil(points.length / mostPoints));
      const some = points.filter((_, index) => index % stride === 0 || index === points.length - 1);
      return [name, series(some.map(({ step, value }) => [step, value] as const))];
    });
    // Their names are the user's: entries of an object could be its own members.
    const named = [...tags].sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, mostTags);
    return {
      tags: named.map(([tag, found]) => ({ tag, ...found })),
      ...Object.fromEntries(curves.filter(([name]) => name !== "tags")),
    };
  },

  async visualize(log) {
    const curves = await log.scalars();
    return curves.size === 0 ? [] : [{ name: "scalars", mediaType: "image/svg+xml", body: scalarPlot(curves) }];
  },
};

async function filesOf(directory: string): Promise<LogFile[]> {
  const doing = `saving the TensorBoard log in ${directory}`;
  const files = await logFiles(directory).catch((cause: unknown) => {
    throw none(doing, "it cannot be read as a directory", cause);
  });
  if (files.length === 0)
    throw none(doing, "there is no event file in it or below it (none has 'tfevents' in its name)");
  return files;
}

function none(doing: string, found: string, cause?: unknown): TenonError {
  return new TenonError("MATERIALIZER_FAILED", {
    doing,
    found,
    fix: "Write event files with openEventWriter, or the callback tensorBoard, and return their directory.",
    ...(cause !== undefined && { cause }),
  });
}
