/** Flows that really run: what each block does to a contact, and what its timeline shows of it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AssociatePhoneNumberContactFlowCommand,
  ClaimPhoneNumberCommand,
  ConnectClient,
  type ContactFlowType,
  CreateContactFlowCommand,
  CreateContactFlowModuleCommand,
  CreateContactFlowVersionCommand,
  CreateHoursOfOperationCommand,
  CreateQueueCommand,
  CreateQuickConnectCommand,
  DeleteContactFlowCommand,
  DeleteQueueCommand,
  DescribeInstanceCommand,
  GetContactAttributesCommand,
  ListContactFlowsCommand,
  ListHoursOfOperationsCommand,
  PauseContactCommand,
  type QuickConnectConfig,
  ResumeContactCommand,
  StartOutboundVoiceContactCommand,
  StartTaskContactCommand,
  TransferContactCommand,
  UpdateContactFlowContentCommand,
  UpdateContactFlowModuleContentCommand,
  UpdateInstanceAttributeCommand,
  UpdateQueueMaxContactsCommand,
  UpdateQueueOutboundCallerConfigCommand,
} from "@aws-sdk/client-connect";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const centres: Centre[] = [];

function inCentre(title: string, run: (centre: Centre) => Promise<void>): void {
  test(title, async () => {
    const centre = await openCentre(server);
    centres.push(centre);
    await run(centre);
    checkInvariants(await centre.streams());
  });
}

after(() => {
  for (const { connect } of centres) connect.destroy();
});

/** An action without its identifier. What is not said of its errors leads to `errorsTo`. */
interface Block {
  readonly type: string;
  readonly with?: object;
  readonly next?: string;
  readonly on?: Readonly<Record<string, string>>;
  /** `Equals` without it. */
  readonly operator?: string;
  readonly errors?: Readonly<Record<string, string>>;
}

/** A document of the flow language: it begins with the first block. */
function flow(blocks: Readonly<Record<string, Block>>): string {
  const Actions = Object.entries(blocks).map(
    ([Identifier, { type, with: Parameters = {}, next, on, operator, errors }]) => ({
      Identifier,
      Type: type,
      Parameters,
      Transitions: {
        ...(next !== undefined && { NextAction: next }),
        Conditions: Object.entries(on ?? {}).map(([operand, NextAction]) => ({
          NextAction,
          Condition: { Operator: operator ?? "Equals", Operands: [operand] },
        })),
        Errors: Object.entries(errors ?? {}).map(([ErrorType, NextAction]) => ({ ErrorType, NextAction })),
      },
    }),
  );
  return JSON.stringify({ Version: "2019-10-30", StartAction: Actions[0]?.Identifier, Metadata: {}, Actions });
}

let flows = 0;

async function createFlow(
  { connect, InstanceId }: Centre,
  blocks: Readonly<Record<string, Block>>,
  Type: ContactFlowType = "CONTACT_FLOW",
): Promise<string> {
  const created = { InstanceId, Name: `flow ${++flows}`, Type, Content: flow(blocks) };
  return (await connect.send(new CreateContactFlowCommand(created))).ContactFlowId ?? "";
}

interface Run {
  readonly flowId: string;
  readonly type: string;
  readonly outcome: string | null;
  readonly waitsFor: string | null;
  readonly nextId: string | null;
  readonly steps: readonly {
    readonly action: string;
    readonly type: string;
    readonly branch: string | null;
    readonly result: string | null;
    readonly notBuilt?: boolean;
    readonly at: string;
    readonly moduleId?: string;
  }[];
}

async function runs(centre: Centre, contactId: string): Promise<readonly Run[]> {
  return (await centre.contact(contactId)).flows as readonly Run[];
}

/** The steps of a contact's timeline, each as `action branch`; of one type of flow, where it is given. */
async function steps(centre: Centre, contactId: string, type?: string): Promise<string[]> {
  const all = (await runs(centre, contactId)).filter((run) => type === undefined || run.type === type);
  return all.flatMap((run) => run.steps.map(({ action, branch }) => `${action} ${branch}`));
}

async function call(centre: Centre, contactFlowId: string, more: object = {}): Promise<string> {
  return centre.arrive({ channel: "VOICE", from: "+447700900123", to: "+442079460100", contactFlowId, ...more });
}

const HANG_UP: Block = { type: "DisconnectParticipant" };
/** Marks which way a flow went, in an attribute, and hangs up. */
function ways(...names: readonly string[]): Record<string, Block> {
  const marks = names.map((name) => [
    name,
    {
      type: "UpdateContactAttributes",
      with: { Attributes: { way: name } },
      next: "bye",
      errors: { NoMatchingError: "bye" },
    },
  ]);
  return { ...Object.fromEntries(marks), bye: HANG_UP };
}

async function wayOf({ connect, InstanceId }: Centre, InitialContactId: string): Promise<string | undefined> {
  const answer = await connect.send(new GetContactAttributesCommand({ InstanceId, InitialContactId }));
  return answer.Attributes?.way;
}

inCentre(
  "a call without a flow of its own runs the default inbound flow, and waits in the basic queue",
  async (centre) => {
    const id = await centre.arrive({ channel: "VOICE", from: "+447700900123", to: "+442079460100" });
    const [inbound, queue] = await runs(centre, id);
    assert.equal(inbound?.type, "CONTACT_FLOW");
    assert.equal(inbound.outcome, "TRANSFERRED_TO_QUEUE");
    assert.equal(inbound.nextId, centre.queueId);
    assert.equal(queue?.type, "CUSTOMER_QUEUE");
    assert.equal(queue.outcome, "ENDED_FLOW_EXECUTION");
    assert.deepEqual(await steps(centre, id, "CONTACT_FLOW"), [
      "compare NoMatchingCondition",
      "queue NextAction",
      "transfer TRANSFERRED_TO_QUEUE",
    ]);
    const agent = await centre.agent("quin");
    await centre.act(agent, "accept", { contactId: id });
    assert.deepEqual(
      (await runs(centre, id)).map(({ type }) => type),
      ["CONTACT_FLOW", "CUSTOMER_QUEUE", "AGENT_WHISPER", "CUSTOMER_WHISPER"],
    );
    await centre.customer(id, "hang-up");
  },
);

inCentre("a menu waits for a key, says what it says, and branches on what is pressed or not", async (centre) => {
  const menu = await createFlow(centre, {
    hello: {
      type: "MessageParticipant",
      with: { Text: "Welcome to the bicycle shop, caller $.CustomerEndpoint.Address" },
      next: "ask",
      errors: { NoMatchingError: "bye" },
    },
    ask: {
      type: "GetParticipantInput",
      with: { Text: "Press 1 for sales", InputTimeLimitSeconds: "5", StoreInput: "False" },
      next: "other",
      on: { "1": "sales", "2": "repairs" },
      errors: { InputTimeLimitExceeded: "silent", NoMatchingCondition: "other", NoMatchingError: "failed" },
    },
    ...ways("sales", "repairs", "other", "silent", "failed"),
  });
  const ask = async () => {
    const id = await call(centre, menu);
    assert.deepEqual(await steps(centre, id), ["hello null"]);
    // Seven words, at 150 a minute.
    await server.advance("PT2.8S");
    assert.deepEqual(await steps(centre, id), ["hello NextAction", "ask null"]);
    return id;
  };
  const pressing = await ask();
  await centre.customer(pressing, "input", { text: "1" });
  assert.equal(await wayOf(centre, pressing), "sales");
  assert.deepEqual(await centre.types(pressing), ["INITIATED", "CONTACT_DATA_UPDATED", "DISCONNECTED", "COMPLETED"]);
  const { said } = (await centre.contact(pressing)) as { said: { speaker: string; text: string }[] };
  assert.deepEqual(
    said.map(({ speaker, text }) => `${speaker}: ${text}`),
    ["SYSTEM: Welcome to the bicycle shop, caller +447700900123", "SYSTEM: Press 1 for sales"],
  );

  const wrong = await ask();
  const refused = await centre.control("POST", `contacts/${centre.InstanceId}/${wrong}/input`, { text: "a" });
  assert.equal(refused.status, 400);
  await centre.customer(wrong, "input", { text: "9" });
  assert.equal(await wayOf(centre, wrong), "other");

  const silent = await ask();
  // Four words take 1.6 s; the limit begins behind them.
  await server.advance("PT6.5S");
  assert.equal(await wayOf(centre, silent), undefined);
  await server.advance("PT0.1S");
  assert.equal(await wayOf(centre, silent), "silent");
  assert.equal((await centre.describe(silent)).DisconnectReason, "CONTACT_FLOW_DISCONNECT");

  const gone = await ask();
  await centre.customer(gone, "hang-up");
  await server.advance("PT1M");
  assert.equal((await runs(centre, gone))[0]?.outcome, "DROPPED");
  assert.equal((await centre.describe(gone)).DisconnectReason, "CUSTOMER_DISCONNECT");
  const late = await centre.control("POST", `contacts/${centre.InstanceId}/${gone}/input`, { text: "1" });
  assert.equal(late.status, 409);

  const chat = await centre.arrive({ channel: "CHAT", contactFlowId: menu });
  assert.equal(await wayOf(centre, chat), "failed");
});

