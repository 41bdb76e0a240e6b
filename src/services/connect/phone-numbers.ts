import type {
  AssociatePhoneNumberContactFlowRequest,
  ClaimPhoneNumberRequest,
  ClaimPhoneNumberResponse,
  DescribePhoneNumberRequest,
  DescribePhoneNumberResponse,
  DisassociatePhoneNumberContactFlowRequest,
  ImportPhoneNumberRequest,
  ImportPhoneNumberResponse,
  ListPhoneNumbersRequest,
  ListPhoneNumbersResponse,
  ListPhoneNumbersV2Request,
  ListPhoneNumbersV2Response,
  PhoneNumberCountryCode,
  PhoneNumberType,
  SearchAvailablePhoneNumbersRequest,
  SearchAvailablePhoneNumbersResponse,
  UpdatePhoneNumberMetadataRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import {
  type Collection,
  collection,
  compositeKey,
  type Reader,
  UniqueIndexError,
  type Unit,
} from "../../store/store.ts";
import { listPage, type PageRequest, pageStart } from "../list-page.ts";
import { encodePageToken } from "../page-token.ts";
import type { Caller, Context } from "../service.ts";
import { type InstanceRef, instanceArn, instanceKey, refOf } from "./arns.ts";
import { claimTokenOnce } from "./client-tokens.ts";
import { parseQualified } from "./contact-flow-contents.ts";
import { getRunnableFlow } from "./contact-flows.ts";
import { invalidNextToken, invalidParameter, notFound } from "./errors.ts";
import { getInstance, type Instance, instances } from "./instances.ts";
import { numbersOf, planOf } from "./phone-number-plan.ts";
import { quotaReached } from "./quotas.ts";

/** A telephone number that an account has claimed for one of its instances. */
export interface PhoneNumber extends InstanceRef {
  readonly id: string;
  /** In E.164. */
  readonly number: string;
  readonly country: PhoneNumberCountryCode;
  readonly type: PhoneNumberType;
  readonly description?: string | undefined;
  /** The flow that calls to the number run. */
  readonly flowId?: string | undefined;
  /** Of a number that was imported from another service: what it is called there. */
  readonly sourceArn?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Numbers belong to accounts, not to instances: they move between those. Another account may have the same number (our choice). */
export const phoneNumbers: Collection<PhoneNumber> = collection("connect_phone_numbers", {
  number: { type: "text", unique: true, value: ({ account, region, number }) => compositeKey(account, region, number) },
  instance: { type: "text", value: (number) => instanceKey(number, number.id) },
});

type Owner = Pick<Caller, "account" | "region">;

/** Largest page of SearchAvailablePhoneNumbers, and its default. */
const NUMBERS_PER_SEARCH = 10;

/** Numbers that one search looks at. So many claimed ones in a row end it. */
const LOOKED_AT_MAX = 1_000;

/** Numbers of a page where the caller names no number. */
const PAGE_SIZE = 100;

export async function searchAvailablePhoneNumbers(
  input: Validated<SearchAvailablePhoneNumbersRequest>,
  context: Context,
): Promise<SearchAvailablePhoneNumbersResponse> {
  const { PhoneNumberCountryCode: country, PhoneNumberType: type, PhoneNumberPrefix: prefix } = input;
  const instance = await getTarget(context.store, context, input).catch(() => {
    // The operation models no ResourceNotFoundException.
    throw invalidParameter(`There is no instance ${input.InstanceId ?? input.TargetArn}`);
  });
  const request = {
    of: ["SearchAvailablePhoneNumbers", instanceKey(instance), country, type, prefix],
    token: input.NextToken,
    limit: input.MaxResults ?? NUMBERS_PER_SEARCH,
    refuse: invalidNextToken,
  };
  const start = Number(pageStart(request) ?? 0);
  const page = await findAvailable(context, { country, type, prefix }, start, request);
  return {
    AvailableNumbersList: page.numbers.map((PhoneNumber) => ({
      PhoneNumber,
      PhoneNumberCountryCode: country,
      PhoneNumberType: type,
    })),
    NextToken: page.nextToken,
  };
}

/** Claims a number for an instance, at once. It need not be one of those that a search has made up. */
export async function claimPhoneNumber(
  input: Validated<ClaimPhoneNumberRequest>,
  context: Context,
): Promise<ClaimPhoneNumberResponse> {
  const id = context.ids.uuid();
  const plan = planOf(input.PhoneNumber);
  if (!plan) throw invalidParameter(`${input.PhoneNumber} is a number of no country`);
  const commit = context.store.commit(async (unit) => {
    const earlier = await claimTokenOnce(unit, context, { operation: "ClaimPhoneNumber", input, madeId: id });
    if (earlier !== undefined) return answerOf(context, earlier);

    const instance = await getTarget(unit, context, input);
    await requireRoom(unit, context, instance);
    putPhoneNumber(unit, {
      ...refOf(instance),
      id,
      number: input.PhoneNumber,
      ...plan,
      description: input.PhoneNumberDescription,
      tags: input.Tags ?? {},
    });
    return answerOf(context, id);
  });
  return refusingClaimed(input.PhoneNumber, commit);
}

/** The operations that make numbers model no error of quotas. */
async function requireRoom(unit: Unit, context: Context, instance: InstanceRef): Promise<void> {
  const counted = { collection: phoneNumbers, index: "instance", prefix: instanceKey(instance, "") };
  if (await quotaReached(unit, context.limits, "connect.phone-numbers-per-instance", counted)) {
    throw invalidParameter("The quota of phone numbers per instance is used up");
  }
}

function refusingClaimed<T>(number: string, commit: Promise<T>): Promise<T> {
  return commit.catch((error: unknown) => {
    if (error instanceof UniqueIndexError) throw invalidParameter(`${number} has been claimed already`);
    throw error;
  });
}

/**
 * Makes a number of another service the instance's. That service is not hosted here: the number is the one that its ARN ends with, or else
 * one is made up (our choice).
 */
export async function importPhoneNumber(
  input: Validated<ImportPhoneNumberRequest>,
  context: Context,
): Promise<ImportPhoneNumberResponse> {
  const id = context.ids.uuid();
  const { account, region } = context;
  const source = new RegExp(`^arn:aws:(?:sms-voice|social-messaging):${region}:${account}:phone-number/([\\w+-]+)$`);
  const named = source.exec(input.SourcePhoneNumberArn)?.[1];
  if (named === undefined) {
    throw invalidParameter("SourcePhoneNumberArn is no ARN of a phone number of the account in this Region");
  }
  const own = /^\+?[1-9]\d{6,14}$/.test(named) ? `+${named.replace("+", "")}` : await madeUpNumber(context);
  const commit = context.store.commit(async (unit) => {
    const earlier = await claimTokenOnce(unit, context, { operation: "ImportPhoneNumber", input, madeId: id });
    if (earlier !== undefined) return answerOf(context, earlier);

    const instance = await getInstance(unit, context, input.InstanceId);
    const plan = planOf(own);
    if (!plan) throw invalidParameter(`${own} is a number of no country`);
    await requireRoom(unit, context, instance);
    putPhoneNumber(unit, {
      ...refOf(instance),
      id,
      number: own,
      ...plan,
      description: input.PhoneNumberDescription,
      sourceArn: input.SourcePhoneNumberArn,
      tags: input.Tags ?? {},
    });
    return answerOf(context, id);
  });
  return refusingClaimed(input.SourcePhoneNumberArn, commit);
}

async function madeUpNumber(context: Context): Promise<string> {
  const wanted = { country: "US", type: "DID", prefix: undefined } as const;
  const { numbers } = await findAvailable(context, wanted, 0, { of: [], limit: 1 });
  if (numbers[0] === undefined) throw invalidParameter("There is no number left to make up");
  return numbers[0];
}

export async function describePhoneNumber(
  input: Validated<DescribePhoneNumberRequest>,
  context: Context,
): Promise<DescribePhoneNumberResponse> {
  const number = await getPhoneNumber(context.store, context, input.PhoneNumberId);
  return {
    ClaimedPhoneNumberSummary: {
      ...summaryOf(number),
      Tags: { ...number.tags },
      PhoneNumberStatus: { Status: "CLAIMED" },
    },
  };
}

/** Numbers of an instance, or without one of the account in the Region. */
export async function listPhoneNumbersV2(
  input: Validated<ListPhoneNumbersV2Request>,
  context: Context,
): Promise<ListPhoneNumbersV2Response> {
  const { account, region, store } = context;
  const isOfOne = input.TargetArn !== undefined || input.InstanceId !== undefined;
  const instance = isOfOne ? await getTarget(store, context, input) : undefined;
  const countries = input.PhoneNumberCountryCodes ?? [];
  const types = input.PhoneNumberTypes ?? [];
  const prefix = input.PhoneNumberPrefix?.replace("+", "") ?? "";
  const page = await listNumbers(store, instance ?? { account, region }, {
    keep: (number) =>
      isAmong(countries, number.country) && isAmong(types, number.type) && number.number.startsWith(`+${prefix}`),
    of: ["ListPhoneNumbersV2", account, region, instance?.instanceId, countries, types, prefix],
    input,
  });
  return { ListPhoneNumbersSummaryList: page.items.map(summaryOf), NextToken: page.nextToken };
}

/** The older listing. Its ARNs lie in the instance. */
export async function listPhoneNumbers(
  input: Validated<ListPhoneNumbersRequest>,
  context: Context,
): Promise<ListPhoneNumbersResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const countries = input.PhoneNumberCountryCodes ?? [];
  const types = input.PhoneNumberTypes ?? [];
  const page = await listNumbers(context.store, instance, {
    keep: (number) => isAmong(countries, number.country) && isAmong(types, number.type),
    of: ["ListPhoneNumbers", instanceKey(instance), countries, types],
    input,
  });
  return {
    PhoneNumberSummaryList: page.items.map((number) => ({
      Id: number.id,
      Arn: `${instanceArn(number)}/phone-number/${number.id}`,
      PhoneNumber: number.number,
      PhoneNumberCountryCode: number.country,
      PhoneNumberType: number.type,
    })),
    NextToken: page.nextToken,
  };
}

/** Changes the description, the only thing that there is to change; without one nothing. */
export async function updatePhoneNumberMetadata(
  input: Validated<UpdatePhoneNumberMetadataRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const made = { operation: "UpdatePhoneNumberMetadata", input, madeId: input.PhoneNumberId };
    if ((await claimTokenOnce(unit, context, made)) !== undefined) return;

    const number = await getPhoneNumber(unit, context, input.PhoneNumberId);
    putPhoneNumber(unit, { ...number, description: input.PhoneNumberDescription ?? number.description });
  });
  return {};
}

