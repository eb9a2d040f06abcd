import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cancel, type RunResult, run, stack, type TenonError } from "@tenon/core";
import { filesystem, sqlite } from "@tenon/plugin-local";
import { available, type SlurmCluster, slurm as server } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slurm } from "./index.js";
import { ClusterProject } from "./testing/cluster-project.js";
import { onPath, tenon } from "./testing/programs.js";

describe.skipIf(!available(server))("what Slurm does not take is refused before anything is submitted", () => {
  let cluster: SlurmCluster;
  const project = new ClusterProject({
    "refused.mjs": readFileSync(new URL("testing/refused.mjs", import.meta.url), "utf8"),
  });
  beforeAll(async () => {
    cluster = await server.start({ nodes: 2 });
    process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
  });
  afterAll(async () => {
    await cluster?.stop();
    project.remove();
  });

  const options = (orchestrator: Parameters<typeof slurm>[0] = {}) => ({
    directory: project.directory,
    stack: stack({
      name: "cluster",
      orchestrator: slurm(orchestrator),
      artifactStore: filesystem(),
      metadataStore: sqlite(),
    }),
  });
  /** Runs a pipeline of one step, and gives its value. */
  const attempt = async (name: string, orchestrator: Parameters<typeof slurm>[0] = {}): Promise<unknown> => {
    const steps = await import(project.path("refused.mjs"));
    const result: RunResult<Record<string, unknown>> = await run(steps.only(steps[name]), options(orchestrator));
    return result.outputs.value?.load();
  };
  const refusal = async (running: Promise<unknown>) => {
    const error = (await running.then(
      () => expect.unreachable("it was taken"),
      (thrown: unknown) => thrown,
    )) as TenonError;
    return { code: error.code, message: error.message };
  };
  const queue = async () => (await cluster.client("squeue", "--noheader", "--states=all", "--format=%A")).trim();

  test.each([
    ["more memory than any node has", "large", "CAPABILITY_MISSING", /'large' asks for .* of which it has 3\.91 GiB/],
    ["a partition that there is not", "elsewhere", "CAPABILITY_MISSING", /'elsewhere' .*invalid partition.*nowhere/i],
    ["a feature that no node has", "featured", "CAPABILITY_MISSING", /'featured' .*feature/i],
    ["more time than the partition gives", "long", "CAPABILITY_MISSING", /'long' .*'short' gives a job 2 minutes/],
    ["a setting that there is not", "misspelt", "ENGINE_INVALID", /partiton/],
    ["a flag that Tenon sets itself", "contrary", "ENGINE_INVALID", /--output.*use directory/],
  ] as const)("%s", async (_, name, code, message) => {
    expect(await refusal(attempt(name))).toEqual({ code, message: expect.stringMatching(message) });
    expect(await queue()).toBe("");
  });

  test("a partition of the stack that there is not, and those that there are are named", async () => {
    const { code, message } = await refusal(attempt("plain", { partition: "mian" }));
    expect([code, message]).toEqual(["COMPONENT_CONFIG_INVALID", expect.stringMatching(/'mian'.*main, short/)]);
  });

  test("a machine without Slurm's programs is told how it gets them", async () => {
    onPath({}, { only: true });
    const { code, message } = await refusal(attempt("plain"));
    expect([code, message]).toEqual(["REQUIREMENT_MISSING", expect.stringMatching(/slurm-client/)]);
  });

  test("a controller that stays away is waited for, and then named", async () => {
    await cluster.stopController();
    const { code, message } = await refusal(attempt("plain", { patience: 700 }));
    expect([code, message]).toEqual(["ORCHESTRATOR_UNAVAILABLE", expect.stringMatching(/scontrol ping/)]);
    const late = refusal(attempt("elsewhere", { patience: 60_000 }));
    await cluster.startController();
    expect((await late).code).toBe("CAPABILITY_MISSING");
  });

  test("what Slurm refuses of one step fails that step with what it said, and independent branches finish", async () => {
    const { branches } = await import(project.path("refused.mjs"));
    const { status, failures, outputs, steps } = await run(branches, { ...options(), throwOnFailure: false });
    expect(status).toBe("failed");
    expect(failures.map(({ error }) => [(error as TenonError).code, String(error)])).toEqual([
      ["ORCHESTRATOR_REFUSED", expect.stringMatching(/'torn'.*node configuration is not available.*--constraint=big/s)],
    ]);
    expect(Object.fromEntries(steps.map((step) => [step.id, step.status]))).toEqual({
      plain: "succeeded",
      torn: "failed",
      next: "skipped",
      next_2: "succeeded",
      next_3: "succeeded",
    });
    expect(await (outputs as Record<string, { load(): Promise<unknown> }>).good?.load()).toBe(3);
  });

  test.each(["signal", "request"] as const)("a run that waits for the controller is cancelled by a %s", async (by) => {
    const { only, plain } = await import(project.path("refused.mjs"));
    const abort = new AbortController();
    let cancelled = 0;
    const stepStarted = async ({ runId }: { readonly runId: string }) => {
      await cluster.stopController();
      setTimeout(() => {
        cancelled = performance.now();
        if (by === "signal") abort.abort();
        else void cancel(runId, options());
      }, 1_000);
    };
    const running = run(only(plain), {
      ...options({ patience: 600_000 }),
      signal: abort.signal,
      throwOnFailure: false,
      hooks: { stepStarted },
    });
    const { status, steps } = await running.finally(() => cluster.startController());
    expect([status, ...steps.map((step) => step.status)]).toEqual(["cancelled", "cancelled"]);
    expect(performance.now() - cancelled).toBeLessThan(20_000);
  });

  test("a step gets what it asks for", async () => {
    expect(await attempt("equipped")).toEqual(["2", "300", "short", "n2"]);
  });

  test("a submission whose answer was lost is not submitted again", async () => {
    const before = (await queue()).split("\n").length;
    const real = "/usr/bin/sbatch";
    const once = join(project.directory, "once");
    onPath({
      sbatch: `case "$*" in *--test-only*) exec ${real} "$@";; esac
if [ ! -e ${once} ]; then ${real} "$@" > ${once}; echo "sbatch: error: Socket timed out on send/recv operation" >&2; exit 1; fi
exec ${real} "$@"`,
    });
    const job = await attempt("job");
    expect((await queue()).split("\n")).toContain(job);
    expect((await queue()).split("\n")).toHaveLength(before + 1);
  });

  test("stack check asks the cluster, and says what it found", async () => {
    const stores = { artifactStore: { flavor: "local/filesystem" }, metadataStore: { flavor: "local/sqlite" } };
    const stacks = { cluster: { orchestrator: { flavor: "slurm/slurm" }, ...stores } };
    project.write("tenon.yaml", JSON.stringify({ project: "cluster", stacks }));
    const said = await tenon(project.directory, "stack", "check", "cluster");
    expect(said).toMatch(/orchestrator was tried/);
    expect(said).toMatch(/2 of 2 processors, 4 GiB, 2 GPUs in main/);
    expect(said).toMatch(/no accounting/);
  });
});