inCentre("a block that is not built takes its error branch, or ends the contact", async (centre) => {
  const unbuilt = {
    type: "UpdateContactMediaStreamingBehavior",
    with: { MediaStreamingState: "Disabled" },
    next: "bye",
    errors: { NoMatchingError: "failed" },
  };
  const id = await call(centre, await createFlow(centre, { ask: unbuilt, ...ways("failed") }));
  assert.equal(await wayOf(centre, id), "failed");
  const [step] = (await runs(centre, id))[0]?.steps ?? [];
  assert.deepEqual([step?.branch, step?.notBuilt], ["NoMatchingError", true]);

  const without = await createFlow(centre, {
    start: { type: "UpdateContactMediaStreamingBehavior", with: { MediaStreamingState: "Disabled" }, next: "bye" },
    bye: HANG_UP,
  });
  const ended = await call(centre, without);
  assert.equal((await runs(centre, ended))[0]?.outcome, "DROPPED");
  assert.equal((await centre.describe(ended)).DisconnectReason, "CONTACT_FLOW_DISCONNECT");
});

const TO_QUEUE: Block = {
  type: "TransferContactToQueue",
  next: "bye",
  errors: { QueueAtCapacity: "full", NoMatchingError: "failed" },
};

/** Chooses a queue, and transfers the contact to it. */
function toQueue(QueueId: string): Record<string, Block> {
  return {
    choose: { type: "UpdateContactTargetQueue", with: { QueueId }, next: "go", errors: { NoMatchingError: "failed" } },
    go: TO_QUEUE,
    ...ways("full", "failed"),
  };
}

async function createQueue({ connect, InstanceId }: Centre, Name: string, MaxContacts?: number): Promise<string> {
  const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const HoursOfOperationId = hours.HoursOfOperationSummaryList?.[0]?.Id;
  return (
    (await connect.send(new CreateQueueCommand({ InstanceId, Name, HoursOfOperationId, MaxContacts }))).QueueId ?? ""
  );
}

inCentre(
  "keys are stored: as a number of a country, up to a length, erased with *, ended with #, or timed out",
  async (centre) => {
    const storing = (InputValidation: object, more: object = {}) =>
      createFlow(centre, {
        ask: {
          type: "GetParticipantInput",
          with: { Text: "Your number", InputTimeLimitSeconds: "5", StoreInput: "True", InputValidation, ...more },
          next: "keep",
          errors: {
            NoMatchingError: "failed",
            ...("PhoneNumberValidation" in InputValidation && { InvalidPhoneNumber: "invalid" }),
          },
        },
        keep: {
          type: "UpdateContactAttributes",
          with: { Attributes: { way: "$.StoredCustomerInput" } },
          next: "bye",
          errors: { NoMatchingError: "failed" },
        },
        ...ways("invalid", "failed"),
      });
    const enter = async (flowId: string, ...texts: readonly string[]) => {
      const id = await call(centre, flowId);
      for (const text of texts) await centre.customer(id, "input", { text });
      return id;
    };
    const digits = await storing({ CustomValidation: { MaximumLength: "4" } });
    assert.equal(await wayOf(centre, await enter(digits, "12", "34")), "1234");
    assert.equal(await wayOf(centre, await enter(digits, "1#")), "1");
    assert.equal(await wayOf(centre, await enter(digits, "99*", "7#")), "7");
    const pausing = await enter(digits, "12");
    await server.advance("PT4.9S");
    assert.equal(await wayOf(centre, pausing), undefined);
    await server.advance("PT0.1S");
    assert.equal(await wayOf(centre, pausing), "12");
    const silent = await enter(digits);
    await server.advance("PT6S");
    assert.equal(await wayOf(centre, silent), "Timeout");

    const local = await storing({ PhoneNumberValidation: { NumberFormat: "Local", CountryCode: "DE" } });
    assert.equal(await wayOf(centre, await enter(local, "30123456#")), "+4930123456");
    assert.equal(await wayOf(centre, await enter(local, "1#")), "invalid");
    const keys = { DTMFConfiguration: { InputTerminationSequence: "**", DisableCancelKey: "True" } };
    const world = await storing({ PhoneNumberValidation: { NumberFormat: "E164" } }, keys);
    assert.equal(await wayOf(centre, await enter(world, "4930123456**")), "+4930123456");
  },
);

inCentre("attributes, data and tags are set, references are resolved, and values are compared", async (centre) => {
  const id = await call(
    centre,
    await createFlow(centre, {
      flowAttributes: {
        type: "UpdateFlowAttributes",
        with: { FlowAttributes: { greeting: { Value: "Hello $.Attributes.name" }, plain: "yes" } },
        next: "attributes",
        errors: { NoMatchingError: "failed" },
      },
      attributes: {
        type: "UpdateContactAttributes",
        with: {
          Attributes: { said: "$.FlowAttributes.greeting", "$.FlowAttributes.plain": "dynamic", gone: "$.External.x" },
        },
        next: "data",
        errors: { NoMatchingError: "failed" },
      },
      data: {
        type: "UpdateContactData",
        with: {
          Name: "Call of $.Attributes.name",
          LanguageCode: "de-DE",
          CustomerId: "c-17",
          TargetContact: "Current",
        },
        next: "tags",
        errors: { NoMatchingError: "failed" },
      },
      tags: {
        type: "TagContact",
        with: { Tags: { team: "bikes", note: "$.Channel" } },
        next: "untag",
        errors: { NoMatchingError: "failed" },
      },
      untag: {
        type: "UnTagContact",
        with: { TagKeys: ["note"] },
        next: "compare",
        errors: { NoMatchingError: "failed" },
      },
      compare: {
        type: "Compare",
        with: { ComparisonValue: "$.Attributes.said" },
        operator: "TextContains",
        on: { "$.Attributes.name": "hit" },
        errors: { NoMatchingCondition: "miss" },
        next: "miss",
      },
      ...ways("hit", "miss", "failed"),
    }),
    { attributes: { name: "Ada" } },
  );
  const { connect, InstanceId } = centre;
  const { Attributes } = await connect.send(new GetContactAttributesCommand({ InstanceId, InitialContactId: id }));
  assert.deepEqual(Attributes, { name: "Ada", said: "Hello Ada", yes: "dynamic", gone: "", way: "hit" });
  const described = await centre.describe(id);
  assert.equal(described.Name, "Call of Ada");
  assert.equal(described.Tags?.team, "bikes");
  assert.equal(described.Tags?.note, undefined);
  const record = (await centre.streams()).records.find(({ ContactId }) => ContactId === id);
  assert.equal((record as unknown as { CustomerId: string }).CustomerId, "c-17");

  const tooLong = await createFlow(centre, {
    set: {
      type: "UpdateContactAttributes",
      with: { Attributes: Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`a${at}`, "x".repeat(5_000)])) },
      next: "bye",
      errors: { NoMatchingError: "failed" },
    },
    ...ways("failed"),
  });
  assert.equal(await wayOf(centre, await call(centre, tooLong)), "failed");
  const related = await createFlow(centre, {
    set: {
      type: "UpdateContactAttributes",
      with: { Attributes: { a: "b" }, TargetContact: "Related" },
      next: "bye",
      errors: { NoMatchingError: "failed" },
    },
    ...ways("failed"),
  });
  assert.equal(await wayOf(centre, await call(centre, related)), "failed");
});

