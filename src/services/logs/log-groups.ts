import type {
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DeleteRetentionPolicyRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  LogGroupClass,
  LogGroup as LogGroupSummary,
  PutRetentionPolicyRequest,
} from "@aws-sdk/client-cloudwatch-logs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { discardGroup, scheduleExpiry, usages } from "./events.ts";
import { DESCRIBE_LIMIT, RETENTION_DAYS } from "./limits.ts";
import { getGroup, getIdentifiedGroup, groupArn, groupKey, type LogGroup, logGroups } from "./log-group.ts";
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
    metricFilterCount: 0,
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
