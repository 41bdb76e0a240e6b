import type {
  Sort as ApiSort,
  FieldValue,
  SearchCasesRequest,
  SearchCasesResponse,
  SearchCasesResponseItem,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import type { Case } from "./case.ts";
import { type Domain, domainKey, getDomain } from "./domain.ts";
import { invalid, invalidNextToken } from "./errors.ts";
import { valueUnion } from "./field-value.ts";
import { findUsedField, type UsedField } from "./given-values.ts";
import { filterCondition, termCondition } from "./search/case-filter.ts";
import type { Condition, Place, Sort } from "./search/condition.ts";
import { parsePlace, placeText } from "./search/place-text.ts";
import { search } from "./search/search.ts";

/** Cases of a page where the caller names no number (our choice). */
const PAGE_SIZE = 25;

/** Where the caller names no order (our choice). */
const NEWEST_FIRST: readonly Sort[] = [{ field: "last_updated_datetime", isDescending: true }];

/**
 * Cases that meet the filter and have all words of the term, in order. What was committed before is found.
 *
 * A token goes on behind the last case that was given out, wherever that is now: cases that do not change between pages come once.
 */
export async function searchCases(
  input: Validated<SearchCasesRequest>,
  context: Context,
): Promise<SearchCasesResponse> {
  const { store } = context;
  const domain = await getDomain(store, context, input.domainId);
  const condition = await conditionOf(store, domain, input);
  const told = await fieldsNamed(store, domain, "fields", new Set(input.fields?.map(({ id }) => id)));
  const { filter, searchTerm, maxResults: limit = PAGE_SIZE } = input;
  const sorts = input.sorts?.length ? input.sorts.map(sortOf) : NEWEST_FIRST;
  const sortedBy = await fieldsNamed(store, domain, "sorts", sorts.map(fieldOf));
  const of = ["SearchCases", domainKey(domain, domain.domainId), filter, searchTerm, sorts];
  const behind = placeIn(of, input.nextToken, sortedBy);
  const { cases, total, last } = await search(context, domain, { condition, sorts, behind, limit });
  // What is not there rests on what was read, too.
  if (cases.length === 0) await store.durable();
  return {
    cases: cases.map((found) => itemOf(found, told)),
    totalCount: total,
    nextToken: last && encodePageToken(of, placeText(last)),
  };
}

async function conditionOf(
  reader: Reader,
  domain: Domain,
  { filter, searchTerm }: Validated<SearchCasesRequest>,
): Promise<Condition> {
  const conditions: Condition[] = [];
  if (filter) conditions.push(await filterCondition(reader, domain, filter));
  if (searchTerm !== undefined) conditions.push(termCondition(searchTerm));
  return { kind: "all", of: conditions };
}

function sortOf({ fieldId, sortOrder }: Validated<ApiSort>): Sort {
  return { field: fieldId, isDescending: sortOrder === "Desc" };
}

function fieldOf({ field }: Sort): string {
  return field;
}

async function fieldsNamed(
  reader: Reader,
  domain: Domain,
  member: string,
  ids: Iterable<string>,
): Promise<readonly UsedField[]> {
  const fields: UsedField[] = [];
  for (const id of ids) {
    const field = await findUsedField(reader, domain, id);
    if (!field) throw invalid(`${member}: field ${id} does not exist in domain ${domain.domainId}`);
    fields.push(field);
  }
  return fields;
}

function itemOf({ id, templateId, values, tags }: Case, told: readonly UsedField[]): SearchCasesResponseItem {
  const fields = told.flatMap((field): FieldValue[] => {
    const value = values[field.id];
    return value === undefined ? [] : [{ id: field.id, value: valueUnion(field, value) }];
  });
  return { caseId: id, templateId, fields, tags: { ...tags } };
}

function placeIn(
  of: readonly unknown[],
  token: string | undefined,
  sortedBy: readonly Pick<UsedField, "type">[],
): Place | undefined {
  if (token === undefined) return undefined;
  const position = decodePageToken(of, token);
  const place = position === undefined ? undefined : parsePlace(position, sortedBy);
  if (!place) throw invalidNextToken();
  return place;
}
