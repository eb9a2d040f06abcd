import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { defineArtifactStore, defineMetadataStore, defineOrchestrator } from "../contracts/component.js";
import type { ProbeFinding } from "../contracts/probe.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import { type Stack, stack } from "../kernel/stack-definition.js";
import { NaiveLauncher } from "../testing/broken/launchers.js";
import { MemoryArtifactStore } from "../testing/memory-artifact-store.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { MemoryProject } from "../testing/memory-project.js";
import { checkStack } from "./check-stack.js";

vi.setConfig({ testTimeout: 60_000 });

let kernel: Kernel;
beforeAll(async () => {
  kernel = await openKernel({ cwd: new MemoryProject().root });
});
afterAll(() => kernel.dispose());

/** Of what `create` returns; what it throws is what connecting fails with. */
function stackOf(artifacts: () => unknown, metadata: () => unknown, config: object = {}): Stack {
  const component = (create: () => unknown) => ({
    flavor: "memory",
    config: z.strictObject({ size: z.number().optional() }),
    load: async () => ({ create }) as never,
  });
  return stack({
    name: "tried",
    orchestrator: defineOrchestrator(component(() => new NaiveLauncher()))(config as never),
    artifactStore: defineArtifactStore(component(artifacts))(),
    metadataStore: defineMetadataStore(component(metadata))(),
  });
}

const denied = (what: string) =>
  new TenonError("STORE_DENIED", { doing: `${what} the store`, found: "it does not permit that" });
const outcome = (findings: readonly ProbeFinding[] = []) =>
  findings.map(({ tried, error }) => `${tried}: ${(error as TenonError | undefined)?.code ?? "yes"}`);

describe("checking a stack", () => {
  test("tries stores without a probe of their own through their contracts, and leaves nothing there", async () => {
    const [artifacts, metadata] = [new MemoryArtifactStore(), new MemoryMetadataStore()];
    const { faults, probes } = await checkStack(
      kernel,
      stackOf(
        () => artifacts,
        () => metadata,
      ),
    );
    expect(faults).toEqual([]);
    for (const findings of Object.values(probes)) {
      expect(findings.length).toBeGreaterThanOrEqual(5);
      expect(findings.filter(({ error }) => error)).toEqual([]);
    }
    expect(artifacts.objects.size).toBe(0);
    expect((await metadata.scan("")).map(({ key }) => key)).toEqual(["tenon"]);
  });

  test("says what is not permitted, and tries the rest", async () => {
    const artifacts = new MemoryArtifactStore();
    artifacts.delete = async () => Promise.reject(denied("deleting in"));
    const metadata = new MemoryMetadataStore();
    metadata.insert = async () => Promise.reject(denied("writing to"));
    const { probes } = await checkStack(
      kernel,
      stackOf(
        () => artifacts,
        () => metadata,
      ),
    );
    expect(outcome(probes.artifactStore)).toContain("deleting it: STORE_DENIED");
    expect(outcome(probes.artifactStore)).toContain("writing an object: yes");
    expect(outcome(probes.metadataStore)).toEqual(["reading a record: yes", "inserting a record: STORE_DENIED"]);
  });

  test("asks a store's own probe where it has one", async () => {
    const finding: ProbeFinding = {
      tried: "writing an object",
      permission: "s3:PutObject",
      error: denied("writing to"),
    };
    const artifacts = Object.assign(new MemoryArtifactStore(), { probe: async () => [finding] });
    const { probes } = await checkStack(
      kernel,
      stackOf(
        () => artifacts,
        () => new MemoryMetadataStore(),
      ),
    );
    expect(probes.artifactStore).toEqual([finding]);
  });

  test("lists wrong configurations and connections of all components side by side", async () => {
    const failing = (found: string) => () => {
      throw new TenonError("STORE_UNAVAILABLE", { doing: "connecting", found });
    };
    const { faults, probes } = await checkStack(
      kernel,
      stackOf(failing("no such bucket host"), failing("no such database host"), { siez: 1 }),
    );
    expect(faults.map(({ code }) => code)).toEqual([
      "COMPONENT_CONFIG_INVALID",
      "STORE_UNAVAILABLE",
      "STORE_UNAVAILABLE",
    ]);
    expect(faults.map(({ found }) => found).slice(1)).toEqual(["no such bucket host", "no such database host"]);
    expect(probes).toEqual({});
  });

  test("says when the two stores belong to different ledgers", async () => {
    const one = new MemoryProject();
    const other = new MemoryProject();
    await one.artifacts.write("tenon-owner.json", new TextEncoder().encode('{"ledger":"01X"}'));
    const mixed = stackOf(
      () => one.artifacts,
      () => other.metadata,
    );
    const { faults } = await checkStack(kernel, mixed);
    expect(faults.map(({ code }) => code)).toEqual(["STACK_MISMATCHED"]);
  });
});
