import { openMysqlStore } from "../open-mysql.ts";

/** How tests open a store in another process, which runs under tsx. */
export const open = (options) => openMysqlStore(JSON.parse(options));
