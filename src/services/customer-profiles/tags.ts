import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { calculatedAttributeKey, calculatedAttributes } from "./calculated-attributes/calculated-attribute.ts";
import { type Domain, domainArn, domainKey, domains } from "./domain.ts";
import { badRequest, notFound } from "./errors.ts";
import { eventStreamKey, eventStreams } from "./event-streams/event-stream.ts";
import { integrationKey, integrations } from "./integrations/integration.ts";
import { workflowKey, workflows } from "./integrations/workflow.ts";
import { objectTypeKey, objectTypes } from "./object-types/object-type.ts";
import { segmentKey, segments } from "./segments/segment-definition.ts";
import { eventTriggerKey, eventTriggers } from "./triggers/event-trigger.ts";

/** Of one resource. */
const TAGS_MAX = 50;

type Tags = Readonly<Record<string, string>>;

/** Adds tags, or changes their values. */
export async function tagResource(
  input: Validated<TagResourceRequest>,
  context: Context,
): Promise<TagResourceResponse> {
  await context.store.commit(async (unit) => {
    const tagged = await getTagged(unit, context, input.resourceArn);
    const tags = { ...tagged.tags, ...input.tags };
    if (Object.keys(tags).length > TAGS_MAX) throw badRequest(`A resource may have at most ${TAGS_MAX} tags`);
    tagged.put(unit, tags);
  });
  return {};
}

export async function untagResource(
  input: Validated<UntagResourceRequest>,
  context: Context,
): Promise<UntagResourceResponse> {
  const gone = new Set(input.tagKeys);
  await context.store.commit(async (unit) => {
    const tagged = await getTagged(unit, context, input.resourceArn);
    tagged.put(unit, Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !gone.has(key))));
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

/** Finds what has a name in a domain. */
type FindTagged = (reader: Reader, domain: Domain, name: string) => Promise<Tagged | undefined>;

/** What in a domain can be tagged, by how its ARN goes on behind the domain's. */
const TAGGABLE: ReadonlyMap<string, FindTagged> = new Map([
  ["object-types", taggedIn(objectTypes, objectTypeKey, nameOf)],
  ["event-streams", taggedIn(eventStreams, eventStreamKey, nameOf)],
  ["event-triggers", taggedIn(eventTriggers, eventTriggerKey, nameOf)],
  [
    "integrations",
    taggedIn(
      integrations,
      ({ uid, name }) => integrationKey({ uid, uri: name }),
      ({ uri }) => uri,
    ),
  ],
  [
    "workflows",
    taggedIn(
      workflows,
      ({ uid, name }) => workflowKey({ uid, id: name }),
      ({ id }) => id,
    ),
  ],
  ["segment-definitions", taggedIn(segments, segmentKey, nameOf)],
  ["calculated-attributes", taggedIn(calculatedAttributes, calculatedAttributeKey, nameOf)],
]);

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function taggedIn<T extends { readonly tags: Tags }>(
  collection: Collection<T>,
  keyOf: (named: { readonly uid: string; readonly name: string }) => string,
  itsName: (document: T) => string,
): FindTagged {
  return async (reader, { uid }, name) => {
    const key = keyOf({ uid, name });
    const found = await reader.get(collection, key);
    // An event stream lies under its domain alone, whatever it is called.
    return found && itsName(found) === name ? tagged(collection, key, found) : undefined;
  };
}

function tagged<T extends { readonly tags: Tags }>(collection: Collection<T>, key: string, document: T): Tagged {
  return { tags: document.tags, put: (unit, tags) => unit.put(collection, key, { ...document, tags }) };
}

/** A resource of the caller's by its ARN, or `ResourceNotFoundException`. */
async function getTagged(reader: Reader, { account, region }: Context, arn: string): Promise<Tagged> {
  const prefix = domainArn({ account, region, name: "" });
  const [domainName = "", kind, ...rest] = arn.startsWith(prefix) ? arn.slice(prefix.length).split("/") : [];
  const key = domainKey({ account, region }, domainName);
  const domain = await reader.get(domains, key);
  const found =
    domain && (kind === undefined ? tagged(domains, key, domain) : await inDomain(reader, domain, kind, rest));
  if (!found) throw notFound(`Resource ${arn} does not exist`);
  return found;
}

async function inDomain(
  reader: Reader,
  domain: Domain,
  kind: string,
  name: readonly string[],
): Promise<Tagged | undefined> {
  return TAGGABLE.get(kind)?.(reader, domain, name.join("/"));
}
