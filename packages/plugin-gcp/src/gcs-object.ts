/** What the service says of an object, as far as it is used. */
export interface GcsObject {
  readonly name: string;
  /** In decimal digits. */
  readonly size: string;
  readonly generation?: string;
  readonly crc32c?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}
