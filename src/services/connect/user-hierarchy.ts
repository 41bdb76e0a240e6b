import type {
  CreateUserHierarchyGroupRequest,
  CreateUserHierarchyGroupResponse,
  DeleteUserHierarchyGroupRequest,
  DescribeUserHierarchyGroupRequest,
  DescribeUserHierarchyGroupResponse,
  HierarchyGroup as HierarchyGroupDescription,
  HierarchyGroupSummary,
  ListUserHierarchyGroupsRequest,
  ListUserHierarchyGroupsResponse,
  SearchUserHierarchyGroupsRequest,
  SearchUserHierarchyGroupsResponse,
  UpdateUserHierarchyGroupNameRequest,
  UserHierarchyGroupSearchCriteria,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { refreshGroup } from "./agent-refresh.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { invalidParameter } from "./errors.ts";
import { useHierarchyLevel } from "./hierarchy-levels.ts";
import {
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { quotaReached } from "./quotas.ts";
import { attributeMatch, criteriaMatch, searchResources, stringLeaf } from "./search.ts";
import { users } from "./users.ts";

/** A group of users, such as a team or a site. Groups form trees, up to five deep. */
export interface HierarchyGroup extends InstanceResource {
  readonly parentId?: string | undefined;
  /** 1 to 5: how many groups lead to it from above, itself counted. */
  readonly depth: number;
  /** The level of the instance's hierarchy structure at that depth. */
  readonly levelId: string;
}

/** Names of groups are unique among the groups of one parent (our choice). */
export const hierarchyGroups: Collection<HierarchyGroup> = instanceResources("connect_hierarchy_groups", {
  name: { type: "text", unique: true, value: (group) => instanceKey(group, group.parentId ?? "", group.name) },
  parent: { type: "text", value: (group) => group.parentId && instanceKey(group, group.parentId) },
  depth: { type: "text", value: (group) => instanceKey(group, group.depth) },
});

const NAME_MAX = 100;

/** Where the API has a member for each level, in their order. */
export const LEVELS = ["LevelOne", "LevelTwo", "LevelThree", "LevelFour", "LevelFive"] as const;

export async function createUserHierarchyGroup(
  input: Validated<CreateUserHierarchyGroupRequest>,
  context: Context,
): Promise<CreateUserHierarchyGroupResponse> {
  requireName(input.Name);
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const counted = { collection: hierarchyGroups, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.hierarchy-groups-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of hierarchy groups per instance is used up");
    }
    const parent =
      input.ParentGroupId === undefined ? undefined : await useHierarchyGroup(unit, instance, input.ParentGroupId);
    const depth = (parent?.depth ?? 0) + 1;
    const group: HierarchyGroup = {
      ...refOf(instance),
      id,
      name: input.Name,
      parentId: parent?.id,
      depth,
      levelId: await useHierarchyLevel(unit, instance, depth),
      tags: input.Tags ?? {},
      lastModifiedMs: context.clock.now(),
    };
    unit.put(hierarchyGroups, resourceKey(group), group);
    return { HierarchyGroupId: id, HierarchyGroupArn: resourceArn("hierarchyGroup", instance, id) };
  });
  return refusingDuplicateName(input.Name, commit);
}

export async function describeUserHierarchyGroup(
  input: Validated<DescribeUserHierarchyGroupRequest>,
  context: Context,
): Promise<DescribeUserHierarchyGroupResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const group = await getHierarchyGroup(context.store, instance, input.HierarchyGroupId);
  return { HierarchyGroup: await groupDescription(context.store, group) };
}

export async function listUserHierarchyGroups(
  input: Validated<ListUserHierarchyGroupsRequest>,
  context: Context,
): Promise<ListUserHierarchyGroupsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, hierarchyGroups, instance, {
    operation: "ListUserHierarchyGroups",
    input,
  });
  return { UserHierarchyGroupSummaryList: page.items.map(groupSummary), NextToken: page.nextToken };
}

