import { setImmediate as turn } from "node:timers/promises";
import type { InsertResult, MetadataRecord, MetadataStore, ScanOptions } from "../../contracts/metadata-store.js";
import { TenonError } from "../../errors.js";
import { MemoryMetadataStore } from "../memory-metadata-store.js";
import type { MetadataStoreSubject } from "../metadata-store.js";

type Fault = (good: MetadataStore) => Partial<MetadataStore>;

function broken(fault: Fault, other: (good: MetadataStore, faulty: MetadataStore) => MetadataStore = (_, it) => it) {
  return (): MetadataStoreSubject => {
    const good = new MemoryMetadataStore();
    const faulty: MetadataStore = {
      get: (key) => good.get(key),
      getMany: (keys) => good.getMany(keys),
      put: (records) => good.put(records),
      insert: (records) => good.insert(records),
      scan: (prefix, options) => good.scan(prefix, options),
      delete: (keys) => good.delete(keys),
      ...fault(good),
    };
    return { store: faulty, openAgain: async () => other(good, faulty) };
  };
}

/** Keys changed on their way in, the way that a column's collation or a file system does. */
function keysBecome(change: (key: string) => string): Fault {
  const changed = (records: readonly MetadataRecord[]) => [
    ...new Map(records.map(({ key, value }) => [change(key), { key: change(key), value }])).values(),
  ];
  return (good) => ({
    get: (key) => good.get(change(key)),
    getMany: (keys) => good.getMany(keys.map(change)),
    put: (records) => good.put(changed(records)),
    insert: (records) => good.insert(changed(records)),
    delete: (keys) => good.delete(keys.map(change)),
  });
}

function valuesBecome(change: (value: string) => string): Fault {
  return (good) => ({
    put: (records) => good.put(records.map(({ key, value }) => ({ key, value: change(value) }))),
    insert: (records) => good.insert(records.map(({ key, value }) => ({ key, value: change(value) }))),
  });
}

function scansBecome(
  scan: (good: MetadataStore, prefix: string, options: ScanOptions) => Promise<readonly MetadataRecord[]>,
): Fault {
  return (good) => ({ scan: (prefix, options = {}) => scan(good, prefix, options) });
}

const everything = { limit: Number.MAX_SAFE_INTEGER };
const refused = (error: unknown) => TenonError.is(error, "KEY_INVALID");

