import type {
  SearchResourceTagsRequest,
  SearchResourceTagsResponse,
  TagSearchCondition,
  TagSet,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { agentStatuses } from "./agent-statuses.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { contactFlowModules } from "./contact-flow-modules.ts";
import { contactFlows } from "./contact-flows.ts";
import { invalidNextToken, invalidParameter } from "./errors.ts";
import { hoursOfOperations } from "./hours-of-operation.ts";
import { PAGE_SIZE } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { queues } from "./queues.ts";
import { quickConnects } from "./quick-connects.ts";
import { routingProfiles } from "./routing-profiles.ts";
import { findAll, stringComparison } from "./search.ts";
import { securityProfiles } from "./security-profiles.ts";
import { users } from "./users.ts";

type Tags = Readonly<Record<string, string>>;
type ReadTags = (reader: Reader, instance: InstanceRef) => Promise<Tags[]>;

/** The resource types that the operation knows. There are neither prompts nor metrics here that could have tags. */
const RESOURCE_TYPES: Readonly<Record<string, ReadTags>> = {
  agent: tagsIn(users),
  "agent-state": tagsIn(agentStatuses),
  "routing-profile": tagsIn(routingProfiles),
  "standard-queue": tagsIn(queues),
  "security-profile": tagsIn(securityProfiles),
  "operating-hours": tagsIn(hoursOfOperations),
  prompt: async () => [],
  "contact-flow": tagsIn(contactFlows),
  "flow-module": tagsIn(contactFlowModules),
  "transfer-destination": tagsIn(quickConnects),
  metric: async () => [],
};

/** Tags that one search may find: "Maximum number (1000) of tags have been returned with current request." */
const TAGS_MAX = 1_000;

/** Finds which tags an instance's resources have: each key and value once, in their order. */
export async function searchResourceTags(
  input: Validated<SearchResourceTagsRequest>,
  context: Context,
): Promise<SearchResourceTagsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const types = input.ResourceTypes?.length ? input.ResourceTypes : Object.keys(RESOURCE_TYPES);
  const matches = tagComparison(input.SearchCriteria?.TagSearchCondition ?? {});

  const found = new Map<string, Required<TagSet>>();
  for (const type of types) {
    const readTags = Object.hasOwn(RESOURCE_TYPES, type) ? RESOURCE_TYPES[type] : undefined;
    if (!readTags)
      throw invalidParameter(`ResourceType ${type} is not one of ${Object.keys(RESOURCE_TYPES).join(", ")}`);
    for (const tags of await readTags(context.store, instance)) {
      for (const [key, value] of Object.entries(tags)) {
        if (matches(key, value)) found.set(nameOf({ key, value }), { key, value });
      }
    }
  }
  if (found.size > TAGS_MAX) {
    throw new ModeledError("MaximumResultReturnedException", `The search finds more than ${TAGS_MAX} tags`);
  }

  const sorted = [...found.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const page = slicePage(sorted, nameOf, {
    of: ["SearchResourceTags", instanceKey(instance), types, input.SearchCriteria],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { Tags: [...page.items], NextToken: page.nextToken };
}

function tagsIn<T extends { readonly tags: Tags }>(from: Collection<T>): ReadTags {
  return async (reader, instance) =>
    (await findAll(reader, from, instanceKey(instance, ""), [])).map(({ tags }) => tags);
}

/** Key and value are compared as `SearchCriteria` says, by default whole; what it leaves out matches. */
function tagComparison(condition: TagSearchCondition): (key: string, value: string) => boolean {
  const { tagKey, tagValue, tagKeyComparisonType = "EXACT", tagValueComparisonType = "EXACT" } = condition;
  const matchesKey = tagKey === undefined ? () => true : stringComparison(tagKey, tagKeyComparisonType);
  const matchesValue = tagValue === undefined ? () => true : stringComparison(tagValue, tagValueComparisonType);
  return (key, value) => matchesKey(key) && matchesValue(value);
}

/** No key holds a line break. */
function nameOf({ key, value }: Required<TagSet>): string {
  return `${key}\n${value}`;
}
