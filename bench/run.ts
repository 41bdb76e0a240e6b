/**
 * `npm run bench`: every benchmark, or those named: `npm run bench -- put-record start`.
 *
 * `BENCH_ROUNDS` and `BENCH_SECONDS` set how long each takes (default 3 rounds of 4 seconds a side).
 */
import { readdirSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

const NOT_BENCHMARKS = ["run.ts", "measure.ts"];
const all = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !NOT_BENCHMARKS.includes(file))
  .map((file) => file.slice(0, -".ts".length));
const named = process.argv.slice(2);
const unknown = named.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}; there are ${all.join(", ")}`);
  process.exit(2);
}

console.log(`Node ${process.version}, ${availableParallelism()} processors (${cpus()[0]?.model ?? "unknown"})`);
for (const name of named.length > 0 ? named : all) {
  const { run } = (await import(`./${name}.ts`)) as { run: () => Promise<void> };
  await run();
}
