import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceModel } from "./model.ts";

/**
 * What can be said of each service without loading its model: how requests find it, and in which words it refuses bad input.
 * Held against the models by `catalog.test.ts`.
 */
export interface CatalogEntry {
  /** Of the model: `src/models/<name>.json`. */
  readonly name: string;
  /** As SDKs name it; upper-cased with `_` for spaces it is the end of `AWS_ENDPOINT_URL_…`. */
  readonly serviceId: string;
  /** The service in the SigV4 scope. Several services can share one; their paths or targets then tell them apart. */
  readonly signingName: string;
  readonly protocol: ServiceModel["protocol"];
  /** The part of `X-Amz-Target` before the dot. */
  readonly targetPrefix?: string;
  /** The header that its requests have and no others, where it shares its signing name with a service whose paths can be anything. */
  readonly requestHeader?: string;
  /** The input's member that the path gives in the query protocol, where the form does not: such requests go to a queue's URL. */
  readonly queryPathMember?: string;
  /** Where requests may be larger than those of all others. */
  readonly bodyBytesMax?: number;
  readonly dialect: Dialect;
}

/** What can be wrong with a request's input. */
export type ProblemKind =
  /** The body or a parameter cannot be parsed. */
  | "malformed"
  /** It parses, but a value is not of its member's type. */
  | "wrong-type"
  /** A required member is missing. */
  | "missing"
  | "constraint";

/** How a service reports bad input and its own failures. Sources: `integration-plane` 1.3, `connect-core` 2, and the models' errors. */
export interface Dialect {
  /** Error codes, best first: the first that the operation models is used, or else the first of all. */
  readonly codes: Readonly<Record<ProblemKind, readonly string[]>>;
  /**
   * `coral`: "1 validation error detected: Value 'x' at 'name' failed to satisfy constraint: …", listing all problems.
   * `coral-without-value`: the same without the value. `sqs`: one problem, in the words of SQS.
   */
  readonly messages: "coral" | "coral-without-value" | "sqs";
  /** The member of an error's body that holds its text, where the error's shape does not say. */
  readonly messageMember: "message" | "Message";
  /** The code of our own failures (500). */
  readonly internalError: string;
  /** Lambda: errors carry `Type`, `User` or `Service`, and their text as both `message` and `Message`. */
  readonly errorsNameTheFault?: true;
  /** XML: an error stands in an `ErrorResponse`. */
  readonly errorsAreWrapped?: true;
  /** In front of `__type`: `com.amazonaws.sqs`. */
  readonly errorNamespace?: string;
}

/** Services of the JSON-RPC protocols answer in the framework's own words and codes. */
const rpc: Dialect = {
  codes: {
    malformed: ["SerializationException"],
    "wrong-type": ["SerializationException"],
    missing: ["ValidationException"],
    constraint: ["ValidationException"],
  },
  messages: "coral",
  messageMember: "message",
  internalError: "InternalFailure",
};

/** Connect splits bad requests in two, and most operations model only one of them. */
const connect: Dialect = {
  codes: {
    malformed: ["InvalidRequestException", "InvalidParameterException"],
    "wrong-type": ["InvalidRequestException", "InvalidParameterException"],
    missing: ["InvalidRequestException", "InvalidParameterException"],
    constraint: ["InvalidParameterException", "InvalidRequestException"],
  },
  messages: "coral",
  messageMember: "Message",
  internalError: "InternalServiceException",
};

/** CloudWatch Logs reports constraints as bad parameters, and only its newer operations as validation errors. */
const logs: Dialect = {
  ...rpc,
  codes: {
    ...rpc.codes,
    missing: ["InvalidParameterException", "ValidationException"],
    constraint: ["InvalidParameterException", "ValidationException"],
  },
};

const query: Dialect = {
  codes: {
    malformed: ["MalformedQueryString"],
    "wrong-type": ["MalformedInput"],
    missing: ["ValidationError"],
    constraint: ["ValidationError"],
  },
  messages: "coral",
  messageMember: "message",
  internalError: "InternalFailure",
};

/** SNS has a code of its own for bad parameters: https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html */
const sns: Dialect = {
  ...query,
  codes: {
    malformed: ["MalformedQueryString"],
    "wrong-type": ["InvalidParameter", "InvalidParameterException"],
    missing: ["InvalidParameter", "InvalidParameterException"],
    constraint: ["InvalidParameter", "InvalidParameterException"],
  },
};

const sqs: Dialect = {
  codes: {
    malformed: ["SerializationException"],
    "wrong-type": ["SerializationException"],
    missing: ["MissingParameter"],
    constraint: ["InvalidAttributeName"],
  },
  messages: "sqs",
  messageMember: "message",
  internalError: "InternalFailure",
  errorNamespace: "com.amazonaws.sqs",
};

const s3: Dialect = {
  codes: {
    malformed: ["MalformedXML"],
    "wrong-type": ["InvalidArgument"],
    missing: ["InvalidRequest"],
    constraint: ["InvalidArgument"],
  },
  messages: "coral",
  messageMember: "message",
  internalError: "InternalError",
};

/** A service with one error for whatever is wrong with a request. */
function single(code: string, rest: Omit<Dialect, "codes">): Dialect {
  return { codes: { malformed: [code], "wrong-type": [code], missing: [code], constraint: [code] }, ...rest };
}

