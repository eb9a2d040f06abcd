import type { KeyvStoreAdapter } from "keyv";
import { ulid } from "ulid";
import { compareKeys } from "../contracts/byte-order.js";
import { checkDistinctKeys, checkMetadataKey } from "../contracts/metadata-keys.js";
import type { InsertResult, MetadataRecord, MetadataStore, ScanOptions } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";
import type { KeyvSqlAdapter, SqlDialect, SqlFragment } from "./sql-dialect.js";
import { WriteQueue } from "./write-queue.js";

/**
 * A metadata store over a Keyv adapter of an SQL database. The adapter is the connection and owns the table; each
 * operation is one statement through its `query`, and therefore atomic.
 *
 * @example
 * const store = new KeyvMetadataStore(new KeyvSqlite({ uri: "sqlite://a.sqlite" }), sqliteDialect);
 */
export class KeyvMetadataStore<Adapter extends KeyvSqlAdapter & Partial<KeyvStoreAdapter>> implements MetadataStore {
  readonly #adapter: Adapter;
  readonly #dialect: SqlDialect<Adapter>;
  readonly #queue = new WriteQueue((kind, records) => this.#save(kind, records));
  #disposing: Promise<void> | undefined;

  constructor(adapter: Adapter, dialect: SqlDialect<Adapter>) {
    this.#adapter = adapter;
    this.#dialect = dialect;
    // Adapters report failures as events as well; each also rejects the query that met it.
    adapter.on?.("error", () => {});
  }

  async get(key: string): Promise<string | undefined> {
    checkMetadataKey(key);
    const { table, keyColumn, valueColumn } = this.#dialect;
    const sql = `SELECT ${valueColumn} AS value FROM ${table} WHERE ${keyColumn} = ${this.#dialect.placeholder(1)}`;
    const [row] = await this.#run("reading from", { sql, parameters: [key] });
    return row?.value ?? undefined;
  }

