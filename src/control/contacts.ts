import {
  askForCallback,
  CONTACT_OUTCOMES,
  CONTACT_STAGES,
  contactArrives,
  hangUp,
  input,
  listContacts,
  moveToQueue,
  say,
  viewContact,
} from "../services/connect/index.ts";
import { isJsonObject } from "../services/json-text.ts";
import type { Context } from "../services/service.ts";
import { failure, type JsonAnswer } from "./answer.ts";
import { type ActBody, answering, bodyOf, countOf, refusing, requireMembers, textOf } from "./connect-answer.ts";

const CHANNELS = ["VOICE", "CHAT", "TASK", "EMAIL"] as const;
const SPEAKERS = ["CUSTOMER", "AGENT", "SYSTEM"] as const;

const ARRIVAL_MEMBERS = [
  "contactId",
  "channel",
  "from",
  "to",
  "fromName",
  "contactFlowId",
  "queueId",
  "name",
  "subject",
  "customerId",
  "attributes",
] as const;

/** What the body of each act may have. */
const ACT_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  "hang-up": ["whileWaiting", "lineBroken"],
  callback: ["number", "queueId", "delaySeconds", "attempts", "retryDelaySeconds", "customerFirst"],
  "queue-transfer": ["queueId"],
  input: ["text", "event"],
  say: ["speaker", "text", "at", "seconds"],
};

/**
 * `GET /_trunkline/contacts/INSTANCE`: contacts, the newest first. `POST /_trunkline/contacts/INSTANCE`: a contact arrives. `GET /_trunkline/contacts/INSTANCE/CONTACT`: it as it is now. `POST
 * /_trunkline/contacts/INSTANCE/CONTACT/ACT`: what its customer does; see `docs/contact-control.md`.
 */
export async function contactEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
  body: ActBody,
  query: URLSearchParams = new URLSearchParams(),
): Promise<JsonAnswer | undefined> {
  const [instanceId, contactId, act, ...rest] = path;
  if (!instanceId || rest.length > 0) return undefined;
  if (method === "GET" && contactId === undefined) return contactList(context, instanceId, query);
  if (method === "GET" && contactId && act === undefined) {
    return answering(() => context.store.durably(() => viewContact(context, { instanceId, contactId })));
  }
  if (method !== "POST") return undefined;

  const input = bodyOf(body);
  if ("error" in input) return failure(400, input.error);
  if (!contactId) return refusing(() => arrival(context, instanceId, input.value));
  if (act === undefined) return undefined;
  return refusing(() => contactAct(context, { instanceId, contactId }, act, input.value));
}

const LIST_LIMIT = 100;
const LIST_LIMIT_MAX = 500;
const LIST_MEMBERS = ["state", "outcome", "channel", "queue", "agent", "text", "limit", "after"];

async function contactList(context: Context, instanceId: string, query: URLSearchParams): Promise<JsonAnswer> {
  const unknown = [...query.keys()].find((name) => !LIST_MEMBERS.includes(name));
  if (unknown !== undefined) return failure(400, `There is no ${unknown}: give ${LIST_MEMBERS.join(", ")}`);
  const [state, channel] = [query.get("state") || undefined, query.get("channel") || undefined];
  const stage = CONTACT_STAGES.find((name) => name === state);
  if (state !== undefined && stage === undefined) return failure(400, `state is none of ${CONTACT_STAGES.join(", ")}`);
  const wanted = CHANNELS.find((name) => name === channel);
  if (channel !== undefined && wanted === undefined) return failure(400, `channel is none of ${CHANNELS.join(", ")}`);
  const outcome = CONTACT_OUTCOMES.find((name) => name === query.get("outcome"));
  if (query.get("outcome") && outcome === undefined) {
    return failure(400, `outcome is none of ${CONTACT_OUTCOMES.join(", ")}`);
  }
  const limit = Number(query.get("limit") ?? LIST_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_LIMIT_MAX) {
    return failure(400, `limit is a number from 1 to ${LIST_LIMIT_MAX}`);
  }
  const listing = {
    instanceId,
    stage,
    outcome,
    channel: wanted,
    queueId: query.get("queue") || undefined,
    agentId: query.get("agent") || undefined,
    text: query.get("text") || undefined,
    token: query.get("after") || undefined,
    limit,
  };
  return answering(() => context.store.durably(() => listContacts(context, listing)));
}

async function arrival(
  context: Context,
  instanceId: string,
  body: Readonly<Record<string, unknown>>,
): Promise<JsonAnswer> {
  requireMembers(body, "A contact that arrives", ARRIVAL_MEMBERS);
  const channel = CHANNELS.find((name) => name === body.channel);
  if (channel === undefined) return failure(400, `channel is none of ${CHANNELS.join(", ")}`);
  const { attributes = {} } = body;
  if (!isJsonObject(attributes)) return failure(400, "attributes is not an object");
  if (Object.values(attributes).some((value) => typeof value !== "string")) {
    return failure(400, "attributes are not all texts");
  }
  return answering(async () => ({
    contactId: await contactArrives(context, {
      instanceId,
      contactId: textOf(body, "contactId"),
      channel,
      from: textOf(body, "from"),
      to: textOf(body, "to"),
      fromName: textOf(body, "fromName"),
      flowId: textOf(body, "contactFlowId"),
      queueId: textOf(body, "queueId"),
      name: textOf(body, "name"),
      subject: textOf(body, "subject"),
      customerId: textOf(body, "customerId"),
      attributes: attributes as Record<string, string>,
    }),
  }));
}

async function contactAct(
  context: Context,
  place: { readonly instanceId: string; readonly contactId: string },
  act: string,
  body: Readonly<Record<string, unknown>>,
): Promise<JsonAnswer | undefined> {
  const members = Object.hasOwn(ACT_MEMBERS, act) ? ACT_MEMBERS[act] : undefined;
  if (members === undefined) return undefined;
  requireMembers(body, act, members);
  if (act === "hang-up") {
    return answering(async () => {
      const { whileWaiting, lineBroken } = body;
      await hangUp(context, place, { whileWaiting: whileWaiting === true, isLineBroken: lineBroken === true });
      return {};
    });
  }
  if (act === "callback") {
    return answering(async () => ({
      contactId: await askForCallback(context, place, {
        number: textOf(body, "number"),
        queueId: textOf(body, "queueId"),
        delaySeconds: countOf(body, "delaySeconds"),
        attempts: countOf(body, "attempts"),
        retryDelaySeconds: countOf(body, "retryDelaySeconds"),
        isCustomerFirst: body.customerFirst === true,
      }),
    }));
  }
  if (act === "queue-transfer") {
    const queueId = textOf(body, "queueId");
    if (queueId === undefined) return failure(400, "queueId is missing");
    return answering(async () => ({ contactId: await moveToQueue(context, place, queueId) }));
  }
  if (act === "input") {
    const text = textOf(body, "text");
    const event = textOf(body, "event");
    if (!text && event !== "CustomerReturned") {
      return failure(400, "Give a text, the keys that the customer presses, or the event CustomerReturned");
    }
    return answering(async () => {
      await input(context, place, text ? { text } : { event: "CustomerReturned" });
      return {};
    });
  }
  const speaker = SPEAKERS.find((name) => name === body.speaker);
  const text = textOf(body, "text");
  if (speaker === undefined || text === undefined) {
    return failure(400, `Give a text, and a speaker: ${SPEAKERS.join(", ")}`);
  }
  return answering(async () => {
    await say(context, place, { speaker, text, at: textOf(body, "at"), seconds: countOf(body, "seconds") });
    return {};
  });
}
