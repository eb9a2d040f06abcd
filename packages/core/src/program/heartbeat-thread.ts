import { parentPort, workerData } from "node:worker_threads";
import type { FromHeartbeat, HeartbeatTask, ToHeartbeat } from "./heartbeat.js";
import type { FollowedLog } from "./log-shipper.js";
import type { OpenHeartbeat } from "./open-heartbeat.js";

/**
 * The program of the thread behind a `Heartbeat`. It opens the stack only for work that takes longer than a moment, so that
 * short steps do not pay for it.
 */
const task = workerData as HeartbeatTask;
const port = parentPort as NonNullable<typeof parentPort>;
const followed: FollowedLog[] = [];
let progress: Extract<ToHeartbeat, { type: "progress" }>["progress"] | undefined;
let heart: OpenHeartbeat | undefined;
let stopping = false;
let wake = () => {};

port.on("message", (message: ToHeartbeat) => {
  if (message.type === "follow") followed.push(message.log);
  else if (message.type === "progress") progress = message.progress;
  else {
    stopping = true;
    wake();
  }
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function say(message: FromHeartbeat): void {
  port.postMessage(message);
}

let told = false;
await pause(task.beatMs);
while (!stopping) {
  try {
    heart ??= await (await import("./open-heartbeat.js")).openHeartbeat(task);
    const loss = await heart.beat(progress, followed);
    if (loss && !told) say({ type: "lost", cancelled: loss === "cancelled" });
    told ||= loss !== undefined;
  } catch {
    // The store cannot be reached for the moment; the step goes on, and the next beat tries again.
  }
  if (!stopping) await pause(task.beatMs);
}
say({ type: "stopped", shipped: [...(heart?.shipped ?? [])], counter: heart?.counter ?? 0, told: heart?.told ?? 0 });
await heart?.close().catch(() => {});
port.close();
