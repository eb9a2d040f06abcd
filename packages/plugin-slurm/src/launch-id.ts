/** A job of Slurm, with the name under which it was submitted. */
export interface NamedJob {
  /** `12`, or `12_3` for an element of an array. */
  readonly job: string;
  readonly name?: string;
}

/**
 * What stands for a job from its launch on: `12_3@name`. A controller that was killed gives numbers again that it gave
 * before; the name, which no other attempt has, tells whose a job is.
 */
export function launchId(job: string, name: string): string {
  return `${job}@${name}`;
}

export function readLaunchId(id: string): NamedJob {
  const at = id.indexOf("@");
  return at < 0 ? { job: id } : { job: id.slice(0, at), name: id.slice(at + 1) };
}
