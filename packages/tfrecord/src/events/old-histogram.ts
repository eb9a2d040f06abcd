import type { MessageReader } from "../message-reader.js";
import { fixed64 } from "../wire-types.js";
import type { HistogramBucket } from "./event.js";
import { readNumbers } from "./tensor.js";

/** A `HistogramProto`, as PyTorch and TensorFlow 1 write it: the buckets' right edges, and their counts. */
export function readOldHistogram(reader: MessageReader): HistogramBucket[] {
  let minimum = 0;
  let maximum = 0;
  const edges: number[] = [];
  const counts: number[] = [];
  const read = () => reader.double();
  reader.message((field, type) => {
    if (field === 1 && type === fixed64) minimum = reader.double();
    else if (field === 2 && type === fixed64) maximum = reader.double();
    else if (field === 6) return readNumbers(reader, type, fixed64, edges, read);
    else if (field === 7) return readNumbers(reader, type, fixed64, counts, read);
    else return false;
    return true;
  });
  if (edges.length !== counts.length) throw new RangeError(`it has ${edges.length} edges and ${counts.length} counts`);
  return counts.map((count, index) => ({
    left: edges[index - 1] ?? minimum,
    right: index === edges.length - 1 ? maximum : (edges[index] as number),
    count,
  }));
}
