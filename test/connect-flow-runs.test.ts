/** Flows that really run: what each block does to a contact, and what its timeline shows of it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type ContactFlowType, CreateContactFlowCommand, GetContactAttributesCommand } from "@aws-sdk/client-connect";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { startTrunkline } from "./server.ts";

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
  const lambda = {
    type: "InvokeLambdaFunction",
    with: { LambdaFunctionARN: "arn:aws:lambda:us-east-1:000000000000:function:f", InvocationTimeLimitSeconds: "3" },
    next: "bye",
    errors: { NoMatchingError: "failed" },
  };
  const id = await call(centre, await createFlow(centre, { ask: lambda, ...ways("failed") }));
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
