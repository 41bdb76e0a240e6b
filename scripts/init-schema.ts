/** Writes docs/init.schema.json, which editors read to complete and check init files, and the list of kinds in docs/init.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { initSchemaText, kindsText } from "../src/init/index.ts";

writeFileSync(new URL("../docs/init.schema.json", import.meta.url), initSchemaText());
const guide = new URL("../docs/init.md", import.meta.url);
writeFileSync(
  guide,
  readFileSync(guide, "utf8").replace(/(## Kinds\n\n.*\n\n)(?: *- .*\n)+/, (_, head: string) => head + kindsText()),
);
