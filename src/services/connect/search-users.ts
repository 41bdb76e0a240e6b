import type {
  HierarchyGroupCondition,
  SearchUsersRequest,
  SearchUsersResponse,
  UserSearchCriteria,
  UserSearchSummary,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, parseResourceId, resourceArn } from "./arns.ts";
import { invalidParameter } from "./errors.ts";
import { getInstance } from "./instances.ts";
import {
  attributeMatch,
  criteriaMatch,
  findAll,
  type Leaf,
  listLeaf,
  type Match,
  searchResources,
  stringLeaf,
  tagMatch,
} from "./search.ts";
import { type HierarchyGroup, hierarchyGroups } from "./user-hierarchy.ts";
import { channelConfigsOf, type Proficiency, type User, users } from "./users.ts";

export async function searchUsers(
  input: Validated<SearchUsersRequest>,
  context: Context,
): Promise<SearchUsersResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const groups = await findAll(context.store, hierarchyGroups, instanceKey(instance, ""), []);
  const HierarchyGroupCondition = groupLeaf(instance, groups);
  const page = await searchResources(context.store, users, instance, {
    operation: "SearchUsers",
    input,
    match: [
      criteriaMatch<User, UserSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          Username: (user) => user.name,
          FirstName: (user) => user.identity.FirstName,
          LastName: (user) => user.identity.LastName,
          RoutingProfileId: (user) => user.routingProfileId,
          SecurityProfileId: (user) => user.securityProfileIds,
          resourceId: (user) => user.id,
        }),
        ListCondition: listLeaf<User, Proficiency>({
          PROFICIENCIES: {
            elementsOf: (user) => user.proficiencies,
            strings: { name: ({ name }) => name, value: ({ value }) => value },
            numbers: { limit: ({ level }) => level },
          },
        }),
        HierarchyGroupCondition,
      }),
      tagMatch(input.SearchFilter?.TagFilter),
      attributeMatch(input.SearchFilter?.UserAttributeFilter, { HierarchyGroupCondition }),
    ],
  });
  return {
    Users: page.items.map(searchSummary),
    NextToken: page.nextToken,
    ApproximateTotalCount: page.total,
  };
}

/** A user is in a group, or in it or any below it. Without a match type it is `EXACT` (our choice). */
function groupLeaf(instance: InstanceRef, groups: readonly HierarchyGroup[]): Leaf<User, HierarchyGroupCondition> {
  return ({ Value, HierarchyGroupMatchType }): Match<User> => {
    const id = Value && parseResourceId("hierarchyGroup", instance, Value);
    if (!id) throw invalidParameter("A HierarchyGroupCondition needs the id of a hierarchy group as its Value");
    const wanted = HierarchyGroupMatchType === "WITH_CHILD_GROUPS" ? idsFrom(id, groups) : new Set([id]);
    return ({ hierarchyGroupId }) => hierarchyGroupId !== undefined && wanted.has(hierarchyGroupId);
  };
}

/** The ids of a group and of all below it. */
function idsFrom(id: string, groups: readonly HierarchyGroup[]): ReadonlySet<string> {
  const ids = new Set([id]);
  const fromTheTop = groups.toSorted((a, b) => a.depth - b.depth);
  for (const { id: child, parentId } of fromTheTop) if (parentId !== undefined && ids.has(parentId)) ids.add(child);
  return ids;
}

function searchSummary(user: User): UserSearchSummary {
  const { FirstName, LastName } = user.identity;
  return {
    Id: user.id,
    Arn: resourceArn("user", user, user.id),
    Username: user.name,
    IdentityInfo: { FirstName, LastName },
    PhoneConfig: inMilliseconds(user.phone),
    ...channelConfigsOf(user),
    DirectoryUserId: user.directoryUserId,
    SecurityProfileIds: [...user.securityProfileIds],
    RoutingProfileId: user.routingProfileId,
    HierarchyGroupId: user.hierarchyGroupId,
    Tags: { ...user.tags },
  };
}

/** "When returned by a SearchUsers call, AfterContactWorkTimeLimit is returned in milliseconds" (UserPhoneConfig). */
function inMilliseconds(phone: User["phone"]): User["phone"] {
  if (phone?.AfterContactWorkTimeLimit === undefined) return phone;
  return { ...phone, AfterContactWorkTimeLimit: phone.AfterContactWorkTimeLimit * 1_000 };
}
