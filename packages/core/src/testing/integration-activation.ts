import assert from "node:assert/strict";
import { isSchema } from "../contracts/schema.js";
import { packageDirectory } from "../git/package-directory.js";
import { KernelContainer } from "../kernel/container.js";
import { HookBus } from "../kernel/hook-bus.js";
import type { IntegrationSubject } from "./integration-subject.js";
import type { ConformanceCase } from "./kit.js";

const patienceMs = 10_000;

export const activationCases: readonly ConformanceCase<IntegrationSubject>[] = [
  {
    name: "it can be activated in two kernels of one process, and twice in one",
    async run(subject) {
      const { activate, ...integration } = await subject.integration();
      const first = { container: new KernelContainer(), hooks: new HookBus() };
      const second = { container: new KernelContainer(), hooks: new HookBus() };
      for (const context of [first, second, first]) await activate?.call({ activate, ...integration }, context);
    },
  },
  {
    name: "asked to check its installation, it answers with texts or an error, and soon",
    async run(subject) {
      const integration = await subject.integration();
      const answer = await soon(async () => {
        try {
          return (await integration.checkInstallation?.()) ?? [];
        } catch (error) {
          assert.ok(error instanceof Error && error.message !== "", "it throws something that says nothing");
          return [];
        }
      });
      assert.ok(Array.isArray(answer), "it does not answer with a list");
      for (const line of answer)
        assert.ok(typeof line === "string" && line.trim() !== "", `it answers ${String(line)}`);
    },
  },
  {
    name: "the configuration of each component has a schema that refuses instead of throwing",
    async run(subject) {
      for (const { kind, flavor, config } of (await subject.integration()).components) {
        const what = `${kind.name} '${flavor}'`;
        assert.ok(isSchema(config), `the config of ${what} is no Standard Schema`);
        for (const wrong of [undefined, 42, "text"]) {
          const result = await config["~standard"].validate(wrong);
          assert.ok(result.issues !== undefined && result.issues.length > 0, `${what} accepts ${String(wrong)}`);
          for (const { message } of result.issues)
            assert.ok(message, `${what} refuses ${String(wrong)} without a word`);
        }
      }
    },
  },
  {
    name: "each component loads a module with a create function",
    async run(subject) {
      for (const { kind, flavor, requires, load } of (await subject.integration()).components) {
        if (!installed(subject, requires)) continue;
        const module = await load();
        assert.equal(typeof module.create, "function", `what ${kind.name} '${flavor}' loads has no create`);
      }
    },
  },
  {
    name: "each materializer loads as what its definition says",
    async run(subject) {
      for (const { type, writes, reads = [], requires = [], load } of (await subject.integration()).materializers) {
        if (!installed(subject, requires)) continue;
        const { materializer } = await load();
        assert.equal(materializer?.type?.name, type.name, `the materializer of '${type.name}' is of another type`);
        assert.equal(materializer.format, writes, `the materializer of '${type.name}' writes another format`);
        const expected = [...new Set([writes, ...reads])].sort();
        const actual = [...new Set([materializer.format, ...materializer.reads])].sort();
        assert.deepEqual(actual, expected, `the materializer of '${type.name}' reads other formats`);
      }
    },
  },
];

function installed({ directory }: IntegrationSubject, names: readonly string[]): boolean {
  return names.every((name) => packageDirectory(name, directory) !== undefined);
}

async function soon<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`there was no answer within ${patienceMs / 1000} s`)), patienceMs);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
