import assert from "node:assert/strict";
import { CRC32C } from "@google-cloud/storage";
import { test } from "vitest";
import { Crc32c } from "./crc32c.js";

test("it is the checksum of Google's client, whatever the lengths of the pieces", () => {
  const bytes = Uint8Array.from({ length: 1003 }, (_, index) => (index * 31) ^ (index >> 3));
  for (const length of [0, 1, 7, 8, 9, 63, 64, 65, 1003]) {
    const expected = new CRC32C();
    expected.update(Buffer.from(bytes.subarray(0, length)));
    const whole = new Crc32c().update(bytes.subarray(0, length)).toString();
    assert.equal(whole, expected.toString());
    for (const cut of [1, 3, 8, 13].filter((each) => each < length)) {
      const pieces = new Crc32c().update(bytes.subarray(0, cut)).update(bytes.subarray(cut, length));
      assert.equal(pieces.toString(), whole);
    }
  }
});
