/**
 * Turns botocore's API models into the compact form of `src/models/model.ts`.
 *
 *     npm run import-models -- 1.44.5            downloads that version with pip
 *     npm run import-models -- path/to/data      reads an unpacked `botocore/data` folder
 *
 * The output is committed: a diff of it is a diff of the APIs, so it has one operation or shape a line, in the model's order.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { catalog } from "../src/models/catalog.ts";
import type { Member, OperationModel, ServiceModel, Shape, StructureShape } from "../src/models/model.ts";

const outputFolder = join(import.meta.dirname, "../src/models");

function main(source: string | undefined): void {
  if (source === undefined) throw new Error("Usage: npm run import-models -- BOTOCORE-VERSION | BOTOCORE-DATA-FOLDER");
  if (existsSync(source)) {
    importFrom(source);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "botocore-"));
  try {
    execFileSync("pip", ["download", `botocore==${source}`, "--no-deps", "--quiet", "--dest", folder]);
    const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"));
    if (wheel === undefined) throw new Error(`pip downloaded no wheel of botocore ${source}`);
    execFileSync("python3", ["-m", "zipfile", "-e", join(folder, wheel), folder]);
    importFrom(join(folder, "botocore/data"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function importFrom(dataFolder: string): void {
  const version = /^__version__ = ['"](.+)['"]/m.exec(readFileSync(join(dataFolder, "../__init__.py"), "utf8"))?.[1];
  if (version === undefined) throw new Error(`No version of botocore beside ${dataFolder}`);
  for (const { name } of catalog) {
    const model = compact(name, readLatest(join(dataFolder, name)));
    writeFileSync(join(outputFolder, `${name}.json`), print(model));
  }
  writeFileSync(join(outputFolder, "VERSION.json"), `${JSON.stringify({ botocore: version })}\n`);
}

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON; what is read of it is typed where it is written.
type Legacy = any;

function readLatest(folder: string): Legacy {
  const version = readdirSync(folder).sort().at(-1);
  const file = join(folder, String(version), "service-2.json");
  const text = existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`));
  return JSON.parse(text.toString());
}

function compact(name: string, legacy: Legacy): ServiceModel {
  const { metadata } = legacy;
  for (const operation of supersededOperations[name] ?? []) delete legacy.operations[operation];
  const only = partOfServices[name];
  if (only)
    for (const operation of Object.keys(legacy.operations))
      if (!only.test(operation)) delete legacy.operations[operation];
  const operations = mapValues(legacy.operations, compactOperation);
  const shapes = Object.fromEntries(
    reachable(legacy).map((shapeName) => [shapeName, compactShape(name, shapeName, legacy.shapes[shapeName])]),
  );
  return defined<ServiceModel>({
    name,
    apiVersion: metadata.apiVersion,
    protocol: metadata.protocol,
    jsonVersion: metadata.jsonVersion,
    targetPrefix: metadata.targetPrefix,
    signingName: metadata.signingName ?? metadata.endpointPrefix,
    serviceId: metadata.serviceId,
    xmlNamespace: metadata.xmlNamespace ?? operationNamespace(legacy),
    queryCompatible: metadata.awsQueryCompatible && true,
    operations,
    shapes,
  });
}

/** Older forms of operations that share their routes with the newer ones; no client of today sends them. */
const supersededOperations: Readonly<Record<string, readonly string[]>> = {
  s3: ["GetBucketLifecycle", "GetBucketNotification", "PutBucketLifecycle", "PutBucketNotification"],
};

/** Of S3 Control what is on tags: all else of it (access points, batch jobs, Storage Lens) is on what there is none of here. */
const partOfServices: Readonly<Record<string, RegExp>> = {
  ssm: /Parameters?$|^GetParameter|ParameterVersion$|^(AddTagsTo|RemoveTagsFrom|ListTagsFor)Resource$/,
  s3control: /^(ListTagsForResource|TagResource|UntagResource)$/,
};

/** S3 states its namespace only with members that are payloads. */
function operationNamespace(legacy: Legacy): string | undefined {
  if (legacy.metadata.protocol !== "rest-xml") return undefined;
  for (const shape of Object.values<Legacy>(legacy.shapes)) {
    if (shape.payload && shape.members[shape.payload].xmlNamespace)
      return shape.members[shape.payload].xmlNamespace.uri;
  }
  return undefined;
}

function compactOperation(legacy: Legacy): OperationModel {
  return defined<OperationModel>({
    method: legacy.http.method,
    uri: legacy.http.requestUri,
    status: legacy.http.responseCode === 200 ? undefined : legacy.http.responseCode,
    input: legacy.input?.shape,
    output: legacy.output?.shape,
    resultWrapper: legacy.output?.resultWrapper,
    errors: legacy.errors?.map((error: Legacy) => error.shape),
    hostPrefix: legacy.endpoint?.hostPrefix,
    auth: legacy.authtype === "none" ? "none" : undefined,
  });
}

