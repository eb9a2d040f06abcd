import type { parseSync } from "rolldown/utils";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

type Edit = readonly [start: number, end: number, text: string];

/** Before a bare import of a package: it is there for its effect, and stays. */
export const effectPrefix = "tenon-effect:";

/** Settings that say how a step is run, not what it computes. */
const settings = new Set([
  "retries",
  "backoff",
  "timeout",
  "resources",
  "backend",
  "engine",
  "tags",
  "cache",
  "deterministic",
]);

/**
 * Prepares a module for the bundler's tree shaking: says of the calls that define steps, pipelines and schemas at its
 * top level that they have no effect, so that those which a step does not use fall away. That is said of calls of
 * bindings imported from `@tenon/*` and zod in initialisers only; every other call stays.
 */
export function markPure(text: string, file: string, parse: typeof parseSync): string {
  const { program, errors } = parse(file, text);
  if (errors.length > 0) return text;
  const body = program.body as unknown as readonly Node[];
  const imports = importsOf(body);
  const edits: Edit[] = [];
  for (const statement of body) {
    if (statement.type === "ImportDeclaration") editImport(statement, edits);
    else if (statement.type === "ExpressionStatement") editRun(statement.expression as Node, imports, edits);
    else {
      const declaration = statement.type.startsWith("Export") ? (statement.declaration as Node | null) : statement;
      if (declaration?.type === "VariableDeclaration") {
        for (const { id, init } of declaration.declarations as { id: Node; init: Node | null }[]) {
          if (!init) continue;
          editRun(init, imports, edits);
          editExpression(init, imports, edits);
          const root = init.type === "CallExpression" ? rootOf(init) : undefined;
          if (declaration.kind === "const" && id.type === "Identifier" && root) derive(imports, root, String(id.name));
        }
      } else if (statement.type === "ExportDefaultDeclaration" && declaration) {
        editExpression(declaration, imports, edits);
      }
    }
  }
  return apply(text, edits);
}

interface Imports {
  /** Local names to what they stand for. */
  readonly names: Map<string, "zod" | "tenon">;
  /** Constants made by calls of those: a schema's methods make schemas, a pipeline's `with` a pipeline. */
  readonly derived: Map<string, "zod" | "tenon">;
  readonly step: Set<string>;
  readonly run: Set<string>;
}

function importsOf(body: readonly Node[]): Imports {
  const imports: Imports = { names: new Map(), derived: new Map(), step: new Set(), run: new Set() };
  for (const { type, source, specifiers } of body) {
    if (type !== "ImportDeclaration") continue;
    const from = String((source as Node).value);
    const family = /^zod(\/|$)/.test(from) ? "zod" : from.startsWith("@tenon/") ? "tenon" : undefined;
    if (!family) continue;
    for (const { local, imported } of specifiers as { local: Node; imported?: Node }[]) {
      const name = String(local.name);
      imports.names.set(name, family);
      if (from !== "@tenon/core") continue;
      if (imported?.name === "step") imports.step.add(name);
      if (imported?.name === "run") imports.run.add(name);
    }
  }
  return imports;
}

function derive({ names, derived }: Imports, root: string, name: string): void {
  const family = names.get(root) ?? derived.get(root);
  if (family) derived.set(name, family);
}

function editImport({ source, specifiers, importKind }: Node, edits: Edit[]): void {
  const { value, start } = source as Node;
  const isPackage = !/^(\.|\/|#|[a-z]+:)/i.test(String(value));
  if (importKind !== "type" && (specifiers as Node[]).length === 0 && isPackage) {
    edits.push([start + 1, start + 1, effectPrefix]);
  }
}

/** Running a pipeline does not change what its steps compute: `await run(…)` at the top level may fall away. */
function editRun(expression: Node, { run }: Imports, edits: Edit[]): void {
  const call = expression.type === "AwaitExpression" ? (expression.argument as Node) : expression;
  if (call.type !== "CallExpression") return;
  const callee = call.callee as Node;
  if (callee.type !== "Identifier" || !run.has(String(callee.name))) return;
  edits.push([expression.start, call.start, "/*#__PURE__*/ "]);
}

function editExpression(node: Node, imports: Imports, edits: Edit[]): void {
  if (/Function|^Class|^TaggedTemplate/.test(node.type)) return;
  if (node.type === "CallExpression") {
    if (isPure(node, imports) && !edits.some(([start, end]) => start <= node.start && node.start <= end)) {
      edits.push([node.start, node.start, "/*#__PURE__*/ "]);
    }
    if (imports.step.has(String((node.callee as Node).name))) dropSettings((node.arguments as Node[])[0], edits);
  }
  for (const field of Object.values(node)) {
    for (const child of Array.isArray(field) ? field : [field]) {
      if (typeof child === "object" && child !== null && typeof (child as Node).type === "string") {
        editExpression(child as Node, imports, edits);
      }
    }
  }
}

function isPure(call: Node, { names, derived }: Imports): boolean {
  const root = rootOf(call);
  if (root === undefined) return false;
  if (names.has(root)) return true;
  const callee = call.callee as Node;
  if (callee.type !== "MemberExpression") return false;
  const family = derived.get(root);
  return family === "zod" || (family === "tenon" && (callee.property as Node).name === "with");
}

/** The name that a chain of calls and properties begins with. */
function rootOf(node: Node): string | undefined {
  if (node.type === "Identifier") return String(node.name);
  const inner =
    node.type === "CallExpression" ? node.callee : node.type === "MemberExpression" ? node.object : undefined;
  return inner ? rootOf(inner as Node) : undefined;
}

function dropSettings(options: Node | undefined, edits: Edit[]): void {
  if (options?.type !== "ObjectExpression") return;
  const properties = options.properties as Node[];
  for (const [index, property] of properties.entries()) {
    const { key, value, computed } = property as unknown as { key?: Node; value?: Node; computed?: boolean };
    if (computed || !settings.has(String(key?.name)) || !value || !isLiteral(value)) continue;
    edits.push([property.start, properties[index + 1]?.start ?? property.end, ""]);
  }
}

function isLiteral(node: Node): boolean {
  if (node.type === "Literal") return true;
  if (node.type === "UnaryExpression") return isLiteral(node.argument as Node);
  if (node.type === "BinaryExpression") return isLiteral(node.left as Node) && isLiteral(node.right as Node);
  if (node.type === "ArrayExpression")
    return (node.elements as (Node | null)[]).every((item) => item && isLiteral(item));
  if (node.type !== "ObjectExpression") return false;
  return (node.properties as Node[]).every(
    ({ type, computed, value }) => type === "Property" && !computed && isLiteral(value as Node),
  );
}

function apply(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const [start, end, replacement] of [...edits].sort((a, b) => b[0] - a[0] || b[1] - a[1])) {
    result = result.slice(0, start) + replacement + result.slice(end);
  }
  return result;
}
