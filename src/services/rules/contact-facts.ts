import type { JsonObject } from "../../matching/machine.ts";
import { type Attributes, type Contact, contactRecord, resourceArn } from "../connect/index.ts";
import { TAGS } from "./rule-set.ts";

/** What is known of a contact while it goes on. Names and the contact's id are for texts of actions; no condition asks for them. */
export function liveFacts(contact: Contact, attributes: Attributes): JsonObject {
  const { id, agent, queue } = contact;
  return {
    ContactId: id,
    Agent: { AgentId: agent?.id ?? null, AgentName: agent?.username ?? null },
    Queue: { QueueId: queue?.id ?? null, QueueName: queue?.name ?? null },
    ContactAttribute: attributes,
  };
}

/** What may be asked of a contact that is over, and of its record, at the paths by which conditions name it below the prefix of their event source. */
export function contactFacts(
  contact: Contact,
  attributes: Attributes,
  options: { readonly isWorkOver: boolean },
): JsonObject {
  const record = contactRecord(contact, attributes) as unknown as AskedRecord;
  const { agent, segmentAttributes } = contact;
  const live = liveFacts(contact, attributes);
  return {
    ...live,
    Agent: agent &&
      record.Agent && {
        ...Object(live.Agent),
        RoutingProfile: record.Agent.RoutingProfile.ARN,
        HierarchyGroup: { ARN: agent.hierarchy.map(({ id }) => resourceArn("hierarchyGroup", contact, id)) },
        AgentInteractionDurationSecs: record.Agent.AgentInteractionDuration,
        ...(options.isWorkOver && { AfterContactWorkDurationSecs: record.Agent.AfterContactWorkDuration }),
        CustomerHoldDurationSecs: record.Agent.CustomerHoldDuration,
        LongestHoldDurationSecs: record.Agent.LongestHoldDuration,
        NumberOfHolds: record.Agent.NumberOfHolds,
        CustomerHoldDurationPct: holdPercent(record.Agent),
      },
    InitiationMethod: record.InitiationMethod,
    DisconnectReason: record.DisconnectReason,
    SegmentAttributes: {
      UserDefined: Object.fromEntries(
        Object.entries(segmentAttributes)
          .filter(([name]) => !name.startsWith("connect:"))
          .map(([name, { ValueString }]) => [name, ValueString ?? null]),
      ),
    },
  };
}

/** A fact document: facts at the path of their event source, and the contact's tags. */
export function factDocument(section: string, facts: JsonObject, tags: JsonObject): JsonObject {
  return { ContactLens: { [section]: facts }, [TAGS]: tags };
}

interface AskedRecord {
  readonly Agent: AskedAgent | null;
  readonly InitiationMethod: string;
  readonly DisconnectReason: string | null;
}

interface AskedAgent {
  readonly RoutingProfile: { readonly ARN: string };
  readonly AgentInteractionDuration: number;
  readonly AfterContactWorkDuration: number;
  readonly CustomerHoldDuration: number;
  readonly LongestHoldDuration: number;
  readonly NumberOfHolds: number;
}

/** "Hold time divided by agent interaction and hold time" (administrator guide). */
function holdPercent({ AgentInteractionDuration, CustomerHoldDuration }: AskedAgent): number | null {
  const seconds = AgentInteractionDuration + CustomerHoldDuration;
  return seconds === 0 ? null : (100 * CustomerHoldDuration) / seconds;
}
