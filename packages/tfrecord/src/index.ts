export type { Compression } from "./compression.js";
export { type EncodeRecordsOptions, encodeRecords } from "./encode-records.js";
export { decodeExample, type Example, encodeExample } from "./example.js";
export { bytesList, type Feature, type FeatureKind, type Features, floatList, int64List } from "./feature.js";
export { type ReadRecordsOptions, readRecordBatches, readRecords } from "./read-records.js";
export type { RecordSource } from "./record-source.js";
export { decodeSequenceExample, encodeSequenceExample, type SequenceExample } from "./sequence-example.js";
export { type WriteRecordsOptions, writeRecords } from "./write-records.js";
