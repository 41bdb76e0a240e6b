import type {
  AssociateKmsKeyRequest,
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DeleteRetentionPolicyRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  DisassociateKmsKeyRequest,
  ListLogGroupsRequest,
  ListLogGroupsResponse,
  LogGroupClass,
  LogGroup as LogGroupSummary,
  PutLogGroupDeletionProtectionRequest,
  PutRetentionPolicyRequest,
  TagFilter,
} from "@aws-sdk/client-cloudwatch-logs";
import { matchesWildcard } from "../../matching/wildcard.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { discardGroup, scheduleExpiry, usages } from "./events.ts";
import { DESCRIBE_LIMIT, RETENTION_DAYS } from "./limits.ts";
import { getGroup, getIdentifiedGroup, groupArn, groupKey, type LogGroup, logGroups } from "./log-group.ts";
import { listMetricFilters, metricFilterKey, metricFilters } from "./metric-filter.ts";
import { invalidToken } from "./position.ts";

export async function createLogGroup(input: Validated<CreateLogGroupRequest>, context: Context): Promise<void> {
  const group: LogGroup = {
    account: context.account,
    region: context.region,
    name: input.logGroupName,
    id: context.ids.uuid(),
    createdMs: context.clock.now(),
    groupClass: input.logGroupClass ?? "STANDARD",
    deletionProtected: input.deletionProtectionEnabled ?? false,
    tags: input.tags ?? {},
    ...(input.kmsKeyId !== undefined && { kmsKeyId: input.kmsKeyId }),
  };
  await context.store.commit(async (unit) => {
    if ((await unit.get(logGroups, groupKey(group))) !== undefined) {
      throw new ModeledError("ResourceAlreadyExistsException", "The specified log group already exists");
    }
    unit.put(logGroups, groupKey(group), group);
  });
}

export async function deleteLogGroup(input: Validated<DeleteLogGroupRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getGroup(unit, input.logGroupName, context);
    if (group.deletionProtected) {
      throw new ModeledError(
        "ValidationException",
        "The log group cannot be deleted because deletion protection is enabled for it.",
      );
    }
    unit.delete(logGroups, groupKey(group));
    for (const filter of await listMetricFilters(unit, group)) unit.delete(metricFilters, metricFilterKey(filter));
    discardGroup(unit, context, group);
  });
}

/** The caller's groups in the order of their names: those with a prefix, with a part in their name, or those identified. */
export async function describeLogGroups(
  input: Validated<DescribeLogGroupsRequest>,
  context: Context,
): Promise<DescribeLogGroupsResponse> {
  const {
    logGroupNamePrefix: prefix = "",
    logGroupNamePattern: pattern = "",
    logGroupIdentifiers: identifiers,
  } = input;
  if (prefix !== "" && pattern !== "") {
    throw new ModeledError(
      "InvalidParameterException",
      "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
    );
  }
  if (identifiers !== undefined) {
    const named = await Promise.all(identifiers.map((each) => getIdentifiedGroup(context.store, each, context)));
    return { logGroups: await Promise.all(named.map((group) => summary(context.store, group))) };
  }

  const { account, region, store } = context;
  const page = await listPage(
    store,
    {
      collection: logGroups,
      under: [account, region],
      prefix,
      nameOf: ({ name }) => name,
      keep: (group) => isWanted(group, pattern, input.logGroupClass),
    },
    {
      of: ["DescribeLogGroups", account, region, prefix, pattern, input.logGroupClass ?? ""],
      token: input.nextToken,
      limit: input.limit ?? DESCRIBE_LIMIT,
      refuse: invalidToken,
    },
  );
  return {
    logGroups: await Promise.all(page.items.map((group) => summary(store, group))),
    ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
  };
}

/** The caller's groups in short, in the order of their names: those in whose name a text is, or with `^` at its beginning; several with `|`. */
export async function listLogGroups(
  input: Validated<ListLogGroupsRequest>,
  context: Context,
): Promise<ListLogGroupsResponse> {
  refuseUnbuilt(input);
  const { account, region, store } = context;
  const { logGroupNamePattern: pattern, logGroupClass, logGroupTags } = input;
  const page = await listPage(
    store,
    {
      collection: logGroups,
      under: [account, region],
      nameOf: ({ name }) => name,
      keep: (group) =>
        isNamed(group, pattern) &&
        (logGroupClass === undefined || group.groupClass === logGroupClass) &&
        (logGroupTags?.every((filter) => isTagged(group, filter)) ?? true),
    },
    {
      of: ["ListLogGroups", account, region, pattern ?? "", logGroupClass ?? "", logGroupTags ?? []],
      token: input.nextToken,
      limit: input.limit ?? DESCRIBE_LIMIT,
      refuse: invalidToken,
    },
  );
  return {
    logGroups: page.items.map((group) => ({
      logGroupName: group.name,
      logGroupArn: groupArn(group),
      logGroupClass: group.groupClass as LogGroupClass,
    })),
    ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
  };
}

