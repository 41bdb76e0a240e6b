import type { CustomFieldsFilter, RelatedItemTypeFilter } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Domain } from "./domain.ts";
import type { CaseValues } from "./field-value.ts";
import type { RelatedItem, RelatedItemContent } from "./related-item.ts";
import { filterCondition } from "./search/case-filter.ts";
import { holdsForValues } from "./search/values-condition.ts";

/** What one filter asks for: items of one type, and of those some. */
export interface ItemFilter {
  readonly type: RelatedItemContent["type"];
  /** What else it says that an index knows. */
  readonly contactArn?: string | undefined;
  readonly slaStatus?: string | undefined;
  readonly holds: (item: RelatedItem) => boolean;
}

/** The filters of a search, any of which an item must meet; without filters every item is found. Throws `ValidationException`. */
export async function itemFilters(
  reader: Reader,
  domain: Domain,
  filters: readonly Validated<RelatedItemTypeFilter>[] = [],
): Promise<readonly ItemFilter[]> {
  const parsed: ItemFilter[] = [];
  for (const filter of filters) parsed.push(await itemFilter(reader, domain, filter));
  return parsed;
}

export function meetsOne(filters: readonly ItemFilter[], item: RelatedItem): boolean {
  return filters.length === 0 || filters.some(({ type, holds }) => item.content.type === type && holds(item));
}

async function itemFilter(
  reader: Reader,
  domain: Domain,
  { contact, file, sla, connectCase, custom }: Validated<RelatedItemTypeFilter>,
): Promise<ItemFilter> {
  if (contact) {
    const { channel: channels = [], contactArn } = contact;
    return of("Contact", { contactArn }, (content) => {
      return isOr(contactArn, content.contactArn) && (channels.length === 0 || channels.includes(content.channel));
    });
  }
  if (file) return of("File", {}, (content) => isOr(file.fileArn, content.fileArn));
  if (sla) {
    const { name, status } = sla;
    return of("Sla", { slaStatus: status }, (content) => isOr(name, content.name) && isOr(status, content.status));
  }
  if (connectCase) return of("ConnectCase", {}, (content) => isOr(connectCase.caseId, content.caseId));
  if (custom) {
    const holds = await customFilter(reader, domain, custom.fields);
    return of("Custom", {}, (content) => holds(content.values));
  }
  return of("Comment", {}, () => true);
}

function of<T extends RelatedItemContent["type"]>(
  type: T,
  known: Pick<ItemFilter, "contactArn" | "slaStatus">,
  holds: (content: Extract<RelatedItemContent, { readonly type: T }>) => boolean,
): ItemFilter {
  return { type, ...known, holds: ({ content }) => holds(content as Parameters<typeof holds>[0]) };
}

/** What is not asked for may be anything. */
function isOr(asked: string | undefined, value: string): boolean {
  return asked === undefined || asked === value;
}

async function customFilter(
  reader: Reader,
  domain: Domain,
  filter: Validated<CustomFieldsFilter> | undefined,
): Promise<(values: CaseValues) => boolean> {
  if (!filter) return () => true;
  const condition = await filterCondition(reader, domain, filter);
  return (values) => holdsForValues(condition, values);
}
