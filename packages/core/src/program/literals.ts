import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import { locationTime } from "../artifacts/location.js";
import type { Literal } from "../compiler/inputs.js";
import type { LiteralInput, Plan, PlannedInput } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import { artifactId } from "../ledger/artifact-versions.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";

/**
 * Stores what a plan's literals stand for, as far as it is not stored yet. By `artifact name@digest`.
 *
 * @param doomed ids of artifacts that are about to be removed
 * @param values by digest; without them (a plan that was read from a file) they have to be there
 * @throws `ARTIFACT_UNKNOWN`
 */
export async function storeLiterals(
  plan: Plan,
  values: ReadonlyMap<string, Literal>,
  { ledger, vault }: { readonly ledger: Ledger; readonly vault: ArtifactVault },
  doomed: ReadonlySet<string> = new Set(),
): Promise<Map<string, ArtifactVersionRecord>> {
  const wanted = new Map<string, LiteralInput>();
  for (const step of plan.steps) {
    for (const input of Object.values(step.inputs)) {
      for (const literal of literalsIn(input)) wanted.set(`${literal.artifact}@${literal.digest}`, literal);
    }
  }
  const keys = [...wanted.keys()];
  const literals = [...wanted.values()];
  if (literals.length === 0) return new Map();
  const known = await ledger.artifactsWithContent(literals.map(({ artifact: name, digest }) => ({ name, digest })));
  const recorded = known.filter(
    (record) => record !== undefined && !doomed.has(artifactId(record)),
  ) as ArtifactVersionRecord[];
  const there = await vault.existsMany(recorded);
  const usable = new Set(recorded.filter((_, place) => there[place]));
  const saving = new Map<string, ReturnType<ArtifactVault["save"]>>();
  const records = await Promise.all(
    literals.map(async ({ artifact: name, digest, type }, place) => {
      const record = known[place];
      if (record && usable.has(record)) return record;
      const literal = values.get(digest);
      if (!literal) throw missing(name, digest);
      const options = { type: literal.declared ?? type, location: vault.location(name) };
      const stored = saving.get(digest) ?? vault.save(literal.value, options);
      saving.set(digest, stored);
      const created = new Date().toISOString();
      return ledger.addArtifact({ ...(await stored), name, tags: [], created }, { again: record !== undefined });
    }),
  );
  return new Map(records.map((record, place) => [keys[place] as string, record]));
}

/**
 * Says that a run uses its literals. One that was about to be removed at this moment, or whose bytes were taken for
 * garbage since storing them took so long, is stored anew.
 */
export async function holdLiterals(
  runId: string,
  literals: ReadonlyMap<string, ArtifactVersionRecord>,
  again: (doomed: ReadonlySet<string>) => Promise<Map<string, ArtifactVersionRecord>>,
  { ledger, vault }: { readonly ledger: Ledger; readonly vault: ArtifactVault },
): Promise<ReadonlyMap<string, ArtifactVersionRecord>> {
  const doomed = new Set<string>();
  for (let held = literals; ; held = await again(doomed)) {
    const slow = [...held.values()].filter(storedSlowly);
    const { artifacts, places } = await ledger.holds.take(
      runId,
      [...held.values()],
      slow.map(({ location }) => location),
    );
    const there = await vault.existsMany(slow);
    const gone = slow.filter(({ location }, place) => !there[place] || places.has(location)).map(artifactId);
    if (artifacts.size + gone.length === 0) return held;
    for (const id of [...artifacts, ...gone]) doomed.add(id);
  }
}

const tenMinutes = 10 * 60 * 1000;

/** By the clock of the process that stored it: its bytes lay there unnamed for a time in which they may have been collected. */
function storedSlowly({ created, location }: ArtifactVersionRecord): boolean {
  const begun = locationTime(location);
  return begun !== undefined && Date.parse(created) - begun > tenMinutes;
}

function literalsIn(input: PlannedInput): LiteralInput[] {
  if (input.from === "literal") return [input];
  if (input.from === "list") return input.items.flatMap(literalsIn);
  return input.from === "each" ? literalsIn(input.list) : [];
}

function missing(name: string, digest: string): TenonError {
  return new TenonError("ARTIFACT_UNKNOWN", {
    doing: `looking for the plan's value '${name}' (${digest.slice(0, 19)}…)`,
    found: "it is not in this stack's stores, and a plan holds only its digest",
    fix: "Run the pipeline's source once on this stack: tenon run <file.ts>.",
  });
}
