/** Kinesis, Firehose and CloudWatch Logs. */
import type { ActionTable, Asking, Input, Need } from "./action-table.ts";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html */
export const kinesisActions: ActionTable = {
  prefix: "kinesis",
  arn: "arn:aws:kinesis:{region}:{account}:",
  oneOf: { ConsumerARN: "{}", StreamARN: "{}", ResourceARN: "{}", StreamName: "stream/{}" },
  operations: {
    GetRecords: { needs: (input, asking) => ofToken("kinesis:GetRecords", input.ShardIterator, asking) },
    ListShards: {
      needs: (input, asking) =>
        input.StreamName === undefined && input.StreamARN === undefined
          ? ofToken("kinesis:ListShards", input.NextToken, asking)
          : [{ action: "kinesis:ListShards", resourceArn: streamArn(input, asking) }],
    },
    ListStreams: { resources: "*" },
    DescribeLimits: { resources: "*" },
  },
};

function streamArn({ StreamARN, StreamName }: Input, { account, region }: Asking): string {
  return StreamARN === undefined ? `arn:aws:kinesis:${region}:${account}:stream/${StreamName}` : String(StreamARN);
}

/** Bytes in front of what a token of ours says: see `sealed-token.ts`. */
const CODE_BYTES = 16;

/**
 * The stream that an iterator or a page token is for. It is not opened here: one that was tampered with is refused by whoever opens it, so
 * nobody gets further by it.
 */
function ofToken(action: string, token: unknown, asking: Asking): readonly Need[] {
  const [account, region, name] = tokenFields(token);
  if (typeof name !== "string") return [{ action, resourceArn: "*" }];
  return [
    {
      action,
      resourceArn: streamArn({ StreamName: name }, { ...asking, account: String(account), region: String(region) }),
    },
  ];
}

function tokenFields(token: unknown): readonly unknown[] {
  try {
    const [, , ...fields] = JSON.parse(Buffer.from(String(token), "base64").subarray(CODE_BYTES).toString());
    return fields;
  } catch {
    // No token of ours: the operation says so, to whoever may call it on everything.
    return [];
  }
}

export const firehoseActions: ActionTable = {
  prefix: "firehose",
  arn: "arn:aws:firehose:{region}:{account}:",
  oneOf: { DeliveryStreamName: "deliverystream/{}" },
  operations: { ListDeliveryStreams: { resources: "*" } },
  passes: {
    service: "firehose.amazonaws.com",
    members: ["RoleARN"],
    operations: ["CreateDeliveryStream", "UpdateDestination"],
  },
};

/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
 *
 * As the real service's refusals show them, log groups end in `:log-stream:` and the name of a stream, if there is one: policies name a group
 * with `:*` behind it.
 */
export const logsActions: ActionTable = {
  prefix: "logs",
  arn: "arn:aws:logs:{region}:{account}:",
  oneOf: {
    resourceArn: "{}",
    logStreamName: "log-group:{logGroupName}:log-stream:{}",
    logGroupName: "log-group:{}:log-stream:",
    logGroupIdentifier: "log-group:{}:log-stream:",
  },
  operations: {
    // Names of groups have slashes in them.
    ...Object.fromEntries(
      ["CreateLogStream", "DeleteLogStream", "PutLogEvents", "GetLogEvents"].map((operation) => [
        operation,
        { needs: (input: Input, asking: Asking) => logStream(`logs:${operation}`, input, asking) },
      ]),
    ),
    DescribeLogGroups: {
      needs: (_input, { account, region }) => [
        { action: "logs:DescribeLogGroups", resourceArn: `arn:aws:logs:${region}:${account}:log-group::log-stream:` },
      ],
    },
    DescribeResourcePolicies: { resources: "*" },
    PutResourcePolicy: { resources: "*" },
    DeleteResourcePolicy: { resources: "*" },
  },
  passes: {
    service: "logs.amazonaws.com",
    members: ["roleArn"],
    operations: ["PutSubscriptionFilter", "PutDestination"],
  },
};

function logStream(action: string, input: Input, { account, region }: Asking): readonly Need[] {
  const given = input.logGroupIdentifier ?? input.logGroupName;
  const group = String(given ?? "")
    .replace(/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/, "")
    .replace(/:\*$/, "");
  return [
    {
      action,
      resourceArn: `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:${input.logStreamName ?? ""}`,
    },
  ];
}
