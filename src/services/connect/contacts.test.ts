import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contact, ListContactFlowsResponse } from "@aws-sdk/client-connect";
import fc from "fast-check";
import { advanceClock } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import { ManualClock, SystemWallClock } from "../../time/clock.ts";
import type { Context } from "../service.ts";
import { callerOf, closePlatform, openPlatform } from "../world.test.ts";
import type { ContactEventDetail } from "./contact-events.ts";
import { connect } from "./index.ts";

const START_MS = Date.UTC(2026, 2, 3, 9);
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

interface BusEvent {
  readonly id: string;
  readonly time: string;
  readonly source: string;
  readonly "detail-type": string;
  readonly resources: readonly string[];
  readonly detail: ContactEventDetail;
}

/** A contact centre with one instance, its clock under control, and the events of its bus as they come. */
class Centre {
  readonly #context: Context;
  readonly #clock: ManualClock;
  readonly #events = new Map<number, BusEvent>();
  instanceId = "";
  flowId = "";

  static async open(): Promise<Centre> {
    const clock = new ManualClock(START_MS);
    const platform = await openPlatform({ clock, wall: new SystemWallClock(), seed: "contacts" });
    await connect.start?.(platform);
    await platform.flow.start();
    const context = { ...platform, ...callerOf("000000000000", "eu-west-2") };
    const centre = new Centre(context, clock);
    await centre.#openInstance();
    return centre;
  }

  constructor(context: Context, clock: ManualClock) {
    this.#context = context;
    this.#clock = clock;
  }

