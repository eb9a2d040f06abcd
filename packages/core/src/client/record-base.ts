/** A class whose instances have the fields of a record, so that what is read can be printed and compared as it is. */
export function recordBase<T extends object>(): new (record: T) => Readonly<T> {
  return class {
    constructor(record: T) {
      Object.assign(this, record);
    }
  } as new (
    record: T,
  ) => Readonly<T>;
}
