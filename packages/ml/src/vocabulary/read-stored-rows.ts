import { type ArtifactReader, type JsonValue, readColumns, TenonError } from "@tenon/core";
import { isVector, type Row, type Rows, type Value } from "./row.js";

/** Rows from any format that holds them. @throws `DATA_INVALID` if a value is none that a row can hold */
export async function readStoredRows(files: ArtifactReader): Promise<Rows> {
  const encodings = await readEncodings(files);
  const { rows: count, columns } = await readColumns(files);
  const rows: Record<string, Value>[] = Array.from({ length: count }, () => ({}));
  for (const [name, column] of Object.entries(columns)) {
    const encoding = encodings.get(name);
    const decode = encoding === undefined ? (value: JsonValue) => plain(value, name) : decoders[encoding];
    for (let index = 0; index < count; index += 1) {
      const value = column[index] as JsonValue;
      setOwn(rows[index] as Record<string, Value>, name, value === null || Number.isNaN(value) ? null : decode(value));
    }
  }
  return rows as readonly Row[];
}

/** A column called `__proto__`, set like the others, would become the row's prototype. */
function setOwn(row: Record<string, Value>, name: string, value: Value): void {
  if (name !== "__proto__") row[name] = value;
  else Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
}

const decoders = {
  bytes: (value: JsonValue): Value => new Uint8Array(Buffer.from(value as string, "base64")),
  float32(value: JsonValue): Value {
    const bytes = new Uint8Array(Buffer.from(value as string, "base64"));
    return new Float32Array(bytes.buffer);
  },
};

type Encodings = ReadonlyMap<string, keyof typeof decoders>;

async function readEncodings(files: ArtifactReader): Promise<Encodings> {
  if (!files.files.some(({ path }) => path === "encodings.json")) return new Map();
  return new Map(Object.entries(JSON.parse(await files.text("encodings.json")))) as Encodings;
}

function plain(value: JsonValue, column: string): Value {
  if (typeof value !== "object" || value === null) return value;
  const vector = value as readonly number[];
  if (isVector(vector) && Array.from(vector).every((one) => typeof one === "number")) return vector;
  throw new TenonError("DATA_INVALID", {
    doing: `reading the column '${column}' of a stored table as rows`,
    found: `it holds ${Array.isArray(value) ? "a list of other things than numbers" : "an object"}`,
    fix: "Load it as table, and make rows of plain values from it.",
    details: { column },
  });
}
