/** Writes the table of parameters of `docs/simulator.md` from the code. */
import { readFileSync, writeFileSync } from "node:fs";
import { parameterTable } from "../src/simulator/parameters.ts";

const file = new URL("../docs/simulator.md", import.meta.url);
const [before, , after] = readFileSync(file, "utf8").split(/<!-- parameters:(?:begin|end) -->\n/);
writeFileSync(file, `${before}<!-- parameters:begin -->\n${parameterTable()}\n<!-- parameters:end -->\n${after}`);
