import { expect, test } from "vitest";
import { textWithoutZero, textWithZero } from "./zero-characters.js";

test("every text comes back, and none that is stored holds a zero", () => {
  const letters = ["\0", "\u0001", "z", "e", "é", "😀"];
  const texts = [""];
  for (let length = 0; length < 5; length++) {
    texts.push(
      ...texts
        .filter((text) => Array.from(text).length === length)
        .flatMap((text) => letters.map((letter) => text + letter)),
    );
  }
  const stored = texts.map(textWithoutZero);
  expect(stored.map(textWithZero)).toEqual(texts);
  expect(stored.some((text) => text.includes("\0"))).toBe(false);
  expect(new Set(stored).size).toBe(texts.length);
});

test("JSON is stored as it is", () => {
  const json = JSON.stringify({ text: "a\0b\u0001", list: [1, null] });
  expect(textWithoutZero(json)).toBe(json);
});
