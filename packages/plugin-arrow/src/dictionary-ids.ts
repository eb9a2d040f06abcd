import { DataType, Dictionary, Field, RecordBatch, Schema, Table } from "apache-arrow";

/**
 * The same table, with its dictionaries numbered 0, 1, 2… in the order of the fields. Arrow numbers them by a counter of the
 * process, so that equal tables would be written as different bytes.
 */
export function withOwnDictionaryIds(table: Table): Table {
  if (table.schema.dictionaries.size === 0) return table;
  const known = new Map<number, Dictionary>();
  const fields = table.schema.fields.map((field) => renumberedField(field, known));
  const schema = new Schema(fields, table.schema.metadata);
  return new Table(
    schema,
    table.batches.map((batch) => new RecordBatch(schema, batch.data)),
  );
}

function renumberedField(field: Field, known: Map<number, Dictionary>): Field {
  const type = renumbered(field.type, known);
  return type === field.type ? field : new Field(field.name, type, field.nullable, field.metadata);
}

function renumbered(type: DataType, known: Map<number, Dictionary>): DataType {
  if (DataType.isDictionary(type)) {
    const found = known.get(type.id);
    if (found) return found;
    const made = new Dictionary(renumbered(type.dictionary, known), type.indices, known.size, type.isOrdered);
    known.set(type.id, made);
    return made;
  }
  const children: readonly Field[] = type.children ?? [];
  const own = children.map((child) => renumberedField(child, known));
  if (own.every((child, index) => child === children[index])) return type;
  return Object.assign(Object.create(Object.getPrototypeOf(type)) as DataType, type, { children: own });
}
