export { type Azurite, startAzurite } from "./azurite.js";
export { type ConnectionProxy, startConnectionProxy } from "./connection-proxy.js";
export { available, type DatabaseServer, type ServerKind } from "./database-server.js";
export { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from "./fault-proxy.js";
export { type GcsFake, startGcsFake } from "./gcs-fake.js";
export { mariaDb } from "./maria-db.js";
export { postgreSql } from "./postgres.js";
export { type RadosGateway, radosGatewayMissing, startRadosGateway } from "./rados-gateway.js";
export { freePort } from "./server-process.js";
