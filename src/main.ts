#!/usr/bin/env node
/**
 * The command line. This file only switches on Node's compile cache and hands over: what is imported statically would be
 * compiled before the cache is on. Each command loads what it needs and nothing else.
 */
import { enableCompileCache } from "node:module";

enableCompileCache();
// `node:sqlite` warns that it is experimental each time it is loaded; that is our choice to have made, not our user's to read.
process.removeAllListeners("warning");
const { runCommand } = await import("./cli/index.ts");
process.exitCode = await runCommand(process.argv.slice(2));
