import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { statusOf } from "./jobs.js";
import { launchId } from "./launch-id.js";
import { Queue } from "./queue.js";
import { SlurmCommands } from "./slurm-commands.js";
import { onPath } from "./testing/programs.js";

/** A cluster whose queue has forgotten its jobs, and whose accounting answers with a script of shell. */
function cluster(sacct: string, patience = 0) {
  const directory = mkdtempSync(join(tmpdir(), "tenon-sacct-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const calls = join(directory, "calls");
  onPath({ squeue: "exit 0", sacct: `echo "$@" >> ${calls}\n${sacct}` });
  const queue = new Queue(new SlurmCommands({ patience: 0 }), { pollInterval: 100, patience });
  const look = async (...ids: string[]) => {
    await expect.poll(() => queue.dueIn).toBeLessThanOrEqual(0);
    return (await queue.jobs(ids)).map((job) => (job ? statusOf(job, false) : undefined));
  };
  return { look, calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n").length : 0) };
}

test("what has left the queue is told by the accounting, in one question", async () => {
  const { look, calls } = cluster(
    "printf '12_0|COMPLETED|0:0|n1\\n12_1|CANCELLED by 1000|0:15|n2\\n13|NODE_FAIL|0:0|n3\\n14|FAILED|10:0|n1\\n'",
  );
  expect(await look("12_0", "12_1", "13", "14")).toEqual([
    { state: "exited", job: "12_0", exit: { kind: "ended" } },
    {
      state: "exited",
      job: "12_1",
      exit: { kind: "crashed", reason: expect.stringMatching(/n2.*scancel/), retry: false },
    },
    {
      state: "exited",
      job: "13",
      exit: { kind: "crashed", reason: expect.stringMatching(/node failed/), retry: true },
    },
    { state: "exited", job: "14", exit: { kind: "ended" } },
  ]);
  expect(calls()).toBe(1);
});

test("without accounting what has left the queue is worth another try, and the accounting is not asked again", async () => {
  const { look, calls } = cluster("echo 'Slurm accounting storage is disabled' >&2; exit 1");
  const forgotten = { kind: "crashed", reason: expect.stringMatching(/no accounting/), retry: true };
  expect(await look("12")).toEqual([{ state: "exited", job: "12", exit: forgotten }]);
  expect(await look("12", "13")).toHaveLength(2);
  expect(calls()).toBe(1);
});

test("an accounting that does not answer is waited for as the controller is", async () => {
  const answer = `if [ "$(wc -l < $0.asked 2>/dev/null || echo 0)" -lt 2 ]; then echo >> $0.asked; echo 'Connection refused' >&2; exit 1; fi`;
  const { look, calls } = cluster(`${answer}\nprintf '12|COMPLETED|0:0|n1\\n'`, 60_000);
  expect([await look("12"), await look("12")]).toEqual([[undefined], [undefined]]);
  expect(await look("12")).toEqual([{ state: "exited", job: "12", exit: { kind: "ended" } }]);
  expect(calls()).toBe(3);
  const impatient = cluster("echo 'Connection refused' >&2; exit 1");
  await expect(impatient.look("12")).rejects.toMatchObject({ code: "ORCHESTRATOR_UNAVAILABLE" });
});

test("a job that has another's number is not taken for it: a controller that was killed gives numbers again", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tenon-squeue-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const queued = "12 |COMPLETED |0 |None |n1 |own |\\n13 |COMPLETED |0 |None |n1 |foreign |\\n";
  const accounted = "13|COMPLETED|0:0|n1|foreign\\n14|COMPLETED|0:0|n1|own\\n";
  onPath({ squeue: `printf '${queued}'`, sacct: `printf '${accounted}'` });
  const queue = new Queue(new SlurmCommands({ patience: 0 }), { pollInterval: 100, patience: 0 });
  await expect.poll(() => queue.dueIn).toBeLessThanOrEqual(0);
  const jobs = await queue.jobs(["12", "13", "14"].map((job) => launchId(job, "own")));
  const ends = jobs.map((job) => job && statusOf(job, false));
  expect(ends).toMatchObject([
    { job: "12", exit: { kind: "ended" } },
    { job: "13", exit: { kind: "crashed", retry: true } },
    { job: "14", exit: { kind: "ended" } },
  ]);
});
