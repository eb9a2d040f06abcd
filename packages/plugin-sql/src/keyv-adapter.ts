import { EventEmitter } from "node:events";
import type { ConnectionPool } from "./connection-pool.js";

/**
 * A Keyv adapter over a pool of its own. The adapters' constructors share one pool among all stores of a process (to
 * close one closes another's), let a broken connection end the process, and make tables that confuse keys and cut
 * values: so theirs is not called, and query and disconnect, which all their other methods go through, are set here.
 */
export function adapterOver<Adapter extends EventEmitter>(
  Adapter: new (...parameters: never[]) => Adapter,
  pool: ConnectionPool,
  opts: Readonly<Record<string, unknown>>,
  query: (sql: string, parameters?: readonly (string | number)[]) => Promise<unknown>,
): Adapter {
  const adapter = Reflect.construct(EventEmitter, [], Adapter) as Adapter;
  return Object.assign(adapter, { opts, ttlSupport: false, query, disconnect: () => pool.close() });
}