inCentre(
  "hours are looked up, by id or of the working queue; a queue without hours takes the error branch",
  async (centre) => {
    const { connect, InstanceId } = centre;
    const Config = [{ Day: "MONDAY" as const, StartTime: { Hours: 0, Minutes: 0 }, EndTime: { Hours: 0, Minutes: 1 } }];
    const closed = { InstanceId, Name: "Hardly ever", TimeZone: "UTC", Config };
    const { HoursOfOperationId } = await connect.send(new CreateHoursOfOperationCommand(closed));
    const check = (parameters: object, before: Record<string, Block> = {}) =>
      createFlow(centre, {
        ...before,
        check: {
          type: "CheckHoursOfOperation",
          with: parameters,
          next: "closed",
          on: { True: "open", False: "closed" },
          errors: { NoMatchingError: "failed" },
        },
        ...ways("open", "closed", "failed"),
      });
    const choose = (parameters: object): Record<string, Block> => ({
      choose: {
        type: "UpdateContactTargetQueue",
        with: parameters,
        next: "check",
        errors: { NoMatchingError: "failed" },
      },
    });
    const agent = await centre.agent("hal");
    assert.equal(await wayOf(centre, await call(centre, await check({ HoursOfOperationId }))), "closed");
    assert.equal(await wayOf(centre, await call(centre, await check({}, choose({ QueueId: centre.queueId })))), "open");
    assert.equal(await wayOf(centre, await call(centre, await check({}, choose({ AgentId: agent })))), "failed");
    assert.equal(await wayOf(centre, await call(centre, await check({}))), "failed");
    const dynamic = await check({ HoursOfOperationId: "$.Attributes.hours" });
    assert.equal(await wayOf(centre, await call(centre, dynamic)), "failed");
    const given = { attributes: { hours: HoursOfOperationId } };
    assert.equal(await wayOf(centre, await call(centre, dynamic, given)), "closed");
  },
);

inCentre("contacts are distributed, flows loop, and one that never ends is dropped", async (centre) => {
  const distributing = await createFlow(centre, {
    draw: {
      type: "DistributeByPercentage",
      next: "rest",
      operator: "NumberLessThan",
      on: { "31": "some" },
      errors: { NoMatchingCondition: "rest" },
    },
    ...ways("some", "rest"),
  });
  const drawn = await Promise.all(
    Array.from({ length: 60 }, async () => wayOf(centre, await call(centre, distributing))),
  );
  const some = drawn.filter((way) => way === "some").length;
  // 18 are expected; so far from it would be one in a million.
  assert.ok(some > 2 && some < 38, String(some));

  const looping = await call(
    centre,
    await createFlow(centre, {
      loop: {
        type: "Loop",
        with: { LoopCount: "3" },
        next: "done",
        on: { ContinueLooping: "again", DoneLooping: "done" },
      },
      again: {
        type: "UpdateContactAttributes",
        with: { Attributes: { way: "looped" } },
        next: "loop",
        errors: { NoMatchingError: "done" },
      },
      done: HANG_UP,
    }),
  );
  assert.deepEqual(
    (await runs(centre, looping))[0]?.steps.filter(({ type }) => type === "Loop").map(({ result }) => result),
    ["ContinueLooping", "ContinueLooping", "ContinueLooping", "DoneLooping"],
  );

  const endless = await call(
    centre,
    await createFlow(centre, {
      one: { type: "UpdateContactRoutingBehavior", with: { QueuePriority: "1" }, next: "two" },
      two: { type: "UpdateContactRoutingBehavior", with: { QueueTimeAdjustmentSeconds: "5" }, next: "one" },
    }),
  );
  await server.advance("PT0S");
  const [run] = await runs(centre, endless);
  assert.equal(run?.outcome, "DROPPED");
  assert.equal((await centre.describe(endless)).DisconnectReason, "CONTACT_FLOW_DISCONNECT");
});

inCentre("what waits and who works in a queue decide, and can be read", async (centre) => {
  const check = (MetricType: string, operator: string, operand: string) =>
    createFlow(centre, {
      check: {
        type: "CheckMetricData",
        with: { MetricType, QueueId: centre.queueId },
        next: "failed",
        operator,
        on: { [operand]: "yes" },
        errors: { NoMatchingCondition: "no", NoMatchingError: "failed" },
      },
      ...ways("yes", "no", "failed"),
    });
  const available = await check("NumberOfAgentsAvailable", "NumberGreaterThan", "0");
  const waiting = await check("NumberOfContactsInQueue", "Equals", "1");
  const oldest = await check("OldestContactInQueueAgeSeconds", "NumberGreaterOrEqualTo", "30");
  const metrics = await createFlow(centre, {
    read: {
      type: "GetMetricData",
      with: { QueueId: centre.queueId, QueueChannel: "Voice" },
      next: "keep",
      errors: { NoMatchingError: "bye" },
    },
    keep: {
      type: "UpdateContactAttributes",
      with: {
        Attributes: {
          way: "$.Metrics.Queue.Name $.Metrics.Queue.Size $.Metrics.Queue.OldestContactAge $.Metrics.Agents.Online.Count $.Metrics.Agents.Available.Count",
        },
      },
      next: "bye",
      errors: { NoMatchingError: "bye" },
    },
    bye: HANG_UP,
  });
  const way = async (flowId: string) => wayOf(centre, await call(centre, flowId));
  assert.deepEqual([await way(available), await way(waiting), await way(oldest)], ["no", "no", "no"]);
  assert.equal(await way(metrics), "BasicQueue 0  0 0");
  await centre.arrive({ channel: "VOICE" });
  await server.advance("PT30S");
  assert.deepEqual([await way(waiting), await way(oldest)], ["yes", "yes"]);
  assert.equal(await way(metrics), "BasicQueue 1 30 0 0");
  await centre.agent("iris");
  await centre.agent("jack");
  assert.equal(await way(available), "yes");
  assert.equal(await way(metrics), "BasicQueue 0  2 1");
});

inCentre("a queue takes a contact, or is full, disabled, gone, or was never chosen", async (centre) => {
  const { connect, InstanceId } = centre;
  const small = await createQueue(centre, "Small", 1);
  const flowId = await createFlow(centre, toQueue(small));
  const first = await call(centre, flowId);
  assert.equal((await centre.describe(first)).QueueInfo?.Id, small);
  assert.equal(await wayOf(centre, await call(centre, flowId)), "full");
  await connect.send(new UpdateQueueMaxContactsCommand({ InstanceId, QueueId: small, MaxContacts: 9 }));
  const chosen = await createFlow(centre, {
    choose: {
      type: "UpdateContactTargetQueue",
      with: { QueueId: small },
      next: "wait",
      errors: { NoMatchingError: "failed" },
    },
    wait: {
      type: "Wait",
      with: { TimeLimitSeconds: "60" },
      next: "go",
      on: { WaitCompleted: "go" },
      errors: { NoMatchingError: "failed" },
    },
    go: TO_QUEUE,
    ...ways("full", "failed"),
  });
  const deciding = await call(centre, chosen);
  await connect.send(new DeleteQueueCommand({ InstanceId, QueueId: small }));
  await server.advance("PT1M");
  assert.equal(await wayOf(centre, deciding), "failed");
  assert.equal((await centre.describe(first)).DisconnectReason, undefined);
  assert.equal(await wayOf(centre, await call(centre, flowId)), "failed");
  const unchosen = await createFlow(centre, { go: TO_QUEUE, ...ways("full", "failed") });
  assert.equal(await wayOf(centre, await call(centre, unchosen)), "failed");
});

