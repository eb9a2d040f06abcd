import { TenonError } from "../errors.js";
import { createHandle, createHandles, handlesOwner, handleTarget } from "./handle.js";
import { checkName } from "./names.js";
import { nearest } from "./nearest.js";
import { checkOptionNames, type StepOptions } from "./settings.js";
import type { StepDefinition } from "./step.js";
import { type Connection, connect } from "./wire.js";

/** The third argument of a step's call: a name of its own, an order, and settings for this call alone. */
export interface CallOptions extends StepOptions {
  /** By default the step's name, with `_2` and so on for further calls. */
  readonly name?: string;
  /** Steps that must have succeeded first: outputs of theirs, or their names. */
  readonly after?: readonly unknown[];
}

/** One call of a step. Its id is given when the body has ended and all names are known. */
export interface GraphNode {
  id: string;
  readonly step: StepDefinition;
  readonly connections: Readonly<Record<string, Connection>>;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly options: CallOptions;
  readonly after: readonly (GraphNode | string)[];
  readonly mapped: boolean;
  /** The slot that the step fills, if it is called through one. */
  readonly slot: string | undefined;
}

/** The calls of one body, in their order. */
export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly #slots = new Map<StepDefinition, string>();

  constructor(
    readonly pipeline: string,
    slots: Readonly<Record<string, StepDefinition>>,
  ) {
    for (const [slot, step] of Object.entries(slots)) this.#slots.set(step, slot);
  }

  call(
    step: StepDefinition,
    wires: object = {},
    parameters: object = {},
    options: CallOptions = {},
    mapped: boolean,
  ): unknown {
    const doing = `calling step '${options.name ?? step.name}' in pipeline '${this.pipeline}'`;
    if (typeof wires !== "object" || wires === null || handleTarget(wires) || handlesOwner(wires)) {
      throw new TenonError("INPUT_INVALID", {
        doing,
        found: "its inputs are not an object with names",
        fix: `Write ${step.name}({ name: value }).`,
      });
    }
    if (options.name !== undefined) checkName(options.name, "STEP_INVALID", doing);
    const { name: _name, after = [], ...settings } = options;
    checkOptionNames(settings, ["name", "after"], doing);
    const connections = this.#connect(step, wires as Record<string, unknown>, doing);
    const eaches = Object.values(connections).filter(({ kind }) => kind === "each").length;
    if (mapped && eaches === 0) {
      throw new TenonError("INPUT_INVALID", {
        doing: `mapping step '${step.name}'`,
        found: "none of its inputs is marked with each()",
        fix: "Mark the list to go through: map(step, { item: each(list) }).",
      });
    }
    if (!mapped && eaches > 0) {
      throw new TenonError("INPUT_INVALID", {
        doing,
        found: "an input is marked with each(), but the step is called for one value",
        fix: `Write map(${step.name}, { … }).`,
      });
    }
    const node: GraphNode = {
      id: "",
      step,
      connections,
      parameters: parameters as Record<string, unknown>,
      options,
      after: after.map((item) => this.#predecessor(item, doing)),
      mapped,
      slot: this.#slots.get(step),
    };
    this.nodes.push(node);
    ownerOf.set(node, this);
    return step.single
      ? createHandle({ node, step: step.name, output: "output" })
      : createHandles(node, step.name, Object.keys(step.outputs));
  }

  #connect(step: StepDefinition, wires: Record<string, unknown>, doing: string): Record<string, Connection> {
    const connections: Record<string, Connection> = {};
    for (const [name, wire] of Object.entries(wires)) {
      if (step.inputs && !Object.hasOwn(step.inputs, name)) {
        const known = Object.keys(step.inputs);
        throw new TenonError("INPUT_INVALID", {
          doing,
          found: `it has no input '${name}'; ${known.length > 0 ? `its inputs are ${known.join(", ")}` : "it takes none"}`,
          ...nearest(name, known),
        });
      }
      checkName(name, "INPUT_INVALID", `${doing}, input '${name}'`);
      if (wire === undefined && step.inputs) continue;
      const connection = connect(wire, step.inputs?.[name], `${doing}, input '${name}'`);
      this.#checkOwn(connection, `${doing}, input '${name}'`);
      connections[name] = connection;
    }
    return connections;
  }

  #checkOwn(connection: Connection, doing: string): void {
    if (connection.kind === "list") for (const item of connection.items) this.#checkOwn(item, doing);
    if (connection.kind === "each") this.#checkOwn(connection.list, doing);
    if (connection.kind === "output" && ownerOf.get(connection.node) !== this) this.#foreign(doing);
  }

  #predecessor(item: unknown, doing: string): GraphNode | string {
    if (typeof item === "string") return item;
    const node = handleTarget(item)?.node ?? handlesOwner(item)?.node;
    if (!node) {
      throw new TenonError("STEP_INVALID", {
        doing: `${doing}, 'after'`,
        found: `it holds ${item === null ? "null" : `a ${typeof item}`}`,
        fix: "List outputs of other steps, or names of steps.",
      });
    }
    if (ownerOf.get(node) !== this) this.#foreign(`${doing}, 'after'`);
    return node as GraphNode;
  }

  #foreign(doing: string): never {
    throw new TenonError("HANDLE_MISUSED", {
      doing,
      found: "the handle belongs to another pipeline, or to an earlier run of this body",
      fix: "Use handles only inside the body that made them.",
    });
  }

  /** Gives every node its id: names that were asked for first, then step names, numbered from the second call on. */
  nameNodes(): void {
    const taken = new Map<string, GraphNode>();
    for (const node of this.nodes) {
      if (node.options.name === undefined) continue;
      if (taken.has(node.options.name)) this.#duplicate(`two steps are named '${node.options.name}'`);
      taken.set(node.options.name, node);
      node.id = node.options.name;
    }
    const unnamed = new Map<string, { readonly step: StepDefinition; count: number }>();
    for (const node of this.nodes) {
      if (node.options.name !== undefined) continue;
      const { name } = node.step;
      const calls = unnamed.get(name) ?? { step: node.step, count: 0 };
      if (calls.step !== node.step) this.#duplicate(`two different steps are called '${name}'`);
      unnamed.set(name, calls);
      do {
        calls.count += 1;
        node.id = calls.count === 1 ? name : `${name}_${calls.count}`;
      } while (taken.has(node.id));
      taken.set(node.id, node);
    }
  }

  #duplicate(found: string): never {
    throw new TenonError("STEP_DUPLICATE", {
      doing: `compiling pipeline '${this.pipeline}'`,
      found,
      fix: 'Give one of the calls another name: step(inputs, parameters, { name: "…" }).',
    });
  }

  /** Runs a body whose calls are recorded here. */
  build<R>(body: () => R): R {
    const outer = current;
    current = this;
    try {
      return body();
    } finally {
      current = outer;
    }
  }
}

const ownerOf = new WeakMap<object, Graph>();
let current: Graph | undefined;

/** The pipeline whose body is running. @throws `STEP_INVALID` if none is */
export function currentGraph(doing: string, instead: string): Graph {
  if (current) return current;
  throw new TenonError("STEP_INVALID", {
    doing,
    found: "no pipeline's body is running",
    fix: `Call steps inside the body of a pipeline. To call the step's own function, write ${instead}.`,
  });
}
