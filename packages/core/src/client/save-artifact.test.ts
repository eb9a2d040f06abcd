import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { json, table } from "../materializers/types.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { MemoryProject } from "../testing/memory-project.js";
import { Client } from "./client.js";

const count = step({ name: "count", inputs: { rows: table }, output: json, run: ({ rows }) => rows.length });

let project: MemoryProject;
beforeEach(() => {
  project = new MemoryProject();
});
afterEach(() => project.dispose());

describe("a value from outside of any run", () => {
  test("is stored as the next version of an artifact, with tags, metadata and pages, and read back", async () => {
    const page = { name: "page", mediaType: "text/html", body: "<p>two rows</p>" } as const;
    const { artifact, known } = await project.client.artifacts.save("survey", [{ x: 1 }, { x: 2 }], {
      type: table,
      tags: ["keep"],
      metadata: { source: "by hand" },
      visualizations: [page],
    });
    expect(known).toBe(false);
    expect(artifact).toMatchObject({ id: "survey@1", type: "table", tags: ["keep"] });
    expect(artifact.metadata).toMatchObject({ source: "by hand", rows: 2 });
    const found = await project.client.artifacts.get("survey");
    expect(await found.load()).toEqual([{ x: 1 }, { x: 2 }]);
    expect(Buffer.from((await found.visualize("page"))[0]?.body ?? "").toString()).toContain("two rows");
  });

  test("is the version that is there if the latest has the same content, and a new one if only an older has", async () => {
    const versions: string[] = [];
    for (const value of [1, 1, 2, 1]) versions.push((await project.client.artifacts.save("n", value)).artifact.version);
    expect(versions).toEqual(["1", "1", "2", "3"]);
    expect(await project.client.artifact("n").get()).toBe(1);
  });

  test("is one version if another stores the same while it is written", async () => {
    const { artifacts, client } = project;
    await client.artifacts.save("other", 1);
    const write = artifacts.write.bind(artifacts);
    artifacts.write = async (...given) => {
      artifacts.write = write;
      await client.artifacts.save("survey", [1, 2]);
      return await write(...given);
    };
    const late = await client.artifacts.save("survey", [1, 2]);
    expect(late).toMatchObject({ known: true, artifact: { id: "survey@1" } });
  });

  test("is what a pipeline takes by a late reference", async () => {
    await project.client.artifacts.save("survey", [{ x: 1 }], { type: table });
    const result = await project.run(
      pipeline("counting", () => ({ rows: count({ rows: project.client.artifact("survey", { type: table }) }) })),
    );
    expect(await result.outputs.rows.load()).toBe(1);
  });

  test("is one version if two store the same at the same time", async () => {
    const other = new Client({ directory: project.root, stack: project.stack });
    const both = [project.client, other].map((client) => client.artifacts.save("survey", [1, 2]));
    expect((await Promise.all(both)).map(({ artifact }) => artifact.id)).toEqual(["survey@1", "survey@1"]);
    await other.close();
  });

  test("that cannot be saved leaves nothing", async () => {
    const saving = project.client.artifacts.save("survey", [1] as never, { type: table });
    await expect(saving).rejects.toMatchObject({ code: "MATERIALIZER_MISSING" });
    await expect(project.client.artifacts.get("survey")).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });
});
