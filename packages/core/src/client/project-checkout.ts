import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { TenonError } from "../errors.js";
import { type Checkout, checkout } from "../git/checkout.js";
import { compareDependencies, type DependencyComparison } from "../git/dependencies.js";
import { installPackages, isInstalled } from "../git/install-packages.js";
import { linkPackages, unlinkPackages } from "../git/link-packages.js";
import { repositoryRoot } from "../git/repository.js";
import type { Project, ProjectCheckout } from "../kernel/project.js";
import { realFile } from "../pipeline/source.js";

export interface PreparedCheckout {
  readonly project: ProjectCheckout;
  /** True if an earlier call had made it. */
  readonly cached: boolean;
  readonly dependencies: CheckedDependencies;
}

export interface CheckedDependencies extends Pick<DependencyComparison, "comparedWith" | "differences"> {
  /** Whose packages the code of the commit gets. */
  readonly used: "the project's" | "those of the commit";
}

export interface CheckoutOptions {
  /** Where the project lay in the repository; by default where it lies now. */
  readonly path?: string;
  /** Install the packages of the commit if they are not those of the project. */
  readonly install?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The project as it was in a commit, in a directory of its own with packages to run it. The working tree is not touched.
 *
 * @throws `COMMIT_UNKNOWN`, `CHECKOUT_FAILED`, `GIT_REPOSITORY_MISSING`, `GIT_UNAVAILABLE`, `LOCKFILE_UNREADABLE`
 */
export async function checkoutProject(
  project: Project,
  revision: string,
  { path, install = false, signal }: CheckoutOptions = {},
): Promise<PreparedCheckout> {
  const top = await repositoryRoot(project.root);
  const made = await checkout(revision, {
    repository: project.root,
    cacheDirectory: join(project.stateDirectory, "checkouts"),
    ...(signal && { signal }),
  });
  const place = path ?? relative(top, realFile(project.root)).split(sep).join("/");
  const directory = join(made.directory, place);
  if (!existsSync(directory)) throw noProject(made, place);
  const dependencies = await packages(project, { top, checkoutTop: made.directory, path: place }, install);
  return { project: { directory, commit: made.commit, path: place }, cached: made.cached, dependencies };
}

async function packages(
  project: Project,
  places: { readonly top: string; readonly checkoutTop: string; readonly path: string },
  install: boolean,
): Promise<CheckedDependencies> {
  const directory = join(places.checkoutTop, places.path);
  const tops = { project: places.top, checkout: places.checkoutTop };
  const {
    checkout: lockfile,
    sameLockfile,
    comparedWith,
    differences,
  } = await compareDependencies(project.root, directory, tops);
  const compared = { comparedWith, differences };
  if (lockfile && (await isInstalled(lockfile))) return { ...compared, used: "those of the commit" };
  const differs = differences.length > 0 || (comparedWith === "nothing" && !sameLockfile);
  if (install && lockfile && differs) {
    await unlinkPackages(places);
    await installPackages(lockfile);
    return { ...compared, used: "those of the commit" };
  }
  await linkPackages(places);
  return { ...compared, used: "the project's" };
}

function noProject({ commit }: Checkout, place: string): TenonError {
  return new TenonError("CHECKOUT_FAILED", {
    doing: `looking for the project in commit ${commit.slice(0, 12)}`,
    found: `there is no directory '${place}' in it`,
    fix: "Name a commit in which the project was there.",
  });
}
