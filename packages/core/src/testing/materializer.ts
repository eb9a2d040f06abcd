import type { Materializer } from "../contracts/materializer.js";
import { type ConformanceCase, type KitOptions, registerCases } from "./kit.js";
import { bytesCases } from "./materializer-bytes.js";
import { descriptionCases } from "./materializer-descriptions.js";
import { valueCases } from "./materializer-values.js";

export interface MaterializerSubject<T = unknown> {
  readonly materializer: Materializer<T>;
  /** Makes the values to try, anew for each use: a stream can be read only once. At least two that differ. */
  readonly samples: () => readonly T[] | Promise<readonly T[]>;
  /** Whether two values are the same; by default `isDeepStrictEqual` of `node:util`. */
  readonly equal?: (a: T, b: T) => boolean | Promise<boolean>;
  /** Values that it has to refuse: of another type, or such as its format cannot hold. */
  readonly refuses?: readonly unknown[];
  /** False if the format itself has times or random numbers in it. */
  readonly deterministic?: boolean;
}

export interface MaterializerKitOptions<T>
  extends MaterializerSubject<T>,
    Omit<KitOptions<never>, "create" | "destroy"> {}

/** What a materializer promises, a case each. */
export const materializerCases: readonly ConformanceCase<MaterializerSubject>[] = [
  ...valueCases,
  ...bytesCases,
  ...descriptionCases,
];

/**
 * Certifies a materializer under any test runner.
 *
 * @example
 * testMaterializer({ test, materializer, samples: () => [new Matrix(2, 3), new Matrix(0, 0)] });
 */
export function testMaterializer<T>(options: MaterializerKitOptions<T>): void {
  const { test, skip, prefix } = options;
  registerCases(materializerCases, {
    test,
    ...(skip && { skip }),
    ...(prefix !== undefined && { prefix }),
    create: () => options as unknown as MaterializerSubject,
  });
}
