// Loaded into every measured process: says at its end what it took. Costs the same for all that are compared.
const { appendFileSync } = require("node:fs");
const file = process.env.BENCH_USAGE;
if (file && process.env.BENCH_USAGE_OWNER !== "taken") {
  process.env.BENCH_USAGE_OWNER = "taken"; // children of the measured process are not counted twice
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    appendFileSync(file, `${JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, rssMiB: maxRSS / 1024 })}\n`);
  });
}