inCentre(
  "a queue flow plays until the agent has the caller, and may move them to another queue first",
  async (centre) => {
    const other = await createQueue(centre, "Other");
    const queueFlow = await createFlow(
      centre,
      {
        hold: {
          type: "MessageParticipantIteratively",
          with: { Messages: [{ Text: "Please hold" }, { Text: "Still here" }], InterruptFrequencySeconds: "20" },
          next: "move",
          on: { MessagesInterrupted: "move" },
          errors: { NoMatchingError: "silence" },
        },
        move: {
          type: "DequeueContactAndTransferToQueue",
          with: { QueueId: other },
          next: "silence",
          errors: { QueueAtCapacity: "silence", NoMatchingError: "silence" },
        },
        silence: { type: "EndFlowExecution" },
      },
      "CUSTOMER_QUEUE",
    );
    const hooked = {
      hook: {
        type: "UpdateContactEventHooks",
        with: { EventHooks: { CustomerQueue: queueFlow } },
        next: "choose",
        errors: { NoMatchingError: "failed" },
      },
      ...toQueue(centre.queueId),
    };
    const flowId = await createFlow(centre, hooked);
    const id = await call(centre, flowId);
    assert.deepEqual(await steps(centre, id, "CUSTOMER_QUEUE"), ["hold null"]);
    await server.advance("PT20S");
    assert.deepEqual(await steps(centre, id, "CUSTOMER_QUEUE"), ["hold Condition", "move TRANSFERRED_TO_QUEUE"]);
    const left = await centre.describe(id);
    const { records } = await centre.streams();
    const next = records.find(({ ContactId }) => ContactId === id)?.NextContactId ?? "";
    assert.ok(left.DisconnectTimestamp);
    const moved = await centre.describe(next);
    assert.equal(moved.InitiationMethod, "QUEUE_TRANSFER");
    assert.equal(moved.QueueInfo?.Id, other);
    assert.deepEqual(await steps(centre, next, "CUSTOMER_QUEUE"), ["hold null"]);
    await centre.customer(next, "hang-up");
    assert.equal((await runs(centre, next))[0]?.outcome, "DROPPED");

    const agent = await centre.agent("kim", { isOffline: true });
    const answered = await call(centre, flowId);
    await centre.status(agent, "Available");
    // Being offered, it cannot be moved.
    await server.advance("PT19S");
    await centre.act(agent, "accept", { contactId: answered });
    const [, queueRun] = await runs(centre, answered);
    assert.equal(queueRun?.outcome, "TRANSFERRED_TO_AGENT");
    await server.advance("PT1M");
    assert.deepEqual(await steps(centre, answered, "CUSTOMER_QUEUE"), ["hold TRANSFERRED_TO_AGENT"]);
    await centre.customer(answered, "hang-up");
  },
);

inCentre("flows transfer to other flows, with contact attributes and without their own", async (centre) => {
  const second = await createFlow(centre, {
    compare: {
      type: "Compare",
      with: { ComparisonValue: "$.FlowAttributes.own" },
      next: "none",
      on: { set: "kept" },
      errors: { NoMatchingCondition: "none" },
    },
    ...ways("kept", "none"),
  });
  const first = await createFlow(centre, {
    own: {
      type: "UpdateFlowAttributes",
      with: { FlowAttributes: { own: "set" } },
      next: "go",
      errors: { NoMatchingError: "failed" },
    },
    go: {
      type: "TransferToFlow",
      with: { ContactFlowId: "$.Attributes.target" },
      errors: { NoMatchingError: "failed" },
    },
    ...ways("failed"),
  });
  const id = await call(centre, first, { attributes: { target: second } });
  assert.equal(await wayOf(centre, id), "none");
  assert.deepEqual(
    (await runs(centre, id)).map(({ flowId, outcome, nextId }) => [flowId, outcome, nextId]),
    [
      [first, "TRANSFERRED_TO_FLOW", second],
      [second, "DISCONNECTED_PARTICIPANT", null],
    ],
  );
  const whisper = await createFlow(centre, { end: { type: "EndFlowExecution" } }, "AGENT_WHISPER");
  assert.equal(await wayOf(centre, await call(centre, first, { attributes: { target: whisper } })), "failed");
  assert.equal(await wayOf(centre, await call(centre, first)), "failed");
  // Two flows that hand a contact to each other for ever.
  const ping = await call(centre, first, { attributes: { target: first } });
  await server.advance("PT0S");
  assert.equal((await runs(centre, ping)).at(-1)?.outcome, "DROPPED");
});

inCentre("modules are entered and left, and see attributes of contacts only", async (centre) => {
  const { connect, InstanceId } = centre;
  const createModule = async (blocks: Readonly<Record<string, Block>>) => {
    const created = { InstanceId, Name: `module ${++flows}`, Content: flow(blocks), Settings: "{}" };
    return (await connect.send(new CreateContactFlowModuleCommand(created))).Id ?? "";
  };
  const inner = await createModule({
    keep: {
      type: "UpdateContactAttributes",
      with: { Attributes: { seen: "[$.FlowAttributes.own]", inside: "yes" } },
      next: "back",
      errors: { NoMatchingError: "back" },
    },
    back: { type: "EndFlowModuleExecution" },
  });
  const outer = await createModule({
    deeper: {
      type: "InvokeFlowModule",
      with: { FlowModuleId: inner },
      next: "back",
      errors: { NoMatchingError: "back" },
    },
    back: { type: "EndFlowModuleExecution" },
  });
  const id = await call(
    centre,
    await createFlow(centre, {
      own: {
        type: "UpdateFlowAttributes",
        with: { FlowAttributes: { own: "mine" } },
        next: "go",
        errors: { NoMatchingError: "failed" },
      },
      go: {
        type: "InvokeFlowModule",
        with: { FlowModuleId: outer },
        next: "keep",
        errors: { NoMatchingError: "failed" },
      },
      keep: {
        type: "UpdateContactAttributes",
        with: { Attributes: { way: "$.FlowAttributes.own" } },
        next: "bye",
        errors: { NoMatchingError: "failed" },
      },
      ...ways("failed"),
    }),
  );
  const { Attributes } = await connect.send(new GetContactAttributesCommand({ InstanceId, InitialContactId: id }));
  assert.deepEqual(Attributes, { seen: "[]", inside: "yes", way: "mine" });
  assert.deepEqual(await steps(centre, id), [
    "own NextAction",
    "go Module",
    "deeper Module",
    "keep NextAction",
    "back RETURNED_TO_FLOW",
    "back RETURNED_TO_FLOW",
    "keep NextAction",
    "bye DISCONNECTED_PARTICIPANT",
  ]);
  // A module that invokes itself goes five deep.
  const self = await createModule({ back: { type: "EndFlowModuleExecution" } });
  const Content = flow({
    again: {
      type: "InvokeFlowModule",
      with: { FlowModuleId: self },
      next: "back",
      errors: { NoMatchingError: "back" },
    },
    back: { type: "EndFlowModuleExecution" },
  });
  await connect.send(new UpdateContactFlowModuleContentCommand({ InstanceId, ContactFlowModuleId: self, Content }));
  const deep = await call(
    centre,
    await createFlow(centre, {
      go: {
        type: "InvokeFlowModule",
        with: { FlowModuleId: self },
        next: "done",
        errors: { NoMatchingError: "failed" },
      },
      ...ways("done", "failed"),
    }),
  );
  assert.equal(await wayOf(centre, deep), "done");
  assert.equal((await steps(centre, deep)).filter((step) => step === "again Module").length, 4);
});

/** Sets a flow for an event, and goes on at `choose`. */
function hook(name: string, flowId: string, next = "choose"): Block {
  return {
    type: "UpdateContactEventHooks",
    with: { EventHooks: { [name]: flowId } },
    next,
    errors: { NoMatchingError: "failed" },
  };
}

function saying(Text: string): Record<string, Block> {
  return {
    say: { type: "MessageParticipant", with: { Text }, next: "end", errors: { NoMatchingError: "end" } },
    end: { type: "EndFlowExecution" },
  };
}

