import type { ComponentContext, MetadataStore } from "@tenon/core";
import { openMysqlStore } from "./open-mysql.js";
import { serverOptions } from "./options-of-config.js";
import type { ServerConfig } from "./server-config.js";

export async function create(context: ComponentContext<ServerConfig>): Promise<MetadataStore> {
  const kind = { flavor: "mysql", protocols: ["mysql", "mariadb"], port: 3306 };
  return await openMysqlStore(await serverOptions(context, kind));
}
