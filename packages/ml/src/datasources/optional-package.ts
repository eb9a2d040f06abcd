import { TenonError } from "@tenon/core";

/** @throws `REQUIREMENT_MISSING` if the package is not installed */
export async function optional<T>(name: string, load: () => Promise<T>, doing: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const missing = (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    throw new TenonError(missing ? "REQUIREMENT_MISSING" : "REQUIREMENT_BROKEN", {
      doing,
      found: missing ? `it needs ${name}, which is not installed` : `${name} cannot be loaded`,
      fix: `Install it: npm install ${name}`,
      cause,
    });
  }
}
