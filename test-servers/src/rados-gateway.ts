import { createHmac, randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { answers, freePorts, ServerProcesses } from "./processes.js";
import { findProgram } from "./server-process.js";

export interface RadosGateway {
  /** `http://127.0.0.1:18090` */
  readonly endpoint: string;
  readonly port: number;
  readonly accessKey: string;
  readonly secretKey: string;
  createBucket(name: string): Promise<void>;
  /** Runs `radosgw-admin` against it. */
  admin(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

const programs = ["radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "monmaptool"];

/** Why no gateway can be started here, as a line to print; undefined if one can. */
export function radosGatewayMissing(): string | undefined {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return undefined;
  return `no S3 server here (${missing.join(", ")}): apt-get install --no-install-recommends radosgw ceph-mon ceph-osd`;
}

const attempts = 3;
const storeStarts = 10;

/** A Ceph cluster of one monitor and one store in memory, with its S3 gateway. Takes two seconds. */
export async function startRadosGateway(): Promise<RadosGateway> {
  for (let attempt = 1; ; attempt += 1) {
    const processes = await ServerProcesses.create("rgw");
    try {
      return await start(processes);
    } catch (error) {
      // A port may have been taken by another process meanwhile.
      const log = await processes.printed();
      await processes.stop();
      if (attempt === attempts) throw new Error(`Ceph could not be started: ${log}`, { cause: error });
    }
  }
}

async function start(processes: ServerProcesses): Promise<RadosGateway> {
  const { directory } = processes;
  const [port = 0, monitorPort = 0] = await freePorts(2);
  const cluster = randomUUID();
  for (const name of ["mon", "osd", "rgw"]) await mkdir(join(directory, name));
  await writeFile(join(directory, "ceph.conf"), configuration(directory, cluster, port, monitorPort));
  const config = ["-c", join(directory, "ceph.conf")];
  const map = join(directory, "monmap");
  await processes.run("monmaptool", ["--create", "--fsid", cluster, "--addv", "a", `v1:127.0.0.1:${monitorPort}`, map]);
  await processes.run("ceph-mon", [...config, "--mkfs", "-i", "a", "--monmap", map]);
  processes.start("mon", "ceph-mon", [...config, "-i", "a", "-f"]);
  const osd = randomUUID();
  await processes.run("ceph", [...config, "osd", "new", osd, "0"]);
  await processes.run("ceph-osd", [...config, "-i", "0", "--mkfs", "--osd-uuid", osd]);
  startStore(processes, [...config, "-i", "0", "-f"]);
  const admin = (...args: string[]) => processes.run("radosgw-admin", [...config, ...args]);
  const [accessKey, secretKey] = ["test", "testing"];
  const keys = [`--access-key=${accessKey}`, `--secret-key=${secretKey}`];
  await processes.run("radosgw-admin", [...config, "user", "create", "--uid=test", "--display-name=test", ...keys], {
    patienceMs: 40_000,
  });
  const gateway = processes.start("gateway", "radosgw", [...config, "-n", "client.rgw", "-f"]);
  const endpoint = `http://127.0.0.1:${port}`;
  while (!(await answers(endpoint))) {
    if (gateway.exitCode !== null) throw new Error(`radosgw ended with ${gateway.exitCode}`);
    await setTimeout(100);
  }
  const createBucket = async (name: string) => {
    const date = new Date().toUTCString();
    const signed = createHmac("sha1", secretKey).update(`PUT\n\n\n\nx-amz-date:${date}\n/${name}`).digest("base64");
    const headers = { "x-amz-date": date, authorization: `AWS ${accessKey}:${signed}` };
    const { ok, status } = await fetch(`${endpoint}/${name}`, { method: "PUT", headers });
    if (!ok) throw new Error(`the bucket '${name}' could not be created: ${status}`);
  };
  return { endpoint, port, accessKey, secretKey, createBucket, admin, stop: () => processes.stop() };
}

/** Now and then it asks the monitor for something before it knows of which cluster that is, is refused, and ends. */
function startStore(processes: ServerProcesses, args: readonly string[], left = storeStarts): void {
  processes.start("osd", "ceph-osd", args).once("exit", (code) => {
    if (code !== null && left > 1) startStore(processes, args, left - 1);
  });
}

const configuration = (directory: string, cluster: string, port: number, monitorPort: number) => `
[global]
fsid = ${cluster}
mon host = v1:127.0.0.1:${monitorPort}
ms bind msgr2 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
run dir = ${directory}
admin socket = ${directory}/$name.$pid.asok
pid file = ${directory}/$name.pid
log file = ${directory}/$name.log
mon cluster log file = ${directory}/cluster.log
crash dir = ${directory}
keyring = /dev/null
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd crush chooseleaf type = 0
mon allow pool size one = true
mon allow pool delete = true
osd objectstore = memstore
memstore device bytes = 4294967296
osd data = ${directory}/osd
mon data = ${directory}/mon
[mon]
# What is alone has nobody to gather proposals from: each would wait a second.
paxos propose interval = 0.05
mon data avail crit = 1
mon data avail warn = 2
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw data = ${directory}/rgw
rgw enable ops log = false
rgw thread pool size = 32
`;
