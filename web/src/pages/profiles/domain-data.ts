/** What the pages of customer profiles ask the server for, and what they call it. */
import { href, route } from "../../route.ts";
import { call } from "../../server.ts";

/** The domain that the address names. */
export function domainInAddress(): string {
  return route.value.path[1] ?? "";
}

/** An operation of Customer Profiles on a domain. */
export function ask<T>(DomainName: string, operation: string, input: object = {}, signal?: AbortSignal): Promise<T> {
  return call<T>("customer-profiles", operation, { DomainName, ...input }, signal);
}

/** As many of a list as a page shows at once. */
const LISTED_MAX = 1000;
const PAGE = 100;

interface Listed<T> {
  readonly Items?: readonly T[];
  readonly NextToken?: string;
}

/** All of a list that is not long: types, segments, triggers of a domain. */
export async function listAll<T>(
  domain: string,
  operation: string,
  signal: AbortSignal,
  input: object = {},
): Promise<readonly T[]> {
  const found: T[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ask<Listed<T>>(domain, operation, { ...input, MaxResults: PAGE, NextToken }, signal);
    found.push(...(page.Items ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined && found.length < LISTED_MAX);
  return found;
}

type Address = Readonly<Record<string, string>>;

/** A person, as the API tells them. */
export interface Profile {
  readonly ProfileId: string;
  readonly AccountNumber?: string;
  readonly FirstName?: string;
  readonly MiddleName?: string;
  readonly LastName?: string;
  readonly BusinessName?: string;
  readonly EmailAddress?: string;
  readonly PhoneNumber?: string;
  readonly Address?: Address;
  readonly Attributes?: Address;
  readonly FoundByItems?: readonly { readonly KeyName: string; readonly Values: readonly string[] }[];
}

/** What a reader knows a profile by. */
export function nameOf({
  FirstName,
  MiddleName,
  LastName,
  BusinessName,
  AccountNumber,
  EmailAddress,
  PhoneNumber,
}: Profile): string {
  const person = [FirstName, MiddleName, LastName].filter(Boolean).join(" ");
  return person || BusinessName || EmailAddress || PhoneNumber || AccountNumber || "no name";
}

export function profileHref(domain: string, profile: string, query: Readonly<Record<string, string>> = {}): string {
  return href(["profiles", domain, profile], query);
}

/** The name and the value of each text of a profile: `Address.City`. */
export function leavesOf(profile: Profile): readonly (readonly [name: string, value: string])[] {
  return Object.entries(profile).flatMap(([name, value]): (readonly [string, string])[] => {
    if (name === "ProfileId" || name === "FoundByItems") return [];
    if (typeof value === "string") return [[name, value]];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value as object).map(([part, text]) => [
      `${name}.${part}`,
      typeof text === "string" ? text : JSON.stringify(text),
    ]);
  });
}

export interface ObjectType {
  readonly ObjectTypeName: string;
  readonly Description?: string;
  readonly TemplateId?: string;
  readonly ExpirationDays?: number;
  readonly AllowProfileCreation?: boolean;
  readonly SourcePriority?: number;
  readonly Fields?: Readonly<Record<string, ObjectTypeField>>;
  readonly Keys?: Readonly<
    Record<
      string,
      readonly { readonly StandardIdentifiers?: readonly string[]; readonly FieldNames?: readonly string[] }[]
    >
  >;
  readonly CreatedAt?: string;
  readonly LastUpdatedAt?: string;
}

export interface ObjectTypeField {
  readonly Source?: string;
  readonly Target?: string;
  readonly ContentType?: string;
}

/** The object types of a domain, with their mappings. */
export async function loadObjectTypes(domain: string, signal: AbortSignal): Promise<readonly ObjectType[]> {
  const listed = await listAll<ObjectType>(domain, "ListProfileObjectTypes", signal);
  return Promise.all(
    listed.map(({ ObjectTypeName }) => ask<ObjectType>(domain, "GetProfileObjectType", { ObjectTypeName }, signal)),
  );
}

export interface Integration {
  readonly Uri: string;
  readonly EventTriggerNames?: readonly string[];
  readonly ObjectTypeName?: string;
  readonly RoleArn?: string;
}

export interface Trigger {
  readonly EventTriggerName: string;
  readonly ObjectTypeName: string;
  readonly Description?: string;
  readonly EventTriggerConditions?: readonly object[];
  readonly SegmentFilter?: string;
  readonly EventTriggerLimits?: {
    readonly EventExpiration?: number;
    readonly Periods?: readonly Period[];
  };
  readonly CreatedAt?: string;
  readonly LastUpdatedAt?: string;
}

export interface Period {
  readonly Unit: string;
  readonly Value: number;
  readonly MaxInvocationsPerProfile?: number;
  readonly Unlimited?: boolean;
}

/** How often a trigger may fire for one profile, in words. */
export function limitsInWords({ EventTriggerLimits }: Pick<Trigger, "EventTriggerLimits">): string {
  const periods = EventTriggerLimits?.Periods ?? [{ Unit: "DAYS", Value: 1 }];
  const capped = periods.filter(({ Unlimited }) => !Unlimited);
  if (capped.length === 0) return "without limit";
  return capped
    .map(({ Unit, Value, MaxInvocationsPerProfile: most = 10 }) => {
      const unit = Unit.toLowerCase();
      return `${most} in ${Value} ${Value === 1 ? unit.slice(0, -1) : unit}`;
    })
    .join(", ");
}

/** A destination without its ARN's beginning. */
export function shortUri(uri: string): string {
  const [, service, rest] = /^arn:aws[^:]*:([^:]+):[^:]*:\d*:(.+)$/s.exec(uri) ?? [];
  return rest === undefined ? uri : `${service} ${rest.replace(/^(stream|event-bus|campaign)\//, "")}`;
}
