/** What is known of a contact, a profile and a case in the order of time: `GET /_trunkline/timeline/…`. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { RuleAction } from "@aws-sdk/client-connect";
import { allOf, openRuleWorld } from "./rule-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const world = await openRuleWorld(server);
after(() => world.connect.destroy());

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly until?: string | null;
  readonly kind: string;
  readonly title: string;
  readonly detail?: string;
  readonly tone?: string;
  readonly speaker?: string;
  readonly sentiment?: { readonly label: string };
  readonly of?: string;
  readonly explanation?: { readonly matched: boolean; readonly reason?: string; readonly condition: unknown };
  readonly document: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly status: number;
  readonly error?: string;
  readonly state: string;
  readonly isOver: boolean;
  readonly total: number;
  readonly entries: readonly Entry[];
  readonly next?: string;
  readonly related: readonly { readonly title: string; readonly to: readonly string[] }[];
  readonly facts?: readonly { readonly title: string; readonly value: string }[];
  readonly notes: readonly string[];
}

async function timeline(path: string, { limit = 1000, accessKeyId = "test", query = "" } = {}): Promise<Answer> {
  const answer = await sendSigned(server.url, {
    service: "trunkline",
    method: "GET",
    path: `/_trunkline/timeline/${path}`,
    query: `limit=${limit}${query}`,
    body: "",
    accessKeyId,
  });
  return { status: answer.status, ...JSON.parse(answer.body.toString()) };
}

const customer = { FilterClause: { LogicOperator: "AND", Filters: [{ Type: "ParticipantRole", Data: "CUSTOMER" }] } };
const CATEGORY: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
const LINES = [
  ["AGENT", "Good morning, how can I help?"],
  ["CUSTOMER", "My parcel is really late and I am angry."],
  ["AGENT", "I am sorry."],
] as const;

test("a call is told from its arrival to its record, with agents, words, categories, rules and deliveries", async () => {
  const words = ["ExactMatch.Transcript", "CONTAINS_ANY", ["really late"], customer] as const;
  await world.rule("OnRealTimeCallAnalysisAvailable", "late-now", allOf("RealTimeCall", words));
  await world.rule("OnPostCallAnalysisAvailable", "gold", allOf("PostCall", ["ContactAttribute.tier", "EQUALS", ["gold"]]), {
    Actions: [CATEGORY],
  });
  const contactId = await world.talk("VOICE", LINES, { attributes: { tier: "silver" }, from: "+447700900123" });
  const told = await timeline(`contacts/${world.InstanceId}/${contactId}`);
  console.log(told.status, told.error, (told as any).message);
  for (const { document, explanation, ...e } of told.entries) console.log(JSON.stringify(e));
  console.log(told.notes, told.related, told.state);
});
