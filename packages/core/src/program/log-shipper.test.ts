import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { GrowingLog, wholeLogs } from "../client/log-sources.js";
import { Ledger } from "../ledger/ledger.js";
import { longestChunk, mostChunks } from "../ledger/step-logs.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { LogShipper } from "./log-shipper.js";

async function shipping() {
  const directory = mkdtempSync(join(tmpdir(), "tenon-logs-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const ledger = await Ledger.open(new MemoryMetadataStore(), { project: "logs" });
  const log = { file: join(directory, "fit.log"), stepId: "fit", attempt: 1 };
  const shipper = new LogShipper(ledger.logs, "run", "p1");
  const text = async () => (await wholeLogs(ledger, directory, "run", () => true)).map((one) => one.text).join("");
  return { ledger, directory, log, shipper, text };
}

test("what is written comes to the stack line by line, each once", async () => {
  const { log, shipper, text } = await shipping();
  await shipper.ship([log]);
  expect(await text()).toBe("");
  writeFileSync(log.file, "one\ntw");
  await shipper.ship([log]);
  expect(await text()).toBe("one\n");
  appendFileSync(log.file, "o\nthree");
  await shipper.ship([log]);
  expect(await text()).toBe("one\ntwo\n");
  await shipper.ship([log], true);
  expect(await text()).toBe("one\ntwo\nthree");
});

test("another thread goes on where the first has stopped", async () => {
  const { ledger, log, shipper, text } = await shipping();
  writeFileSync(log.file, "one\n");
  await shipper.ship([log]);
  appendFileSync(log.file, "two\n");
  await new LogShipper(ledger.logs, "run", "p1", new Map(shipper.shipped)).ship([log], true);
  expect(await text()).toBe("one\ntwo\n");
});

test("a line longer than a chunk is cut between characters", async () => {
  const { log, shipper, text } = await shipping();
  const line = `x${"ä€😀".repeat(longestChunk / 8)}\n`;
  writeFileSync(log.file, line);
  await shipper.ship([log], true);
  expect(await text()).toBe(line);
});

test("a log is bounded, and says where the rest is", async () => {
  const { ledger, log, shipper } = await shipping();
  writeFileSync(log.file, `${"y".repeat(1023)}\n`.repeat((longestChunk / 1024) * (mostChunks + 2)));
  await shipper.ship([log], true);
  const chunks = await ledger.logs.after("run", "fit", 1);
  expect(chunks).toHaveLength(mostChunks);
  expect(chunks.at(-1)?.text).toMatch(/the rest is on .*fit\.log\n$/);
});

test("an attempt that was started twice has the logs of both processes, one after the other", async () => {
  const { ledger, directory, log, shipper, text } = await shipping();
  writeFileSync(log.file, "first\n");
  await shipper.ship([log], true);
  const again = { ...log, file: join(directory, "again.log") };
  writeFileSync(again.file, "second\n");
  await new LogShipper(ledger.logs, "run", "p2").ship([again], true);
  expect(await text()).toBe("first\nsecond\n");
});

test("a log is followed from another machine, without its process' directory", async () => {
  const { ledger, log, shipper } = await shipping();
  const growing = new GrowingLog(ledger, "/nowhere", "run", "fit", 1);
  expect(await growing.lines(false)).toEqual([]);
  writeFileSync(log.file, "one\ntwo\n");
  await shipper.ship([log]);
  expect(await growing.lines(false)).toEqual(["one", "two"]);
  expect(await growing.lines(false)).toEqual([]);
  appendFileSync(log.file, "end");
  await shipper.ship([log], true);
  expect(await growing.lines(true)).toEqual(["end"]);
});