inCentre("whispers are played to the agent, then to the customer, before they are joined", async (centre) => {
  const toAgent = await createFlow(centre, saying("Hello $.Agent.FirstName of $.Queue.Name"), "AGENT_WHISPER");
  const toCustomer = await createFlow(centre, saying("Your agent is coming now please"), "CUSTOMER_WHISPER");
  const flowId = await createFlow(centre, {
    agent: hook("AgentWhisper", toAgent, "customer"),
    customer: hook("CustomerWhisper", toCustomer),
    ...toQueue(centre.queueId),
  });
  const agent = await centre.agent("lou");
  const stateOf = async () => (await centre.view(agent)).contacts[0]?.state;
  const id = await call(centre, flowId);
  await centre.act(agent, "accept", { contactId: id });
  assert.equal(await stateOf(), "CONNECTING");
  await assert.rejects(centre.act(agent, "accept", { contactId: id }), /409/);
  await assert.rejects(centre.act(agent, "reject", { contactId: id }), /409/);
  // Four words, then six.
  await server.advance("PT3.9S");
  assert.deepEqual(await steps(centre, id, "CUSTOMER_WHISPER"), ["say null"]);
  assert.equal(await stateOf(), "CONNECTING");
  await server.advance("PT0.1S");
  assert.equal(await stateOf(), "CONNECTED");
  const described = await centre.describe(id);
  const { EnqueueTimestamp } = described.QueueInfo ?? {};
  const { ConnectedToAgentTimestamp } = described.AgentInfo ?? {};
  assert.equal(Number(ConnectedToAgentTimestamp) - Number(EnqueueTimestamp), 4_000);
  const { said } = (await centre.contact(id)) as { said: { text: string }[] };
  assert.deepEqual(
    said.map(({ text }) => text),
    ["Hello Ada of BasicQueue", "Your agent is coming now please"],
  );
  await centre.customer(id, "hang-up");
  await centre.act(agent, "clear", { contactId: id });

  const gone = await call(centre, flowId);
  await centre.act(agent, "accept", { contactId: gone });
  await centre.customer(gone, "hang-up");
  assert.equal(await stateOf(), "ERROR");
  assert.ok(!(await centre.types(gone)).includes("CONNECTED_TO_AGENT"));
  await centre.act(agent, "clear", { contactId: gone });

  const deserted = await call(centre, flowId);
  await centre.act(agent, "accept", { contactId: deserted });
  await centre.act(agent, "sign-out");
  await server.advance("PT10S");
  assert.equal((await centre.contact(deserted)).state, "QUEUED");
  assert.equal((await runs(centre, deserted)).find(({ type }) => type === "AGENT_WHISPER")?.outcome, "DROPPED");
  await centre.customer(deserted, "hang-up");
});

inCentre("a hold flow plays anew with each hold, and a disconnect flow goes on with who remains", async (centre) => {
  const hold = await createFlow(
    centre,
    { loop: { type: "MessageParticipantIteratively", with: { Messages: [{ Text: "One moment" }] } } },
    "CUSTOMER_HOLD",
  );
  const survey = await createFlow(centre, {
    ask: {
      type: "GetParticipantInput",
      with: { Text: "How was it?", InputTimeLimitSeconds: "5" },
      next: "bad",
      on: { "1": "good" },
      errors: { InputTimeLimitExceeded: "bad", NoMatchingCondition: "bad", NoMatchingError: "bad" },
    },
    ...ways("good", "bad"),
  });
  const flowId = await createFlow(centre, {
    hold: hook("CustomerHold", hold, "remaining"),
    remaining: hook("CustomerRemaining", survey),
    ...toQueue(centre.queueId),
  });
  const agent = await centre.agent("mia");
  const id = await call(centre, flowId);
  await centre.act(agent, "accept", { contactId: id });
  for (let count = 0; count < 2; count++) {
    await centre.act(agent, "hold", { contactId: id });
    assert.deepEqual((await steps(centre, id, "CUSTOMER_HOLD")).at(-1), "loop null");
    await server.advance("PT5S");
    await centre.act(agent, "resume", { contactId: id });
  }
  assert.deepEqual(await steps(centre, id, "CUSTOMER_HOLD"), [
    "loop ENDED_FLOW_EXECUTION",
    "loop ENDED_FLOW_EXECUTION",
  ]);
  await centre.act(agent, "hang-up", { contactId: id });
  await centre.act(agent, "clear", { contactId: id });
  assert.equal((await centre.describe(id)).DisconnectReason, "AGENT_DISCONNECT");
  const next = ((await centre.contact(id)).record as { NextContactId: string }).NextContactId;
  const remaining = await centre.describe(next);
  assert.equal(remaining.InitiationMethod, "DISCONNECT");
  assert.equal(remaining.PreviousContactId, id);
  await centre.customer(next, "input", { text: "1" });
  assert.equal(await wayOf(centre, next), "good");
  assert.equal((await centre.describe(next)).DisconnectReason, "CONTACT_FLOW_DISCONNECT");

  // Who hangs up themselves is asked nothing.
  const leaving = await call(centre, flowId);
  await centre.act(agent, "accept", { contactId: leaving });
  await centre.customer(leaving, "hang-up");
  assert.equal(((await centre.contact(leaving)).record as { NextContactId: unknown }).NextContactId, null);
});

inCentre("a hook takes a flow of its type only", async (centre) => {
  const whisper = await createFlow(centre, { end: { type: "EndFlowExecution" } }, "AGENT_WHISPER");
  const flowId = await createFlow(centre, {
    set: {
      type: "UpdateContactEventHooks",
      with: { EventHooks: { CustomerQueue: "$.Attributes.flow" } },
      next: "bye",
      errors: { NoMatchingError: "failed" },
    },
    ...ways("failed"),
  });
  assert.equal(await wayOf(centre, await call(centre, flowId, { attributes: { flow: whisper } })), "failed");
  assert.equal(await wayOf(centre, await call(centre, flowId, { attributes: { flow: "nowhere" } })), "failed");
});

inCentre("a callback is queued for another number, and the caller can hang up", async (centre) => {
  const flowId = await createFlow(centre, {
    choose: {
      type: "UpdateContactTargetQueue",
      with: { QueueId: centre.queueId },
      next: "number",
      errors: { NoMatchingError: "failed" },
    },
    number: {
      type: "UpdateContactCallbackNumber",
      with: { CallbackNumber: "$.Attributes.number" },
      next: "create",
      errors: { InvalidCallbackNumber: "invalid", CallbackNumberNotDialable: "undialable" },
    },
    create: {
      type: "CreateCallbackContact",
      with: { InitialCallDelaySeconds: "60", MaximumConnectionAttempts: "2", RetryDelaySeconds: "600" },
      next: "bye",
      errors: { NoMatchingError: "failed" },
    },
    ...ways("failed", "invalid", "undialable"),
  });
  const asking = (number: string, more: object = {}) => call(centre, flowId, { attributes: { number }, ...more });
  assert.equal(await wayOf(centre, await asking("12")), "invalid");
  assert.equal(await wayOf(centre, await asking("+9990000000")), "undialable");
  const chat = await centre.arrive({ channel: "CHAT", contactFlowId: flowId, attributes: { number: "+12065550100" } });
  assert.equal(await wayOf(centre, chat), "invalid");

  const id = await asking("12065550100");
  const next = ((await centre.contact(id)).record as { NextContactId: string }).NextContactId;
  const callback = await centre.describe(next);
  assert.equal(callback.InitiationMethod, "CALLBACK");
  assert.equal(callback.CustomerEndpoint?.Address, "+12065550100");
  const agent = await centre.agent("nia");
  assert.deepEqual((await centre.view(agent)).contacts, []);
  await server.advance("PT60S");
  assert.equal((await centre.view(agent)).contacts[0]?.state, "INCOMING");
  await centre.act(agent, "accept", { contactId: next });
  await server.advance("PT8S");
  assert.equal((await centre.view(agent)).contacts[0]?.state, "CONNECTED");
  assert.deepEqual(
    (await runs(centre, next)).map(({ type }) => type),
    ["AGENT_WHISPER", "OUTBOUND_WHISPER"],
  );
  await centre.customer(next, "hang-up");
});

