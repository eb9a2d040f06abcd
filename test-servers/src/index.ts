export { type Azurite, startAzurite } from "./azurite.js";
export { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from "./fault-proxy.js";
export { type GcsFake, startGcsFake } from "./gcs-fake.js";
export { type RadosGateway, radosGatewayMissing, startRadosGateway } from "./rados-gateway.js";