  async #openInstance(): Promise<void> {
    const { Id } = await this.call<{ Id: string }>("CreateInstance", {
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: "centre",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    });
    this.instanceId = Id;
    const flows = await this.call<ListContactFlowsResponse>("ListContactFlows", { ContactFlowTypes: ["CONTACT_FLOW"] });
    this.flowId = flows.ContactFlowSummaryList?.[0]?.Id ?? "";
    const attribute = { AttributeType: "HIGH_VOLUME_OUTBOUND", Value: "true" };
    await this.call("UpdateInstanceAttribute", attribute);
  }

  nowMs(): number {
    return this.#clock.now();
  }

  async call<R = unknown>(operation: string, input: Record<string, unknown>): Promise<R> {
    const handle = connect.operations.connect?.[operation];
    assert.ok(handle, operation);
    return (await handle({ InstanceId: this.instanceId, ...input }, this.#context)) as R;
  }

  async startCall(lastDigits: string, input: Record<string, unknown> = {}): Promise<string> {
    const { ContactId } = await this.call<{ ContactId: string }>("StartOutboundVoiceContact", {
      DestinationPhoneNumber: `+120655501${lastDigits}`,
      SourcePhoneNumber: "+12065550000",
      ContactFlowId: this.flowId,
      ...input,
    });
    return ContactId;
  }

  async startTask(input: Record<string, unknown> = {}): Promise<string> {
    const task = { Name: "Call back", ContactFlowId: this.flowId, ...input };
    return (await this.call<{ ContactId: string }>("StartTaskContact", task)).ContactId;
  }

  async describe(id: string): Promise<Contact> {
    return (await this.call<{ Contact: Contact }>("DescribeContact", { ContactId: id })).Contact;
  }

  /** Moves the clock in steps that the bus log survives, reading it after each. */
  async advance(ms: number): Promise<void> {
    const { flow } = this.#context;
    const toMs = this.#clock.now() + ms;
    while (this.#clock.now() < toMs) {
      const nextMs = (await flow.nextDueMs()) ?? toMs;
      await advanceClock(flow, this.#clock, Math.min(Math.max(nextMs, this.#clock.now()), toMs), 5_000);
      await this.#readBus();
    }
  }

  async events(contactId: string): Promise<BusEvent[]> {
    await this.#readBus();
    return [...this.#events.values()].filter(({ detail }) => detail.contactId === contactId);
  }

  async types(contactId: string): Promise<string[]> {
    return (await this.events(contactId)).map(({ detail }) => detail.eventType);
  }

  async contactIds(): Promise<Set<string>> {
    await this.#readBus();
    return new Set([...this.#events.values()].map(({ detail }) => detail.contactId));
  }

  async #readBus(): Promise<void> {
    const { store } = this.#context;
    for (const { name } of await store.logs("bus/")) {
      const bounds = await store.bounds(name, 0);
      const first = Math.max(bounds.first, this.#events.size + 1);
      for (const entry of await store.read(name, 0, first, { entries: 1_000 })) {
        this.#events.set(entry.sequence, JSON.parse(String(entry.value)) as BusEvent);
      }
    }
  }

  async close(): Promise<void> {
    await closePlatform(this.#context);
  }
}

/** A test in a contact centre of its own. */
function inCentre(title: string, run: (centre: Centre) => Promise<void>): void {
  test(title, async () => {
    const centre = await Centre.open();
    try {
      await run(centre);
    } finally {
      await centre.close();
    }
  });
}

const refused = (code: string) => (error: unknown) => error instanceof ModeledError && error.code === code;

inCentre("an answered call waits in the basic queue until the customer hangs up", async (centre) => {
  const id = await centre.startCall("00");
  assert.deepEqual(await centre.types(id), ["INITIATED"]);
  await centre.advance(4 * SECOND_MS);
  assert.deepEqual(await centre.types(id), ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED"]);
  const waiting = await centre.describe(id);
  assert.equal(waiting.ConnectedToSystemTimestamp?.getTime(), START_MS + 4 * SECOND_MS);
  assert.ok(waiting.QueueInfo?.Id);
  await centre.advance(60 * SECOND_MS);

  const events = await centre.events(id);
  assert.deepEqual(
    events.map(({ detail }) => detail.eventType),
    ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED", "DISCONNECTED", "COMPLETED"],
  );
  const last = events.at(-1);
  assert.equal(last?.detail.disconnectReason, "CUSTOMER_DISCONNECT");
  assert.equal(last?.detail.disconnectTimestamp, "2026-03-03T09:01:04.000Z");
  assert.equal((await centre.describe(id)).DisconnectReason, "CUSTOMER_DISCONNECT");
});

inCentre("the first event of a call has the documented payload", async (centre) => {
  const id = await centre.startCall("00");
  const instanceArn = `arn:aws:connect:eu-west-2:000000000000:instance/${centre.instanceId}`;
  const [event] = await centre.events(id);
  assert.equal(event?.source, "aws.connect");
  assert.equal(event?.["detail-type"], "Amazon Connect Contact Event");
  assert.deepEqual(event?.resources, [instanceArn, `${instanceArn}/contact/${id}`]);
  assert.deepEqual(event?.detail, {
    eventType: "INITIATED",
    contactId: id,
    channel: "VOICE",
    instanceArn,
    initiationMethod: "API",
    initiationTimestamp: "2026-03-03T09:00:00.000Z",
    customerEndpoint: { address: "+12065550100", type: "TELEPHONE_NUMBER" },
    systemEndpoint: { address: "+12065550000", type: "TELEPHONE_NUMBER" },
    segmentAttributes: { "connect:Subtype": { valueString: "connect:Telephony" } },
    tags: { "aws:connect:instanceId": centre.instanceId, "aws:connect:systemEndpoint": "+12065550000" },
  });
});

inCentre("a call that fails is never connected", async (centre) => {
  const id = await centre.startCall("10");
  await centre.advance(2 * SECOND_MS);
  const events = await centre.events(id);
  assert.deepEqual(await centre.types(id), ["INITIATED", "DISCONNECTED", "COMPLETED"]);
  assert.equal(events.at(-1)?.detail.disconnectReason, "TELECOM_BUSY");
  assert.equal(events.at(-1)?.detail.connectedToSystemTimestamp, undefined);
});

inCentre("a campaign call tells what detection found, and its flow runs whoever answers", async (centre) => {
  const detection = { AnswerMachineDetectionConfig: { EnableAnswerMachineDetection: true } };
  const campaign = { TrafficType: "CAMPAIGN", CampaignId: "spring" };
  const person = await centre.startCall("00", { ...campaign, ...detection });
  const machine = await centre.startCall("20", { ...campaign, ...detection });
  const undetected = await centre.startCall("20", campaign);
  await centre.advance(120 * SECOND_MS);

  const [, connected] = await centre.events(person);
  assert.equal(connected?.detail.answeringMachineDetectionStatus, "HUMAN_ANSWERED");
  assert.equal(connected?.detail.ringStartTimestamp, "2026-03-03T09:00:01.000Z");
  assert.deepEqual(connected?.detail.customerVoiceActivity, {
    greetingStartTimestamp: "2026-03-03T09:00:04.150Z",
    greetingEndTimestamp: "2026-03-03T09:00:05.600Z",
  });
  assert.deepEqual(connected?.detail.campaign, { campaignId: "spring" });
  assert.deepEqual(await centre.types(machine), [
    "INITIATED",
    "CONNECTED_TO_SYSTEM",
    "QUEUED",
    "DISCONNECTED",
    "COMPLETED",
  ]);
  assert.equal((await centre.describe(machine)).AnsweringMachineDetectionStatus, "VOICEMAIL_BEEP");
  assert.deepEqual((await centre.types(undetected)).slice(0, 3), ["INITIATED", "AMD_DISABLED", "CONNECTED_TO_SYSTEM"]);
});

inCentre("a task waits in the queue, and expires after seven days", async (centre) => {
  const id = await centre.startTask();
  assert.deepEqual(await centre.types(id), ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED"]);
  await centre.advance(7 * DAY_MS - 1);
  assert.equal((await centre.describe(id)).DisconnectTimestamp, undefined);
  await centre.advance(1);
  assert.equal((await centre.describe(id)).DisconnectReason, "EXPIRED");
});

inCentre("a scheduled task starts at its time, and its expiry counts from there", async (centre) => {
  const scheduledMs = START_MS + 3_600 * SECOND_MS;
  const SegmentAttributes = { "connect:ContactExpiry": { ValueMap: { ExpiryDuration: { ValueInteger: 60 } } } };
  const id = await centre.startTask({ ScheduledTime: new Date(scheduledMs), SegmentAttributes });
  await centre.advance(3_599 * SECOND_MS);
  assert.deepEqual(await centre.types(id), ["INITIATED"]);
  await centre.advance(SECOND_MS);
  assert.deepEqual(await centre.types(id), ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED"]);
  assert.equal((await centre.events(id))[0]?.detail.scheduledTimestamp, new Date(scheduledMs).toISOString());
  await centre.advance(3_600 * SECOND_MS);
  assert.equal((await centre.describe(id)).DisconnectReason, "EXPIRED");
});

inCentre("a stopped contact ends at once, and nothing follows", async (centre) => {
  const call = await centre.startCall("00");
  const task = await centre.startTask({ ScheduledTime: new Date(START_MS + DAY_MS) });
  await centre.call("StopContact", { ContactId: call });
  await centre.call("StopContact", { ContactId: task });
  await centre.advance(30 * DAY_MS);
  assert.deepEqual(await centre.types(call), ["INITIATED", "DISCONNECTED", "COMPLETED"]);
  assert.deepEqual(await centre.types(task), ["INITIATED", "DISCONNECTED", "COMPLETED"]);
  assert.equal((await centre.describe(call)).DisconnectReason, "OTHER");
  assert.equal((await centre.describe(task)).DisconnectReason, "API");
  await assert.rejects(centre.call("StopContact", { ContactId: call }), refused("ContactNotFoundException"));
});

inCentre("a full queue turns contacts away", async (centre) => {
  const { QueueSummaryList: queues } = await centre.call<{ QueueSummaryList: { Id: string }[] }>("ListQueues", {});
  await centre.call("UpdateQueueMaxContacts", { QueueId: queues[0]?.Id, MaxContacts: 2 });
  const ids = [await centre.startTask(), await centre.startTask(), await centre.startTask()];
  const [first = "", , third = ""] = ids;
  assert.equal((await centre.describe(third)).DisconnectReason, "CONTACT_FLOW_DISCONNECT");
  await centre.call("StopContact", { ContactId: first });
  assert.deepEqual((await centre.types(await centre.startTask())).at(-1), "QUEUED");
});

inCentre("contacts of a chain share their attributes, related ones get a copy", async (centre) => {
  const root = await centre.startTask({ Attributes: { order: "17" } });
  const chained = await centre.startTask({ PreviousContactId: root, Attributes: { step: "2" } });
  const related = await centre.startTask({ RelatedContactId: root });
  await centre.call("UpdateContactAttributes", { InitialContactId: chained, Attributes: { order: "18" } });
  const attributes = async (id: string) =>
    (await centre.call<{ Attributes: unknown }>("GetContactAttributes", { InitialContactId: id })).Attributes;
  assert.deepEqual(await attributes(root), { order: "18", step: "2" });
  assert.deepEqual(await attributes(chained), { order: "18", step: "2" });
  assert.deepEqual(await attributes(related), { order: "17", step: "2" });
  const [event] = await centre.events(chained);
  assert.equal(event?.detail.initialContactId, root);
  assert.equal(event?.detail.previousContactId, root);
});

inCentre("a contact is forgotten after 24 months, and newer ones clear it away", async (centre) => {
  const id = await centre.startCall("10");
  await centre.advance(731 * DAY_MS);
  await assert.rejects(centre.describe(id), refused("ResourceNotFoundException"));
  await centre.startCall("10");
  await assert.rejects(centre.describe(id), refused("ResourceNotFoundException"));
});

inCentre("a deleted instance takes its contacts with it", async (centre) => {
  const ids = [await centre.startTask(), await centre.startCall("05")];
  await centre.call("DeleteInstance", {});
  await centre.advance(8 * DAY_MS);
  for (const id of ids) assert.ok(!(await centre.types(id)).includes("DISCONNECTED"));
  await assert.rejects(centre.startTask(), refused("ResourceNotFoundException"));
});

/** Which keys `detail` has: always, and by what may have happened. */
const ALWAYS = [
  "eventType",
  "contactId",
  "channel",
  "instanceArn",
  "initiationMethod",
  "initiationTimestamp",
  "segmentAttributes",
  "tags",
];
const SOMETIMES = [
  "initialContactId",
  "previousContactId",
  "relatedContactId",
  "answeringMachineDetectionStatus",
  "scheduledTimestamp",
  "ringStartTimestamp",
  "connectedToSystemTimestamp",
  "queueInfo",
  "customerEndpoint",
  "systemEndpoint",
  "customerVoiceActivity",
  "campaign",
];
const OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  CONTACT_DATA_UPDATED: ["updatedProperties"],
  DISCONNECTED: ["disconnectTimestamp", "disconnectReason"],
  COMPLETED: ["disconnectTimestamp", "disconnectReason"],
};

function checkEvents(events: readonly BusEvent[]): void {
  const types = events.map(({ detail }) => detail.eventType);
  const states = types.filter((type) => type !== "CONTACT_DATA_UPDATED" && type !== "AMD_DISABLED");
  const order = ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED", "DISCONNECTED", "COMPLETED"];
  const places = states.map((state) => order.indexOf(state));
  assert.equal(types[0], "INITIATED");
  assert.deepEqual(places, [...new Set(places)].sort(), `${types}`);
  assert.equal(types.includes("COMPLETED"), types.includes("DISCONNECTED"));
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);

  const ended = types.indexOf("DISCONNECTED");
  let last = "";
  for (const [place, { time, detail }] of events.entries()) {
    assert.ok(time >= last, `${last} ${time}`);
    last = time;
    const ofType = [
      ...(OF_TYPE[detail.eventType] ?? []),
      ...(ended >= 0 && place > ended ? (OF_TYPE.DISCONNECTED ?? []) : []),
    ];
    const keys = Object.keys(detail);
    for (const key of [...ALWAYS, ...ofType]) assert.ok(keys.includes(key), `${detail.eventType} lacks ${key}`);
    for (const key of keys)
      assert.ok([...ALWAYS, ...SOMETIMES, ...ofType].includes(key), `${detail.eventType}: ${key}`);
    for (const value of Object.values(detail)) assert.notEqual(value, null);
    assert.equal(detail.queueInfo !== undefined, types.slice(0, place + 1).includes("QUEUED"));
    const {
      initiationTimestamp,
      connectedToSystemTimestamp = initiationTimestamp,
      queueInfo,
      disconnectTimestamp,
    } = detail;
    const times = [initiationTimestamp, connectedToSystemTimestamp, queueInfo?.enqueueTimestamp, disconnectTimestamp];
    const known = times.filter((known) => known !== undefined);
    assert.deepEqual(known, known.toSorted());
  }
}

/** What may happen: to nobody, or to one of the contacts so far, chosen by number. */
const anyAct = fc.oneof(
  fc.record({
    act: fc.constant("call" as const),
    digits: fc.constantFrom("00", "01", "02", "10", "15", "16", "20", "22", "23"),
    campaign: fc.boolean(),
    detects: fc.boolean(),
  }),
  fc.record({
    act: fc.constant("task" as const),
    delaySeconds: fc.constantFrom(0, 0, 5, 90),
    chained: fc.option(fc.nat()),
  }),
  fc.record({ act: fc.constant("stop" as const), contact: fc.nat() }),
  fc.record({ act: fc.constant("attributes" as const), contact: fc.nat(), value: fc.constantFrom("a", "b") }),
  fc.record({ act: fc.constant("tag" as const), contact: fc.nat() }),
  fc.record({ act: fc.constant("untag" as const), contact: fc.nat() }),
  fc.record({ act: fc.constant("expire" as const), contact: fc.nat(), minutes: fc.constantFrom(1, 3, 200) }),
  fc.record({ act: fc.constant("pass" as const), seconds: fc.constantFrom(0.5, 1, 4, 17, 60, 400) }),
);

test("whatever is asked and however time passes, each contact's events are in order and have the documented fields", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { minLength: 1, maxLength: 25 }), async (acts) => {
      const centre = await Centre.open();
      try {
        const ids: string[] = [];
        const pick = (number: number) => ids[number % Math.max(ids.length, 1)] ?? "nobody";
        for (const act of acts) {
          try {
            if (act.act === "pass") await centre.advance(act.seconds * SECOND_MS);
            else if (act.act === "call") {
              const detects = act.campaign && act.detects;
              const config = { AnswerMachineDetectionConfig: { EnableAnswerMachineDetection: detects } };
              ids.push(
                await centre.startCall(act.digits, { ...config, ...(act.campaign && { TrafficType: "CAMPAIGN" }) }),
              );
            } else if (act.act === "task") {
              const ScheduledTime = new Date(centre.nowMs() + act.delaySeconds * SECOND_MS);
              const PreviousContactId = act.chained === null || ids.length === 0 ? undefined : pick(act.chained);
              ids.push(await centre.startTask({ ScheduledTime, PreviousContactId }));
            } else await onContact(centre, pick(act.contact), act);
          } catch (error) {
            // A refusal is an answer too; what it must not do is leave a trace, and the events below show that.
            if (!(error instanceof ModeledError)) throw error;
          }
        }
        await centre.advance(8 * DAY_MS);
        assert.deepEqual(new Set(ids), await centre.contactIds());
        for (const id of ids) {
          const events = await centre.events(id);
          checkEvents(events);
          assert.ok(
            events.some(({ detail }) => detail.eventType === "DISCONNECTED"),
            "every contact ends",
          );
        }
      } finally {
        await centre.close();
      }
    }),
    { numRuns: 40 },
  );
});

async function onContact(
  centre: Centre,
  id: string,
  act: { act: string; value?: string; minutes?: number },
): Promise<void> {
  const SegmentAttributes = {
    "connect:ContactExpiry": { ValueMap: { ExpiryDuration: { ValueInteger: act.minutes } } },
  };
  if (act.act === "stop") await centre.call("StopContact", { ContactId: id });
  if (act.act === "attributes") {
    await centre.call("UpdateContactAttributes", { InitialContactId: id, Attributes: { key: act.value } });
  }
  if (act.act === "tag") await centre.call("TagContact", { ContactId: id, Tags: { team: "blue" } });
  if (act.act === "untag") await centre.call("UntagContact", { ContactId: id, TagKeys: ["team"] });
  if (act.act === "expire") await centre.call("UpdateContact", { ContactId: id, SegmentAttributes });
}
