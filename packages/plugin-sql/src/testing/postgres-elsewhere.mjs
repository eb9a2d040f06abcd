import { openPostgresStore } from "../open-postgres.ts";

/** How tests open a store in another process, which runs under tsx. */
export const open = (options) => openPostgresStore(JSON.parse(options));
