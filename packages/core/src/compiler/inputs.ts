import type { ArtifactType } from "../contracts/artifact-type.js";
import type { EachInput, PlannedInput } from "../contracts/plan.js";
import { isSchema } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import type { GraphNode } from "../pipeline/graph.js";
import type { Connection } from "../pipeline/wire.js";

export type Encode = (value: unknown, type?: ArtifactType<unknown>) => Promise<{ digest: string; type: string }>;

/** A value that becomes an artifact before the run starts. */
export interface Literal {
  readonly value: unknown;
  readonly type: string;
  /** As declared, where it was. */
  readonly declared?: ArtifactType<unknown>;
  /** The artifact's name. */
  readonly artifact: string;
}

/** The literals of a plan. Equal primitives are encoded once. */
export class LiteralTable {
  readonly all = new Map<string, Literal>();
  readonly #encoded = new Map<unknown, { digest: string; type: string }>();

  constructor(
    readonly pipeline: string,
    readonly encode: Encode,
  ) {}

  async add(
    connection: Extract<Connection, { kind: "literal" }>,
    fallback: string,
  ): Promise<PlannedInput & { from: "literal" }> {
    const { value, type } = connection;
    const key =
      typeof value === "object" || type ? undefined : `${typeof value} ${Object.is(value, -0) ? "-0" : value}`;
    const known = key === undefined ? undefined : this.#encoded.get(key);
    const encoded = known ?? (await this.encode(value, type));
    if (key !== undefined) this.#encoded.set(key, encoded);
    const artifact = connection.artifact ?? `${this.pipeline}.${fallback}`;
    if (!this.all.has(encoded.digest)) {
      this.all.set(encoded.digest, { value, type: encoded.type, artifact, ...(type ? { declared: type } : {}) });
    }
    return { from: "literal", digest: encoded.digest, type: encoded.type, artifact };
  }
}

/** @throws `INPUT_INVALID` for a declared input that the call does not give */
export async function planInputs(node: GraphNode, literals: LiteralTable): Promise<Record<string, PlannedInput>> {
  const planned: Record<string, PlannedInput> = {};
  for (const [name, connection] of Object.entries(node.connections)) {
    planned[name] = await planInput(connection, `${node.id}.${name}`, literals);
  }
  for (const [name, declaration] of Object.entries(node.step.inputs ?? {})) {
    if (Object.hasOwn(planned, name)) continue;
    if (isSchema(declaration) && !(await declaration["~standard"].validate(undefined)).issues) continue;
    throw new TenonError("INPUT_INVALID", {
      doing: `wiring step '${node.id}' of pipeline '${literals.pipeline}'`,
      found: `its input '${name}' is missing`,
      fix: `Write ${node.step.name}({ ${Object.keys(node.step.inputs ?? {}).join(", ")} }).`,
    });
  }
  return planned;
}

async function planInput(connection: Connection, name: string, literals: LiteralTable): Promise<PlannedInput> {
  switch (connection.kind) {
    case "output":
      return { from: "step", step: (connection.node as GraphNode).id, output: connection.output };
    case "literal":
      return await literals.add(connection, name);
    case "reference":
      return { from: "reference", reference: connection.reference };
    case "each":
      return { from: "each", list: (await planInput(connection.list, name, literals)) as EachInput["list"] };
    case "list": {
      const items: PlannedInput[] = [];
      for (const [index, item] of connection.items.entries()) {
        items.push(await planInput(item, `${name}.${index}`, literals));
      }
      return { from: "list", items };
    }
  }
}
