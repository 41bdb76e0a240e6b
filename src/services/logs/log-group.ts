import type { Distribution } from "@aws-sdk/client-cloudwatch-logs";
import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { Caller } from "../service.ts";

export interface LogGroup {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Minted at creation: a group that is deleted and created anew starts without the old one's streams. */
  readonly id: string;
  readonly createdMs: number;
  readonly groupClass: string;
  readonly retentionDays?: number;
  readonly kmsKeyId?: string;
  readonly deletionProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** In the order of their names. */
  readonly subscriptions?: readonly SubscriptionFilter[];
  /** How many metric filters there are. */
  readonly metricFilters?: number;
}

/** Sends the events of its group that match on; `subscription-filter.ts` says how. */
export interface SubscriptionFilter {
  readonly name: string;
  readonly pattern: string;
  readonly destinationArn: string;
  readonly roleArn?: string;
  readonly distribution: Distribution;
  readonly createdMs: number;
  /** What is stored and told, and has no effect here. */
  readonly further: Readonly<Record<string, unknown>>;
}

export const logGroups: Collection<LogGroup> = collection<LogGroup>("logs_groups");

type GroupOwner = Pick<Caller, "account" | "region">;

export function groupKey(group: Pick<LogGroup, "account" | "region" | "name">): string {
  return compositeKey(group.account, group.region, group.name);
}

/** The caller's group of this name. */
export async function getGroup(reader: Reader, name: string, caller: GroupOwner): Promise<LogGroup> {
  const group = await reader.get(logGroups, groupKey({ ...caller, name }));
  if (group === undefined) throw groupDoesNotExist();
  return group;
}

/** The group that a request names: by its name, or by an identifier, which is a name or an ARN. */
export async function getNamedGroup(
  reader: Reader,
  named: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined },
  caller: GroupOwner,
): Promise<LogGroup> {
  const { logGroupName: name, logGroupIdentifier: identifier } = named;
  if (name !== undefined && identifier !== undefined) {
    throw new ModeledError("ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  }
  if (name !== undefined) return getGroup(reader, name, caller);
  if (identifier !== undefined) return getIdentifiedGroup(reader, identifier, caller);
  throw new ModeledError("InvalidParameterException", "Either logGroupName or logGroupIdentifier must be specified.");
}

/** The ARN of another account's or region's group gets the same answer as that of no group. */
export async function getIdentifiedGroup(reader: Reader, identifier: string, caller: GroupOwner): Promise<LogGroup> {
  if (!identifier.startsWith("arn:")) return getGroup(reader, identifier, caller);
  const named = parseGroupArn(identifier);
  if (named?.account !== caller.account || named.region !== caller.region) throw groupDoesNotExist();
  return getGroup(reader, named.name, caller);
}

/** Reads a group's ARN, with or without the `:*` that stands for its streams. */
export function parseGroupArn(arn: string): Pick<LogGroup, "account" | "region" | "name"> | undefined {
  const [, region, account, name] = /^arn:aws:logs:([a-z0-9-]+):(\d{12}):log-group:([^:*]+)(?::\*)?$/.exec(arn) ?? [];
  return region === undefined || account === undefined || name === undefined ? undefined : { account, region, name };
}

export function groupArn(group: Pick<LogGroup, "account" | "region" | "name">): string {
  return `arn:aws:logs:${group.region}:${group.account}:log-group:${group.name}`;
}

/** Groups for infrequent access, and for deliveries, are stored cheaply and looked at by nobody. */
export function refuseFilters({ groupClass }: LogGroup): void {
  if (groupClass === "STANDARD") return;
  throw new ModeledError(
    "InvalidOperationException",
    `This operation is not supported for log groups of the class ${groupClass}.`,
  );
}

function groupDoesNotExist(): ModeledError {
  return new ModeledError("ResourceNotFoundException", "The specified log group does not exist.");
}
