import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { caseKey, cases } from "./case.ts";
import { caseRuleKey, caseRules } from "./case-rule.ts";
import { type Domain, domainKey, domains, type Owner } from "./domain.ts";
import { invalid, notFound, type ResourceType } from "./errors.ts";
import { fieldKey, fields } from "./field.ts";
import { layoutKey, layouts } from "./layout.ts";
import { relatedItemKey, relatedItems } from "./related-item.ts";
import { templateKey, templates } from "./template.ts";

/** Of one resource. */
const TAGS_MAX = 50;

const KEY = /^(?!aws:)[a-z0-9 _.:/=+@-]{1,128}$/i;
/** Searches take tags apart at control characters. */
const VALUE = /^\P{Cc}{0,256}$/u;

type Tags = Readonly<Record<string, string>>;

/** Adds tags, or changes their values. */
export async function tagResource(input: Validated<TagResourceRequest>, context: Context): Promise<object> {
  await context.store.commit(async (unit) => {
    const tagged = await getTagged(unit, context, input.arn);
    const tags = { ...tagged.tags, ...checkedTags(input.tags) };
    if (Object.keys(tags).length > TAGS_MAX) throw invalid(`tags: a resource may have at most ${TAGS_MAX}`);
    tagged.put(unit, tags);
  });
  return {};
}

/** Keys that are not there change nothing. */
export async function untagResource(input: Validated<UntagResourceRequest>, context: Context): Promise<object> {
  const gone = new Set(input.tagKeys);
  await context.store.commit(async (unit) => {
    const tagged = await getTagged(unit, context, input.arn);
    tagged.put(unit, Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !gone.has(key))));
  });
  return {};
}

export async function listTagsForResource(
  input: Validated<ListTagsForResourceRequest>,
  context: Context,
): Promise<ListTagsForResourceResponse> {
  const { tags } = await getTagged(context.store, context, input.arn);
  return { tags: { ...tags } };
}

/** The model constrains neither keys nor values, and allows null. */
function checkedTags(tags: Readonly<Record<string, string | null>>): Tags {
  const entries = Object.entries(tags).map(([key, value]): [string, string] => {
    if (!KEY.test(key)) {
      throw invalid(
        `tags: ${key} is not a key: 1 to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:`,
      );
    }
    if (value === null || !VALUE.test(value)) {
      throw invalid(
        `tags: the value of ${key} must be a text of at most 256 characters, none of them a control character`,
      );
    }
    return [key, value];
  });
  return Object.fromEntries(entries);
}

interface Tagged {
  readonly tags: Tags;
  put(unit: Unit, tags: Tags): void;
}

/** What can be tagged, by the words between the ids in its ARN: `domain/ID/case/ID`. */
interface Taggable {
  readonly type: ResourceType;
  find(reader: Reader, domain: Domain, ids: readonly string[]): Promise<Tagged | undefined>;
}

const TAGGABLE: Readonly<Record<string, Taggable>> = {
  domain: { type: "Domain", find: async (_, domain) => tagged(domains, domainKey(domain, domain.domainId), domain) },
  "domain/field": taggable("Field", fields, fieldKey),
  "domain/template": taggable("Template", templates, templateKey),
  "domain/layout": taggable("Layout", layouts, layoutKey),
  "domain/case-rule": taggable("CaseRule", caseRules, caseRuleKey),
  "domain/case": taggable("Case", cases, caseKey),
  "domain/case/related-item": {
    type: "RelatedItem",
    find: (reader, { domainId }, [caseId = "", id = ""]) =>
      findTagged(reader, relatedItems, relatedItemKey({ domainId, caseId, id })),
  },
};

function taggable<T extends { readonly tags: Tags }>(
  type: ResourceType,
  collection: Collection<T>,
  keyOf: (named: { readonly domainId: string; readonly id: string }) => string,
): Taggable {
  return { type, find: (reader, { domainId }, [id = ""]) => findTagged(reader, collection, keyOf({ domainId, id })) };
}

async function findTagged<T extends { readonly tags: Tags }>(
  reader: Reader,
  collection: Collection<T>,
  key: string,
): Promise<Tagged | undefined> {
  const found = await reader.get(collection, key);
  return found && tagged(collection, key, found);
}

function tagged<T extends { readonly tags: Tags }>(collection: Collection<T>, key: string, document: T): Tagged {
  return { tags: document.tags, put: (unit, tags) => unit.put(collection, key, { ...document, tags }) };
}

const ARN = /^arn:aws:cases:([^:]+):([^:]+):(.+)$/;

/** A resource of the caller's by its ARN, or `ResourceNotFoundException`; `ValidationException` for what is not the ARN of one. */
async function getTagged(reader: Reader, owner: Owner, arn: string): Promise<Tagged> {
  const [, region, account, resource = ""] = ARN.exec(arn) ?? [];
  const parts = resource.split("/");
  const kind = parts.filter((_, place) => place % 2 === 0).join("/");
  const [domainId = "", ...ids] = parts.filter((_, place) => place % 2 === 1);
  const found = Object.hasOwn(TAGGABLE, kind) ? TAGGABLE[kind] : undefined;
  if (!found || parts.length % 2 === 1) throw invalid(`arn: ${arn} is not the ARN of something that has tags`);
  const isOwn = region === owner.region && account === owner.account;
  const domain = isOwn ? await reader.get(domains, domainKey(owner, domainId)) : undefined;
  const resourceFound = domain && (await found.find(reader, domain, ids));
  if (!resourceFound) throw notFound(found.type, parts.at(-1) ?? "");
  return resourceFound;
}
