/**
 * PostgreSQL's texts cannot hold U+0000. JSON holds neither it nor U+0001, so that in practice nothing is changed; a
 * text that does is written with U+0001 as escape: `\u0001z` for U+0000, `\u0001e` for U+0001.
 */
export function textWithoutZero(text: string): string {
  if (!text.includes("\0") && !text.includes("\u0001")) return text;
  return text.replaceAll("\u0001", "\u0001e").replaceAll("\0", "\u0001z");
}

/** The text before `textWithoutZero`. */
export function textWithZero(text: string): string {
  if (!text.includes("\u0001")) return text;
  return text.replaceAll("\u0001z", "\0").replaceAll("\u0001e", "\u0001");
}
