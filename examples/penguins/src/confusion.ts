/** How often each species was taken for which: rows are what the birds are, columns what the model said. */
export type Confusion = readonly (readonly number[])[];

const cell = 96;
const left = 132;
const top = 104;

/** An SVG that needs nothing beside it: dark cells hold many birds, mistakes are red. */
export function drawConfusion(counts: Confusion, labels: readonly string[], accuracy: number): string {
  const size = cell * labels.length;
  const width = left + size + 24;
  const height = top + size + 56;
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const cells = counts.flatMap((row, y) =>
    row.map((count, x) => {
      const share = totals[y] ? count / (totals[y] as number) : 0;
      const colour = x === y ? "33, 102, 172" : "178, 24, 43";
      const opacity = count === 0 ? 0 : x === y ? 0.2 + 0.8 * share : 0.25 + 0.75 * share;
      const ink = opacity > 0.55 ? "#ffffff" : count === 0 ? "#9aa0a6" : "#1b1f24";
      const middle = { x: left + x * cell + cell / 2, y: top + y * cell + cell / 2 };
      return `
    <rect x="${left + x * cell + 1}" y="${top + y * cell + 1}" width="${cell - 2}" height="${cell - 2}" rx="4" fill="rgba(${colour}, ${opacity.toFixed(3)})" stroke="#d5d9de"/>
    <text x="${middle.x}" y="${middle.y + (count === 0 ? 7 : 2)}" text-anchor="middle" font-size="22" font-weight="600" fill="${ink}">${count}</text>${
      count === 0
        ? ""
        : `
    <text x="${middle.x}" y="${middle.y + 22}" text-anchor="middle" font-size="12" fill="${ink}">${percent(share)}</text>`
    }`;
    }),
  );
  const names = labels.map(
    (label, index) => `
    <text x="${left + index * cell + cell / 2}" y="${top - 12}" text-anchor="middle">${label}</text>
    <text x="${left - 12}" y="${top + index * cell + cell / 2 - 3}" text-anchor="end">${label}</text>
    <text x="${left - 12}" y="${top + index * cell + cell / 2 + 15}" text-anchor="end" font-size="12" fill="#5f6670">${totals[index]} birds</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Confusion matrix, accuracy ${percent(accuracy)}">
  <rect width="${width}" height="${height}" fill="#ffffff"/>
  <g font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="14" fill="#1b1f24">
    <text x="24" y="34" font-size="18" font-weight="600">Confusion matrix</text>
    <text x="24" y="56" font-size="13" fill="#5f6670">Accuracy ${percent(accuracy)} on birds that the model has not seen</text>${cells.join("")}${names.join("")}
    <text x="${left + size / 2}" y="${top + size + 32}" text-anchor="middle" font-size="13" fill="#5f6670">predicted species</text>
    <text transform="translate(26 ${top + size / 2}) rotate(-90)" text-anchor="middle" font-size="13" fill="#5f6670">true species</text>
  </g>
</svg>
`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
