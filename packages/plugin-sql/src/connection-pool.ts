/** One connection to a server, whichever the driver. */
export interface Connection {
  /** Runs one statement, by itself a transaction. */
  query(sql: string, parameters: readonly (string | number)[]): Promise<readonly Record<string, unknown>[]>;
  /** False once it broke; it is then of no more use. */
  readonly usable: boolean;
  /** Whether it, open but unused, keeps the process from ending. */
  holdProcess(hold: boolean): void;
  /** Says goodbye to the server. */
  end(): Promise<void>;
  /** Ends it at once, whatever is going on. */
  destroy(): void;
}

export interface ConnectionPoolOptions {
  readonly open: () => Promise<Connection>;
  /** Connections at the same time, at most. */
  readonly most: number;
  /** How long one statement may take, in milliseconds, until its connection is taken for dead. */
  readonly statementTimeout: number;
  /** How long a connection may lie unused, in milliseconds. */
  readonly idleTimeout: number;
}

/** The server did not answer; whether it carried the statement out is unknown. */
export class AnswerLost extends Error {
  override readonly name = "AnswerLost";
}

export class PoolClosed extends Error {
  override readonly name = "PoolClosed";
}

interface Idle {
  readonly connection: Connection;
  readonly timer: NodeJS.Timeout;
}

/**
 * A bounded number of connections, opened when needed. Drivers bring pools too, each with other habits about what broke
 * in it; this one is the same for all, and hands out nothing that it knows to be broken.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #idle: Idle[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #closing = new Set<() => void>();
  #used = 0;
  #closed = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async query(sql: string, parameters: readonly (string | number)[] = []): Promise<readonly Record<string, unknown>[]> {
    await this.#enter();
    try {
      if (this.#closed) throw new PoolClosed("the store has been closed");
      const connection = this.#takeIdle() ?? (await this.#options.open());
      return await this.#queryOn(connection, sql, parameters);
    } finally {
      this.#leave();
    }
  }

  /** Waits for what is going on, then ends every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    const ending = this.#idle.splice(0).map(({ connection, timer }) => {
      clearTimeout(timer);
      connection.holdProcess(true);
      return connection.end().catch(() => connection.destroy());
    });
    if (this.#used > 0) await new Promise<void>((resolve) => this.#closing.add(resolve));
    await Promise.all(ending);
  }

  async #queryOn(connection: Connection, sql: string, parameters: readonly (string | number)[]) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const seconds = this.#options.statementTimeout / 1000;
      timer = setTimeout(() => {
        reject(new AnswerLost(`no answer within ${seconds} s`));
        connection.destroy();
      }, this.#options.statementTimeout);
    });
    try {
      return await Promise.race([connection.query(sql, parameters), late]);
    } finally {
      clearTimeout(timer);
      await this.#putBack(connection);
    }
  }

  #takeIdle(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (idle.connection.usable) {
        idle.connection.holdProcess(true);
        return idle.connection;
      }
      idle.connection.destroy();
    }
    return undefined;
  }

  async #putBack(connection: Connection): Promise<void> {
    if (!connection.usable) return connection.destroy();
    if (this.#closed) return await connection.end().catch(() => connection.destroy());
    const timer = setTimeout(() => {
      const index = this.#idle.findIndex((idle) => idle.connection === connection);
      if (index >= 0) this.#idle.splice(index, 1);
      connection.end().catch(() => connection.destroy());
    }, this.#options.idleTimeout);
    timer.unref();
    connection.holdProcess(false);
    this.#idle.push({ connection, timer });
  }

  async #enter(): Promise<void> {
    if (this.#used < this.#options.most) this.#used += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve)); // the place is handed on
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#used -= 1;
    else next();
    if (this.#used === 0) for (const resolve of this.#closing) resolve();
  }
}
