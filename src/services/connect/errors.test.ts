import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "../../models/catalog.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Context } from "../service.ts";
import { refusingAsModeled } from "./errors.ts";
import { connect } from "./index.ts";

const BOTH = ["InvalidParameterException", "InvalidRequestException"];

test("what an operation refuses is told by an error that it models", async () => {
  const model = loadModel("connect");
  const wrong: string[] = [];
  for (const name of Object.keys(connect.operations.connect ?? {})) {
    const modelled = BOTH.filter((code) => model.operations[name]?.errors?.includes(code));
    if (modelled.length === 0) continue;
    for (const code of BOTH) {
      const handle = refusingAsModeled({ [name]: async () => Promise.reject(new ModeledError(code, "No")) })[name];
      const told = (await handle?.({}, {} as Context).catch((error: unknown) => error)) as ModeledError;
      if (!modelled.includes(told.code)) wrong.push(`${name} answers ${told.code}`);
      if (modelled.includes(code)) assert.equal(told.code, code, name);
    }
  }
  assert.deepEqual(wrong, []);
});
