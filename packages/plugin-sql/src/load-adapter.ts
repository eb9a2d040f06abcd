import { createRequire } from "node:module";
import { TenonError } from "@tenon/core";

/** Imports a Keyv adapter on first use, with the driver that the adapter itself uses, so that there is one copy of it. */
export async function loadAdapter<Module, Driver>(
  adapter: string,
  importAdapter: () => Promise<Module>,
  driver: string,
): Promise<{ readonly module: Module; readonly driver: Driver }> {
  try {
    const module = await importAdapter();
    const from = createRequire(createRequire(import.meta.url).resolve(adapter));
    return { module, driver: from(driver) as Driver };
  } catch (cause) {
    const missing = /^(?:ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND)$/.test(String((cause as { code?: unknown }).code));
    throw new TenonError(missing ? "REQUIREMENT_MISSING" : "REQUIREMENT_BROKEN", {
      doing: "opening the metadata store",
      found: missing ? `it needs ${adapter}, which is not installed` : `${adapter} cannot be loaded`,
      fix: `Install it: npm install ${adapter}`,
      cause,
    });
  }
}
