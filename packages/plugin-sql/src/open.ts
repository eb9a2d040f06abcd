import { type SqlDialect, translated } from "@tenon/core/keyv";
import type { ConnectionPool } from "./connection-pool.js";

/** Prepares what is behind a pool, with its dialect's patience; closes the pool if nothing comes of it. */
export async function open(
  pool: ConnectionPool,
  dialect: Pick<SqlDialect, "name" | "explain" | "recover">,
  prepare: () => Promise<void>,
): Promise<void> {
  const began = performance.now();
  for (let tries = 1; ; tries++) {
    try {
      return await prepare();
    } catch (error) {
      if (await dialect.recover?.(error, { tries, elapsedMs: performance.now() - began })) continue;
      await pool.close();
      throw translated(error, "opening the metadata store", dialect);
    }
  }
}