inCentre("a flow creates a task, whose own flow begins then or later", async (centre) => {
  const { connect, InstanceId } = centre;
  const creating = (more: object) =>
    createFlow(centre, {
      create: {
        type: "CreateTask",
        with: {
          ContactFlowId: centre.flowId,
          Name: "Call $.CustomerEndpoint.Address",
          Attributes: { from: "$.ContactId" },
          References: { shop: { Type: "URL", Value: "https://example.com" } },
          ...more,
        },
        next: "keep",
        errors: { NoMatchingError: "failed" },
      },
      keep: {
        type: "UpdateContactAttributes",
        with: { Attributes: { way: "$.Task.ContactId" } },
        next: "bye",
        errors: { NoMatchingError: "failed" },
      },
      ...ways("failed"),
    });
  const caller = await call(centre, await creating({}), { attributes: { order: "17" } });
  const taskId = (await wayOf(centre, caller)) ?? "";
  const task = await centre.describe(taskId);
  assert.equal(task.Channel, "TASK");
  assert.equal(task.Name, "Call +447700900123");
  assert.equal(task.RelatedContactId, caller);
  const { Attributes } = await connect.send(new GetContactAttributesCommand({ InstanceId, InitialContactId: taskId }));
  assert.deepEqual(Attributes, { order: "17", from: caller });
  await server.advance("PT0S");
  assert.equal((await centre.describe(taskId)).QueueInfo?.Id, centre.queueId);
  const later = (await wayOf(centre, await call(centre, await creating({ DelaySeconds: "60" })))) ?? "";
  await server.advance("PT59S");
  assert.equal((await centre.contact(later)).state, "INITIATED");
  await server.advance("PT1S");
  assert.equal((await centre.contact(later)).state, "QUEUED");
  const never = await call(centre, await creating({ DelaySeconds: "$.Attributes.none" }));
  assert.equal(await wayOf(centre, never), "failed");
});

inCentre(
  "Contact Lens is on where the flow switches it on, both sides are recorded and the instance allows it",
  async (centre) => {
    const { connect, InstanceId } = centre;
    const recording = (RecordedParticipants: readonly string[]) =>
      createFlow(centre, {
        record: {
          type: "UpdateContactRecordingAndAnalyticsBehavior",
          with: {
            VoiceBehavior: {
              VoiceRecordingBehavior: { RecordedParticipants, IVRRecordingBehavior: "Enabled" },
              VoiceAnalyticsBehavior: {
                Enabled: "True",
                AnalyticsLanguage: "en-GB",
                AnalyticsModes: ["RealTime"],
                SentimentConfiguration: { Enabled: "True" },
                SummaryConfiguration: { SummaryModes: ["PostContact"] },
              },
            },
          },
          next: "bye",
          errors: { NoMatchingError: "failed", ChannelMismatch: "mismatch" },
        },
        ...ways("failed", "mismatch"),
      });
    const both = await recording(["Agent", "Customer"]);
    const configurationOf = async (id: string) => {
      const { record } = (await centre.contact(id)) as {
        record: { ContactLens: { ConversationalAnalytics: { Configuration: { Enabled: boolean } } } | null };
      };
      return record.ContactLens?.ConversationalAnalytics.Configuration;
    };
    const allow = (Value: string) =>
      connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value }));
    await allow("true");
    const id = await call(centre, both);
    assert.deepEqual(await configurationOf(id), {
      Enabled: true,
      ChannelConfiguration: { AnalyticsModes: ["RealTime"] },
      LanguageLocale: "en-GB",
      RedactionConfiguration: { Behavior: "Disable", Policy: "None", Entities: null, MaskMode: null },
      SentimentConfiguration: { Behavior: "Enable" },
      SummaryConfiguration: { SummaryModes: ["PostContact"] },
    });
    const { contactEvents } = await centre.streams();
    const told = contactEvents.find(
      ({ detail }) => detail.contactId === id && detail.eventType === "CONTACT_DATA_UPDATED",
    );
    assert.deepEqual(told?.detail.updatedProperties, ["ContactLens.ConversationalAnalytics.Configuration"]);
    assert.equal((await configurationOf(await call(centre, await recording(["Agent"]))))?.Enabled, undefined);
    const chat = await centre.arrive({ channel: "CHAT", contactFlowId: both });
    assert.equal(await wayOf(centre, chat), "mismatch");
    await allow("false");
    assert.equal(await configurationOf(await call(centre, both)), undefined);
  },
);

inCentre("steps are logged where the flow and the instance say so", async (centre) => {
  const { connect, InstanceId } = centre;
  const flowId = await createFlow(centre, {
    on: { type: "UpdateFlowLoggingBehavior", with: { FlowLoggingBehavior: "Enabled" }, next: "mark" },
    ...ways("mark"),
  });
  await connect.send(
    new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACTFLOW_LOGS", Value: "false" }),
  );
  await call(centre, flowId);
  await connect.send(
    new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACTFLOW_LOGS", Value: "true" }),
  );
  const id = await call(centre, flowId);
  const logs = new CloudWatchLogsClient(server.client);
  const { Instance } = await connect.send(new DescribeInstanceCommand({ InstanceId }));
  const logGroupName = `/aws/connect/${Instance?.InstanceAlias}`;
  const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
  logs.destroy();
  const lines = (events ?? []).map(({ message = "" }) => JSON.parse(message));
  assert.deepEqual(
    lines.map((line) => [line.ContactId, line.ContactFlowModuleType, line.Identifier, line.Results]),
    [
      [id, "UpdateFlowLoggingBehavior", "on", undefined],
      [id, "UpdateContactAttributes", "mark", undefined],
      [id, "DisconnectParticipant", "bye", "DISCONNECTED_PARTICIPANT"],
    ],
  );
  assert.ok(lines[0].ContactFlowId.endsWith(`/contact-flow/${flowId}`));
});

inCentre("who is in the middle of a flow goes on with what it was; of a deleted one, with nothing", async (centre) => {
  const { connect, InstanceId } = centre;
  const document = (way: string) => ({
    wait: {
      type: "Wait",
      with: { TimeLimitSeconds: "60" },
      next: way,
      on: { WaitCompleted: way },
      errors: { NoMatchingError: way },
    },
    ...ways(way),
  });
  const flowId = await createFlow(centre, document("old"));
  const early = await call(centre, flowId);
  await server.advance("PT30S");
  const Content = flow(document("new"));
  await connect.send(new UpdateContactFlowContentCommand({ InstanceId, ContactFlowId: flowId, Content }));
  const late = await call(centre, flowId);
  await server.advance("PT1M");
  assert.deepEqual([await wayOf(centre, early), await wayOf(centre, late)], ["old", "new"]);

  const orphan = await call(centre, flowId);
  await connect.send(new DeleteContactFlowCommand({ InstanceId, ContactFlowId: flowId }));
  await server.advance("PT1M");
  assert.equal((await runs(centre, orphan))[0]?.outcome, "DROPPED");
  assert.equal((await centre.describe(orphan)).DisconnectReason, "CONTACT_FLOW_DISCONNECT");
});

