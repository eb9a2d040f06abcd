import type { ComponentContext, MetadataStore } from "@tenon/core";
import { openPostgresStore } from "./open-postgres.js";
import { serverOptions } from "./options-of-config.js";
import type { ServerConfig } from "./server-config.js";

export async function create(context: ComponentContext<ServerConfig>): Promise<MetadataStore> {
  const kind = { flavor: "postgres", protocols: ["postgres", "postgresql"], port: 5432 };
  return await openPostgresStore(await serverOptions(context, kind));
}