/** Shapes that a request, an answer or an error can hold, in the model's order. */
function reachable(legacy: Legacy): string[] {
  const found = new Set<string>();
  const visit = (name: string | undefined): void => {
    if (name === undefined || found.has(name)) return;
    found.add(name);
    const { members = {}, member, key, value } = legacy.shapes[name];
    for (const next of [...Object.values<Legacy>(members), member, key, value]) visit(next?.shape);
  };
  for (const operation of Object.values<Legacy>(legacy.operations)) {
    visit(operation.input?.shape);
    visit(operation.output?.shape);
    for (const error of operation.errors ?? []) visit(error.shape);
  }
  return Object.keys(legacy.shapes).filter((name) => found.has(name));
}

function compactShape(service: string, name: string, legacy: Legacy): Shape {
  const common = { type: legacy.type, sensitive: legacy.sensitive };
  switch (legacy.type) {
    case "structure":
      return defined<StructureShape>({
        ...common,
        members: mapValues(legacy.members ?? {}, compactMember),
        required: legacy.required?.length ? legacy.required : undefined,
        payload: legacy.payload,
        xmlName: service === "s3" ? s3RootNames[name] : undefined,
        xmlUnwrapped: service === "s3" && name === "GetBucketLocationOutput",
        xmlNamespace: legacy.xmlNamespace,
        union: legacy.union,
        eventstream: legacy.eventstream,
        event: legacy.event,
        exception: legacy.exception && compactException(service, name, legacy),
      });
    case "list":
      return defined<Shape>({
        ...common,
        member: compactMember(legacy.member),
        ...bounds(legacy),
        flattened: legacy.flattened,
        sparse: legacy.sparse,
        queryName: service === "sqs" ? sqsQueryNames[name] : undefined,
      });
    case "map":
      return defined<Shape>({
        ...common,
        key: compactMember(legacy.key, service === "sqs" ? sqsMapKeyName(name) : undefined),
        value: compactMember(legacy.value, service === "sqs" ? "Value" : undefined),
        ...bounds(legacy),
        flattened: legacy.flattened,
        sparse: legacy.sparse,
        queryName: service === "sqs" ? sqsQueryNames[name] : undefined,
      });
    case "string":
      return defined<Shape>({
        ...common,
        ...bounds(legacy),
        pattern: ownPatterns[`${service} ${name}`] ?? legacy.pattern,
        enum: openEnumerations.has(`${service} ${name}`) ? undefined : legacy.enum,
        jsonvalue: legacy.jsonvalue,
      });
    default:
      return defined<Shape>({
        ...common,
        ...bounds(legacy),
        timestampFormat: legacy.timestampFormat,
        streaming: legacy.streaming,
      });
  }
}

/**
 * Enumerations that the real service does not hold. In `QueueAttributeName`, ReceiveMessage takes the names of system attributes too, as
 * older clients send them, and unknown names get SQS's own InvalidAttributeName.
 */
const openEnumerations: ReadonlySet<string> = new Set(["sqs QueueAttributeName"]);

/**
 * Patterns that are wider here: HTTP endpoints on this machine need no certificate (what else is no HTTPS, the handler refuses), the source
 * of a copy may be percent-encoded as a whole, its slash included, and S3 Control's ARNs may be those of buckets, which have no Region.
 */
const ownPatterns: Readonly<Record<string, string>> = {
  "firehose HttpEndpointUrl": "https?://.*",
  "s3control S3ResourceArn": "arn:[^:]+:s3(express)?:.*",
  "s3 CopySource": String.raw`\/?.+(\/|%2[Ff]).+`,
};

/** The bounds of a `long` are its type's own, and no number of ours can hold them. */
function bounds({ min, max }: Legacy): { min?: number; max?: number } {
  return defined({
    min: Number.isSafeInteger(min) || min % 1 ? min : undefined,
    max: Number.isSafeInteger(max) || max % 1 ? max : undefined,
  });
}

function compactException(service: string, name: string, legacy: Legacy): NonNullable<StructureShape["exception"]> {
  const code = service === "sqs" ? sqsQueryErrors[name] : legacy.error?.code;
  return defined({
    status: legacy.error?.httpStatusCode ?? (legacy.fault ? 500 : 400),
    code: code === name ? undefined : code,
    fault: legacy.fault && "server",
  });
}

function compactMember(legacy: Legacy, locationName: string | undefined = legacy.locationName): Member {
  return defined<Member>({
    shape: legacy.shape,
    location: legacy.location,
    locationName,
    idempotencyToken: legacy.idempotencyToken,
    hostLabel: legacy.hostLabel,
    timestampFormat: legacy.timestampFormat,
    streaming: legacy.streaming,
    flattened: legacy.flattened,
    xmlAttribute: legacy.xmlAttribute,
    xmlNamespace: legacy.xmlNamespace,
    eventpayload: legacy.eventpayload,
    eventheader: legacy.eventheader,
    jsonvalue: legacy.jsonvalue,
  });
}

/**
 * What the model of SQS no longer says: it describes the JSON protocol, and old clients and API Gateway still speak the query
 * protocol. Names of lists and maps in that protocol, by shape: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
 */