/** Other accounts' groups, and those that data sources or field indexes are for, do not exist here. */
function refuseUnbuilt({ includeLinkedAccounts, dataSources, fieldIndexNames }: Validated<ListLogGroupsRequest>): void {
  const asked = { includeLinkedAccounts: includeLinkedAccounts || undefined, dataSources, fieldIndexNames };
  const name = Object.entries(asked).find(([, value]) => value !== undefined)?.[0];
  if (name !== undefined) throw new ModeledError("InvalidParameterException", `${name} is not supported.`);
}

function isNamed({ name }: LogGroup, pattern: string | undefined): boolean {
  const alternatives = pattern?.split("|") ?? [""];
  return alternatives.some((text) => (text.startsWith("^") ? name.startsWith(text.slice(1)) : name.includes(text)));
}

/** `!` in front of a value excludes it, `*` at an end stands for anything. Without values the key is enough. */
function isTagged({ tags }: LogGroup, { key, values = [] }: Validated<TagFilter>): boolean {
  const value = tags[key];
  if (value === undefined) return false;
  const matches = (pattern: string): boolean =>
    pattern.includes("*") ? matchesWildcard(value, pattern.split("*")) : value === pattern;
  const wanted = values.filter((pattern) => !pattern.startsWith("!"));
  const excluded = values.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  return (wanted.length === 0 || wanted.some(matches)) && !excluded.some(matches);
}

/** Whether a group may be deleted. */
export async function putLogGroupDeletionProtection(
  input: Validated<PutLogGroupDeletionProtectionRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getIdentifiedGroup(unit, input.logGroupIdentifier, context);
    unit.put(logGroups, groupKey(group), { ...group, deletionProtected: input.deletionProtectionEnabled });
  });
}

/** Keys are told and have no effect: nothing is encrypted here. */
export async function associateKmsKey(input: Validated<AssociateKmsKeyRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getKeyed(unit, input, context);
    unit.put(logGroups, groupKey(group), { ...group, kmsKeyId: input.kmsKeyId });
  });
}

export async function disassociateKmsKey(input: Validated<DisassociateKmsKeyRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const { kmsKeyId: _, ...group } = await getKeyed(unit, input, context);
    unit.put(logGroups, groupKey(group), group);
  });
}

async function getKeyed(
  reader: Reader,
  { logGroupName, resourceIdentifier }: Validated<DisassociateKmsKeyRequest>,
  context: Context,
): Promise<LogGroup> {
  if ((logGroupName === undefined) === (resourceIdentifier === undefined)) {
    throw new ModeledError(
      "InvalidParameterException",
      "Exactly one of logGroupName and resourceIdentifier must be specified.",
    );
  }
  return getIdentifiedGroup(reader, logGroupName ?? resourceIdentifier ?? "", context);
}

function isWanted(group: LogGroup, pattern: string, groupClass: LogGroupClass | undefined): boolean {
  return (
    group.name.toLowerCase().includes(pattern.toLowerCase()) &&
    (groupClass === undefined || group.groupClass === groupClass)
  );
}

async function summary(reader: Reader, group: LogGroup): Promise<LogGroupSummary> {
  const usage = await reader.get(usages, group.id);
  return {
    logGroupName: group.name,
    creationTime: group.createdMs,
    ...(group.retentionDays !== undefined && { retentionInDays: group.retentionDays }),
    metricFilterCount: group.metricFilters ?? 0,
    arn: `${groupArn(group)}:*`,
    logGroupArn: groupArn(group),
    storedBytes: usage?.bytes ?? 0,
    logGroupClass: group.groupClass as LogGroupClass,
    deletionProtectionEnabled: group.deletionProtected,
    ...(group.kmsKeyId !== undefined && { kmsKeyId: group.kmsKeyId }),
  };
}

/** From now on older events cannot be seen; they are deleted in small steps. */
export async function putRetentionPolicy(input: Validated<PutRetentionPolicyRequest>, context: Context): Promise<void> {
  if (!RETENTION_DAYS.includes(input.retentionInDays)) {
    throw new ModeledError(
      "InvalidParameterException",
      `1 validation error detected: Value '${input.retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${RETENTION_DAYS.join(", ")}]`,
    );
  }
  await context.store.commit(async (unit) => {
    const group = await getGroup(unit, input.logGroupName, context);
    unit.put(logGroups, groupKey(group), { ...group, retentionDays: input.retentionInDays });
    scheduleExpiry(unit, context, group, context.clock.now());
  });
}

/** Events that the retention had hidden and that are not deleted yet can be seen again. */
export async function deleteRetentionPolicy(
  input: Validated<DeleteRetentionPolicyRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const { retentionDays: _, ...group } = await getGroup(unit, input.logGroupName, context);
    unit.put(logGroups, groupKey(group), group);
  });
}
