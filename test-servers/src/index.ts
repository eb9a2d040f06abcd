export { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from "./fault-proxy.js";
export { type RadosGateway, radosGatewayMissing, startRadosGateway } from "./rados-gateway.js";
