/** Service levels of cases on the clock: met in time, too late, or never. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeleteCaseCommand, DeleteRelatedItemCommand } from "@aws-sdk/client-connectcases";
import { CASE_CHANGES, type CaseChange } from "../src/services/cases/index.ts";
import { audited, type CasesWorld, openCases, relate, sla, text } from "./cases-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const NEXT = "next_sla_breach_datetime";

/** What was told of service levels: which, what happened, and what it is like. */
async function toldOfSlas({ told }: CasesWorld): Promise<readonly (readonly unknown[])[]> {
  return (await told()).flatMap(({ detail: { eventType, changedAttributes = [], relatedItem } }) => {
    const { slaConfiguration } = (relatedItem?.sla ?? {}) as { slaConfiguration?: { name: string; status: string } };
    if (!slaConfiguration) return [];
    const changed = changedAttributes.map((path) => path.replace("sla.slaConfiguration.", ""));
    return [[eventType.replace("RELATED_ITEM.", ""), slaConfiguration.name, slaConfiguration.status, changed]];
  });
}

/** What rules were told of breaches of a case, by the names of the service levels. */
async function breaches(caseId: string): Promise<readonly (string | undefined)[]> {
  const { store } = server.app.platform();
  const entries = await store.read(CASE_CHANGES, 0, 1, { entries: 10_000 });
  const changes = entries.map(({ value }) => JSON.parse(String(value)) as CaseChange);
  return changes.flatMap((change) =>
    change.kind === "sla-breached" && change.caseId === caseId ? [change.sla.name] : [],
  );
}

async function nowAnd(minutes: number) {
  return text(new Date(server.app.platform().clock.now() + minutes * 60_000).toISOString());
}

const CREATED = ["name", "fieldId", "targetFieldValues", "targetTime", "status"];

test("a service level is met in time, overdue, or met too late; each is told, and rules are told of each breach once", async () => {
  const world = await openCases(server);
  const { create, update, values } = world;
  const caseId = await create();
  const [soon, later] = [await nowAnd(30), await nowAnd(60)];
  await relate(world, caseId, sla("answer", "waiting", 30));
  await relate(world, caseId, sla("solution", "closed", 60));
  await relate(world, caseId, sla("opened", "open", 1));
  assert.deepEqual(await values(caseId, [NEXT]), { [NEXT]: soon });
  await server.advance("PT10M");
  await update(caseId, { status: text("waiting") });
  const [changed] = (await audited(world, caseId)).filter(({ type }) => type === "Case.Updated");
  assert.ok(changed?.fields.some(({ eventFieldId }) => eventFieldId === NEXT));
  assert.deepEqual(await values(caseId, [NEXT]), { [NEXT]: later });
  await server.advance("PT49M");
  assert.deepEqual(await breaches(caseId), []);
  await server.advance("PT2M");
  assert.deepEqual(await breaches(caseId), ["solution"]);
  assert.deepEqual(await values(caseId, [NEXT]), {});
  await server.advance("PT1H");
  await update(caseId, { status: text("closed") });
  await update(caseId, { status: text("open") });
  await server.advance("PT10H");
  assert.deepEqual(await breaches(caseId), ["solution"]);
  assert.deepEqual(await toldOfSlas(world), [
    ["CREATED", "answer", "Active", CREATED],
    ["CREATED", "solution", "Active", CREATED],
    ["CREATED", "opened", "Met", [...CREATED, "completionTime"]],
    ["UPDATED", "answer", "Met", ["status", "completionTime"]],
    ["UPDATED", "solution", "Overdue", ["status"]],
    ["UPDATED", "solution", "NotMet", ["status", "completionTime"]],
  ]);
});

test("a breach is told by Amazon Connect at the very time, and the case is as it was", async () => {
  const world = await openCases(server);
  const { create, values, told } = world;
  const caseId = await create();
  const before = await values(caseId);
  await relate(world, caseId, sla("answer", "waiting", 240));
  const due = (await values(caseId, [NEXT]))[NEXT]?.stringValue;
  await server.advance("PT5H");
  const events = await told();
  const { approximateChangeTime, performedBy, relatedItem } = events.at(-1)?.detail ?? {};
  assert.equal(approximateChangeTime, due);
  assert.deepEqual(performedBy, {
    iamPrincipalArn:
      "arn:aws:iam::000000000000:role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_trunkline",
  });
  assert.deepEqual(relatedItem?.sla, {
    slaConfiguration: {
      name: "answer",
      type: "CaseField",
      status: "Overdue",
      fieldId: "status",
      targetFieldValues: [{ stringValue: "waiting" }],
      targetTime: due,
    },
  });
  assert.deepEqual(await values(caseId), before);
  assert.ok(events.every(({ detail }) => detail.eventType !== "CASE.UPDATED"));
});

test("what reaches its target at the very moment of its end is too late, and what is taken away breaches nothing", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, update } = world;
  const [late, freed, gone] = [await create(), await create(), await create()];
  await relate(world, late, sla("answer", "waiting", 10));
  const relatedItemId = await relate(world, freed, sla("answer", "waiting", 10));
  await relate(world, gone, sla("answer", "waiting", 10));
  await cases.send(new DeleteRelatedItemCommand({ domainId, caseId: freed, relatedItemId }));
  await cases.send(new DeleteCaseCommand({ domainId, caseId: gone }));
  await server.advance("PT10M");
  await update(late, { status: text("waiting") });
  await server.advance("PT1H");
  for (const [caseId, breached] of [
    [late, ["answer"]],
    [freed, []],
    [gone, []],
  ] as const) {
    assert.deepEqual(await breaches(caseId), breached);
  }
  const ofLate = (await toldOfSlas(world)).filter(([, , status]) => status !== "Active");
  assert.deepEqual(
    ofLate.map(([, , status]) => status),
    ["Overdue", "NotMet"],
  );
});
