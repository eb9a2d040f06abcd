/** A database server of a test's own. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** The file of the authority that signed its certificate, which is for `localhost`. */
  readonly ca: string;
  /** Runs SQL as administrator in the database. */
  sql(text: string): Promise<string>;
  /** Ends the server, by default in order; with SIGKILL it crashes. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, on the same port with the same data. */
  start(parameters?: readonly string[]): Promise<void>;
  /** Ends it and removes its files. */
  destroy(): Promise<void>;
}

/** A kind of server, which a machine may have or not. */
export interface ServerKind<Server> {
  readonly name: string;
  /** The command that installs it. */
  readonly install: string;
  installed(): boolean;
  start(): Promise<Server>;
}

/** Whether tests of a server can run here; if not, says so in one line, with what would change it. */
export function available({ name, install, installed }: ServerKind<unknown>): boolean {
  if (installed()) return true;
  console.warn(`Left out: tests of ${name}, which is not installed. ${install}`);
  return false;
}
