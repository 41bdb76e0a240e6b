import { type AgentAct, actAsAgent, chatConnection, listAgentHistory, viewAgent } from "../services/connect/index.ts";
import { isJsonObject } from "../services/json-text.ts";
import type { Context } from "../services/service.ts";
import { failure, type JsonAnswer, json } from "./answer.ts";
import { type ActBody, answering, bodyOf, refusing, requireMembers, textOf } from "./connect-answer.ts";

const CONTACT_ACTS = [
  "accept",
  "reject",
  "hold",
  "resume",
  "hang-up",
  "clear",
  "join",
  "leave",
  "barge",
  "listen",
  "take-over",
] as const;

const EVENTS_LIMIT = 50;
const EVENTS_LIMIT_MAX = 200;

/**
 * `GET /_trunkline/agents/INSTANCE/USER`: an agent as they are now. `GET …/events`: what they did, the newest first. `POST /_trunkline/agents/INSTANCE/USER/ACT`: what they do; see
 * `docs/contact-control.md`.
 */
export async function agentEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
  body: ActBody,
  query: URLSearchParams = new URLSearchParams(),
): Promise<JsonAnswer | undefined> {
  const [instanceId, userId, act, ...rest] = path;
  if (!instanceId || !userId || rest.length > 0) return undefined;
  const who = { instanceId, userId };
  if (method === "GET" && act === undefined) {
    return answering(async () => ({ agent: (await context.store.durably(() => viewAgent(context, who))) ?? null }));
  }
  if (method === "GET" && act === "events") {
    const limit = Number(query.get("limit") ?? EVENTS_LIMIT);
    if (!Number.isInteger(limit) || limit < 1 || limit > EVENTS_LIMIT_MAX) {
      return failure(400, `limit is not a number from 1 to ${EVENTS_LIMIT_MAX}`);
    }
    const after = query.get("after") || undefined;
    return answering(() => context.store.durably(() => listAgentHistory(context, who, { after, limit })));
  }
  if (method !== "POST" || act === undefined) return undefined;

  const input = bodyOf(body);
  if ("error" in input) return failure(400, input.error);
  return refusing(async () => {
    if (act === "chat-connection") {
      requireMembers(input.value, act, ["contactId"]);
      const contactId = textOf(input.value, "contactId");
      if (contactId === undefined) return failure(400, "Give a contactId");
      return answering(() => context.store.durably(() => chatConnection(context, who, contactId)));
    }
    const what = actOf(act, input.value);
    if (what === undefined) return json({ error: `There is no act ${act} with this body` }, 400);
    return answering(() => actAsAgent(context, who, what));
  });
}

/** What the body of an act may have. `undefined`: there is no such act. */
function membersOf(act: string): readonly string[] | undefined {
  if (act === "sign-in" || act === "sign-out") return [];
  if (act === "status") return ["agentStatusId"];
  if (act === "dial") return ["number"];
  if (act === "transfer") return ["contactId", "to"];
  return CONTACT_ACTS.some((name) => name === act) ? ["contactId"] : undefined;
}

function actOf(act: string, body: Readonly<Record<string, unknown>>): AgentAct | undefined {
  const members = membersOf(act);
  if (members === undefined) return undefined;
  requireMembers(body, act, members);
  if (act === "sign-in" || act === "sign-out") return { act };
  const agentStatusId = textOf(body, "agentStatusId");
  if (act === "status") return agentStatusId === undefined ? undefined : { act, agentStatusId };
  const number = textOf(body, "number");
  if (act === "dial") return number === undefined ? undefined : { act, number };

  const contactId = textOf(body, "contactId");
  if (contactId === undefined) return undefined;
  if (act === "transfer") {
    const to = isJsonObject(body.to) ? body.to : {};
    requireMembers(to, "to", ["queueId", "userId", "quickConnectId", "number"]);
    const [queueId, userId, outside] = [textOf(to, "queueId"), textOf(to, "userId"), textOf(to, "number")];
    const quickConnectId = textOf(to, "quickConnectId");
    if (quickConnectId !== undefined) return { act, contactId, to: { quickConnectId } };
    if (queueId !== undefined) return { act, contactId, to: { queueId } };
    if (userId !== undefined) return { act, contactId, to: { userId } };
    return outside === undefined ? undefined : { act, contactId, to: { number: outside } };
  }
  const known = CONTACT_ACTS.find((name) => name === act);
  return known && { act: known, contactId };
}
