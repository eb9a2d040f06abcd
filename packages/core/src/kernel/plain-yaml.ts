/** `key: value`, the value a word, a quoted text without escapes or a whole number; or `key:` alone. */
const line =
  /^( *)([A-Za-z_][\w-]*):(?: +(?:([A-Za-z_/][\w./@-]*|\.\/[\w./@-]*)|"([\w ./@:${}-]*)"|(0|[1-9]\d{0,14})))?(?: +#[ -~]*| *)$/;
const nothing = /^ *(?:#[ -~]*)?$/;
/** What YAML, in one version or another, does not take for a text; and what no key should be. */
const special = /^(?:null|true|false|yes|no|on|off|y|n|__proto__)$/i;

interface Mapping {
  readonly indent: number;
  readonly entries: Map<string, unknown>;
}

/**
 * Reads YAML that is nothing but nested mappings with plain values, as most settings are: the YAML library takes longer to
 * load than all else that a start does. Anything but the plainest is left to the library.
 *
 * @returns undefined if the text is not so plain
 */
export function readPlainYaml(text: string): Record<string, unknown> | undefined {
  const open: Mapping[] = [{ indent: 0, entries: new Map() }];
  let waiting: { readonly parent: Mapping; readonly key: string } | undefined;
  for (const row of text.split("\n")) {
    if (nothing.test(row)) continue;
    const [, before, key, word, quoted, digits] = line.exec(row) ?? [];
    if (before === undefined || key === undefined || special.test(key)) return undefined;
    if (word !== undefined && special.test(word)) return undefined;
    if (waiting && before.length > waiting.parent.indent) {
      const mapping = { indent: before.length, entries: new Map<string, unknown>() };
      waiting.parent.entries.set(waiting.key, mapping.entries);
      open.push(mapping);
    }
    waiting = undefined;
    while (open.length > 1 && (open.at(-1) as Mapping).indent > before.length) open.pop();
    const mapping = open.at(-1) as Mapping;
    if (mapping.indent !== before.length || mapping.entries.has(key)) return undefined;
    const value = word ?? quoted ?? (digits === undefined ? undefined : Number(digits));
    mapping.entries.set(key, value ?? null);
    if (value === undefined) waiting = { parent: mapping, key };
  }
  return toObject((open[0] as Mapping).entries);
}

function toObject(entries: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries([...entries].map(([key, value]) => [key, value instanceof Map ? toObject(value) : value]));
}
