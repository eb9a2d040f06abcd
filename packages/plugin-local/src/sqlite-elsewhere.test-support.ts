import { openSqlite } from "./sqlite-metadata-store.js";

/** How the conformance kit opens a store in another process. */
export const open = (file: string) => openSqlite(file);
