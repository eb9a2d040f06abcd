import type { SqlFault } from "@tenon/core/keyv";
import { codeOf, isNetworkAbsence, messageOf, networkFault } from "./network-faults.js";
import type { Passing } from "./patience.js";

/** The server's number of an error, or 0. */
export function numberOf(error: unknown): number {
  return Number((error as { errno?: unknown } | null | undefined)?.errno ?? 0);
}

export const duplicateEntry = 1062;

/** Lock wait timeout, deadlock, a write set of a cluster that failed. */
const contention = new Set([1205, 1213, 1020, 3101]);
/** Too many connections (of the server, of the user), shutdown, killed, not (yet) part of a cluster. */
const absence = new Set([1040, 1203, 1226, 1053, 1079, 1047, 1927, 4031, 2006, 2013]);

export function mysqlPassing(error: unknown): Passing | undefined {
  if (contention.has(numberOf(error))) return "contention";
  if (absence.has(numberOf(error)) || codeOf(error) === "PROTOCOL_CONNECTION_LOST" || isNetworkAbsence(error))
    return "absence";
  return undefined;
}

/** What the server says, in Tenon's words. */
export function mysqlFault(error: unknown, server: string, table: string, suffix: string): SqlFault | undefined {
  const number = numberOf(error);
  const fault = faults(server, table, suffix).find(({ numbers }) => numbers.includes(number));
  if (fault !== undefined) return fault;
  if (codeOf(error) === "HANDSHAKE_NO_SSL_SUPPORT") {
    return {
      code: "STORE_UNAVAILABLE",
      found: `${server} does not speak TLS`,
      fix: "Set up TLS on the server, or, only where the network between is your own, write 'tls: false'.",
    };
  }
  if (codeOf(error) === "PROTOCOL_CONNECTION_LOST") {
    return {
      code: "STORE_UNAVAILABLE",
      found: `the connection to ${server} broke${suffix}`,
      fix: "See that the server runs, then resume the run. The last write may have been carried out or not.",
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

function faults(
  server: string,
  table: string,
  suffix: string,
): readonly (SqlFault & { readonly numbers: readonly number[] })[] {
  return [
    {
      numbers: [1045, 1251, 1698, 1862, 3118, 3955],
      code: "STORE_SIGN_IN_FAILED",
      found: `${server} does not let this user in from here with this password`,
      fix: "Look at 'user' and 'password' in the stack's metadata store, and from which hosts the server lets the user in.",
    },
    {
      numbers: [1130],
      code: "STORE_SIGN_IN_FAILED",
      found: `${server} lets nobody in from this machine`,
      fix: "Have the server's administrator let this user in from this machine.",
    },
    {
      numbers: [1049],
      code: "STORE_MISSING",
      found: `the database of ${server} does not exist`,
      fix: "Create it (CREATE DATABASE), or look at 'database' in the stack's metadata store.",
    },
    {
      numbers: [1044],
      code: "STORE_DENIED",
      found: `${server} does not let this user use the database, or the database does not exist`,
      fix: `Create the database if need be, and grant SELECT, INSERT, UPDATE, DELETE and, for the first use, CREATE on its table ${table}.`,
    },
    {
      numbers: [1142, 1143, 1227, 1370],
      code: "STORE_DENIED",
      found: `${server} does not let this user do that to the table ${table}`,
      fix: `Grant SELECT, INSERT, UPDATE, DELETE and, for the first use, CREATE on the table ${table}.`,
    },
    {
      numbers: [1290, 1792, 1836],
      code: "STORE_READ_ONLY",
      found: `${server} takes no writes: it is a replica, or set to be read-only`,
      fix: "Point the stack's metadata store to the primary server.",
    },
    {
      numbers: [1021, 1114, 1041, 1026],
      code: "STORE_FULL",
      found: `${server} has no room left`,
      fix: "Free some space (tenon gc removes what nothing refers to), then resume the run.",
    },
    {
      numbers: [1153, 1301],
      code: "STORE_UNSUITABLE",
      found: `${server} takes no statement as large as this record`,
      fix: "Set the server's max_allowed_packet to 64M.",
    },
    {
      numbers: [1146, 1051],
      code: "STORE_VANISHED",
      found: `the table ${table} of ${server} is no longer there`,
      fix: "What it held is lost unless there is a copy. Start the run again.",
    },
    {
      numbers: [1040, 1203, 1226],
      code: "STORE_UNAVAILABLE",
      found: `${server} has no connection left${suffix}`,
      fix: "Raise max_connections on the server, or lower 'connections' in the stack's metadata store.",
    },
    {
      numbers: [1205, 1213],
      code: "STORE_LOCKED",
      found: `others keep rows of ${server} locked${suffix}`,
      fix: "Look for a transaction that was left open (SHOW PROCESSLIST), then resume the run.",
    },
  ];
}
