/** Colours that can be told apart on white and on black. */
const colours = [
  "#4269d0",
  "#e08a00",
  "#d6455d",
  "#2a9d8f",
  "#8f63c8",
  "#7a8b3a",
  "#b5651d",
  "#d35fa8",
  "#3a91c9",
  "#808792",
];

/** One colour for every run; beyond ten they go round the colour circle instead. */
export function runColours(count: number): string[] {
  if (count <= colours.length) return colours.slice(0, count);
  return Array.from({ length: count }, (_, index) => `hsl(${Math.round((360 * index) / count)} 60% 52%)`);
}
