import type { Row } from "@tenon/ml";

/** What the served model takes the images for, in the REST form of TensorFlow Serving. */
export async function ask(url: string, rows: readonly Row[]): Promise<string[]> {
  const instances = rows.map(({ image }) => ({ image: { b64: Buffer.from(image as Uint8Array).toString("base64") } }));
  const response = await fetch(new URL("/v1/models/digits:predict", url), {
    method: "POST",
    body: JSON.stringify({ instances }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { predictions } = (await response.json()) as { predictions: { prediction: string }[] };
  return predictions.map(({ prediction }) => prediction);
}

/** An image in characters. */
export function draw({ image }: Row): string {
  const pixels = image as Uint8Array;
  const lines = Array.from({ length: 14 }, (_, line) =>
    Array.from({ length: 28 }, (_, column) => {
      const grey = ((pixels[line * 56 + column] ?? 0) + (pixels[line * 56 + 28 + column] ?? 0)) / 2;
      return " .:*#"[Math.floor((grey / 256) * 5)];
    }).join(""),
  );
  return lines.filter((line) => line.trim() !== "").join("\n");
}
