/** EventBridge and Lambda. */
import type { ActionTable, Asking, Input, Need } from "./action-table.ts";

const DEFAULT_BUS = "default";

function busName(value: unknown): string {
  const text = typeof value === "string" ? value : DEFAULT_BUS;
  return text.replace(/^arn:[^:]*:events:[^:]*:[^:]*:event-bus\//, "");
}

function busArn(value: unknown, { account, region }: Asking): string {
  return typeof value === "string" && value.startsWith("arn:")
    ? value
    : `arn:aws:events:${region}:${account}:event-bus/${busName(value)}`;
}

/** Rules of the default bus do not name it. */
const onRule = (action: string, member: "Name" | "Rule") => ({
  needs: (input: Input, { account, region }: Asking): readonly Need[] => {
    const bus = busName(input.EventBusName);
    const path = bus === DEFAULT_BUS ? input[member] : `${bus}/${input[member]}`;
    return [{ action: `events:${action}`, resourceArn: `arn:aws:events:${region}:${account}:rule/${path}` }];
  },
});

const onBus = (action: string) => ({
  needs: (input: Input, asking: Asking): readonly Need[] => [
    { action: `events:${action}`, resourceArn: busArn(input.EventBusName ?? input.Name, asking) },
  ],
});

const named = (kind: string) => ({ resources: { Name: `${kind}/{}`, ConnectionArn: "{}" } });

/** Event sources are their partners', whoever looks at them. */
const onEventSource = (action: string) => ({
  needs: ({ Name, EventSourceName }: Input, { region }: Asking): readonly Need[] => [
    { action: `events:${action}`, resourceArn: `arn:aws:events:${region}::event-source/${Name ?? EventSourceName}` },
  ],
});

interface Entry {
  readonly EventBusName?: string;
  readonly Source?: string;
  readonly DetailType?: string;
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html */
export const eventsActions: ActionTable = {
  prefix: "events",
  arn: "arn:aws:events:{region}:{account}:",
  oneOf: {
    ResourceARN: "{}",
    ArchiveName: "archive/{}",
    ReplayName: "replay/{}",
  },
  operations: {
    PutEvents: {
      needs: ({ Entries = [] }, asking) => {
        const buses = new Set((Entries as readonly Entry[]).map(({ EventBusName }) => busArn(EventBusName, asking)));
        return [...buses].map((resourceArn) => ({ action: "events:PutEvents", resourceArn }));
      },
    },
    ...Object.fromEntries(
      ["PutRule", "DescribeRule", "EnableRule", "DisableRule", "DeleteRule"].map((name) => [
        name,
        onRule(name, "Name"),
      ]),
    ),
    ...Object.fromEntries(
      ["PutTargets", "RemoveTargets", "ListTargetsByRule"].map((name) => [name, onRule(name, "Rule")]),
    ),
    ...Object.fromEntries(
      [
        "CreateEventBus",
        "DescribeEventBus",
        "UpdateEventBus",
        "DeleteEventBus",
        "PutPermission",
        "RemovePermission",
      ].map((name) => [name, onBus(name)]),
    ),
    ...Object.fromEntries(
      ["Create", "Describe", "Update", "Delete", "Deauthorize"].map((verb) => [
        `${verb}Connection`,
        named("connection"),
      ]),
    ),
    ...Object.fromEntries(
      ["Create", "Describe", "Update", "Delete"].map((verb) => [`${verb}ApiDestination`, named("api-destination")]),
    ),
    ...Object.fromEntries(
      [
        "DescribeEventSource",
        "ActivateEventSource",
        "DeactivateEventSource",
        "CreatePartnerEventSource",
        "DescribePartnerEventSource",
        "DeletePartnerEventSource",
        "ListPartnerEventSourceAccounts",
      ].map((name) => [name, onEventSource(name)]),
    ),
    CreateArchive: { resources: { ArchiveName: "archive/{}", EventSourceArn: "{}" } },
    StartReplay: { resources: { ReplayName: "replay/{}", EventSourceArn: "{}", "Destination.Arn": "{}" } },
    ListRules: { resources: "*" },
    ListRuleNamesByTarget: { resources: "*" },
    TestEventPattern: { resources: "*" },
  },
  passes: {
    service: "events.amazonaws.com",
    members: ["RoleArn"],
    operations: ["PutTargets", "PutRule"],
  },
  conditions: (input, operation) => {
    if (operation === "PutTargets") {
      const targets = (input.Targets ?? []) as readonly { readonly Arn?: string }[];
      return { "events:TargetArn": targets.map(({ Arn = "" }) => Arn) };
    }
    if (operation !== "PutEvents") return {};
    const entries = (input.Entries ?? []) as readonly Entry[];
    return {
      "events:source": [...new Set(entries.map(({ Source = "" }) => Source))],
      "events:detail-type": [...new Set(entries.map(({ DetailType = "" }) => DetailType))],
    };
  },
};

/** All the ways to name a function: what Lambda itself reads one in another way by would get past a Deny. */
const FUNCTION =
  /^(?:arn:[^:]*:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?([^:]+)(?::([^:]+))?$/;

/** The ARN of a function that is named, by itself, with its Region and account, or by an ARN; with its version or alias. */
export function functionArn(name: string, qualifier: unknown, { account, region }: Asking): string {
  const [, ownRegion = region, owner = account, plain = name, version] = FUNCTION.exec(name) ?? [];
  const suffix = version ?? (typeof qualifier === "string" ? qualifier : undefined);
  const arn = `arn:aws:lambda:${ownRegion}:${owner}:function:${plain}`;
  return suffix === undefined ? arn : `${arn}:${suffix}`;
}

const onFunction = (action: string) => ({
  needs: ({ FunctionName, Qualifier }: Input, asking: Asking): readonly Need[] => [
    { action: `lambda:${action}`, resourceArn: functionArn(String(FunctionName), Qualifier, asking) },
  ],
});

interface Code {
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly S3ObjectVersion?: string;
}

/** The code that whoever calls has Lambda read, which that caller must be allowed to read. */
function readCode({ S3Bucket, S3Key, S3ObjectVersion }: Code): readonly Need[] {
  if (S3Bucket === undefined) return [];
  const action = S3ObjectVersion === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
  return [{ action, resourceArn: `arn:aws:s3:::${S3Bucket}/${S3Key ?? ""}` }];
}

const withCode = (action: string, codeOf: (input: Input) => Code) => ({
  needs: (input: Input, asking: Asking): readonly Need[] => [
    ...onFunction(action).needs(input, asking),
    ...readCode(codeOf(input)),
  ],
});

/** Operations on event source mappings name a function too, and are on the mapping. */
const MAPPING_OPERATIONS = ["Get", "Update", "Delete"].map((verb) => `${verb}EventSourceMapping`);
const FUNCTION_OPERATIONS =
  "AddPermission CreateAlias CreateFunctionUrlConfig DeleteAlias DeleteFunction DeleteFunctionConcurrency DeleteFunctionEventInvokeConfig DeleteFunctionUrlConfig DeleteProvisionedConcurrencyConfig GetAlias GetFunction GetFunctionCodeSigningConfig GetFunctionConcurrency GetFunctionConfiguration GetFunctionEventInvokeConfig GetFunctionRecursionConfig GetFunctionUrlConfig GetPolicy GetProvisionedConcurrencyConfig GetRuntimeManagementConfig ListAliases ListFunctionEventInvokeConfigs ListFunctionUrlConfigs ListProvisionedConcurrencyConfigs ListVersionsByFunction PublishVersion PutFunctionConcurrency PutFunctionEventInvokeConfig PutFunctionRecursionConfig PutProvisionedConcurrencyConfig PutRuntimeManagementConfig RemovePermission UpdateAlias UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig UpdateFunctionUrlConfig".split(
    " ",
  );

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
export const lambdaActions: ActionTable = {
  prefix: "lambda",
  arn: "arn:aws:lambda:{region}:{account}:",
  oneOf: { Resource: "{}", LayerName: "layer:{}" },
  operations: {
    ...Object.fromEntries(FUNCTION_OPERATIONS.map((name) => [name, onFunction(name)])),
    ...Object.fromEntries(MAPPING_OPERATIONS.map((name) => [name, { resources: { UUID: "event-source-mapping:{}" } }])),
    CreateFunction: withCode("CreateFunction", ({ Code = {} }) => Code as Code),
    UpdateFunctionCode: withCode("UpdateFunctionCode", (input) => input),
    Invoke: onFunction("InvokeFunction"),
    InvokeAsync: onFunction("InvokeFunction"),
    InvokeWithResponseStream: onFunction("InvokeFunction"),
    CreateEventSourceMapping: { resources: "*" },
    ListEventSourceMappings: { resources: "*" },
  },
  passes: {
    service: "lambda.amazonaws.com",
    members: ["Role"],
    operations: ["CreateFunction", "UpdateFunctionConfiguration"],
  },
  conditions: ({ FunctionName, EventSourceArn }, operation, asking) =>
    operation.endsWith("EventSourceMapping") && typeof FunctionName === "string"
      ? {
          "lambda:FunctionArn": [functionArn(FunctionName, undefined, asking)],
          ...(typeof EventSourceArn === "string" && { "lambda:EventSourceArn": [EventSourceArn] }),
        }
      : {},
};