inCentre(
  "versions run by their number, calls run their number's flow, and a queue's number is shown",
  async (centre) => {
    const { connect, InstanceId } = centre;
    const flowId = await createFlow(centre, ways("first"));
    await connect.send(new CreateContactFlowVersionCommand({ InstanceId, ContactFlowId: flowId }));
    const Content = flow(ways("second"));
    await connect.send(new UpdateContactFlowContentCommand({ InstanceId, ContactFlowId: flowId, Content }));
    const ran = async (ContactFlowId: string) => {
      const task = { InstanceId, ContactFlowId, Name: "Look" };
      return wayOf(centre, (await connect.send(new StartTaskContactCommand(task))).ContactId ?? "");
    };
    assert.equal(await ran(`${flowId}:1`), "first");
    assert.equal(await ran(`${flowId}:$LATEST`), "second");
    assert.equal(await ran(flowId), "second");
    await assert.rejects(ran(`${flowId}:7`), { name: "ResourceNotFoundException" });

    const PhoneNumber = "+12065550177";
    const { PhoneNumberId = "" } = await connect.send(new ClaimPhoneNumberCommand({ InstanceId, PhoneNumber }));
    await connect.send(
      new AssociatePhoneNumberContactFlowCommand({ InstanceId, PhoneNumberId, ContactFlowId: flowId }),
    );
    assert.equal(await wayOf(centre, await centre.arrive({ channel: "VOICE", to: PhoneNumber })), "second");
    assert.equal(await wayOf(centre, await centre.arrive({ channel: "VOICE", to: "+12065550178" })), undefined);

    const OutboundCallerConfig = { OutboundCallerIdNumberId: PhoneNumberId };
    const shown = { InstanceId, QueueId: centre.queueId, OutboundCallerConfig };
    await connect.send(new UpdateQueueOutboundCallerConfigCommand(shown));
    const outbound = {
      InstanceId,
      QueueId: centre.queueId,
      ContactFlowId: flowId,
      DestinationPhoneNumber: "+12065550100",
    };
    const { ContactId = "" } = await connect.send(new StartOutboundVoiceContactCommand(outbound));
    assert.equal((await centre.describe(ContactId)).SystemEndpoint?.Address, PhoneNumber);
  },
);

inCentre("a transferred task runs the flow of the request", async (centre) => {
  const { connect, InstanceId } = centre;
  const flowId = await createFlow(centre, {
    mark: {
      type: "UpdateContactAttributes",
      with: { Attributes: { way: "$.Queue.Name" } },
      next: "go",
      errors: { NoMatchingError: "bye" },
    },
    go: { ...TO_QUEUE, errors: { QueueAtCapacity: "bye", NoMatchingError: "bye" } },
    bye: HANG_UP,
  });
  const task = { InstanceId, ContactFlowId: centre.flowId, Name: "Look" };
  const { ContactId } = await connect.send(new StartTaskContactCommand(task));
  const QueueId = await createQueue(centre, "Tasks");
  const moved = await connect.send(
    new TransferContactCommand({ InstanceId, ContactId, ContactFlowId: flowId, QueueId }),
  );
  assert.equal(await wayOf(centre, moved.ContactId ?? ""), "Tasks");
  assert.equal((await centre.describe(moved.ContactId ?? "")).QueueInfo?.Id, QueueId);
});

inCentre("priority and routing criteria are set before and in the queue", async (centre) => {
  const Expression = {
    AttributeCondition: {
      Name: "connect:Language",
      Value: "de",
      ProficiencyLevel: "3",
      ComparisonOperator: "NumberGreaterOrEqualTo",
    },
  };
  const flowId = await createFlow(centre, {
    priority: { type: "UpdateContactRoutingBehavior", with: { QueuePriority: "2" }, next: "criteria" },
    criteria: {
      type: "UpdateRoutingCriteria",
      with: { RoutingCriteria: { Steps: [{ Expression, Expiry: { DurationInSeconds: "30" } }] } },
      next: "choose",
      errors: { NoMatchingError: "failed" },
    },
    ...toQueue(centre.queueId),
  });
  const agent = await centre.agent("oda");
  const id = await call(centre, flowId);
  const described = await centre.describe(id);
  assert.equal(described.QueuePriority, 2);
  assert.equal(described.RoutingCriteria?.Steps?.[0]?.Status, "ACTIVE");
  assert.deepEqual((await centre.view(agent)).contacts, []);
  await server.advance("PT30S");
  assert.equal((await centre.view(agent)).contacts[0]?.id, id);
});

inCentre("a quick connect's flow sends a transferred contact on, and a task that names one", async (centre) => {
  const { connect, InstanceId } = centre;
  const defaults = await connect.send(
    new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["AGENT_TRANSFER", "QUEUE_TRANSFER"] }),
  );
  const flowOf = (type: string) =>
    defaults.ContactFlowSummaryList?.find(({ ContactFlowType: of }) => of === type)?.Id ?? "";
  const create = async (Name: string, QuickConnectConfig: QuickConnectConfig) => {
    const created = { InstanceId, Name, QuickConnectConfig };
    return (await connect.send(new CreateQuickConnectCommand(created))).QuickConnectId ?? "";
  };
  const [first, second] = [await centre.agent("pia"), await centre.agent("rob", { isOffline: true })];
  const QueueId = await createQueue(centre, "Second line");
  const toQueueConnect = await create("second line", {
    QuickConnectType: "QUEUE",
    QueueConfig: { QueueId, ContactFlowId: flowOf("QUEUE_TRANSFER") },
  });
  const toUser = await create("rob", {
    QuickConnectType: "USER",
    UserConfig: { UserId: second, ContactFlowId: flowOf("AGENT_TRANSFER") },
  });
  const toNumber = await create("shop", {
    QuickConnectType: "PHONE_NUMBER",
    PhoneConfig: { PhoneNumber: "+12065550100" },
  });
  const id = await centre.arrive({ channel: "VOICE" });
  await centre.act(first, "accept", { contactId: id });
  const transfer = async (quickConnectId: string) =>
    (await centre.act(first, "transfer", { contactId: id, to: { quickConnectId } })).contactId ?? "";

  // Who is away gets nothing: the leg ends, and the agent still has the caller.
  const away = await transfer(toUser);
  assert.equal((await runs(centre, away))[0]?.outcome, "DROPPED");
  assert.deepEqual(
    (await centre.view(first)).contacts.map((contact) => contact.id),
    [id],
  );
  const queued = await transfer(toQueueConnect);
  assert.equal((await centre.describe(queued)).QueueInfo?.Id, QueueId);
  assert.deepEqual(await steps(centre, queued, "QUEUE_TRANSFER"), ["transfer TRANSFERRED_TO_QUEUE"]);
  await centre.act(first, "hang-up", { contactId: queued });
  await centre.status(second, "Available");
  const ringing = await transfer(toUser);
  assert.equal((await centre.view(second)).contacts[0]?.id, ringing);
  await centre.act(second, "accept", { contactId: ringing });
  await centre.act(first, "leave", { contactId: id });
  await centre.act(first, "clear", { contactId: id });
  await centre.customer(ringing, "hang-up");
  await centre.act(second, "clear", { contactId: ringing });

  await centre.status(first, "Offline");
  const task = { InstanceId, Name: "Look", QuickConnectId: toQueueConnect };
  const { ContactId = "" } = await connect.send(new StartTaskContactCommand(task));
  assert.equal((await centre.describe(ContactId)).QueueInfo?.Id, QueueId);
  const taskOf = async (QuickConnectId: string) =>
    (await connect.send(new StartTaskContactCommand({ ...task, QuickConnectId }))).ContactId ?? "";
  const forUser = await taskOf(toUser);
  assert.equal((await runs(centre, forUser))[0]?.type, "AGENT_TRANSFER");
  assert.equal((await centre.view(second)).contacts[0]?.id, forUser);
  const FlowConfig = { ContactFlowId: centre.flowId };
  const toFlow = await create("anybody", { QuickConnectType: "FLOW", FlowConfig } as QuickConnectConfig);
  assert.equal((await runs(centre, await taskOf(toFlow)))[0]?.flowId, centre.flowId);
  const nowhere = connect.send(new StartTaskContactCommand({ ...task, QuickConnectId: toNumber }));
  await assert.rejects(nowhere, { name: "InvalidRequestException" });
});