/** Calls to the number run this flow from then on. */
export async function associatePhoneNumberContactFlow(
  input: Validated<AssociatePhoneNumberContactFlowRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const number = await getPhoneNumberIn(unit, instance, input.PhoneNumberId);
    const flow = await getRunnableFlow(unit, instance, parseQualified(input.ContactFlowId).idOrArn);
    putPhoneNumber(unit, { ...number, flowId: flow.id });
  });
  return {};
}

export async function disassociatePhoneNumberContactFlow(
  input: Validated<DisassociatePhoneNumberContactFlowRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const number = await getPhoneNumberIn(unit, instance, input.PhoneNumberId);
    putPhoneNumber(unit, { ...number, flowId: undefined });
  });
  return {};
}

/** The caller's number, by id or either of its ARNs, or `ResourceNotFoundException`. */
export async function getPhoneNumber(reader: Reader, caller: Owner, idOrArn: string): Promise<PhoneNumber> {
  const id = parsePhoneNumberId(idOrArn, caller);
  const number = id === undefined ? undefined : await reader.get(phoneNumbers, phoneNumberKey({ ...caller, id }));
  // What lay in a deleted instance goes in small steps.
  if (!number || !(await reader.get(instances, instanceKey(number)))) {
    throw notFound(`Phone number ${idOrArn} does not exist`);
  }
  return number;
}

