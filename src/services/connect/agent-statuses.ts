import type { AgentStatusState, AgentStatusType } from "@aws-sdk/client-connect";
import type { Collection } from "../../store/store.ts";
import { type InstanceResource, instanceResources } from "./instance-resources.ts";

/** What an agent says that they are doing. Only `ROUTABLE` agents are offered contacts. */
export interface AgentStatus extends InstanceResource {
  readonly type: AgentStatusType;
  readonly state: AgentStatusState;
  /** 1 to 50: the place in the agent's menu. */
  readonly displayOrder?: number | undefined;
}

export const agentStatuses: Collection<AgentStatus> = instanceResources("connect_agent_statuses");
