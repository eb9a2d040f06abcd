// The same through the vault and the file store: written, digested, stored with its manifest, read back verified.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { byteStream } from "../../packages/core/dist/index.js";
import { openVault } from "../../packages/core/dist/internal.js";
import { filesystem } from "../../packages/plugin-local/dist/index.js";
import { mebibytes, source } from "./source.mjs";

const [path] = process.argv.slice(2);
const project = { name: "bench", root: path, stateDirectory: path };
const { create } = await filesystem.load();
const store = await create({ config: { path }, project });
const vault = await openVault({ store, root: "ledger/bench" });
const started = performance.now();
const saved = await vault.save(source(), { type: byteStream, location: vault.location("large") });
const writeMs = performance.now() - started;
let size = 0;
for await (const piece of await vault.load(saved)) size += piece.length;
assert.equal(size, mebibytes << 20);
console.log(JSON.stringify({ ms: performance.now() - started, writeMs }));
rmSync(path, { recursive: true });
