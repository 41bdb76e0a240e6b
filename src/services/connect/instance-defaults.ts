import type { Channel, ContactFlowType } from "@aws-sdk/client-connect";
import type { Unit } from "../../store/store.ts";
import type { Ids } from "../../time/ids.ts";
import { type AgentStatus, agentStatuses } from "./agent-statuses.ts";
import { type InstanceRef, resourceArn } from "./arns.ts";
import { type ContactFlow, putContactFlow } from "./contact-flows.ts";
import { type HoursOfOperation, hoursOfOperations } from "./hours-of-operation.ts";
import { resourceKey } from "./instance-resources.ts";
import { type PredefinedAttribute, putPredefinedAttribute } from "./predefined-attributes.ts";
import { type Queue, queues } from "./queues.ts";
import {
  type RoutingProfile,
  type RoutingProfileQueue,
  routingProfileQueueKey,
  routingProfileQueues,
  routingProfiles,
} from "./routing-profiles.ts";
import { type SecurityProfile, securityProfiles } from "./security-profiles.ts";

/** What a new instance comes with, after the console's defaults. */
export interface InstanceContents {
  readonly hours: HoursOfOperation;
  readonly queue: Queue;
  readonly routingProfile: RoutingProfile;
  readonly routingProfileQueues: readonly RoutingProfileQueue[];
  readonly securityProfiles: readonly SecurityProfile[];
  readonly predefinedAttributes: readonly PredefinedAttribute[];
  readonly agentStatuses: readonly AgentStatus[];
  readonly flows: readonly { readonly flow: ContactFlow; readonly content: string }[];
}

const CONCURRENCY: Readonly<Record<Channel, number>> = { VOICE: 1, CHAT: 2, TASK: 1, EMAIL: 1 };

/** The predefined attributes that every instance has (our choice), and their values; a language may be any. */
const SYSTEM_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  "connect:Language": [],
  "connect:Subtype": [
    "connect:Telephony",
    "connect:WebRTC",
    "connect:ExternalAudio",
    "connect:Chat",
    "connect:SMS",
    "connect:WhatsApp",
    "connect:Apple",
    "connect:Guide",
    "connect:Task",
    "connect:ExternalTask",
    "connect:Email",
  ],
};

const DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const;

export function newInstanceContents(instance: InstanceRef, ids: Ids, nowMs: number): InstanceContents {
  const resource = (name: string, description?: string) => ({
    ...instance,
    id: ids.uuid(),
    name,
    description,
    tags: {},
    lastModifiedMs: nowMs,
  });
  const hours: HoursOfOperation = {
    ...resource("Basic Hours"),
    timeZone: "UTC",
    config: DAYS.map((Day) => ({
      Day,
      StartTime: { Hours: 0, Minutes: 0 },
      EndTime: { Hours: 0, Minutes: 0 },
    })),
    parentIds: [],
  };
  const queue: Queue = {
    ...resource("BasicQueue", "A simple, basic voice queue."),
    type: "STANDARD",
    status: "ENABLED",
    hoursOfOperationId: hours.id,
  };
  const routingProfile: RoutingProfile = {
    ...resource("Basic Routing Profile", "A simple routing profile."),
    concurrency: CONCURRENCY,
    defaultOutboundQueueId: queue.id,
    isDefault: true,
  };
  return {
    hours,
    queue,
    routingProfile,
    routingProfileQueues: (Object.keys(CONCURRENCY) as Channel[]).map((channel) => ({
      ...instance,
      profileId: routingProfile.id,
      queueId: queue.id,
      channel,
      priority: 1,
      delaySeconds: 0,
    })),
    securityProfiles: ["Admin", "Agent", "CallCenterManager", "QualityAnalyst"].map((name) => ({
      ...resource(name),
      permissions: [],
    })),
    predefinedAttributes: Object.entries(SYSTEM_ATTRIBUTES).map(([name, values]) => ({
      ...instance,
      name,
      values,
      isReadOnly: true,
      lastModifiedMs: nowMs,
    })),
    agentStatuses: [
      { ...resource("Available"), type: "ROUTABLE", state: "ENABLED", displayOrder: 1 },
      { ...resource("Offline"), type: "OFFLINE", state: "ENABLED", displayOrder: 2 },
    ],
    flows: defaultFlows(resourceArn("queue", instance, queue.id)).map(({ name, type, content }) => ({
      flow: { ...resource(name), type, state: "ACTIVE", status: "PUBLISHED", isDefault: true },
      content,
    })),
  };
}

