import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { jobScript } from "./job-script.js";

const odd = `it's "odd" $HOME \`id\` \\ \n ü`;
const print = ["sh", "-c", 'printf "%s|%s" "$VALUE" "$1"', "sh"] as const;
const process = (value: string, argument: string) => ({
  command: [...print, argument] as unknown as readonly [string, ...string[]],
  environment: { VALUE: value },
  directory: tmpdir(),
});
const execute = (script: string, environment: Record<string, string> = {}) =>
  execFileSync("bash", { input: script, env: { PATH: "/usr/bin:/bin", ...environment }, encoding: "utf8" });

test("whatever a process is given reaches it as it is", () => {
  expect(execute(jobScript([process(odd, odd)]))).toBe(`${odd}|${odd}`);
});

test("an element of an array becomes its own process", () => {
  const script = jobScript([process("a", "0"), process("b", "1")]);
  expect(execute(script, { SLURM_ARRAY_TASK_ID: "1" })).toBe("b|1");
});

test("lines of setup come first, and their variables reach the process", () => {
  const reader = { command: ["sh", "-c", 'echo "$SECRET"'] as const, environment: {}, directory: "/" };
  expect(execute(jobScript([reader], ["export SECRET=value"]))).toBe("value\n");
});

test("a directory that is not there ends the job as not found", () => {
  const lost = { command: ["true"] as const, environment: {}, directory: "/not/there" };
  expect(() => execute(jobScript([lost]))).toThrow(expect.objectContaining({ status: 127 }));
});
