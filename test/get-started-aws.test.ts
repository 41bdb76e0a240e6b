/** docs/get-started.md with the AWS CLI. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { walk } from "./pasted-page.ts";

test("get started: copied and pasted, with the AWS CLI", async (t) => {
  const isThere = (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "aws")));
  if (!isThere) return t.skip("skipped: the AWS CLI is not installed");
  await walk("aws");
});
