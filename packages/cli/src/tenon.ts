#!/usr/bin/env node
// This file has to parse on Node versions that cannot run the rest, so as to say so: no imports, no recent syntax.
const found = process.versions.node.split(".").map(Number);
const major = found[0] as number;
const minor = found[1] as number;

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    "NODE_TOO_OLD  This version of Node is too old\n" +
      `  Starting tenon: this is Node ${process.versions.node} (${process.execPath}), and Tenon needs 20.19 or newer.\n` +
      "  Install a newer Node from https://nodejs.org or with your version manager, and run the command again.",
  );
  process.exitCode = 1;
} else {
  import("./start.js");
}

export {};