/** Agents at work in the group, or below it, are told under its new name from then on; what was told before stays. */
export async function updateUserHierarchyGroupName(
  input: Validated<UpdateUserHierarchyGroupNameRequest>,
  context: Context,
): Promise<Record<string, never>> {
  requireName(input.Name);
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const group = await getHierarchyGroup(unit, instance, input.HierarchyGroupId);
    unit.put(hierarchyGroups, resourceKey(group), { ...group, name: input.Name, lastModifiedMs: context.clock.now() });
    refreshGroup(unit, context, { ...refOf(instance), groupId: group.id });
  });
  await refusingDuplicateName(input.Name, commit);
  return {};
}

export async function searchUserHierarchyGroups(
  input: Validated<SearchUserHierarchyGroupsRequest>,
  context: Context,
): Promise<SearchUserHierarchyGroupsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await searchResources(context.store, hierarchyGroups, instance, {
    operation: "SearchUserHierarchyGroups",
    input,
    match: [
      criteriaMatch<HierarchyGroup, UserHierarchyGroupSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          name: (group) => group.name,
          parentId: (group) => group.parentId,
          levelId: (group) => group.levelId,
          resourceID: (group) => group.id,
        }),
      }),
      attributeMatch(input.SearchFilter?.AttributeFilter),
    ],
  });
  return {
    UserHierarchyGroups: await Promise.all(page.items.map((group) => groupDescription(context.store, group))),
    NextToken: page.nextToken,
    ApproximateTotalCount: page.total,
  };
}

/** Deletes a group without users and without groups below it. */
export async function deleteUserHierarchyGroup(
  input: Validated<DeleteUserHierarchyGroupRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const group = await getHierarchyGroup(unit, instance, input.HierarchyGroupId);
    const here = { equals: resourceKey(group), limit: 1 };
    const children = await unit.list(hierarchyGroups, { index: "parent", ...here });
    const members = await unit.list(users, { index: "hierarchyGroup", ...here });
    if (children.documents.length > 0 || members.documents.length > 0) {
      throw new ModeledError("ResourceInUseException", `Hierarchy group ${group.id} has users or child groups`, {
        ResourceType: "HIERARCHY_GROUP",
        ResourceId: group.id,
      });
    }
    unit.delete(hierarchyGroups, resourceKey(group));
  });
  return {};
}

/** A hierarchy group of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getHierarchyGroup(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
): Promise<HierarchyGroup> {
  return getResource(reader, hierarchyGroups, "hierarchyGroup", instance, idOrArn);
}

/** The same, for a user or a group below it. Writes it as well, since whether it may be deleted rests on who is in it. */
export async function useHierarchyGroup(unit: Unit, instance: InstanceRef, idOrArn: string): Promise<HierarchyGroup> {
  const group = await getHierarchyGroup(unit, instance, idOrArn);
  unit.put(hierarchyGroups, resourceKey(group), group);
  return group;
}

/** The groups that lead to a group from above, it included. */
export async function hierarchyPathOf(reader: Reader, group: HierarchyGroup): Promise<HierarchyGroup[]> {
  const path = [group];
  for (let parentId = group.parentId; parentId !== undefined; parentId = path[0]?.parentId) {
    path.unshift(await getHierarchyGroup(reader, group, parentId));
  }
  return path;
}

async function groupDescription(reader: Reader, group: HierarchyGroup): Promise<HierarchyGroupDescription> {
  const path = await hierarchyPathOf(reader, group);
  return {
    ...groupSummary(group),
    LevelId: group.levelId,
    HierarchyPath: Object.fromEntries(path.map((above) => [LEVELS[above.depth - 1], groupSummary(above)])),
    Tags: { ...group.tags },
  };
}

function groupSummary(group: HierarchyGroup): HierarchyGroupSummary {
  return {
    Id: group.id,
    Arn: resourceArn("hierarchyGroup", group, group.id),
    Name: group.name,
    LastModifiedTime: new Date(group.lastModifiedMs),
    LastModifiedRegion: group.region,
  };
}

function requireName(name: string): void {
  if (name.trim() === "" || name.length > NAME_MAX) {
    throw invalidParameter(`The name of a hierarchy group has 1 to ${NAME_MAX} characters`);
  }
}
