import { afterEach, describe, expect, test } from "vitest";
import { TestProject } from "./test-project.js";

const projects: TestProject[] = [];
const made = (settings?: string) => {
  const project = new TestProject(settings);
  projects.push(project);
  return project;
};
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

const isolated = `project: digits
stacks:
  local:
    orchestrator: { flavor: local/local, isolation: process }
    artifactStore: { flavor: local/filesystem }
    metadataStore: { flavor: local/sqlite }
`;

describe("npm start", () => {
  test("goes from the package's images to a model that answers over HTTP, in less than three minutes", async () => {
    const started = performance.now();
    const printed = await made().terminal("npm", "start", "--silent");
    const accuracy = Number(/accuracy ([\d.]+) %/.exec(printed)?.[1]);
    expect(accuracy).toBeGreaterThan(95);
    expect(printed).toContain("model digits, version 1, now in production");
    expect(printed).toMatch(/asked over HTTP, at http:\/\/127\.0\.0\.1:\d+:/);
    expect([...printed.matchAll(/→ (\d)/g)].map(([, digit]) => digit)).toEqual(["0", "4", "8"]);
    expect(performance.now() - started).toBeLessThan(180_000);
  }, 200_000);
});

describe("the pipeline", () => {
  /** Digests of what a short run makes, and of its plan. */
  async function digests(project: TestProject): Promise<Record<string, string>> {
    await project.terminal("tsx", "--eval", 'import("./src/data.ts").then(({ images }) => images.commit())');
    await project.terminal("tenon", "run", "pipeline.ts", "--param", "train.epochs=1", "--param", "train.filters=2");
    const { plan } = JSON.parse(await project.terminal("tenon", "run", "show", "--json"));
    const names = ["datasource.digits", "digits.split.train", "digits.train.model", "digits.train.history"];
    const shown = names.map(async (name) =>
      JSON.parse(await project.terminal("tenon", "artifact", "show", name, "--json")),
    );
    return Object.fromEntries([
      ["plan", plan],
      ...(await Promise.all(shown)).map(({ name, version, digest }) => [`${name}@${version}`, digest]),
    ]);
  }

  test("has the same plan and makes the same bytes, model included, wherever and however its steps run", async () => {
    const [here, elsewhere] = await Promise.all([digests(made()), digests(made(isolated))]);
    expect(Object.keys(here)).toEqual([
      "plan",
      "datasource.digits@1",
      "digits.split.train@1",
      "digits.train.model@1",
      "digits.train.history@1",
    ]);
    expect(elsewhere).toEqual(here);
  }, 400_000);
});
