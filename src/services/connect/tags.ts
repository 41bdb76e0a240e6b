import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { agentStatuses } from "./agent-statuses.ts";
import { instanceKey, parseArn, type ResourceKind } from "./arns.ts";
import { contactEvaluations } from "./contact-evaluations.ts";
import { contactFlowModules } from "./contact-flow-modules.ts";
import { contactFlows } from "./contact-flows.ts";
import { emailAddresses } from "./email-addresses.ts";
import { invalidParameter, notFound } from "./errors.ts";
import { evaluationForms } from "./evaluation-forms.ts";
import { hoursOfOperations } from "./hours-of-operation.ts";
import { instances } from "./instances.ts";
import { integrationAssociations } from "./integration-associations.ts";
import { parsePhoneNumberId, phoneNumberKey, phoneNumbers } from "./phone-numbers.ts";
import { queues } from "./queues.ts";
import { quickConnects } from "./quick-connects.ts";
import { routingProfiles } from "./routing-profiles.ts";
import { rules } from "./rules.ts";
import { securityProfiles } from "./security-profiles.ts";
import { useCases } from "./use-cases.ts";
import { hierarchyGroups } from "./user-hierarchy.ts";
import { users } from "./users.ts";

/** Tags of one resource. */
const TAGS_MAX = 50;

type Tags = Readonly<Record<string, string>>;

export async function tagResource(
  input: Validated<TagResourceRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const tagged = await getTagged(unit, context, input.resourceArn);
    const tags = { ...tagged.tags, ...input.tags };
    if (Object.keys(tags).length > TAGS_MAX) throw invalidParameter(`A resource may have at most ${TAGS_MAX} tags`);
    tagged.put(unit, tags);
  });
  return {};
}

export async function untagResource(
  input: Validated<UntagResourceRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const removed = new Set(input.tagKeys);
  await context.store.commit(async (unit) => {
    const tagged = await getTagged(unit, context, input.resourceArn);
    tagged.put(unit, Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !removed.has(key))));
  });
  return {};
}

export async function listTagsForResource(
  input: Validated<ListTagsForResourceRequest>,
  context: Context,
): Promise<ListTagsForResourceResponse> {
  const { tags } = await getTagged(context.store, context, input.resourceArn);
  return { tags: { ...tags } };
}

interface Tagged {
  readonly tags: Tags;
  put(unit: Unit, tags: Tags): void;
}

/** Reads the tags of what has this key, if anything has. */
type FindTagged = (reader: Reader, key: string) => Promise<Tagged | undefined>;

/** What can be tagged. Contacts cannot: they have tags of another kind (`contact-tags.ts`). */
const TAGGABLE: Readonly<Partial<Record<ResourceKind, FindTagged>>> = {
  agentStatus: taggedIn(agentStatuses),
  contactEvaluation: taggedIn(contactEvaluations),
  contactFlow: taggedIn(contactFlows),
  contactFlowModule: taggedIn(contactFlowModules),
  emailAddress: taggedIn(emailAddresses),
  evaluationForm: taggedIn(evaluationForms),
  hierarchyGroup: taggedIn(hierarchyGroups),
  hoursOfOperation: taggedIn(hoursOfOperations),
  integrationAssociation: taggedIn(integrationAssociations),
  queue: taggedIn(queues),
  quickConnect: taggedIn(quickConnects),
  routingProfile: taggedIn(routingProfiles),
  rule: taggedIn(rules),
  securityProfile: taggedIn(securityProfiles),
  useCase: taggedIn(useCases),
  user: taggedIn(users),
};

const findTaggedInstance = taggedIn(instances);
const findTaggedNumber = taggedIn(phoneNumbers);

function taggedIn<T extends { readonly tags: Tags }>(collection: Collection<T>): FindTagged {
  return async (reader, key) => {
    const document = await reader.get(collection, key);
    return document && { tags: document.tags, put: (unit, tags) => unit.put(collection, key, { ...document, tags }) };
  };
}

async function getTagged(reader: Reader, context: Context, arn: string): Promise<Tagged> {
  const find = finderOf(arn, context);
  if (find === "untaggable") throw invalidParameter(`Resource ${arn} cannot be tagged`);
  const tagged = await find?.(reader);
  if (!tagged) throw notFound(`Resource ${arn} does not exist`);
  return tagged;
}

/** The tags of what an ARN names, for policies. */
export async function tagsOf(reader: Reader, arn: string): Promise<Tags | undefined> {
  const [, , , region = "", account = ""] = arn.split(":", 5);
  const find = finderOf(arn, { account, region });
  return find === "untaggable" ? undefined : (await find?.(reader))?.tags;
}

/** What finds the tags of what an ARN names. `undefined` for an ARN that names nothing of this account and Region. */
function finderOf(
  arn: string,
  scope: Pick<Context, "account" | "region">,
): ((reader: Reader) => Promise<Tagged | undefined>) | "untaggable" | undefined {
  // Numbers belong to the account rather than to an instance.
  const numberId = arn.startsWith("arn:") ? parsePhoneNumberId(arn, scope) : undefined;
  if (numberId !== undefined) return (reader) => findTaggedNumber(reader, phoneNumberKey({ ...scope, id: numberId }));
  const named = parseArn(arn, scope);
  if (!named) return undefined;
  const { instance, resource } = named;
  if (resource === undefined) return (reader) => findTaggedInstance(reader, instanceKey(instance));
  const find = TAGGABLE[resource.kind];
  return find ? (reader) => find(reader, instanceKey(instance, resource.id)) : "untaggable";
}
