export { type Azurite, startAzurite } from "./azurite.js";
export { type ConnectionProxy, startConnectionProxy } from "./connection-proxy.js";
export { available, type DatabaseServer, type ServerKind } from "./database-server.js";
export { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from "./fault-proxy.js";
export { type GcsFake, startGcsFake } from "./gcs-fake.js";
export { type LargeObject, largeObjectBytes, type StreamedObject, streamLargeObject } from "./large-object.js";
export { mariaDb } from "./maria-db.js";
export { postgreSql } from "./postgres.js";
export { type RadosGateway, radosGatewayMissing, startRadosGateway } from "./rados-gateway.js";
export {
  collected,
  type Fits,
  type HarmedStore,
  harmed,
  once,
  patterned,
  type RemoteStore,
  testRemoteStoreFaults,
} from "./remote-store-faults.js";
export { freePort } from "./server-process.js";
export { type SlurmCluster, type SlurmOptions, slurm, startSlurm } from "./slurm.js";
