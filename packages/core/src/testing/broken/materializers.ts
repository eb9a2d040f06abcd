import { artifactType } from "../../contracts/artifact-type.js";
import type { ArtifactReader, Materializer } from "../../contracts/materializer.js";
import type { MaterializerSubject } from "../materializer.js";

interface Point {
  x: number;
  tags: string[];
}

const path = "point.json";

const sound: Materializer<Point> = {
  type: artifactType<Point>("test/Point"),
  format: "point/1",
  reads: ["point/1"],
  recognises: (value): value is Point => typeof value === "object" && value !== null && "x" in value,
  async save(value, files) {
    if (!Number.isFinite(value?.x)) throw Object.assign(new Error("no point"), { code: "NO_POINT" });
    await files.write(path, JSON.stringify(value));
  },
  load: async (files) => JSON.parse(await files.text(path)) as Point,
  metadata: ({ x }) => ({ x }),
  visualize: ({ x }) => [{ name: "plot", mediaType: "text/plain", body: String(x) }],
};

function subject(change: Partial<Materializer<Point>>): () => MaterializerSubject {
  return () =>
    ({
      materializer: { ...sound, ...change },
      samples: () => [
        { x: 1, tags: ["a"] },
        { x: 2, tags: [] },
      ],
      refuses: [{ x: Number.NaN, tags: [] }],
    }) as unknown as MaterializerSubject;
}

let counter = 0;
let latest: Point | undefined;
const loaded = new Map<string, Point>();

async function cachedLoad(files: ArtifactReader): Promise<Point> {
  const text = await files.text(path);
  const known = loaded.get(text) ?? (JSON.parse(text) as Point);
  loaded.set(text, known);
  return known;
}

export const soundMaterializer = subject({});

/** Materializers that each break promises of the contract; every case of the kit fails on one of them. */
export const brokenMaterializers: Readonly<Record<string, () => MaterializerSubject>> = {
  readsNothing: subject({ reads: [] }),
  forgetful: subject({ save: (value, files) => files.write(path, JSON.stringify({ x: value.x })) }),
  constant: subject({ save: (_, files) => files.write(path, JSON.stringify({ x: 1, tags: ["a"] })) }),
  timestamped: subject({
    save: (value, files) => {
      counter += 1;
      return files.write(path, JSON.stringify({ ...value, saved: counter }));
    },
  }),
  aging: subject({ load: async (files) => ({ ...(await sound.load(files)), x: 1 + (await sound.load(files)).x }) }),
  sharing: subject({ load: cachedLoad }),
  changing: subject({
    save: async (value, files) => {
      await sound.save(value, files);
      value.tags.push("saved");
    },
  }),
  oneAtATime: subject({
    save: async (value, files) => {
      latest = value;
      await Promise.resolve();
      await sound.save(latest, files);
    },
  }),
  greedy: subject({ recognises: (value): value is Point => value !== undefined && !Array.isArray(value) }),
  swallowing: subject({ load: (files) => sound.load(files).catch(() => ({ x: 0, tags: [] })) }),
  acceptingAll: subject({
    save: (value, files) => files.write(path, JSON.stringify(value)),
    metadata: () => ({}),
  }),
  disguising: subject({
    save: async (value, files) => {
      await sound.save(value, files).catch(() => Promise.reject(new Error("it could not be saved")));
    },
  }),
  hasty: subject({
    save: async (value, files) => {
      void files.write(path, JSON.stringify(value)).catch(() => undefined);
    },
  }),
  writesNothing: subject({ save: async () => undefined }),
  talkative: subject({ metadata: () => ({ when: new Date() as unknown as string }) }),
  twins: subject({
    visualize: () => [
      { name: "plot", mediaType: "text/plain", body: "" },
      { name: "plot", mediaType: "text/plain", body: "" },
    ],
  }),
  meddling: subject({
    metadata: (value) => {
      value.tags.push("described");
      return {};
    },
  }),
};
