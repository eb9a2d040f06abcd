import type { SqlFault } from "@tenon/core/keyv";
import { codeOf, isNetworkAbsence, messageOf, networkFault } from "./network-faults.js";
import type { Passing } from "./patience.js";

export const uniqueViolation = "23505";

/** Serialization failure, deadlock, lock not available. */
const contention = new Set(["40001", "40P01", "55P03"]);

/** Connection exceptions, shutdown, crash, starting up, too many connections. */
export function isAbsent(error: unknown): boolean {
  return /^(?:08...|57P0[1-5]|53300)$/.test(codeOf(error)) || isNetworkAbsence(error);
}

export function postgresPassing(error: unknown): Passing | undefined {
  if (contention.has(codeOf(error))) return "contention";
  return isAbsent(error) ? "absence" : undefined;
}

/** What the server says, in Tenon's words. */
export function postgresFault(error: unknown, server: string, table: string, suffix: string): SqlFault {
  const code = codeOf(error);
  const fault = faults(server, table, suffix).find(({ codes }) => codes.test(code));
  if (fault !== undefined) return fault;
  if (/does not support SSL/.test(messageOf(error))) {
    return {
      code: "STORE_UNAVAILABLE",
      found: `${server} does not speak TLS`,
      fix: "Set up TLS on the server, or, only where the network between is your own, write 'tls: false'.",
    };
  }
  if (/password must be a|no password/i.test(messageOf(error))) {
    return {
      code: "STORE_SIGN_IN_FAILED",
      found: `${server} asks for a password, and none is set`,
      fix: "Set 'password' in the stack's metadata store, as a reference: env(\"NAME\").",
    };
  }
  return (
    networkFault(error, server, suffix) ?? {
      code: "STORE_UNAVAILABLE",
      found: `${server} says '${messageOf(error)}'`,
      fix: "See to it that the server works, and try again.",
    }
  );
}

function faults(server: string, table: string, suffix: string): readonly (SqlFault & { readonly codes: RegExp })[] {
  return [
    {
      codes: /^28/,
      code: "STORE_SIGN_IN_FAILED",
      found: `${server} does not let this user in from here with this password`,
      fix: "Look at 'user', 'password' and 'tls' in the stack's metadata store, and at the server's pg_hba.conf.",
    },
    {
      codes: /^3D000$/,
      code: "STORE_MISSING",
      found: `the database of ${server} does not exist`,
      fix: "Create it (CREATE DATABASE), or look at 'database' in the stack's metadata store.",
    },
    {
      codes: /^3F000$/,
      code: "STORE_MISSING",
      found: `the schema of the table ${table} of ${server} does not exist`,
      fix: "Create it (CREATE SCHEMA), or look at 'schema' in the stack's metadata store.",
    },
    {
      codes: /^42501$/,
      code: "STORE_DENIED",
      found: `${server} does not let this user do that to the table ${table}`,
      fix: `Grant SELECT, INSERT, UPDATE and DELETE on the table ${table}, USAGE on its schema and, for the first use, CREATE.`,
    },
    {
      codes: /^25006$/,
      code: "STORE_READ_ONLY",
      found: `${server} takes no writes: it is a replica, or set to be read-only`,
      fix: "Point the stack's metadata store to the primary server.",
    },
    {
      codes: /^(?:53100|53200)$/,
      code: "STORE_FULL",
      found: `${server} has no room left`,
      fix: "Free some space (tenon gc removes what nothing refers to), then resume the run.",
    },
    {
      codes: /^(?:42P01|42703)$/,
      code: "STORE_VANISHED",
      found: `the table ${table} of ${server} is no longer there as it was made`,
      fix: "What it held is lost unless there is a copy. Start the run again.",
    },
    {
      codes: /^53300$/,
      code: "STORE_UNAVAILABLE",
      found: `${server} has no connection left${suffix}`,
      fix: "Raise max_connections on the server, or lower 'connections' in the stack's metadata store.",
    },
    {
      codes: /^(?:40001|40P01|55P03)$/,
      code: "STORE_LOCKED",
      found: `others keep rows of ${server} locked${suffix}`,
      fix: "Look for a transaction that was left open (pg_stat_activity), then resume the run.",
    },
    {
      codes: /^(?:08...|57P0[1-5])$/,
      code: "STORE_UNAVAILABLE",
      found: `${server} went away${suffix}`,
      fix: "See that the server runs, then resume the run. The last write may have been carried out or not.",
    },
  ];
}
