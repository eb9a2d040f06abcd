#!/usr/bin/env node
// Not built, so that a package manager finds the command before anything is. It has to parse on Node versions that cannot
// run the rest, so as to say so: no recent syntax, no imports.
const found = process.versions.node.split(".").map(Number);

if (found[0] < 20 || (found[0] === 20 && found[1] < 19)) {
  console.error(
    "NODE_TOO_OLD  This version of Node is too old\n" +
      `  Starting tenon: this is Node ${process.versions.node} (${process.execPath}), and Tenon needs 20.19 or newer.\n` +
      "  Install a newer Node from https://nodejs.org or with your version manager, and run the command again.",
  );
  process.exitCode = 1;
} else {
  import("../dist/start.js");
}
