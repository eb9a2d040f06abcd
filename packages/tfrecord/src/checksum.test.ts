import { crc32c } from "@node-rs/crc32";
import { describe, expect, it } from "vitest";
import { maskedChecksum } from "./checksum.js";

const masked = (checksum: number) => (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;

describe("a masked checksum", () => {
  it("is that of CRC-32C's published test value", () => {
    expect(maskedChecksum(Buffer.from("123456789"))).toBe(masked(0xe3069283));
  });

  it("is the same whichever way it is computed, for every length and from any start", () => {
    const bytes = Uint8Array.from({ length: 1200 }, (_, index) => (index * 167 + (index >>> 3)) & 0xff);
    for (let length = 0; length <= 1100; length += 1) {
      const start = length % 13;
      expect(maskedChecksum(bytes, start, start + length)).toBe(masked(crc32c(bytes.subarray(start, start + length))));
    }
  });
});
