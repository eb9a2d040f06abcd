import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

type Files = Readonly<Record<string, string | object>>;

/** A project in a directory of its own, for tests. */
export class TemporaryProject {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "tenon-project-")));

  /** Objects are written as JSON. */
  write(files: Files, below = ""): this {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.root, below, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, 2));
    }
    return this;
  }

  /** The project's own package.json, depending on these packages. */
  dependingOn(...names: readonly string[]): this {
    const dependencies = Object.fromEntries(names.map((name) => [name, "*"]));
    return this.write({ "package.json": { name: "example", version: "1.0.0", dependencies } });
  }

  /** Puts a package into a node_modules directory, by default the project's. */
  install(name: string, json: object, files: Files = {}, below = "node_modules"): this {
    const { exports = "./index.js", ...rest } = json as { exports?: unknown };
    const description = { name, version: "1.0.0", type: "module", exports, ...rest };
    return this.write({ "package.json": description, "index.js": "export default {};", ...files }, join(below, name));
  }

  link(target: string, path: string): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(join(this.root, target), join(this.root, path), "dir");
    return this;
  }

  remove(path = ""): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }
}

/** A schema that takes objects with these fields, of these types, and no others. */
export const objectSchema = `
export const object = (fields) => ({ "~standard": { version: 1, vendor: "test", validate(value) {
  const issues = [];
  for (const [key, type] of Object.entries(fields)) {
    const optional = type.endsWith("?");
    if (value[key] === undefined && optional) continue;
    if (typeof value[key] !== type.replace("?", "")) issues.push({ message: "expected " + type, path: [key] });
  }
  for (const key of Object.keys(value)) if (!(key in fields)) issues.push({ message: "unknown", path: [key] });
  return issues.length ? { issues } : { value };
} } });
export const component = (kind, flavor, fields, create, requires = []) => ({
  kind: { name: kind, token: { id: "component/" + kind } }, flavor, config: object(fields), requires,
  load: async () => ({ create }),
});
`;

/** An integration \`memory\` with one flavor, of that name, of each kind that the core knows. */
export function installMemory(project: TemporaryProject, name = "memory", packageName = `plugin-${name}`): void {
  project.install(
    packageName,
    {
      tenon: {
        api: "^1.0.0",
        integration: name,
        contributes: { orchestrator: ["memory"], artifactStore: ["memory"], metadataStore: ["memory"] },
      },
    },
    {
      "kit.js": objectSchema,
      "index.js": `
import { component } from "./kit.js";
import { artifactStore, metadataStore, orchestrator } from "./parts.js";
globalThis.imported = [...(globalThis.imported ?? []), "${name}"];
export default { name: "${name}", materializers: [], hooks: {}, components: [
  component("orchestrator", "memory", { concurrency: "number?" }, orchestrator),
  component("artifactStore", "memory", { bucket: "string?" }, artifactStore),
  component("metadataStore", "memory", { url: "string?", password: "object?" }, metadataStore),
] };`,
      "parts.js": `
const log = (globalThis.componentLog ??= []);
const noted = (name, instance) => {
  log.push("create " + name);
  return { ...instance, dispose() { log.push("dispose " + name); } };
};
export const orchestrator = () => noted("orchestrator", { capabilities: {}, launch() {}, poll() {}, cancel() {}, logs() {} });
export const artifactStore = ({ config }) => {
  const objects = new Map();
  return noted("artifactStore", {
    config,
    async write(key, body, { ifAbsent } = {}) {
      if (ifAbsent && objects.has(key)) return false;
      objects.set(key, body);
      return true;
    },
    async *read(key) {
      if (!objects.has(key)) {
        const error = Object.assign(new Error("missing"), { code: "ARTIFACT_MISSING" });
        Object.defineProperty(error, Symbol.for("tenon.error"), { value: true });
        throw error;
      }
      yield objects.get(key);
    },
    async stat(key) { return objects.has(key) ? { key, size: objects.get(key).length } : undefined; },
    async list() { return { entries: [] }; },
    async delete(key) { objects.delete(key); },
    uri: (key) => "memory:" + key,
  });
};
export const metadataStore = async ({ config, resolveSecret }) => {
  const records = new Map();
  const secret = config.password === undefined ? undefined : await resolveSecret(config.password);
  return noted("metadataStore", {
    config, secret,
    async get(key) { return records.get(key); },
    async getMany(keys) { return keys.map((key) => records.get(key)); },
    async put(list) { for (const { key, value } of list) records.set(key, value); },
    async insert(list) {
      const existing = list.map(({ key }) => key).filter((key) => records.has(key));
      if (existing.length) return { inserted: false, existing };
      for (const { key, value } of list) records.set(key, value);
      return { inserted: true };
    },
    async scan(prefix) {
      return [...records].filter(([key]) => key.startsWith(prefix)).sort().map(([key, value]) => ({ key, value }));
    },
    async delete(keys) { for (const key of keys) records.delete(key); },
  });
};`,
    },
  );
}
