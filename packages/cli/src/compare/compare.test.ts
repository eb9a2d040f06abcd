import { parseHTML } from "linkedom";
import picocolors from "picocolors";
import { describe, expect, test } from "vitest";
import { comparePage } from "./compare-page.js";
import { compareText } from "./compare-text.js";
import type { ComparedRuns } from "./compared-runs.js";
import { thinOut } from "./thin-out.js";

const curve = (rate: number) => ({
  kind: "series" as const,
  values: Array.from({ length: 50 }, (_, x) => [x, Math.exp(-rate * x)] as const),
});

const compared: ComparedRuns = {
  runs: ["01JD0000AAAA", "01JD0000BBBB"].map((id, index) => ({
    ...{ id, pipeline: "penguins", status: index === 0 ? "succeeded" : "failed", stack: "local" },
    ...{ created: "2026-03-01T12:00:00.000Z", durationMs: 1200 },
  })),
  parameters: [
    { name: "fit.epochs", values: [50, 100] },
    { name: "fit.seed", values: [7, 7] },
    {
      name: "fit.options",
      values: [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
    },
    { name: "fit.new", values: [undefined, "yes"] },
  ],
  code: [
    { step: "load", fingerprints: ["sha256:aa", "sha256:aa"] },
    { step: "fit", fingerprints: ["sha256:aa", "sha256:bb"], changedFunctions: ["normalise in src/clean.ts"] },
  ],
  inputs: [{ name: "fit.rows", digests: ["sha256:0123456789abcdef", "sha256:0123456789abcdef"] }],
  metadata: [
    { name: "model.accuracy", values: [0.95, 0.97] },
    { name: "model.bias", values: [-0.5, undefined] },
    { name: "model.loss", values: [curve(0.1), curve(0.2)] },
    { name: "model.note", values: ["fine", "fine"] },
  ],
  durations: [{ step: "fit", milliseconds: [1000, 1100] }],
  digests: [{ name: "model", digests: ["sha256:aa", undefined] }],
};

const terminal = (colors = false) => ({
  colors: picocolors.createColors(colors),
  width: () => Number.POSITIVE_INFINITY,
});

const parse = async (runs: ComparedRuns) => parseHTML(await comparePage(runs)).document;

describe("compared runs as text", () => {
  test("have a table for everything, with a mark where they differ", () => {
    const text = compareText(compared, terminal());
    expect(text.match(/^\S.*$/gm)).toContain("Parameters");
    expect(text).toMatch(/^\* +fit\.epochs +50 +100$/m);
    expect(text).toMatch(/^ +fit\.seed +7 +7$/m);
    expect(text).toMatch(/^\* +fit\.new +– +yes$/m);
    expect(text).toMatch(/^\* +model\.accuracy +0\.95 +0\.97 \(\+0\.02\)$/m);
    expect(text).toMatch(/^\* +model\.loss +50 points, last 0\.007447 /m);
    expect(text).toContain("  fit: changed: normalise in src/clean.ts\n");
  });

  test("agree in objects whose keys stand in another order, and never differ by time alone", () => {
    const text = compareText(compared, terminal());
    expect(text).toMatch(/^ +fit\.options /m);
    expect(text).toMatch(/^ +fit +1\.0 s +1\.1 s$/m);
  });

  test("have no escape sequences without colours, not even those of others", () => {
    const evil = { ...compared, parameters: [{ name: "a\u001b[2J", values: ["b\u001b[31m", "c\r\n"] }] };
    expect(compareText(evil, terminal())).not.toMatch(/[^\n\P{Cc}]/u);
    expect(compareText(compared, terminal(true))).toContain("\u001b[33m");
  });

  test("can be shown with their differences only", () => {
    const text = compareText(compared, terminal(), { onlyDifferences: true });
    expect(text).toContain("fit.epochs");
    expect(text).not.toContain("fit.seed");
    expect(text).toContain("Inputs\n  no difference\n");
  });

  test("are told apart by as many characters of their ids as it takes", () => {
    expect(compareText(compared, terminal())).toMatch(/01JD0000A +01JD0000B/);
  });
});

describe("compared runs as a page", () => {
  test("need no network and no script", async () => {
    const page = await comparePage(compared);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|javascript:/i);
    expect(page.replaceAll("http://www.w3.org/", "")).not.toMatch(/https?:\/\//);
  });

  test("have a plot for every number and every curve, and one for the time", async () => {
    const document = await parse(compared);
    const plots = [...document.querySelectorAll("figure > svg")];
    expect(plots.map((plot) => plot.getAttribute("aria-label"))).toEqual([
      "model.loss as curves of 2 runs",
      "model.accuracy by run: 01JD0000A 0.95, 01JD0000B 0.97",
      "model.bias by run: 01JD0000A -0.5",
      "Durations of 1 steps",
    ]);
    expect(plots[0]?.querySelectorAll('[aria-label="line"] path')).toHaveLength(2);
    expect(plots[1]?.querySelectorAll('[aria-label="bar"] rect')).toHaveLength(2);
  });

  test("mark the rows that differ", async () => {
    const document = await parse(compared);
    const names = [...document.querySelectorAll("tr.differs:not(.note) th")].map((cell) => cell.textContent);
    expect(names).toEqual([
      ...["status", "fit.epochs", "fit.new", "fit", "model.accuracy", "model.bias", "model.loss", "model"],
    ]);
    expect(document.querySelector("section.same h2")?.textContent).toBe("Inputs");
  });

  test("escape everything that somebody else wrote", async () => {
    const evil = `</script></style></title><script>alert(1)</script><img src=x onerror="alert(2)">&lt;'"`;
    const everywhere: ComparedRuns = {
      runs: compared.runs.map((run, index) => ({
        ...{ id: `${index}${evil}`, pipeline: evil, status: evil, stack: evil, created: run.created, durationMs: 1 },
      })),
      parameters: [{ name: evil, values: [evil, { [evil]: [evil] }] }],
      code: [{ step: evil, fingerprints: [evil, undefined], changedFunctions: [evil] }],
      inputs: [{ name: evil, digests: [evil, undefined] }],
      metadata: [
        { name: evil, values: [evil, 1] },
        { name: `${evil}2`, values: [curve(1), curve(2)] },
      ],
      durations: [{ step: evil, milliseconds: [1, 2] }],
      digests: [{ name: evil, digests: [evil, evil] }],
    };
    const page = await comparePage(everywhere);
    expect(page).not.toMatch(/<script|<img/i);
    expect(page.match(/<\/style>/g)?.length).toBe(page.match(/<style/g)?.length);
    const { document } = parseHTML(page);
    expect(document.querySelectorAll("script, img, [onerror]")).toHaveLength(0);
    expect(document.querySelector("figcaption")?.textContent).toBe(`${evil}2`);
  });

  test("draw what can be drawn of odd numbers and empty curves", async () => {
    const odd: ComparedRuns = {
      ...compared,
      metadata: [
        { name: "zero", values: [0, 0] },
        { name: "huge", values: [1e300, Number.POSITIVE_INFINITY] },
        { name: "empty", values: [{ kind: "series", values: [] }, undefined] },
        {
          name: "gap",
          values: [
            {
              kind: "series",
              values: [
                [0, 1],
                [1, null],
                [2, 3],
              ],
            },
            { kind: "series", values: [[0, 5]] },
          ],
        },
      ],
    };
    const document = await parse(odd);
    expect(document.querySelectorAll("figure")).toHaveLength(5);
    expect(document.toString()).not.toMatch(/d="[^"]*NaN/);
  });

  test("of many runs say which plots are left out", async () => {
    const runs = Array.from({ length: 30 }, (_, index) => ({ ...compared.runs[0], id: `run-${index}` }));
    const many = {
      runs: runs as ComparedRuns["runs"],
      ...{ parameters: [], code: [], inputs: [], durations: [], digests: [] },
      metadata: Array.from({ length: 70 }, (_, index) => ({ name: `m${index}`, values: runs.map((_, run) => run) })),
    };
    const document = await parse(many);
    expect(document.querySelectorAll("figure")).toHaveLength(60);
    expect(document.querySelector("h2 + p")?.textContent).toContain("60 of 70");
  });
});

describe("thinning a curve out", () => {
  test("keeps its peaks, its ends and its order", () => {
    const points = Array.from({ length: 100_000 }, (_, x) => [x, x === 54_321 ? 9 : Math.sin(x / 500)] as const);
    const kept = thinOut(points, 400);
    expect(kept.length).toBeLessThanOrEqual(400);
    expect(kept[0]).toEqual(points[0]);
    expect(kept.at(-1)).toEqual(points.at(-1));
    expect(kept).toContainEqual([54_321, 9]);
    expect(kept.map(([x]) => x)).toEqual(kept.map(([x]) => x).toSorted((one, other) => one - other));
  });
});