inCentre(
  "a task that is paused or resumed runs the flow that was set for it, or that the request names",
  async (centre) => {
    const { connect, InstanceId } = centre;
    const mark = (way: string): Record<string, Block> => ({
      mark: {
        type: "UpdateContactAttributes",
        with: { Attributes: { way } },
        next: "end",
        errors: { NoMatchingError: "end" },
      },
      end: { type: "EndFlowExecution" },
    });
    const paused = await createFlow(centre, mark("paused"));
    const flowId = await createFlow(centre, { hook: hook("PauseContact", paused), ...toQueue(centre.queueId) });
    const started = { InstanceId, ContactFlowId: flowId, Name: "Look" };
    const { ContactId = "" } = await connect.send(new StartTaskContactCommand(started));
    await connect.send(new PauseContactCommand({ InstanceId, ContactId }));
    assert.equal(await wayOf(centre, ContactId), "paused");
    const ContactFlowId = await createFlow(centre, mark("resumed"));
    await connect.send(new ResumeContactCommand({ InstanceId, ContactId, ContactFlowId }));
    assert.equal(await wayOf(centre, ContactId), "resumed");
    assert.equal((await centre.contact(ContactId)).state, "QUEUED");
    await connect.send(new PauseContactCommand({ InstanceId, ContactId }));
    const ending = await createFlow(centre, { bye: HANG_UP });
    await connect.send(new ResumeContactCommand({ InstanceId, ContactId, ContactFlowId: ending }));
    assert.equal((await centre.describe(ContactId)).DisconnectReason, "CONTACT_FLOW_DISCONNECT");
  },
);

inCentre("a flow that runs for a pause goes on with the task by itself", async (centre) => {
  const { connect, InstanceId } = centre;
  const mark = (way: string, next: string): Block => ({
    type: "UpdateContactAttributes",
    with: { Attributes: { way } },
    next,
    errors: { NoMatchingError: "end" },
  });
  const paused = await createFlow(centre, {
    wait: {
      type: "Wait",
      with: { TimeLimitSeconds: "90" },
      next: "go",
      on: { WaitCompleted: "go" },
      errors: { NoMatchingError: "end" },
    },
    go: { type: "ResumeContact", next: "went", errors: { NoMatchingError: "failed" } },
    went: mark("went", "again"),
    again: { type: "ResumeContact", next: "twice", errors: { NoMatchingError: "end" } },
    twice: mark("twice", "end"),
    failed: mark("failed", "end"),
    end: { type: "EndFlowExecution" },
  });
  const flowId = await createFlow(centre, { hook: hook("PauseContact", paused), ...toQueue(centre.queueId) });
  const started = { InstanceId, ContactFlowId: flowId, Name: "Look" };
  const { ContactId = "" } = await connect.send(new StartTaskContactCommand(started));
  await connect.send(new PauseContactCommand({ InstanceId, ContactId }));
  const agent = await centre.agent("rhea");
  await server.advance("PT89S");
  assert.deepEqual((await centre.view(agent)).contacts, [], "a paused task is offered to nobody");
  await server.advance("PT1S");
  assert.deepEqual(
    (await centre.view(agent)).contacts.map(({ id }) => id),
    [ContactId],
  );
  assert.equal(await wayOf(centre, ContactId), "went", "a task that is not paused cannot be resumed");
  assert.deepEqual((await centre.types(ContactId)).slice(-3), ["PAUSED", "RESUMED", "CONTACT_DATA_UPDATED"]);

  await centre.act(agent, "accept", { contactId: ContactId });
  await connect.send(new PauseContactCommand({ InstanceId, ContactId }));
  const ContactFlowId = await createFlow(centre, { end: { type: "EndFlowExecution" } });
  await connect.send(new ResumeContactCommand({ InstanceId, ContactId, ContactFlowId }));
  await connect.send(new PauseContactCommand({ InstanceId, ContactId }));
  await server.advance("PT90S");
  const events = (await runs(centre, ContactId)).filter(({ steps: [first] }) => first?.type === "Wait");
  assert.deepEqual(
    events.map(({ outcome, steps }) => [outcome, steps.length]),
    [
      ["ENDED_FLOW_EXECUTION", 5],
      ["ENDED_FLOW_EXECUTION", 1],
      ["ENDED_FLOW_EXECUTION", 5],
    ],
    "a resumption by a request ends the flow of the pause",
  );
  assert.deepEqual(
    (await centre.view(agent)).contacts.map(({ state }) => state),
    ["CONNECTED"],
  );
});

inCentre("a campaign's flow learns who has answered, and speaks to a machine", async (centre) => {
  const { connect, InstanceId } = centre;
  await connect.send(
    new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "HIGH_VOLUME_OUTBOUND", Value: "true" }),
  );
  const ContactFlowId = await createFlow(centre, {
    check: {
      type: "CheckOutboundCallStatus",
      next: "failed",
      on: { CallAnswered: "person", VoicemailBeep: "message", VoicemailNoBeep: "silent", NotDetected: "unknown" },
      errors: { NoMatchingError: "failed" },
    },
    message: {
      type: "MessageParticipant",
      with: { Text: "Please call us back about your order" },
      next: "beep",
      errors: { NoMatchingError: "failed" },
    },
    ...ways("person", "beep", "silent", "unknown", "failed"),
  });
  const dial = async (number: string, more: object = { EnableAnswerMachineDetection: true }) => {
    const { ContactId = "" } = await connect.send(
      new StartOutboundVoiceContactCommand({
        InstanceId,
        ContactFlowId,
        DestinationPhoneNumber: number,
        SourcePhoneNumber: "+12065550000",
        TrafficType: "CAMPAIGN",
        CampaignId: "spring",
        AnswerMachineDetectionConfig: more,
      }),
    );
    return ContactId;
  };
  const calls = {
    person: await dial("+12065550100"),
    beep: await dial("+12065550120"),
    silent: await dial("+12065550121"),
    fax: await dial("+12065550122"),
    undetected: await dial("+12065550120", { EnableAnswerMachineDetection: false }),
  };
  await server.advance("PT20S");
  const went = await Promise.all(Object.values(calls).map((id) => wayOf(centre, id)));
  assert.deepEqual(went, ["person", "beep", "silent", "unknown", "unknown"]);
  for (const id of Object.values(calls)) {
    assert.equal((await centre.describe(id)).DisconnectReason, "CONTACT_FLOW_DISCONNECT");
  }
  assert.deepEqual(await steps(centre, calls.beep), [
    "check Condition",
    "message NextAction",
    "beep NextAction",
    "bye DISCONNECTED_PARTICIPANT",
  ]);
});

test("a flow that waits goes on after a restart, where it was", async () => {
  const flags = ["--data", temporaryFolder(), "--clock", "manual"];
  const first = await startTrunkline(...flags);
  const before = await openCentre(first);
  const flowId = await createFlow(before, {
    set: {
      type: "UpdateFlowAttributes",
      with: { FlowAttributes: { own: "kept" } },
      next: "ask",
      errors: { NoMatchingError: "failed" },
    },
    ask: {
      type: "GetParticipantInput",
      with: { Text: "Press one", InputTimeLimitSeconds: "60" },
      next: "failed",
      on: { "1": "keep" },
      errors: { InputTimeLimitExceeded: "late", NoMatchingCondition: "failed", NoMatchingError: "failed" },
    },
    keep: {
      type: "UpdateContactAttributes",
      with: { Attributes: { way: "$.FlowAttributes.own" } },
      next: "bye",
      errors: { NoMatchingError: "failed" },
    },
    ...ways("failed", "late"),
  });
  const arrive = () => before.arrive({ channel: "VOICE", contactFlowId: flowId });
  const [pressing, silent] = [await arrive(), await arrive()];
  await first.advance("PT10S");
  await first.close();
  before.connect.destroy();

  const second = await startTrunkline(...flags);
  const connect = new ConnectClient(second.client);
  const { InstanceId } = before;
  const wayIn = async (InitialContactId: string) =>
    (await connect.send(new GetContactAttributesCommand({ InstanceId, InitialContactId }))).Attributes?.way;
  const { status } = await sendSigned(second.url, {
    service: "connect",
    method: "POST",
    path: `/_trunkline/contacts/${InstanceId}/${pressing}/input`,
    body: JSON.stringify({ text: "1" }),
  });
  assert.equal(status, 200);
  assert.equal(await wayIn(pressing), "kept");
  await second.advance("PT1M");
  assert.equal(await wayIn(silent), "late");
  connect.destroy();
});
