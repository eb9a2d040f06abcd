import { openSqlite } from "./sqlite-metadata-store.ts";

/** How tests open a store in another process, which runs under tsx. */
export const open = (file) => openSqlite(file);