export async function putInstanceContents(unit: Unit, contents: InstanceContents): Promise<void> {
  unit.put(hoursOfOperations, resourceKey(contents.hours), contents.hours);
  unit.put(queues, resourceKey(contents.queue), contents.queue);
  unit.put(routingProfiles, resourceKey(contents.routingProfile), contents.routingProfile);
  for (const served of contents.routingProfileQueues) {
    unit.put(routingProfileQueues, routingProfileQueueKey(served), served);
  }
  for (const profile of contents.securityProfiles) unit.put(securityProfiles, resourceKey(profile), profile);
  for (const attribute of contents.predefinedAttributes) putPredefinedAttribute(unit, attribute);
  for (const status of contents.agentStatuses) unit.put(agentStatuses, resourceKey(status), status);
  for (const { flow, content } of contents.flows) await putContactFlow(unit, flow, content);
}

/**
 * One flow of each type that contacts meet, in the flow language. The inbound one keeps the queue that a request has named. Those that
 * play beside something else say nothing, since there is no audio: whoever accepts a contact is joined with the customer at once.
 */
function defaultFlows(queueArn: string): { name: string; type: ContactFlowType; content: string }[] {
  const end = action("end", "EndFlowExecution");
  const disconnect = action("end", "DisconnectParticipant");
  const toQueue = [
    action("transfer", "TransferContactToQueue", {}, "end", ["QueueAtCapacity", "NoMatchingError"]),
    disconnect,
  ];
  const toBasicQueue = [
    compare("$.Queue.ARN", { Operator: "TextStartsWith", Operands: ["arn:"] }, { met: "transfer", else: "queue" }),
    {
      ...action("queue", "UpdateContactTargetQueue", { QueueId: queueArn }),
      Transitions: { NextAction: "transfer", Errors: [{ ErrorType: "NoMatchingError", NextAction: "end" }] },
    },
    ...toQueue,
  ];
  // Only calls can be offered to one agent; everything else waits in the agent's own queue.
  const toAgent = [
    compare("$.Channel", { Operator: "Equals", Operands: ["VOICE"] }, { met: "agent", else: "transfer" }),
    action("agent", "TransferContactToAgent"),
    ...toQueue,
  ];
  return [
    { name: "Default inbound", type: "CONTACT_FLOW", content: flow(toBasicQueue) },
    { name: "Default customer queue", type: "CUSTOMER_QUEUE", content: flow([end]) },
    { name: "Default customer hold", type: "CUSTOMER_HOLD", content: flow([end]) },
    { name: "Default customer whisper", type: "CUSTOMER_WHISPER", content: flow([end]) },
    { name: "Default agent hold", type: "AGENT_HOLD", content: flow([end]) },
    { name: "Default agent whisper", type: "AGENT_WHISPER", content: flow([end]) },
    { name: "Default outbound", type: "OUTBOUND_WHISPER", content: flow([end]) },
    { name: "Default agent transfer", type: "AGENT_TRANSFER", content: flow(toAgent) },
    { name: "Default queue transfer", type: "QUEUE_TRANSFER", content: flow(toQueue) },
  ];
}

type Action = { readonly Identifier: string; readonly [member: string]: unknown };

/** An action; without `next` one that ends the flow, or never does. With it, every error goes the same way. */
function action(
  Identifier: string,
  Type: string,
  Parameters: Record<string, unknown> = {},
  next?: string,
  errors: readonly string[] = ["NoMatchingError"],
): Action {
  const Errors = errors.map((ErrorType) => ({ ErrorType, NextAction: next }));
  return { Identifier, Type, Parameters, Transitions: next === undefined ? {} : { NextAction: next, Errors } };
}

function compare(
  ComparisonValue: string,
  Condition: { readonly Operator: string; readonly Operands: readonly string[] },
  ways: { readonly met: string; readonly else: string },
): Action {
  return {
    ...action("compare", "Compare", { ComparisonValue }),
    Transitions: {
      NextAction: ways.else,
      Conditions: [{ NextAction: ways.met, Condition }],
      Errors: [{ ErrorType: "NoMatchingCondition", NextAction: ways.else }],
    },
  };
}

function flow(actions: readonly Action[]): string {
  return JSON.stringify({
    Version: "2019-10-30",
    StartAction: actions[0]?.Identifier,
    Metadata: {},
    Actions: actions,
  });
}
