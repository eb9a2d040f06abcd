import { openPostgresStore } from "../../dist/stores.js";

/** How tests open a store in another process: as built, since sixteen processes with a loader for TypeScript take long. */
export const open = (options) => openPostgresStore(JSON.parse(options));
