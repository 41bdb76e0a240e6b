/** What of an instance pages of people choose from: statuses, routing profiles, queues. Short lists, read whole. */
import { listAll } from "../../listing.ts";

export interface Named {
  readonly Id: string;
  readonly Name: string;
}

export interface AgentStatus extends Named {
  readonly Type: "ROUTABLE" | "CUSTOM" | "OFFLINE";
}

export function listStatuses(InstanceId: string, signal: AbortSignal): Promise<readonly AgentStatus[]> {
  return list("ListAgentStatuses", "AgentStatusSummaryList", { InstanceId, MaxResults: 1000 }, signal);
}

export function listRoutingProfiles(InstanceId: string, signal: AbortSignal): Promise<readonly Named[]> {
  return list("ListRoutingProfiles", "RoutingProfileSummaryList", { InstanceId, MaxResults: 1000 }, signal);
}

export function listQueues(InstanceId: string, signal: AbortSignal): Promise<readonly Named[]> {
  const input = { InstanceId, QueueTypes: ["STANDARD"], MaxResults: 1000 };
  return list("ListQueues", "QueueSummaryList", input, signal);
}

export interface UserSummary {
  readonly Id: string;
  readonly Username: string;
}

export function listUsers(InstanceId: string, signal: AbortSignal): Promise<readonly UserSummary[]> {
  return list("ListUsers", "UserSummaryList", { InstanceId, MaxResults: 1000 }, signal);
}

function list<T>(operation: string, member: string, input: object, signal: AbortSignal): Promise<readonly T[]> {
  return listAll<T>({ model: "connect", operation, input, member, token: "NextToken" }, signal);
}
