import { expect, test } from "vitest";
import { project } from "./project.js";

const opening = `import { openKernel, openLedger } from "@tenon/core/internal";
const [, , index, count] = process.argv;
const kernel = await openKernel();
const { metadataStore } = await kernel.resolveStack(undefined, { kinds: ["metadataStore"] });
const ledger = await openLedger(metadataStore, { project: "test" });
`;
const ending = "await kernel.dispose();\n";
const publish = `${opening}
const numbers = [];
for (let turn = 0; turn < Number(count); turn++) {
  const content = index + "-" + turn;
  const { number } = await ledger.addArtifact({
    name: "shared", type: "json", materializer: "core:json", format: "json", location: "artifacts/" + content, uri: "",
    size: 1, digest: "sha256:" + content, metadata: { content }, tags: [], visualizations: [],
  });
  numbers.push(number);
}
process.stdout.write(JSON.stringify(numbers));
${ending}`;
const move = `${opening}
const held = new Set();
for (let turn = 0; turn < Number(count); turn++) {
  await ledger.models.setStage("churn", index, "production");
  const stages = await ledger.models.stages("churn");
  held.add(Object.values(stages).filter((stage) => stage === "production").length);
}
process.stdout.write(JSON.stringify([...held]));
${ending}`;
const make = `${opening}
for (const run of ["1", "2"]) await ledger.models.openFor("01R" + run, { name: "churn", tags: [] });
${ending}`;

test("10 processes that publish 200 versions each of one artifact make versions 1 to 2,000, none lost or doubled", {
  timeout: 240_000,
}, async () => {
  const there = project({ "publish.mjs": publish });
  const ended = await Promise.all(
    Array.from({ length: 10 }, (_, index) => there.node("publish.mjs", String(index), "200")),
  );
  expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(ended.map(() => [0, ""]));
  const numbers = ended.flatMap(({ stdout }) => JSON.parse(stdout) as number[]).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
  const { stdout } = await there.tenon("artifact", "list", "shared", "--limit", "3000", "--json");
  const versions = JSON.parse(stdout) as { version: string; metadata: { content: string } }[];
  expect(versions.map(({ version }) => Number(version))).toEqual(numbers.toReversed());
  expect(new Set(versions.map(({ metadata }) => metadata.content)).size).toBe(2000);
});

test("a stage that two processes move at once has one version at any time, and no move is lost", async () => {
  const there = project({ "make.mjs": make, "move.mjs": move });
  expect(await there.node("make.mjs")).toMatchObject({ code: 0, stderr: "" });
  const ended = await Promise.all(["1", "2"].map((version) => there.node("move.mjs", version, "50")));
  expect(ended.map(({ code, stdout, stderr }) => [code, stdout, stderr])).toEqual([
    [0, "[1]", ""],
    [0, "[1]", ""],
  ]);
  const versions = JSON.parse((await there.tenon("model", "list", "churn", "--json")).stdout) as { stage: string }[];
  expect(versions.map(({ stage }) => stage).sort()).toEqual(["archived", "production"]);
});
