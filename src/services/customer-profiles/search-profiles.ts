import type {
  FoundByKeyValue,
  Profile,
  SearchProfilesRequest,
  SearchProfilesResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader } from "../../store/store.ts";
import { LEAST_CHARACTER } from "../list-page.ts";
import { decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { type Domain, getDomain, inDomain } from "./domain.ts";
import { invalidNextToken } from "./errors.ts";
import { normalised } from "./object-types/content-type.ts";
import { keyContentTypes } from "./object-types/key-names.ts";
import { apiProfile } from "./profile-fields.ts";
import { type ProfileKey, profileKeys } from "./profile-keys.ts";
import { findProfile } from "./stored-profile.ts";

/** "The default is 20 if you don't include this parameter": API Reference, SearchProfiles. */
const PAGE_SIZE = 20;

/** Keys of one value that are read at once. */
const READ_SIZE = 100;

/**
 * Finds profiles by one to five keys, of which a profile has all (AND) or any (OR). Its values are alternatives where a key has one field, and
 * its parts where it has several. Profiles come in the order of their ids, so that a page costs what it shows, however many there are.
 */
export async function searchProfiles(
  input: Validated<SearchProfilesRequest>,
  context: Context,
): Promise<SearchProfilesResponse> {
  const nowMs = context.clock.now();
  const reader = context.store;
  const domain = await getDomain(reader, context, input.DomainName);
  const pairs = [{ KeyName: input.KeyName, Values: input.Values }, ...(input.AdditionalSearchKeys ?? [])];
  const of = ["SearchProfiles", domain.uid, pairs, input.LogicalOperator];
  let behind = "";
  if (input.NextToken !== undefined) {
    const position = decodePageToken(of, input.NextToken);
    if (position === undefined) throw invalidNextToken();
    behind = position;
  }
  const searched: Searched[] = [];
  for (const { KeyName, Values } of pairs) {
    const prefixes = await prefixesOf(reader, domain, KeyName, Values);
    searched.push({ pair: { KeyName, Values }, prefixes });
  }
  const isAll = input.LogicalOperator === "AND";
  const lists = searched.map(({ prefixes }) => prefixes);
  const candidates = isAll ? inAll(reader, lists, behind) : merged(reader, lists.flat(), behind);
  const limit = input.MaxResults ?? PAGE_SIZE;
  const items: Profile[] = [];
  let last: string | undefined;
  let hasMore = false;
  for await (const id of candidates) {
    const profile = await findProfile(reader, domain, id, nowMs);
    if (!profile) continue;
    const FoundByItems: FoundByKeyValue[] = [];
    for (const { pair, prefixes } of searched) if (await isAmong(reader, prefixes, id)) FoundByItems.push(pair);
    if (items.length === limit) {
      hasMore = true;
      break;
    }
    items.push({ ...apiProfile(id, profile.fields), FoundByItems });
    last = id;
  }
  return { Items: items, NextToken: hasMore && last !== undefined ? encodePageToken(of, last) : undefined };
}

interface Searched {
  readonly pair: FoundByKeyValue;
  /** Where its keys are listed, by the ids of their profiles. */
  readonly prefixes: readonly Prefix[];
}

/** Ids or values of the index that begin so end with the id of a profile. Without keys: the one profile itself. */
type Prefix =
  | { readonly profileId: string }
  | { readonly index?: "joined"; readonly text: string; readonly keyOf: (profileId: string) => string };

async function prefixesOf(
  reader: Reader,
  domain: Domain,
  name: string,
  values: readonly string[],
): Promise<readonly Prefix[]> {
  if (name === "_profileId") return values.map((profileId) => ({ profileId }));
  const types = await keyContentTypes(reader, domain, name);
  if (!types || values.length === 0) return [];
  const asParts = (parts: readonly string[]): Prefix => {
    const texts = parts.map((part, place) => normalised(types[place] ?? "STRING", part));
    return {
      text: inDomain(domain, name, texts.length, ...texts, ""),
      keyOf: (id) => inDomain(domain, name, texts.length, ...texts, id),
    };
  };
  if (types.length <= 1) return values.map((value) => asParts([value]));
  if (values.length > 1) return [asParts(values)];
  // Where one part ends cannot be told, so that the text is put into the forms of all.
  const texts = new Set(types.map((type) => normalised(type, values[0] ?? "")));
  return Array.from(texts, (joined) => ({
    index: "joined",
    text: compositeKey(domain.uid, name, joined, ""),
    keyOf: (id) => compositeKey(domain.uid, name, joined, id),
  }));
}

/**
 * The ids of the profiles that stand in all lists, in their order. Each list is asked for the first one from where the others are, so that a rare
 * key makes a common one beside it cheap.
 */
async function* inAll(
  reader: Reader,
  [first = [], ...others]: readonly (readonly Prefix[])[],
  behind: string,
): AsyncGenerator<string> {
  let from = behind === "" ? "" : behind + LEAST_CHARACTER;
  search: for (;;) {
    const candidate = await firstFrom(reader, first, from);
    if (candidate === undefined) return;
    for (const other of others) {
      const found = await firstFrom(reader, other, candidate);
      if (found === undefined) return;
      if (found === candidate) continue;
      from = found;
      continue search;
    }
    yield candidate;
    from = candidate + LEAST_CHARACTER;
  }
}

/** The first profile of some lists whose id is this one or behind it. */
async function firstFrom(reader: Reader, prefixes: readonly Prefix[], from: string): Promise<string | undefined> {
  let least: string | undefined;
  for (const prefix of prefixes) {
    const found = await firstOf(reader, prefix, from);
    if (found !== undefined && (least === undefined || found < least)) least = found;
  }
  return least;
}

async function firstOf(reader: Reader, prefix: Prefix, from: string): Promise<string | undefined> {
  if ("profileId" in prefix) return prefix.profileId >= from ? prefix.profileId : undefined;
  const range = { ...(prefix.index && { index: prefix.index }), ...(from !== "" && { from: prefix.keyOf(from) }) };
  const { documents } = await reader.list<ProfileKey>(profileKeys, { ...range, prefix: prefix.text, limit: 1 });
  return documents[0]?.profileId;
}

/** The ids of the profiles of some lists, each once and in their order. */
async function* merged(reader: Reader, prefixes: readonly Prefix[], behind: string): AsyncGenerator<string> {
  const heads: { id: string; rest: AsyncGenerator<string> }[] = [];
  for (const prefix of prefixes) {
    const rest = idsOf(reader, prefix, behind);
    const first = await rest.next();
    if (!first.done) heads.push({ id: first.value, rest });
  }
  let last: string | undefined;
  while (heads.length > 0) {
    const least = heads.reduce((one, other) => (other.id < one.id ? other : one));
    if (least.id !== last) yield least.id;
    last = least.id;
    const next = await least.rest.next();
    if (next.done) heads.splice(heads.indexOf(least), 1);
    else least.id = next.value;
  }
}

async function* idsOf(reader: Reader, prefix: Prefix, behind: string): AsyncGenerator<string> {
  if ("profileId" in prefix) {
    if (prefix.profileId > behind) yield prefix.profileId;
    return;
  }
  const index = prefix.index && { index: prefix.index };
  const from = behind === "" ? {} : { from: prefix.keyOf(behind) + LEAST_CHARACTER };
  let after: string | undefined;
  do {
    const range = { ...index, ...from, prefix: prefix.text, limit: READ_SIZE, after };
    const page = await reader.list<ProfileKey>(profileKeys, range);
    for (const { profileId } of page.documents) yield profileId;
    after = page.next;
  } while (after !== undefined);
}

async function isAmong(reader: Reader, prefixes: readonly Prefix[], id: string): Promise<boolean> {
  for (const prefix of prefixes) {
    if ("profileId" in prefix) {
      if (prefix.profileId === id) return true;
    } else if (prefix.index) {
      const { documents } = await reader.list(profileKeys, {
        index: prefix.index,
        equals: prefix.keyOf(id),
        limit: 1,
      });
      if (documents.length > 0) return true;
    } else if (await reader.get(profileKeys, prefix.keyOf(id))) return true;
  }
  return false;
}