const sqsQueryNames: Readonly<Record<string, string>> = {
  AWSAccountIdList: "AWSAccountId",
  ActionNameList: "ActionName",
  AttributeNameList: "AttributeName",
  BatchResultErrorEntryList: "BatchResultErrorEntry",
  BinaryList: "BinaryListValue",
  ChangeMessageVisibilityBatchRequestEntryList: "ChangeMessageVisibilityBatchRequestEntry",
  ChangeMessageVisibilityBatchResultEntryList: "ChangeMessageVisibilityBatchResultEntry",
  DeleteMessageBatchRequestEntryList: "DeleteMessageBatchRequestEntry",
  DeleteMessageBatchResultEntryList: "DeleteMessageBatchResultEntry",
  ListMessageMoveTasksResultEntryList: "ListMessageMoveTasksResultEntry",
  MessageAttributeNameList: "MessageAttributeName",
  MessageBodyAttributeMap: "MessageAttribute",
  MessageBodySystemAttributeMap: "MessageSystemAttribute",
  MessageList: "Message",
  MessageSystemAttributeList: "MessageSystemAttributeName",
  MessageSystemAttributeMap: "Attribute",
  QueueAttributeMap: "Attribute",
  QueueUrlList: "QueueUrl",
  SendMessageBatchRequestEntryList: "SendMessageBatchRequestEntry",
  SendMessageBatchResultEntryList: "SendMessageBatchResultEntry",
  StringList: "StringListValue",
  TagKeyList: "TagKey",
  TagMap: "Tag",
};

function sqsMapKeyName(shapeName: string): string {
  return shapeName === "TagMap" ? "Key" : "Name";
}

/** Roots of S3's answers, which botocore does not look at and its model does not say: https://docs.aws.amazon.com/AmazonS3/latest/API/ */
const s3RootNames: Readonly<Record<string, string>> = {
  CreateMultipartUploadOutput: "InitiateMultipartUploadResult",
  DeleteObjectsOutput: "DeleteResult",
  GetBucketAccelerateConfigurationOutput: "AccelerateConfiguration",
  GetBucketAclOutput: "AccessControlPolicy",
  GetBucketCorsOutput: "CORSConfiguration",
  GetBucketLifecycleConfigurationOutput: "LifecycleConfiguration",
  GetBucketLocationOutput: "LocationConstraint",
  GetBucketLoggingOutput: "BucketLoggingStatus",
  GetBucketRequestPaymentOutput: "RequestPaymentConfiguration",
  GetBucketTaggingOutput: "Tagging",
  GetBucketVersioningOutput: "VersioningConfiguration",
  GetBucketWebsiteOutput: "WebsiteConfiguration",
  GetObjectAclOutput: "AccessControlPolicy",
  GetObjectAttributesOutput: "GetObjectAttributesResponse",
  GetObjectTaggingOutput: "Tagging",
  ListBucketsOutput: "ListAllMyBucketsResult",
  ListObjectVersionsOutput: "ListVersionsResult",
  ListObjectsOutput: "ListBucketResult",
  ListObjectsV2Output: "ListBucketResult",
};

/** Codes of the query protocol (`x-amzn-query-error`), where they are not the shape's name. Same source. */
const sqsQueryErrors: Readonly<Record<string, string>> = {
  BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  BatchRequestTooLong: "AWS.SimpleQueueService.BatchRequestTooLong",
  EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
  InvalidBatchEntryId: "AWS.SimpleQueueService.InvalidBatchEntryId",
  KmsAccessDenied: "KMS.AccessDeniedException",
  KmsDisabled: "KMS.DisabledException",
  KmsInvalidKeyUsage: "KMS.InvalidKeyUsageException",
  KmsInvalidState: "KMS.InvalidStateException",
  KmsNotFound: "KMS.NotFoundException",
  KmsOptInRequired: "KMS.OptInRequired",
  KmsThrottled: "KMS.ThrottlingException",
  MessageNotInflight: "AWS.SimpleQueueService.MessageNotInflight",
  PurgeQueueInProgress: "AWS.SimpleQueueService.PurgeQueueInProgress",
  QueueDeletedRecently: "AWS.SimpleQueueService.QueueDeletedRecently",
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  QueueNameExists: "QueueAlreadyExists",
  TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  UnsupportedOperation: "AWS.SimpleQueueService.UnsupportedOperation",
};

/** JSON with a line for each operation and shape. */
function print(model: ServiceModel): string {
  const lines = Object.entries(model).map(([key, value]) => {
    if (typeof value !== "object") return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    const entries = Object.entries(value).map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    return `${JSON.stringify(key)}:{\n${entries.join(",\n")}\n}`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}

function mapValues<T>(record: Legacy, map: (value: Legacy) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

/** The same object without what is undefined or false. */
function defined<T extends object>(object: { [K in keyof T]: T[K] | undefined } | Legacy): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== false)) as T;
}

main(process.argv[2]);
