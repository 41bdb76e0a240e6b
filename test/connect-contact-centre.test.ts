/** Whatever agents and customers do, in whatever order, the streams of the contact centre hold to each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  PauseContactCommand,
  ResumeContactCommand,
  StartTaskContactCommand,
  StopContactCommand,
  TransferContactCommand,
  UpdateContactAttributesCommand,
} from "@aws-sdk/client-connect";
import fc from "fast-check";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

/** The ordinary run is repeatable; the whole one walks other ways each time. */
const SEED = process.env.TRUNKLINE_FULL === "1" ? Date.now() : 1;

const AGENTS = 3;

const ON_CONTACTS = ["accept", "reject", "clear", "hang-up", "hold", "resume", "join", "leave", "to-queue", "to-agent"];

/** One of the agents, and one of the contacts so far, chosen by number. */
const anyAct = fc.record({
  act: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("call", "call", "chat", "task") },
    { weight: 16, arbitrary: fc.constant("work") },
    { weight: 2, arbitrary: fc.constantFrom(...ON_CONTACTS, "to-number", "dial", "transfer-task") },
    { weight: 3, arbitrary: fc.constantFrom("available", "available", "available", "offline", "sign-in", "sign-out") },
    { weight: 3, arbitrary: fc.constantFrom("customer", "stop", "callback", "pause", "unpause", "attribute", "dial") },
    { weight: 4, arbitrary: fc.constantFrom("pass-1", "pass-4", "pass-21", "pass-300") },
  ),
  agent: fc.nat(AGENTS - 1),
  contact: fc.nat(),
});

type Act = { readonly act: string; readonly agent: number; readonly contact: number };

/** What an agent would do next with a contact that they have, by its state and the agent's mood. */
const WORK: Readonly<Record<string, readonly string[]>> = {
  INCOMING: ["accept", "accept", "reject"],
  CONNECTING: ["accept", "accept", "accept", "accept", "reject", "pass-4", "leave"],
  CONNECTED: [
    "hang-up",
    "customer",
    "hold",
    "hold",
    "to-queue",
    "to-agent",
    "to-number",
    "pause",
    "transfer-task",
    "leave",
  ],
  CONNECTED_ONHOLD: ["resume", "join", "join", "leave", "leave", "customer"],
  PAUSED: ["unpause", "unpause", "hang-up"],
};

/** The same act, made definite: what an agent at work does, and with which contact. */
async function decided(centre: Centre, agent: string, { act, contact, ...rest }: Act): Promise<Act & { id?: string }> {
  if (act !== "work") return { act, contact, ...rest };
  const held = (await centre.view(agent)).contacts;
  const { id, state } = held[contact % Math.max(held.length, 1)] ?? { id: "nobody", state: "" };
  const moods = WORK[state] ?? ["clear"];
  return { ...rest, contact, id, act: moods[Math.floor(contact / 7) % moods.length] ?? "clear" };
}

/** A contact that the agent has, mostly: any other one is refused. */
async function pick(centre: Centre, agent: string, known: readonly string[], number: number): Promise<string> {
  const held = (await centre.view(agent)).contacts.map(({ id }) => id);
  const candidates = held.length > 0 && number % 4 > 0 ? held : known;
  return candidates[number % Math.max(candidates.length, 1)] ?? "nobody";
}

async function perform(centre: Centre, agents: readonly string[], ids: string[], asked: Act): Promise<void> {
  const { connect, InstanceId, flowId: ContactFlowId, queueId } = centre;
  const agent = agents[asked.agent] ?? "";
  const { act, ...by } = await decided(centre, agent, asked);
  const contactId = by.id ?? (await pick(centre, agent, ids, by.contact));
  const made = (id: string | undefined) => void (id !== undefined && ids.push(id));
  const transfer = async (to: object) => made((await centre.act(agent, "transfer", { contactId, to })).contactId);
  if (act.startsWith("pass-")) await server.advance(`PT${act.slice("pass-".length)}S`);
  else if (act === "call") made(await centre.arrive({ channel: "VOICE", from: "+12065550102" }));
  else if (act === "chat") made(await centre.arrive({ channel: "CHAT" }));
  else if (act === "task") {
    made((await connect.send(new StartTaskContactCommand({ InstanceId, ContactFlowId, Name: "A task" }))).ContactId);
  } else if (act === "dial") made((await centre.act(agent, "dial", { number: "+12065550102" })).contactId);
  else if (act === "available") await centre.status(agent, "Available");
  else if (act === "offline") await centre.status(agent, "Offline");
  else if (act === "sign-in" || act === "sign-out") await centre.act(agent, act);
  else if (act === "to-queue") await transfer({ queueId });
  else if (act === "to-agent") await transfer({ userId: agents[(by.agent + 1) % AGENTS] });
  else if (act === "to-number") await transfer({ number: "+12065550102" });
  else if (act === "transfer-task") {
    const input = { InstanceId, ContactId: contactId, ContactFlowId, QueueId: queueId };
    made((await connect.send(new TransferContactCommand(input))).ContactId);
  } else if (act === "customer") await centre.customer(contactId, "hang-up");
  else if (act === "callback") {
    made(
      (await centre.customer(contactId, "callback", { delaySeconds: 5, attempts: 2, retryDelaySeconds: 5 })).contactId,
    );
  } else if (act === "stop") await connect.send(new StopContactCommand({ InstanceId, ContactId: contactId }));
  else if (act === "pause") await connect.send(new PauseContactCommand({ InstanceId, ContactId: contactId }));
  else if (act === "unpause") await connect.send(new ResumeContactCommand({ InstanceId, ContactId: contactId }));
  else if (act === "attribute") {
    const Attributes = { number: String(by.contact) };
    await connect.send(new UpdateContactAttributesCommand({ InstanceId, InitialContactId: contactId, Attributes }));
  } else await centre.act(agent, act, { contactId });
}

/** A refusal is an answer; what it must not do is leave a trace, and the streams show that. */
function isRefusal(error: unknown): boolean {
  const { name = "", message = "", $fault } = error as { name?: string; message?: string; $fault?: string };
  return $fault === "client" || /: (400|404|409) /.test(`${name}${message}`);
}

test("whatever agents and customers do, contact events, agent events and records agree", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { minLength: 60, maxLength: 120, size: "max" }), async (acts) => {
      const centre = await openCentre(server);
      const agents: string[] = [];
      for (let number = 0; number < AGENTS; number++) agents.push(await centre.agent(`agent-${number}`));
      const ids: string[] = [];
      for (const act of acts) {
        try {
          await perform(centre, agents, ids, act);
        } catch (error) {
          if (!isRefusal(error)) throw error;
        }
      }
      checkInvariants(await centre.streams());

      for (const agent of agents) if ((await centre.view(agent)).isSignedIn) await centre.act(agent, "sign-out");
      for (const ContactId of ids) await centre.customer(ContactId, "hang-up").catch(() => undefined);
      await server.advance("PT2H");
      const streams = await centre.streams();
      checkInvariants(streams);
      const initiated = streams.contactEvents.filter(({ detail }) => detail.eventType === "INITIATED");
      const recorded = new Set(streams.records.map(({ ContactId }) => ContactId));
      assert.deepEqual(
        recorded,
        new Set(initiated.map(({ detail }) => detail.contactId)),
        "23: a record for each contact",
      );
      centre.connect.destroy();
    }),
    { seed: SEED, endOnFailure: true, numRuns: Number(process.env.CENTRE_RUNS ?? 8) },
  );
});
