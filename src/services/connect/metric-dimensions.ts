import type { Channel, Dimensions, Grouping } from "@aws-sdk/client-connect";
import { type InstanceRef, resourceArn } from "./arns.ts";

/** What a result is grouped by, as GetCurrentMetricData and GetMetricData show it. Resources by id. */
export type GroupedBy = Readonly<Partial<Record<Grouping, string>>>;

export function dimensionsOf(instance: InstanceRef, by: GroupedBy): Dimensions {
  const { QUEUE, CHANNEL, ROUTING_PROFILE, AGENT_STATUS, SUBTYPE } = by;
  return {
    ...(QUEUE !== undefined && { Queue: { Id: QUEUE, Arn: resourceArn("queue", instance, QUEUE) } }),
    ...(CHANNEL !== undefined && { Channel: CHANNEL as Channel }),
    ...(ROUTING_PROFILE !== undefined && {
      RoutingProfile: { Id: ROUTING_PROFILE, Arn: resourceArn("routingProfile", instance, ROUTING_PROFILE) },
    }),
    ...(SUBTYPE !== undefined && { Subtype: SUBTYPE }),
    ...(AGENT_STATUS !== undefined && {
      AgentStatus: { Id: AGENT_STATUS, Arn: resourceArn("agentStatus", instance, AGENT_STATUS) },
    }),
  };
}