/** The flow that calls to a number of an instance run. `undefined`: none was set, or the number is not the instance's. */
export async function flowOfNumber(reader: Reader, instance: InstanceRef, number: string): Promise<string | undefined> {
  const equals = compositeKey(instance.account, instance.region, number);
  const [found] = (await reader.list(phoneNumbers, { index: "number", equals, limit: 1 })).documents;
  return found?.instanceId === instance.instanceId ? found.flowId : undefined;
}

/** The same, for a number that must be one of an instance. */
export async function getPhoneNumberIn(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<PhoneNumber> {
  const number = await getPhoneNumber(reader, instance, idOrArn);
  if (number.instanceId !== instance.instanceId) {
    throw notFound(`Phone number ${idOrArn} does not exist in instance ${instance.instanceId}`);
  }
  return number;
}

/** The instance that a request names in one of two ways. There are no traffic distribution groups, so an ARN can name nothing else. */
export async function getTarget(
  reader: Reader,
  caller: Owner,
  { TargetArn, InstanceId }: { readonly TargetArn?: string | undefined; readonly InstanceId?: string | undefined },
): Promise<Instance> {
  const named = TargetArn ?? InstanceId;
  if (named === undefined || (TargetArn !== undefined && InstanceId !== undefined)) {
    throw invalidParameter("Exactly one of TargetArn and InstanceId must be specified");
  }
  if (TargetArn?.includes(":traffic-distribution-group/")) {
    throw notFound(`Traffic distribution group ${TargetArn} does not exist: they are not available here`);
  }
  return getInstance(reader, caller, named);
}

/** The id in an id, or in an ARN of a number of this account and Region, with or without its instance. */
export function parsePhoneNumberId(idOrArn: string, { account, region }: Owner): string | undefined {
  if (!idOrArn.startsWith("arn:")) return idOrArn;
  const [, id] = /^arn:aws:connect:[^:]*:[^:]*:(?:instance\/[^/]+\/)?phone-number\/([^/]+)$/.exec(idOrArn) ?? [];
  return idOrArn.startsWith(`arn:aws:connect:${region}:${account}:`) ? id : undefined;
}

export function phoneNumberArn({ account, region, id }: Owner & { readonly id: string }): string {
  return `arn:aws:connect:${region}:${account}:phone-number/${id}`;
}

/** What claims and moves answer. */
export function answerOf({ account, region }: Owner, id: string): { PhoneNumberId: string; PhoneNumberArn: string } {
  return { PhoneNumberId: id, PhoneNumberArn: phoneNumberArn({ account, region, id }) };
}

export function phoneNumberKey({ account, region, id }: Owner & { readonly id: string }): string {
  return compositeKey(account, region, id);
}

export function putPhoneNumber(unit: Unit, number: PhoneNumber): void {
  unit.put(phoneNumbers, phoneNumberKey(number), number);
}

/** Numbers that nobody in the account has claimed, from a place in their range on. */
async function findAvailable(
  { store, account, region }: Context,
  wanted: { country: PhoneNumberCountryCode; type: PhoneNumberType; prefix: string | undefined },
  start: number,
  { of, limit }: Pick<PageRequest, "of" | "limit">,
): Promise<{ numbers: readonly string[]; nextToken: string | undefined }> {
  const range = numbersOf(wanted, wanted.prefix);
  const end = Math.min(range?.count ?? 0, start + LOOKED_AT_MAX);
  const numbers: string[] = [];
  for (let place = start; range && place < end; place++) {
    if (numbers.length === limit) return { numbers, nextToken: encodePageToken(of, String(place)) };
    const number = range.at(place);
    const plan = planOf(number);
    if (plan?.country !== wanted.country || plan.type !== wanted.type) continue;
    const equals = compositeKey(account, region, number);
    const claimed = await store.list(phoneNumbers, { index: "number", equals, limit: 1 });
    if (claimed.documents.length === 0) numbers.push(number);
  }
  return { numbers, nextToken: undefined };
}

function listNumbers(
  reader: Reader,
  owner: Owner & { readonly instanceId?: string },
  request: {
    readonly keep: (number: PhoneNumber) => boolean;
    readonly of: readonly unknown[];
    readonly input: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined };
  },
) {
  const { account, region, instanceId } = owner;
  const { keep, of, input } = request;
  const under =
    instanceId === undefined
      ? { under: [account, region] }
      : { index: "instance", under: [account, region, instanceId] };
  return listPage(
    reader,
    { collection: phoneNumbers, ...under, nameOf: ({ id }) => id, keep },
    { of, token: input.NextToken, limit: input.MaxResults ?? PAGE_SIZE, refuse: invalidNextToken },
  );
}

function isAmong<T>(wanted: readonly T[], value: T): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

function summaryOf(number: PhoneNumber) {
  return {
    ...answerOf(number, number.id),
    PhoneNumber: number.number,
    PhoneNumberCountryCode: number.country,
    PhoneNumberType: number.type,
    PhoneNumberDescription: number.description,
    SourcePhoneNumberArn: number.sourceArn,
    TargetArn: instanceArn(number),
    InstanceId: number.instanceId,
  };
}
