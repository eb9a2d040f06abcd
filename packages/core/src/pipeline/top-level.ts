import { TenonError } from "../errors.js";

/** Start line, start column, end line, end column; from 1, the end not included. */
export type Range = readonly [number, number, number, number];

/** A constant at the top level of a module, as far as steps are concerned. Plain data: it is kept in a cache. */
export interface TopLevelBinding {
  /** `default` for a default export; empty for other statements. */
  readonly binding: string;
  /** What runs when the module is loaded: the initialiser without the functions in it. */
  readonly ranges: readonly Range[];
  /** True if the initialiser is a call of `step` and nothing else. */
  readonly direct: boolean;
  /** The literal names of the steps that are made when the module is loaded. */
  readonly steps: readonly string[];
  /** The literal names of the steps that are made when a function in it is called. */
  readonly inner: readonly string[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Parses a module. Loads the bundler's parser. @throws `STEP_SOURCE_INVALID` */
export async function readTopLevel(text: string, file: string): Promise<readonly TopLevelBinding[]> {
  const { parseSync } = await import("rolldown/utils");
  const { program, errors } = parseSync(file, text);
  const [error] = errors;
  if (error) {
    throw new TenonError("STEP_SOURCE_INVALID", {
      doing: `reading the source of a step in ${file}`,
      found: `it does not parse: ${error.message.replace(/\.$/, "")}${error.codeframe ? `\n${error.codeframe}` : ""}`,
    });
  }
  const body = program.body as unknown as readonly Node[];
  const names = importedSteps(body);
  const lines = lineStarts(text);
  return body.flatMap((statement) => describe(statement, names, lines));
}

function describe(statement: Node, names: ReadonlySet<string>, lines: readonly number[]): TopLevelBinding[] {
  if (statement.type === "ImportDeclaration") return [];
  const declaration = (statement.type.startsWith("Export") ? statement.declaration : statement) as Node | null;
  if (!declaration) return [];
  if (declaration.type === "VariableDeclaration") {
    return (declaration.declarations as Node[]).map((declarator) => {
      const { id, init } = declarator as unknown as { id: Node; init: Node | null };
      const named = declaration.kind === "const" && id.type === "Identifier" && init !== null;
      return summarise(named ? String(id.name) : "", init ?? declarator, names, lines);
    });
  }
  const isDefault = statement.type === "ExportDefaultDeclaration" && !/Declaration$/.test(declaration.type);
  return [summarise(isDefault ? "default" : "", declaration, names, lines)];
}

function summarise(binding: string, root: Node, names: ReadonlySet<string>, lines: readonly number[]): TopLevelBinding {
  const holes: Node[] = [];
  const eager: string[] = [];
  const inner: string[] = [];
  walk(root, (node, inFunction) => {
    if (isFunction(node) && !inFunction) holes.push(node);
    const name = stepName(node, names);
    if (name !== undefined) (inFunction ? inner : eager).push(name);
  });
  return {
    binding,
    ranges: binding === "" ? [] : without(root, holes).map(([start, end]) => [...at(start, lines), ...at(end, lines)]),
    direct: binding !== "" && isStepCall(unwrap(root), names),
    steps: eager,
    inner,
  };
}

function walk(node: Node, visit: (node: Node, inFunction: boolean) => void, inFunction = false): void {
  visit(node, inFunction);
  const within = inFunction || isFunction(node);
  for (const field of Object.values(node)) {
    for (const child of Array.isArray(field) ? field : [field]) {
      if (typeof child === "object" && child !== null && typeof (child as Node).type === "string") {
        walk(child as Node, visit, within);
      }
    }
  }
}

/** Anything whose code runs later, or whose `this` and timing are its own. */
function isFunction(node: Node): boolean {
  return /Function|^MethodDefinition$|^PropertyDefinition$|^StaticBlock$/.test(node.type);
}

function unwrap(node: Node): Node {
  return /^(TS(As|Satisfies|NonNull)Expression|ParenthesizedExpression)$/.test(node.type)
    ? unwrap(node.expression as Node)
    : node;
}

function isStepCall(node: Node, names: ReadonlySet<string>): boolean {
  if (node.type !== "CallExpression") return false;
  const callee = node.callee as Node;
  if (callee.type === "Identifier") return names.has(String(callee.name));
  const { object, property } = callee as unknown as { object?: Node; property?: Node };
  return callee.type === "MemberExpression" && names.has(`${String(object?.name)}.*`) && property?.name === "step";
}

function stepName(node: Node, names: ReadonlySet<string>): string | undefined {
  if (!isStepCall(node, names)) return undefined;
  const first = (node.arguments as Node[])[0];
  if (first?.type === "ObjectExpression") {
    const field = (first.properties as Node[]).find(({ key }) => (key as Node | undefined)?.name === "name");
    return literal(field?.value as Node | undefined);
  }
  return literal(first);
}

function literal(node: Node | undefined): string | undefined {
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

/** Local names of imports called `step`, and `name.*` for namespaces. */
function importedSteps(body: readonly Node[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of body) {
    if (statement.type !== "ImportDeclaration") continue;
    for (const { type, local, imported } of statement.specifiers as Node[]) {
      const name = String((local as Node).name);
      if (type === "ImportNamespaceSpecifier") names.add(`${name}.*`);
      if (type === "ImportSpecifier" && (imported as Node).name === "step") names.add(name);
    }
  }
  return names;
}

function without({ start, end }: Node, holes: readonly Node[]): [number, number][] {
  const ranges: [number, number][] = [];
  let from = start;
  for (const hole of [...holes].sort((a, b) => a.start - b.start)) {
    if (hole.start > from) ranges.push([from, hole.start]);
    from = Math.max(from, hole.end);
  }
  if (end > from) ranges.push([from, end]);
  return ranges;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) starts.push(index + 1);
  return starts;
}

function at(offset: number, lines: readonly number[]): readonly [number, number] {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return [low + 1, offset - (lines[low] as number) + 1];
}
