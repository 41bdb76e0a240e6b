/** A Cases domain that is deleted is gone for everybody at once, and then from the store. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { call, send } from "./model-call.ts";
import { populate } from "./populated-account.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { StoredRows } from "./stored-rows.ts";

test("a deleted domain leaves nothing behind of all that it can hold, and tells nothing of its cases", async () => {
  const folder = temporaryFolder();
  const server = await startTrunkline("--data", folder);
  const { connectcases: known = {} } = await populate(server.url);
  const { connectcases: others = {} } = await populate(server.url, "second");
  const cases = (operation: string, input: object) => call(server.url, "connectcases", operation, { ...input });
  const [domainId, templateId, remark] = [known.domainId?.[0], known.templateId?.[0], known.fieldId?.[1]];
  const fields = ["title", "summary", remark].map((id) => ({ id, value: { stringValue: "A parcel" } }));
  // More than go in one step.
  for (let at = 0; at < 120; at += 1)
    await cases("CreateCase", { domainId, templateId, fields, clientToken: `t-${at}` });
  const slaInputConfiguration = {
    name: "in two years",
    type: "CaseField",
    fieldId: "status",
    targetFieldValues: [{ stringValue: "closed" }],
    targetSlaMinutes: 1_051_200,
  };
  const item = { type: "Sla", content: { sla: { slaInputConfiguration } } };
  await cases("CreateRelatedItem", { domainId, caseId: known.caseId?.[0], ...item });
  await server.advance("PT0S");
  const rows = new StoredRows(folder);
  const held = (id: unknown) =>
    [...rows.all()].filter((row) => !/^store_(entries|heads) /.test(row) && row.includes(String(id)));
  const ofOther = held(others.domainId?.[0]);
  const isEvent = (row: string) => row.includes("Amazon Connect Cases Change") && row.includes(String(domainId));
  const events = () => [...rows.all()].filter(isEvent).length;
  const told = events();
  assert.ok(held(domainId).length > 250 && told > 120);

  await cases("DeleteDomain", { domainId });
  for (const [operation, input] of [
    ["GetDomain", { domainId }],
    ["GetTemplate", { domainId, templateId }],
    ["GetCase", { domainId, caseId: known.caseId?.[0], fields: [{ id: "title" }] }],
    ["ListTagsForResource", { arn: known.arn?.[5] }],
  ] as const) {
    assert.equal((await send(server.url, "connectcases", operation, input)).status, 404, operation);
  }
  await server.advance("PT2H");
  assert.deepEqual(held(domainId), []);
  assert.deepEqual(
    held(others.domainId?.[0]).filter((row) => /^cases_(fields|templates|layouts)/.test(row)),
    ofOther.filter((row) => /^cases_(fields|templates|layouts)/.test(row)),
  );
  assert.equal(events(), told);
});
