import type {
  AgentStatus as AgentStatusDescription,
  AgentStatusSearchCriteria,
  AgentStatusState,
  AgentStatusType,
  CreateAgentStatusRequest,
  CreateAgentStatusResponse,
  DescribeAgentStatusRequest,
  DescribeAgentStatusResponse,
  ListAgentStatusRequest,
  ListAgentStatusResponse,
  SearchAgentStatusesRequest,
  SearchAgentStatusesResponse,
  UpdateAgentStatusRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader } from "../../store/store.ts";
import { guardRange } from "../range-guard.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { invalidParameter } from "./errors.ts";
import {
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { countReaches } from "./quotas.ts";
import { attributeMatch, criteriaMatch, searchResources, stringLeaf } from "./search.ts";

/** What an agent says that they are doing. Only `ROUTABLE` agents are offered contacts. There is no way to delete one. */
export interface AgentStatus extends InstanceResource {
  readonly type: AgentStatusType;
  readonly state: AgentStatusState;
  /** 1 to 50: the place in the agent's menu. */
  readonly displayOrder?: number | undefined;
}

export const agentStatuses: Collection<AgentStatus> = instanceResources("connect_agent_statuses");

/** Statuses of an instance, the built-in ones among them (quota page: not adjustable). */
const STATUSES_MAX = 50;

/** Creates a `CUSTOM` status: the others are built in. */
export async function createAgentStatus(
  input: Validated<CreateAgentStatusRequest>,
  context: Context,
): Promise<CreateAgentStatusResponse> {
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const prefix = instanceKey(instance, "");
    await guardRange(unit, `${prefix}${agentStatuses.name}`);
    if (await countReaches(unit, { collection: agentStatuses, prefix }, STATUSES_MAX)) {
      throw new ModeledError("LimitExceededException", `An instance may have at most ${STATUSES_MAX} agent statuses`);
    }
    const status: AgentStatus = {
      ...refOf(instance),
      id,
      name: input.Name,
      description: input.Description,
      type: "CUSTOM",
      state: input.State,
      displayOrder: input.DisplayOrder,
      tags: input.Tags ?? {},
      lastModifiedMs: context.clock.now(),
    };
    unit.put(agentStatuses, resourceKey(status), status);
    return { AgentStatusARN: resourceArn("agentStatus", instance, id), AgentStatusId: id };
  });
  return refusingDuplicateName(input.Name, commit);
}

export async function describeAgentStatus(
  input: Validated<DescribeAgentStatusRequest>,
  context: Context,
): Promise<DescribeAgentStatusResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  return { AgentStatus: describe(await getAgentStatus(context.store, instance, input.AgentStatusId)) };
}

export async function listAgentStatuses(
  input: Validated<ListAgentStatusRequest>,
  context: Context,
): Promise<ListAgentStatusResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, agentStatuses, instance, {
    operation: "ListAgentStatuses",
    input,
    types: { wanted: input.AgentStatusTypes, typeOf: ({ type }) => type },
  });
  return {
    AgentStatusSummaryList: page.items.map((status) => ({
      Id: status.id,
      Arn: resourceArn("agentStatus", status, status.id),
      Name: status.name,
      Type: status.type,
      LastModifiedTime: new Date(status.lastModifiedMs),
      LastModifiedRegion: status.region,
    })),
    NextToken: page.nextToken,
  };
}

export async function searchAgentStatuses(
  input: Validated<SearchAgentStatusesRequest>,
  context: Context,
): Promise<SearchAgentStatusesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await searchResources(context.store, agentStatuses, instance, {
    operation: "SearchAgentStatuses",
    input,
    match: [
      criteriaMatch<AgentStatus, AgentStatusSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          name: (status) => status.name,
          description: (status) => status.description,
          state: (status) => status.state,
          type: (status) => status.type,
          displayOrder: (status) => status.displayOrder?.toString(),
          resourceID: (status) => status.id,
        }),
      }),
      attributeMatch(input.SearchFilter?.AttributeFilter),
    ],
  });
  return { AgentStatuses: page.items.map(describe), NextToken: page.nextToken, ApproximateTotalCount: page.total };
}

/** Changes a status. Agents who have it keep it when it is disabled; the built-in ones cannot be (our choice). */
export async function updateAgentStatus(
  input: Validated<UpdateAgentStatusRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const status = await getAgentStatus(unit, instance, input.AgentStatusId);
    if (input.ResetOrderNumber && input.DisplayOrder !== undefined) {
      throw invalidParameter("ResetOrderNumber takes the order away, so it does not go with a DisplayOrder");
    }
    if (status.type !== "CUSTOM" && input.State === "DISABLED") {
      throw invalidParameter(`The built-in agent status ${status.name} cannot be disabled`);
    }
    unit.put(agentStatuses, resourceKey(status), {
      ...status,
      name: input.Name ?? status.name,
      description: input.Description ?? status.description,
      state: input.State ?? status.state,
      displayOrder: input.ResetOrderNumber ? undefined : (input.DisplayOrder ?? status.displayOrder),
      lastModifiedMs: context.clock.now(),
    });
  });
  await refusingDuplicateName(input.Name, commit);
  return {};
}

/** An agent status of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getAgentStatus(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<AgentStatus> {
  return getResource(reader, agentStatuses, "agentStatus", instance, idOrArn);
}

function describe(status: AgentStatus): AgentStatusDescription {
  return {
    AgentStatusARN: resourceArn("agentStatus", status, status.id),
    AgentStatusId: status.id,
    Name: status.name,
    Description: status.description,
    Type: status.type,
    State: status.state,
    DisplayOrder: status.displayOrder,
    Tags: { ...status.tags },
    LastModifiedTime: new Date(status.lastModifiedMs),
    LastModifiedRegion: status.region,
  };
}
