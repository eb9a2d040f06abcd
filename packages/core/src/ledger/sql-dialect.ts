import type { MetadataRecord } from "../contracts/metadata-store.js";
import type { ErrorCode } from "../errors.js";

/** A piece of SQL with the values of its placeholders, in order. */
export interface SqlFragment {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

/** What a failed query comes to. */
export interface SqlFault {
  readonly code: ErrorCode;
  /** As a clause: `the file is read-only`. */
  readonly found: string;
  /** As a sentence. */
  readonly fix: string;
}

/** A Keyv adapter of an SQL database, as far as it is used: a connection with a table of keys and values. */
export interface KeyvSqlAdapter {
  // biome-ignore lint/suspicious/noExplicitAny: each adapter types what it takes and returns in its own way
  query(sql: string, ...parameters: any[]): Promise<any>;
  disconnect?(): Promise<void>;
  on?(event: "error", listener: (error: unknown) => void): unknown;
}

/** What one kind of SQL database does in its own way. The table compares keys by their bytes. */
export interface SqlDialect<Adapter extends KeyvSqlAdapter = KeyvSqlAdapter> {
  /** Begins messages: `SQLite`. */
  readonly name: string;
  /** Quoted, where the database wants that. */
  readonly table: string;
  readonly keyColumn: string;
  readonly valueColumn: string;
  /** What makes an `INSERT` write over a row that is there: `ON CONFLICT (key) DO UPDATE SET …`. */
  readonly overwrite: string;
  /**
   * Where the database lies behind a network: a column for which write made a row, which `overwrite` leaves alone. By it
   * an insert whose answer was lost knows its own rows again.
   */
  readonly originColumn?: string;

  /** Rows to insert: `VALUES (?, ?), (?, ?)`, each with the origin behind if there is a column for it. */
  rows(records: readonly MetadataRecord[], origin?: string): SqlFragment;
  /** What stands after the key column to match any of these: `IN (?, ?)`. */
  among(keys: readonly string[]): SqlFragment;
  /** The placeholder of the n-th parameter, from 1: `?`, `$1`. */
  placeholder(position: number): string;
  /** Runs a statement by the adapter's own `query`, and returns its rows. */
  query(
    adapter: Adapter,
    statement: SqlFragment,
  ): Promise<readonly { readonly key?: string; readonly value?: string | null }[]>;

  /** Whether a plain insert failed since a key was there. */
  isDuplicate(error: unknown): boolean;
  /** Whether a statement failed for no fault of its own (a deadlock), so that it may simply be run again. */
  isPassing?(error: unknown): boolean;
  /**
   * Asked after any other failure: waits, and resolves to true if the statement is to be run once more, although it may
   * have been carried out already and only its answer lost. Without `originColumn` it has to be false for an insert.
   */
  recover?(error: unknown, attempt: { readonly tries: number; readonly elapsedMs: number }): Promise<boolean>;
  /** What any other failure comes to; `undefined` for one that this dialect has no name for. */
  explain(error: unknown): SqlFault | undefined;
  /** Called before a write counts as done. May throw, if the store has gone away beneath it. */
  afterWrite?(): void;
}
