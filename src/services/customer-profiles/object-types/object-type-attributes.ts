/**
 * What stands in the objects of a type: names of attributes, their values, and figures of them. Read from the newest objects when somebody asks,
 * so that nothing is kept for it while objects flow in.
 */
import { setImmediate } from "node:timers/promises";
import type {
  GetObjectTypeAttributeStatisticsRequest,
  GetObjectTypeAttributeStatisticsResponse,
  ListObjectTypeAttributesRequest,
  ListObjectTypeAttributesResponse,
  ListObjectTypeAttributeValuesRequest,
  ListObjectTypeAttributeValuesResponse,
} from "@aws-sdk/client-customer-profiles";
import { parseDecimal } from "../../../matching/decimal.ts";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey } from "../../../store/store.ts";
import { parseKeepingNumbers } from "../../json-text.ts";
import { slicePage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { attributesOf } from "../calculated-attributes/attribute-path.ts";
import { type Domain, getDomain } from "../domain.ts";
import { badRequest, invalidNextToken, notFound } from "../errors.ts";
import { newestObjects, type StoredObject } from "../stored-object.ts";
import { findObjectType } from "./object-type.ts";
import { standardObjects } from "./standard-objects.ts";

const PAGE_SIZE = 100;

/** Objects that names and values are read from: the newest. */
const LOOKED_AT_MAX = 1_000;
/** Objects that figures are made of: the newest. */
const COUNTED_MAX = 10_000;

/** "Up to about 350 KB per attribute" of values. */
const VALUES_BYTES_MAX = 350 * 1024;
/** Of one value, in characters. */
const VALUE_LENGTH_MAX = 1000;

/** Names of the attributes that the newest objects of a type have, those of the newest object first. */
export async function listObjectTypeAttributes(
  input: Validated<ListObjectTypeAttributesRequest>,
  context: Context,
): Promise<ListObjectTypeAttributesResponse> {
  const domain = await domainWith(input, context);
  const newest = new Map<string, Seen>();
  for await (const { content, updatedMs } of newestOf(context, domain, input.ObjectTypeName, LOOKED_AT_MAX)) {
    for (const { path } of attributesOf(parseKeepingNumbers(content))) {
      see(newest, path, updatedMs);
    }
  }
  const page = seenPage(newest, input, ["ListObjectTypeAttributes", domain.uid, input.ObjectTypeName]);
  return {
    Items: page.items.map(({ text, seenMs }) => ({ AttributeName: text, LastUpdatedAt: new Date(seenMs) })),
    NextToken: page.nextToken,
  };
}

/** The values that an attribute has in the newest objects of a type, each once, the newest first. */
export async function listObjectTypeAttributeValues(
  input: Validated<ListObjectTypeAttributeValuesRequest>,
  context: Context,
): Promise<ListObjectTypeAttributeValuesResponse> {
  const { ObjectTypeName, AttributeName } = input;
  const domain = await domainWith(input, context);
  const newest = new Map<string, Seen>();
  let bytes = 0;
  for await (const { content, updatedMs } of newestOf(context, domain, ObjectTypeName, LOOKED_AT_MAX)) {
    for (const { path, text } of attributesOf(parseKeepingNumbers(content))) {
      if (path !== AttributeName || text === "" || text.length > VALUE_LENGTH_MAX) continue;
      if (!newest.has(text)) bytes += Buffer.byteLength(text);
      see(newest, text, updatedMs);
    }
    if (bytes > VALUES_BYTES_MAX) break;
  }
  const of = ["ListObjectTypeAttributeValues", domain.uid, ObjectTypeName, AttributeName];
  const page = seenPage(newest, input, of);
  return {
    Items: page.items.map(({ text, seenMs }) => ({ Value: text, LastUpdatedAt: new Date(seenMs) })),
    NextToken: page.nextToken,
  };
}

/** Figures of the numbers that an attribute has in the newest objects of a type, or `BadRequestException` where it has none. */
export async function getObjectTypeAttributeStatistics(
  input: Validated<GetObjectTypeAttributeStatisticsRequest>,
  context: Context,
): Promise<GetObjectTypeAttributeStatisticsResponse> {
  const { ObjectTypeName, AttributeName } = input;
  const domain = await domainWith(input, context);
  const numbers: number[] = [];
  for await (const { content } of newestOf(context, domain, ObjectTypeName, COUNTED_MAX)) {
    for (const { path, text } of attributesOf(JSON.parse(content))) {
      const number = path === AttributeName && parseDecimal(text) !== undefined ? Number(text) : Number.NaN;
      if (Number.isFinite(number)) numbers.push(number);
    }
  }
  if (numbers.length === 0) {
    throw badRequest(`AttributeName: ${AttributeName} has no numbers in objects of type ${ObjectTypeName}`);
  }
  return { Statistics: statisticsOf(numbers), CalculatedAt: new Date(context.clock.now()) };
}

/** A text, and when it stood in an object last. */
interface Seen {
  readonly text: string;
  readonly seenMs: number;
}

/** Objects of one day come in no order. */
function see(seen: Map<string, Seen>, text: string, timeMs: number): void {
  seen.set(text, { text, seenMs: Math.max(seen.get(text)?.seenMs ?? timeMs, timeMs) });
}

const LATEST_MS = 8.64e15;

function seenPage(
  newest: ReadonlyMap<string, Seen>,
  { NextToken, MaxResults }: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
  of: readonly unknown[],
): { readonly items: readonly Seen[]; readonly nextToken: string | undefined } {
  const orderOf = ({ text, seenMs }: Seen): string => compositeKey(LATEST_MS - seenMs, text);
  const seen = [...newest.values()].map((one) => ({ ...one, order: orderOf(one) }));
  return slicePage(
    seen.toSorted((one, other) => (one.order < other.order ? -1 : 1)),
    ({ order }) => order,
    { of, token: NextToken, limit: MaxResults ?? PAGE_SIZE, refuse: invalidNextToken },
  );
}

async function domainWith(
  { DomainName, ObjectTypeName: name }: { readonly DomainName: string; readonly ObjectTypeName: string },
  context: Context,
): Promise<Domain> {
  const domain = await getDomain(context.store, context, DomainName);
  const isStandard = standardObjects.has(name) && name !== "_profile";
  if (!isStandard && !(await findObjectType(context.store, domain, name))) {
    throw notFound(`Object type ${name} does not exist`);
  }
  return domain;
}

/** Between pages others may go on. */
async function* newestOf(
  { store, clock }: Context,
  domain: Domain,
  type: string,
  limit: number,
): AsyncGenerator<StoredObject> {
  const nowMs = clock.now();
  let left = limit;
  let after: string | undefined;
  do {
    const page = await newestObjects(store, domain, type, { limit: Math.min(left, 100), after });
    left -= page.documents.length;
    for (const object of page.documents) if (object.expiresMs > nowMs) yield object;
    after = page.next;
    await setImmediate();
  } while (after !== undefined && left > 0);
}

/** Percentiles between two values are interpolated (our choice). */
function statisticsOf(numbers: readonly number[]): GetObjectTypeAttributeStatisticsResponse["Statistics"] {
  const sorted = numbers.toSorted((one, other) => one - other);
  const count = sorted.length;
  const average = sorted.reduce((total, value) => total + value / count, 0);
  const variance = sorted.reduce((total, value) => total + (value - average) ** 2 / count, 0);
  const at = (place: number): number => sorted[place] ?? 0;
  const percentile = (percent: number): number => {
    const place = (percent / 100) * (count - 1);
    const below = Math.floor(place);
    return at(below) + (at(Math.ceil(place)) - at(below)) * (place - below);
  };
  return {
    Maximum: at(count - 1),
    Minimum: at(0),
    Average: average,
    StandardDeviation: Math.sqrt(variance),
    Percentiles: {
      P5: percentile(5),
      P25: percentile(25),
      P50: percentile(50),
      P75: percentile(75),
      P95: percentile(95),
    },
  };
}