/** Each breaks its contract in one way that real stores have. Every case of the kit fails on one of them at least. */
export const brokenMetadataStores: Readonly<Record<string, () => MetadataStoreSubject>> = {
  // First those that fail the cases that take long.
  "cuts values off at 64 KiB": broken(valuesBecome((value) => value.slice(0, 65_535))),
  "inserts many records in portions": broken((good) => ({
    insert: async (records) => {
      for (let start = 0; start < records.length; start += 1000) {
        const result = await good.insert(records.slice(start, start + 1000));
        if (!result.inserted) return result;
      }
      return { inserted: true };
    },
  })),
  "takes at most 999 keys": broken((good) => ({ getMany: (keys) => good.getMany(keys.slice(0, 999)) })),
  "has no value where there is none, but an empty one": broken((good) => ({
    get: async (key) => (await good.get(key)) ?? "",
  })),
  "takes an empty value for none": broken((good) => ({ get: async (key) => (await good.get(key)) || undefined })),
  "ends a value at a zero byte": broken(valuesBecome((value) => value.split("\0")[0] as string)),
  "does not write over": broken((good) => ({
    put: async (records) => {
      for (const record of records) await good.insert([record]);
    },
  })),
  "puts one record after the other": broken((good) => ({
    put: async (records) => {
      for (const record of records) {
        await good.put([record]);
        await turn();
      }
    },
  })),
  "answers many keys in the order of the rows": broken((good) => ({
    getMany: async (keys) => good.getMany([...keys].sort()),
  })),
  "leaves gaps out": broken((good) => ({
    getMany: async (keys) => (await good.getMany(keys)).filter((value) => value !== undefined),
  })),
  "fails if there is nothing to do": broken((good) => ({
    put: async (records) => {
      if (records.length === 0) throw new Error("near ')': syntax error");
      await good.put(records);
    },
  })),
  "deletes by pattern": broken((good) => ({
    delete: async (keys) => {
      const all = await good.scan("", everything);
      await good.delete(keys);
      const patterns = keys.filter((key) => key.endsWith("%")).map((key) => key.slice(0, -1));
      await good.delete(all.map(({ key }) => key).filter((key) => patterns.some((start) => key.startsWith(start))));
    },
  })),
  "fails to delete what is not there": broken((good) => ({
    delete: async (keys) => {
      if ((await good.getMany(keys)).includes(undefined)) throw new Error("not found");
      await good.delete(keys);
    },
  })),
  "deletes one key after the other": broken((good) => ({
    delete: async (keys) => {
      for (const key of keys) await good.delete([key]);
    },
  })),
  "ignores case": broken(keysBecome((key) => key.toLowerCase())),
  "ignores accents and how they are written": broken(keysBecome((key) => key.normalize("NFKD").replace(/\p{M}/gu, ""))),
  "ignores spaces at the end": broken(keysBecome((key) => key.replace(/\s+$/u, "") || key)),
  "takes keys for paths": broken(
    keysBecome(
      (key) =>
        key
          .split("/")
          .filter((part) => part !== "..")
          .join("/") || "a",
    ),
  ),
  "makes keys that it cannot keep fit": broken(
    keysBecome((key) => (key.replace(/[\p{Cc}\p{Cs}]/gu, "_") || "_").slice(0, 80)),
  ),
  "overwrites on insert": broken((good) => ({
    insert: async (records) => {
      await good.put(records);
      return { inserted: true };
    },
  })),
  "writes only the first record of an insert": broken((good) => ({
    insert: (records) => good.insert(records.slice(0, 1)),
  })),
  "writes what it can of an insert": broken((good) => ({
    insert: async (records) => {
      const existing: string[] = [];
      for (const record of records) if (!(await good.insert([record])).inserted) existing.push(record.key);
      return existing.length > 0 ? { inserted: false, existing } : { inserted: true };
    },
  })),
  "names every key that it was given": broken((good) => ({
    insert: async (records): Promise<InsertResult> => {
      const result = await good.insert(records);
      return result.inserted ? result : { inserted: false, existing: records.map(({ key }) => key) };
    },
  })),
  "looks first and writes then": broken((good) => ({
    insert: async (records) => {
      const values = await good.getMany(records.map(({ key }) => key));
      const existing = records.map(({ key }) => key).filter((_, index) => values[index] !== undefined);
      if (existing.length > 0) return { inserted: false, existing };
      await turn();
      await good.put(records);
      return { inserted: true };
    },
  })),
  "lets the last of a key's records stand on insert": broken((good) => ({
    insert: (records) => good.insert([...new Map(records.map((record) => [record.key, record])).values()]),
  })),
  "keeps the place of what was deleted": broken((good) => {
    const deleted = new Set<string>();
    return {
      insert: async (records) => {
        const existing = records.map(({ key }) => key).filter((key) => deleted.has(key));
        return existing.length > 0 ? { inserted: false, existing } : good.insert(records);
      },
      delete: async (keys) => {
        await good.delete(keys);
        for (const key of keys) deleted.add(key);
      },
    };
  }),
  "orders by code units": broken(
    scansBecome(async (good, prefix, { after, limit = 1000, reverse }) => {
      const all = (await good.scan(prefix, everything)).toSorted((a, b) => (a.key < b.key ? -1 : 1));
      if (reverse) all.reverse();
      return all.filter(({ key }) => after === undefined || (reverse ? key < after : key > after)).slice(0, limit);
    }),
  ),
  "orders as a dictionary does": broken(
    scansBecome(async (good, prefix, options) => {
      return (await good.scan(prefix, options)).toSorted((a, b) => a.key.localeCompare(b.key));
    }),
  ),
  "gives all records of a scan one value": broken(
    scansBecome(async (good, prefix, options) => {
      const found = await good.scan(prefix, options);
      return found.map(({ key }) => ({ key, value: found[0]?.value ?? "" }));
    }),
  ),
  "ends a prefix with its last byte": broken(
    scansBecome(async (good, prefix, options) => good.scan(prefix.replace(/\/$/, ""), options)),
  ),
  "takes a prefix for a pattern": broken(
    scansBecome(async (good, prefix, { limit = 1000 }) => {
      const escaped = prefix.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
      const pattern = new RegExp(`^${escaped.replaceAll("%", ".*").replaceAll("_", ".")}`, "su");
      return (await good.scan("", everything)).filter(({ key }) => pattern.test(key)).slice(0, limit);
    }),
  ),
  "ends a range with the prefix's last code unit plus one": broken(
    scansBecome(async (good, prefix, options) => {
      const end = Buffer.from(prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1));
      const all = await good.scan("", { ...options, ...everything });
      return all.filter(({ key }) => key >= prefix && Buffer.compare(Buffer.from(key), end) < 0);
    }),
  ),
  "finds nothing without a prefix": broken(
    scansBecome(async (good, prefix, options) => (prefix === "" ? [] : good.scan(prefix, options))),
  ),
  "lists the key again after which it is to go on": broken(
    scansBecome(async (good, prefix, options) => {
      const again = options.after === undefined ? [] : await good.getMany([options.after]);
      const [value] = again;
      const rest = await good.scan(prefix, options);
      return value === undefined ? rest : [{ key: options.after as string, value }, ...rest];
    }),
  ),
  "goes on only after a key that is there": broken(
    scansBecome(async (good, prefix, options) => {
      if (options.after !== undefined && (await good.get(options.after)) === undefined) return [];
      return good.scan(prefix, options);
    }),
  ),
  "limits before it reverses": broken(
    scansBecome(async (good, prefix, { reverse, ...options }) => {
      const found = await good.scan(prefix, options);
      return reverse ? found.toReversed() : found;
    }),
  ),
  "pays no heed to limits": broken(
    scansBecome((good, prefix, options) => good.scan(prefix, { ...options, ...everything })),
  ),
  "goes on by counting": broken((good) => {
    const places = new Map<string, number>();
    return {
      scan: async (prefix, { after, limit = 1000, reverse = false } = {}) => {
        const all = await good.scan(prefix, { ...everything, reverse });
        const start = after === undefined ? 0 : (places.get(after) ?? all.findIndex(({ key }) => key === after)) + 1;
        const page = all.slice(start, start + limit);
        for (const [index, { key }] of page.entries()) places.set(key, start + index);
        return page;
      },
    };
  }),
  "reads from a copy that lags behind": broken(
    () => ({}),
    (good) => {
      const lagging = new Map<string, string | undefined>();
      const get = async (key: string) => {
        const seen = lagging.get(key);
        lagging.set(key, await good.get(key));
        return seen;
      };
      return {
        get,
        getMany: (keys) => Promise.all(keys.map(get)),
        put: (records) => good.put(records),
        insert: (records) => good.insert(records),
        scan: (prefix, options) => good.scan(prefix, options),
        delete: (keys) => good.delete(keys),
      };
    },
  ),
  "keeps its data to itself": broken(
    () => ({}),
    () => new MemoryMetadataStore(),
  ),
  "loses writes when there are many": broken((good) => {
    let busy = false;
    return {
      put: async (records) => {
        if (busy) return;
        busy = true;
        await turn();
        await good.put(records);
        busy = false;
      },
    };
  }),
  "fails when it is disposed twice": broken(() => {
    let disposed = false;
    return {
      dispose: () => {
        if (disposed) throw new Error("the connection is closed");
        disposed = true;
      },
    };
  }),
  "swallows keys that it refuses": broken((good) => ({
    put: (records) =>
      good.put(records).catch((error) => {
        if (!refused(error)) throw error;
      }),
    delete: async (keys) => {
      for (const key of keys) {
        await good.delete([key]).catch((error) => {
          if (!refused(error)) throw error;
        });
      }
    },
  })),
};
