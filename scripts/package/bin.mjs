#!/usr/bin/env node
/**
 * The `trunkline` command of the published package. Nothing stands here that an old Node could not read: it is to say what is missing.
 */
const needed = 24;

if (Number(process.versions.node.split(".")[0]) >= needed) {
  import("../dist/main.js");
} else {
  console.error(
    `trunkline: needs Node.js ${needed} or later; this is ${process.version} (${process.execPath}). A project can bring it: npm install --save-dev node@${needed}`,
  );
  process.exitCode = 1;
}