const cases = single("ValidationException", {
  messages: "coral-without-value",
  messageMember: "message",
  internalError: "InternalServerException",
});
const participant: Dialect = { ...cases, messages: "coral", messageMember: "Message" };
const profiles = single("BadRequestException", {
  messages: "coral-without-value",
  messageMember: "Message",
  internalError: "InternalServerException",
});
const appIntegrations = single("InvalidRequestException", {
  messages: "coral",
  messageMember: "Message",
  internalError: "InternalServiceError",
});
const apiGateway = single("BadRequestException", {
  messages: "coral",
  messageMember: "message",
  internalError: "InternalFailure",
});
const appFlow: Dialect = { ...cases, messages: "coral" };
const lambda: Dialect = {
  ...rpc,
  messageMember: "Message",
  internalError: "ServiceException",
  errorsNameTheFault: true,
};
const events: Dialect = { ...rpc, internalError: "InternalException" };

export const catalog: readonly CatalogEntry[] = [
  { name: "connect", serviceId: "Connect", signingName: "connect", protocol: "rest-json", dialect: connect },
  {
    name: "connect-contact-lens",
    serviceId: "Connect Contact Lens",
    signingName: "connect",
    protocol: "rest-json",
    dialect: { ...appIntegrations, internalError: "InternalServiceException" },
  },
  {
    name: "connectparticipant",
    serviceId: "ConnectParticipant",
    signingName: "execute-api",
    protocol: "rest-json",
    dialect: participant,
  },
  {
    name: "connectcampaignsv2",
    serviceId: "ConnectCampaignsV2",
    signingName: "connect-campaigns",
    protocol: "rest-json",
    dialect: cases,
  },
  {
    name: "customer-profiles",
    serviceId: "Customer Profiles",
    signingName: "profile",
    protocol: "rest-json",
    dialect: profiles,
  },
  { name: "connectcases", serviceId: "ConnectCases", signingName: "cases", protocol: "rest-json", dialect: cases },
  {
    name: "appintegrations",
    serviceId: "AppIntegrations",
    signingName: "app-integrations",
    protocol: "rest-json",
    dialect: appIntegrations,
  },
  { name: "appflow", serviceId: "Appflow", signingName: "appflow", protocol: "rest-json", dialect: appFlow },
  {
    name: "events",
    serviceId: "EventBridge",
    signingName: "events",
    protocol: "json",
    targetPrefix: "AWSEvents",
    dialect: events,
  },
  {
    name: "kinesis",
    serviceId: "Kinesis",
    signingName: "kinesis",
    protocol: "json",
    targetPrefix: "Kinesis_20131202",
    dialect: rpc,
  },
  {
    name: "firehose",
    serviceId: "Firehose",
    signingName: "firehose",
    protocol: "json",
    targetPrefix: "Firehose_20150804",
    dialect: rpc,
  },
  {
    name: "lambda",
    serviceId: "Lambda",
    signingName: "lambda",
    protocol: "rest-json",
    // 50 MB of code as base64, and what is around it.
    bodyBytesMax: 70_167_211,
    dialect: lambda,
  },
  {
    name: "apigateway",
    serviceId: "API Gateway",
    signingName: "apigateway",
    protocol: "rest-json",
    dialect: apiGateway,
  },
  {
    name: "apigatewayv2",
    serviceId: "ApiGatewayV2",
    signingName: "apigateway",
    protocol: "rest-json",
    dialect: apiGateway,
  },
  {
    name: "logs",
    serviceId: "CloudWatch Logs",
    signingName: "logs",
    protocol: "json",
    targetPrefix: "Logs_20140328",
    dialect: logs,
  },
  {
    name: "sqs",
    serviceId: "SQS",
    signingName: "sqs",
    protocol: "json",
    targetPrefix: "AmazonSQS",
    queryPathMember: "QueueUrl",
    dialect: sqs,
  },
  { name: "s3", serviceId: "S3", signingName: "s3", protocol: "rest-xml", dialect: s3 },
  {
    name: "s3control",
    serviceId: "S3 Control",
    signingName: "s3",
    protocol: "rest-xml",
    requestHeader: "x-amz-account-id",
    dialect: { ...s3, errorsAreWrapped: true },
  },
  { name: "sns", serviceId: "SNS", signingName: "sns", protocol: "query", dialect: sns },
  {
    name: "ssm",
    serviceId: "SSM",
    signingName: "ssm",
    protocol: "json",
    targetPrefix: "AmazonSSM",
    dialect: rpc,
  },
  { name: "sts", serviceId: "STS", signingName: "sts", protocol: "query", dialect: query },
  {
    name: "cloudformation",
    serviceId: "CloudFormation",
    signingName: "cloudformation",
    protocol: "query",
    dialect: query,
  },
  { name: "iam", serviceId: "IAM", signingName: "iam", protocol: "query", dialect: query },
];

const entries = new Map(catalog.map((entry) => [entry.name, entry]));

/** The catalog's entry of that name. The names are those of our own code, so an unknown one is our mistake. */
export function catalogEntry(name: string): CatalogEntry {
  const entry = entries.get(name);
  if (entry === undefined) throw new Error(`No API model is named ${name}`);
  return entry;
}

const models = new Map<string, ServiceModel>();

/**
 * The API model of that name. Read from disk at the first call, so that a service costs nothing until it is used; synchronous, since
 * it happens once and the biggest takes 8 ms.
 */
export function loadModel(name: string): ServiceModel {
  let model = models.get(name);
  if (model === undefined) {
    const file = join(import.meta.dirname, `${catalogEntry(name).name}.json`);
    model = JSON.parse(readFileSync(file, "utf8")) as ServiceModel;
    models.set(name, model);
  }
  return model;
}