  async getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    const [first] = keys;
    if (first === undefined) return [];
    if (keys.length === 1) return [await this.get(first)];
    keys.forEach(checkMetadataKey);
    const { table, keyColumn, valueColumn } = this.#dialect;
    const { sql, parameters } = this.#dialect.among([...new Set(keys)]);
    const select = `SELECT ${keyColumn} AS ${keyColumn}, ${valueColumn} AS value FROM ${table} WHERE ${keyColumn} ${sql}`;
    const found = new Map<string, string>();
    for (const { key, value } of await this.#run("reading from", { sql: select, parameters })) {
      found.set(key as string, value as string);
    }
    return keys.map((key) => found.get(key));
  }

  async put(records: readonly MetadataRecord[]): Promise<void> {
    if (records.length === 0) return;
    const latest = new Map<string, MetadataRecord>();
    for (const record of records) {
      checkMetadataKey(record.key);
      latest.set(record.key, record);
    }
    await this.#queue.add("put", [...latest.values()]);
  }

  async insert(records: readonly MetadataRecord[]): Promise<InsertResult> {
    if (records.length === 0) return { inserted: true };
    checkDistinctKeys(records);
    for (;;) {
      try {
        await this.#queue.add("insert", records);
        return { inserted: true };
      } catch (error) {
        if (!this.#dialect.isDuplicate(error)) throw error;
      }
      const existing = await this.#existing(records.map(({ key }) => key));
      // None is there any more if they were deleted in the meantime; then the way is free.
      if (existing.length > 0) return { inserted: false, existing };
    }
  }

  async scan(
    prefix: string,
    { after, limit = 1000, reverse = false }: ScanOptions = {},
  ): Promise<readonly MetadataRecord[]> {
    if (prefix !== "") checkMetadataKey(prefix);
    if (after !== undefined) checkMetadataKey(after);
    if (limit <= 0) return [];
    const { table, keyColumn, valueColumn } = this.#dialect;
    const bounds = range(prefix, after, reverse);
    const conditions = bounds.map(({ operator }, index) => {
      return `${keyColumn} ${operator} ${this.#dialect.placeholder(index + 1)}`;
    });
    const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
    const order = `ORDER BY ${keyColumn}${reverse ? " DESC" : ""} LIMIT ${Math.floor(limit)}`;
    const rows = await this.#run("reading from", {
      sql: `SELECT ${keyColumn} AS ${keyColumn}, ${valueColumn} AS value FROM ${table} ${where} ${order}`,
      parameters: bounds.map(({ key }) => key),
    });
    return rows.map(({ key, value }) => ({ key: key as string, value: value as string }));
  }

  async delete(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    keys.forEach(checkMetadataKey);
    const { table, keyColumn } = this.#dialect;
    const { sql, parameters } = this.#dialect.among([...new Set(keys)].sort(compareKeys));
    await this.#write({ sql: `DELETE FROM ${table} WHERE ${keyColumn} ${sql}`, parameters });
  }

  async dispose(): Promise<void> {
    this.#disposing ??= this.#queue.idle().then(() => this.#adapter.disconnect?.());
    await this.#disposing;
  }

  /** In the order of the keys, so that two such statements cannot wait for each other. */
  async #save(kind: "insert" | "put", records: readonly MetadataRecord[]): Promise<void> {
    const sorted = records.toSorted((a, b) => compareKeys(a.key, b.key));
    const { table, keyColumn, valueColumn, originColumn, overwrite } = this.#dialect;
    const origin = originColumn === undefined ? undefined : ulid();
    const { sql, parameters } = this.#dialect.rows(sorted, origin);
    const columns = [keyColumn, valueColumn, originColumn].filter((column) => column !== undefined).join(", ");
    const insert = `INSERT INTO ${table} (${columns}) ${sql}`;
    let repeated = false;
    try {
      await this.#write({ sql: kind === "put" ? `${insert} ${overwrite}` : insert, parameters }, () => {
        repeated = true;
      });
    } catch (error) {
      if (!repeated || !this.#dialect.isDuplicate(error)) throw error;
      // What stood in the way may be this very write, carried out before its answer was lost.
      const keys = sorted.map(({ key }) => key);
      if (origin === undefined || (await this.#existing(keys, origin)).length === 0) throw error;
    }
  }

  /** Which of the keys are there; with an origin, only rows that this write made. */
  async #existing(keys: readonly string[], origin?: string): Promise<string[]> {
    const { table, keyColumn, originColumn } = this.#dialect;
    const { sql, parameters } = this.#dialect.among(keys);
    const own = origin && ` AND ${originColumn} = ${this.#dialect.placeholder(parameters.length + 1)}`;
    const found = await this.#run("reading from", {
      sql: `SELECT ${keyColumn} AS ${keyColumn} FROM ${table} WHERE ${keyColumn} ${sql}${own ?? ""}`,
      parameters: origin === undefined ? parameters : [...parameters, origin],
    });
    return found.map(({ key }) => key as string);
  }

  async #write(statement: SqlFragment, onRepeat?: () => void): Promise<void> {
    await this.#run("writing to", statement, onRepeat);
    this.#dialect.afterWrite?.();
  }

  async #run(doing: string, statement: SqlFragment, onRepeat?: () => void) {
    const began = performance.now();
    for (let tries = 1; ; tries++) {
      try {
        return await this.#dialect.query(this.#adapter, statement);
      } catch (error) {
        if (this.#dialect.isDuplicate(error)) throw error;
        if (tries < 20 && this.#dialect.isPassing?.(error)) continue;
        if (await this.#dialect.recover?.(error, { tries, elapsedMs: performance.now() - began })) {
          onRepeat?.();
          continue;
        }
        throw translated(error, `${doing} the metadata store`, this.#dialect);
      }
    }
  }
}

/** A database's failure in Tenon's words. */
export function translated(error: unknown, doing: string, dialect: Pick<SqlDialect, "name" | "explain">): TenonError {
  if (TenonError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const fault = dialect.explain(error) ?? {
    code: "STORE_UNAVAILABLE" as const,
    found: `${dialect.name} says '${message}'`,
    fix: "See to it that the database works, and try again.",
  };
  return new TenonError(fault.code, { doing, found: fault.found, fix: fault.fix, cause: error });
}

function range(prefix: string, after: string | undefined, reverse: boolean): { operator: string; key: string }[] {
  const end = successor(prefix);
  let lower = prefix === "" ? undefined : { operator: ">=", key: prefix };
  let upper = end === undefined ? undefined : { operator: "<", key: end };
  if (after !== undefined && reverse && (!upper || compareKeys(after, upper.key) < 0)) {
    upper = { operator: "<", key: after };
  }
  if (after !== undefined && !reverse && (!lower || compareKeys(after, lower.key) >= 0)) {
    lower = { operator: ">", key: after };
  }
  return [lower, upper].filter((bound) => bound !== undefined);
}

/** The first text that comes after all texts that begin with the prefix. */
function successor(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) as number);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
