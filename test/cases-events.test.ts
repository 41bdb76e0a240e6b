/** Events of cases on the default bus: what they look like, what the configuration includes, their order and their size. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateFieldCommand,
  DeleteCaseCommand,
  DeleteFieldCommand,
  DeleteRelatedItemCommand,
} from "@aws-sdk/client-connectcases";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { SYSTEM_FIELDS } from "../src/services/cases/field.ts";
import { type CaseBusEvent, comment, EMPTY, openCases, relate, text, type Values } from "./cases-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream, readStream } from "./streams.ts";

const server = await startTrunkline();

test("an event names domain and case, who changed it and what, and has the values that are configured", async () => {
  const { domainId, domainArn, templateId, custom, create, update, configure, told, cases } = await openCases(server);
  const fields = ["title", "status", "summary", custom.Number].map((id) => ({ id }));
  await configure({ enabled: true, includedData: { caseData: { fields } } });
  const caseId = await create({ [custom.Number]: { doubleValue: 49.5 }, [custom.Text]: text("x") });
  await server.advance("PT1.234S");
  await update(
    caseId,
    { status: text("waiting"), [custom.Text]: text("y"), [custom.Number]: EMPTY },
    { customEntity: "claims-bot" },
  );
  await server.advance("PT1S");
  await cases.send(new DeleteCaseCommand({ domainId, caseId }));
  const events = await told();
  const [created, updated, deleted] = events;
  for (const [event, envelope] of events.entries()) {
    const { id, time, detail, ...rest } = envelope;
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal(time, `${detail.approximateChangeTime.slice(0, 19)}Z`, String(event));
    assert.deepEqual(rest, {
      version: "0",
      "detail-type": "Amazon Connect Cases Change",
      source: "aws.cases",
      account: "000000000000",
      region: "us-east-1",
      resources: [domainArn, `${domainArn}/case/${caseId}`],
    });
  }
  const createdDateTime = created?.detail.approximateChangeTime;
  const always = { caseId, templateId, createdDateTime };
  assert.deepEqual(created?.detail, {
    version: "0",
    eventType: "CASE.CREATED",
    approximateChangeTime: createdDateTime,
    changedFieldIds: [
      "case_id",
      "title",
      "status",
      "reference_number",
      "created_by",
      "created_datetime",
      "last_updated_user",
      custom.Text,
      custom.Number,
      "last_updated_datetime",
    ],
    performedBy: { iamPrincipalArn: "arn:aws:iam::000000000000:root" },
    case: {
      ...always,
      fields: {
        title: { value: text("Kettle arrived cracked") },
        status: { value: text("open") },
        [custom.Number]: { value: { doubleValue: 49.5 } },
      },
    },
  });
  assert.deepEqual(updated?.detail, {
    version: "0",
    eventType: "CASE.UPDATED",
    approximateChangeTime: new Date(Date.parse(createdDateTime ?? "") + 1_234).toISOString(),
    changedFieldIds: ["status", "last_updated_user", custom.Text, custom.Number, "last_updated_datetime"],
    performedBy: { user: { customEntity: "claims-bot" }, iamPrincipalArn: "arn:aws:iam::000000000000:root" },
    case: {
      ...always,
      fields: { title: { value: text("Kettle arrived cracked") }, status: { value: text("waiting") } },
    },
  });
  assert.deepEqual(deleted?.detail, {
    version: "0",
    eventType: "CASE.DELETED",
    approximateChangeTime: new Date(Date.parse(createdDateTime ?? "") + 2_234).toISOString(),
    changedFieldIds: [],
    performedBy: { iamPrincipalArn: "arn:aws:iam::000000000000:root" },
    case: always,
  });
  assert.equal(events.length, 3);
});

test("nothing is told before it is configured, and no more than that", async () => {
  const world = await openCases(server);
  const { cases, domainId, custom, create, update, configure, told } = world;
  const caseId = await create({ [custom.Text]: text("x") });
  let seen = (await told()).length;
  const steps: (readonly [
    Parameters<typeof configure>[0],
    fields: readonly string[] | undefined,
    hasContent: boolean,
  ])[] = [
    [{ enabled: true }, undefined, false],
    [{ enabled: true, includedData: { caseData: { fields: [] } } }, [], false],
    [{ enabled: true, includedData: { relatedItemData: { includeContent: true } } }, undefined, true],
    [{ enabled: true, includedData: { relatedItemData: { includeContent: false } } }, undefined, false],
    [
      {
        enabled: true,
        includedData: {
          caseData: { fields: [{ id: custom.Text }, { id: "summary" }] },
          relatedItemData: { includeContent: true },
        },
      },
      [custom.Text],
      true,
    ],
  ];
  for (const [eventBridge, fields, hasContent] of steps) {
    await configure({ enabled: false });
    await update(caseId, { title: text("silent") });
    await relate(world, caseId, comment("silent"));
    assert.equal((await told()).length, seen);
    await configure(eventBridge);
    await update(caseId, { title: text("told") });
    await relate(world, caseId, comment("told"));
    const [ofCase, ofItem] = (await told()).slice(seen);
    assert.deepEqual(ofCase?.detail.case?.fields && Object.keys(ofCase.detail.case.fields), fields);
    assert.deepEqual(
      ofItem?.detail.relatedItem?.comment,
      hasContent ? { body: "told", contentType: "Text/Plain" } : undefined,
    );
    seen = (await told()).length;
  }
  // A field that is deleted is not told any more.
  await cases.send(new DeleteFieldCommand({ domainId, fieldId: custom.Text }));
  await update(caseId, { title: text("without") });
  assert.deepEqual((await told()).at(-1)?.detail.case?.fields, {});
});

test("with autoIncludeFields all fields of a kind are told, those too that come later", async () => {
  const { cases, domainId, custom, create, update, told } = await openCases(server);
  // The client that can be had lags behind the model.
  const configure = async (autoIncludeFields: string): Promise<void> => {
    const eventBridge = { enabled: true, includedData: { caseData: { fields: [{ id: "title" }], autoIncludeFields } } };
    const path = `/domains/${domainId}/case-event-configuration`;
    const sketch = { service: "cases", method: "PUT", path, body: JSON.stringify({ eventBridge }) };
    assert.equal((await sendSigned(server.url, sketch)).status, 200);
  };
  const caseId = await create({ [custom.Text]: text("x"), summary: text("s") });
  await configure("Custom");
  const { fieldId = "" } = await cases.send(new CreateFieldCommand({ domainId, name: "later", type: "Text" }));
  await update(caseId, { [fieldId]: text("y") });
  const ofCustom = (await told()).at(-1)?.detail.case?.fields ?? {};
  assert.deepEqual(Object.keys(ofCustom).sort(), ["title", custom.Text, fieldId].sort());
  await configure("System");
  await update(caseId, { [fieldId]: text("z") });
  const ofSystem = Object.keys((await told()).at(-1)?.detail.case?.fields ?? {});
  assert.ok(ofSystem.includes("summary") && ofSystem.includes("case_id"));
  assert.ok(ofSystem.every((id) => SYSTEM_FIELDS.some((field) => field.id === id)));
  await configure("All");
  await update(caseId, { [fieldId]: text("a") });
  const ofAll = Object.keys((await told()).at(-1)?.detail.case?.fields ?? {});
  assert.deepEqual(ofAll.toSorted(), [...ofSystem, custom.Text, fieldId].sort());
});

test("consumers of an older edition are told as that has it: by two settings of the domain", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, set, told } = world;
  const caseId = await create();
  const once = async (): Promise<readonly (readonly [string, string | undefined])[]> => {
    const seen = (await told()).length;
    const relatedItemId = await relate(world, caseId, comment("x"));
    await cases.send(new DeleteRelatedItemCommand({ domainId, caseId, relatedItemId }));
    return (await told()).slice(seen).map(({ detail }) => [detail.eventType, detail.relatedItem?.relatedItemType]);
  };
  assert.deepEqual(await once(), [
    ["RELATED_ITEM.CREATED", "Comment"],
    ["RELATED_ITEM.DELETED", "Comment"],
  ]);
  await set({ prefixesDeletedRelatedItems: true });
  assert.deepEqual(await once(), [
    ["RELATED_ITEM.CREATED", "Comment"],
    ["CASE.RELATED_ITEM.DELETED", "Comment"],
  ]);
  await set({ lowerCaseRelatedItemTypes: true });
  assert.deepEqual(await once(), [
    ["RELATED_ITEM.CREATED", "comment"],
    ["RELATED_ITEM.DELETED", "comment"],
  ]);
});

test("times of changes rise strictly in a case, related items included, however fast they come", async () => {
  const world = await openCases(server);
  const { create, update, told } = world;
  const caseId = await create();
  const wanted: (string | undefined)[] = ["Kettle arrived cracked"];
  for (let at = 0; at < 40; at++) {
    await update(caseId, { title: text(`title ${at}`) });
    wanted.push(`title ${at}`);
    if (at % 4 === 0) await relate(world, caseId, comment("x"));
    if (at % 4 === 0) wanted.push(undefined);
  }
  const events = (await told()).map(({ detail }) => detail);
  const times = events.map(({ approximateChangeTime }) => Date.parse(approximateChangeTime));
  assert.ok(times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0)));
  const shuffled = events
    .toReversed()
    .sort((one, other) => (one.approximateChangeTime < other.approximateChangeTime ? -1 : 1));
  assert.deepEqual(
    shuffled.map((detail) => detail.case?.fields?.title?.value.stringValue),
    wanted,
  );
  // Changes at once are put one behind the other.
  await Promise.all(Array.from({ length: 20 }, (_, at) => update(caseId, { title: text(`at once ${at}`) })));
  const more = (await told()).slice(events.length).map(({ detail }) => detail.approximateChangeTime);
  assert.deepEqual([more.length, new Set(more).size], [20, 20]);
  assert.deepEqual(more, more.toSorted());
});

test("an event has at most 256 KB: the largest values are left out whole, and never the status", async () => {
  const { cases, domainId, custom, create, update, configure, told } = await openCases(server);
  const ids: string[] = [];
  for (let at = 0; at < 80; at++) {
    const { fieldId = "" } = await cases.send(new CreateFieldCommand({ domainId, name: `f${at}`, type: "Text" }));
    ids.push(fieldId);
  }
  const fields = ["status", "title", custom.Number, ...ids].map((id) => ({ id }));
  await configure({ enabled: true, includedData: { caseData: { fields } } });
  const lengthOf = (at: number): number => 4_100 - at;
  const values: Values = Object.fromEntries(ids.map((id, at) => [id, text("ü".repeat(lengthOf(at)))]));
  const caseId = await create({ [custom.Number]: { doubleValue: 1 } });
  const half = Object.fromEntries(Object.entries(values).slice(0, 30));
  await update(caseId, half);
  await update(caseId, values);
  const [, whole, cut] = await told();
  assert.equal(Object.keys(whole?.detail.case?.fields ?? {}).length, 33);
  const kept = Object.keys(cut?.detail.case?.fields ?? {});
  const left = ids.filter((id) => !kept.includes(id));
  // The longest are the first ones, and none more than needed went.
  assert.deepEqual(left, ids.slice(0, left.length));
  for (const id of ["status", "title", custom.Number]) assert.ok(kept.includes(id), id);
  for (const [id, { value }] of Object.entries(cut?.detail.case?.fields ?? {})) {
    if (values[id]) assert.deepEqual(value, values[id]);
  }
  const bytes = entryBytes(cut);
  assert.ok(bytes <= 262_144, String(bytes));
  const next = ids[left.length - 1] ?? "";
  const more = Buffer.byteLength(`,${JSON.stringify(next)}:${JSON.stringify({ value: values[next] })}`);
  assert.ok(bytes + more > 262_144, "one more would have fitted");
  // `changedFieldIds` names what was left out all the same.
  for (const id of left.slice(30)) assert.ok(cut?.detail.changedFieldIds?.includes(id));
  const metrics = await sendSigned(server.url, { service: "trunkline", method: "GET", path: "/_trunkline/metrics" });
  assert.match(String(metrics.body), new RegExp(`^trunkline_case_event_fields_dropped_total ${left.length}$`, "m"));
});

/** As EventBridge counts the entry of an event with a time. */
function entryBytes(event: CaseBusEvent | undefined): number {
  const texts = [event?.source, event?.["detail-type"], JSON.stringify(event?.detail), ...(event?.resources ?? [])];
  return texts.reduce((sum, one) => sum + Buffer.byteLength(one ?? ""), 14);
}

test("a pattern on the default bus selects the creations", async () => {
  const { create, update } = await openCases(server);
  const kinesis = new KinesisClient(server.client);
  const bus = new EventBridgeClient(server.client);
  const stream = await createStream(kinesis, "creations");
  const EventPattern = JSON.stringify({ source: ["aws.cases"], detail: { eventType: ["CASE.CREATED"] } });
  await bus.send(new PutRuleCommand({ Name: "creations", EventPattern }));
  await bus.send(new PutTargetsCommand({ Rule: "creations", Targets: [{ Id: "stream", Arn: stream }] }));
  const ids = [await create(), await create()];
  await update(ids[0] ?? "", { title: text("changed") });
  await server.advance("PT0S");
  const events = await readStream<CaseBusEvent>(kinesis, stream);
  assert.deepEqual(
    events.map(({ detail }) => detail.case?.caseId),
    ids,
  );
  for (const client of [kinesis, bus]) client.destroy();
});
