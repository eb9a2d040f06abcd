import { handOver } from "./hand-over.js";
import { ownVersion } from "./version.js";

const argv = process.argv.slice(2);

if (!(await handOver(process.cwd()))) {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    process.stdout.write(`${ownVersion()}\n`);
  } else {
    const { main } = await import("./main.js");
    await main(argv);
  }
}
