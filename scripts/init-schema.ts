/** Writes docs/init.schema.json, which editors read to complete and check init files. */
import { writeFileSync } from "node:fs";
import { initSchemaText } from "../src/init/index.ts";

writeFileSync(new URL("../docs/init.schema.json", import.meta.url), initSchemaText());
