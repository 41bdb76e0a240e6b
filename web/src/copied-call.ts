/** A call of an operation in the words of other tools: a line for a shell, a program for Node. */

export interface CopiedCall {
  /** The model's name. */
  readonly service: string;
  readonly operation: string;
  readonly input?: unknown;
}

export interface CopiedTo {
  readonly url: string;
  readonly region: string;
}

/** As the CLI calls services, where that is not the model's name. */
const CLI_SERVICES: Readonly<Record<string, string>> = { s3: "s3api" };

/** `aws kinesis put-record --cli-input-json '…' --endpoint-url … --region …`, for any POSIX shell. */
export function cliOf({ service, operation, input = {} }: CopiedCall, { url, region }: CopiedTo): string {
  const words = ["aws", CLI_SERVICES[service] ?? service, commandOf(operation)];
  if (Object.keys(input as object).length > 0) words.push("--cli-input-json", JSON.stringify(input));
  words.push("--endpoint-url", url, "--region", region);
  return words.map(quoted).join(" ");
}

/**
 * The command of an operation: as botocore derives it from the name (`xform_name`), so that `ListObjectsV2` is `list-objects-v2` and
 * `StartWebRTCContact` `start-web-rtc-contact`.
 */
export function commandOf(operation: string): string {
  // Several of something that is written in capitals: ListTagsForARNs.
  const [plural = ""] = /[A-Z]{2,}s$/.exec(operation) ?? [];
  const name = plural === "" ? operation : `${operation.slice(0, -plural.length)}-${plural.toLowerCase()}`;
  return name
    .replace(/(.)([A-Z][a-z]+)/g, "$1-$2")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/-+/g, "-");
}

/** One word of a shell, whatever is in it: inside of single quotes nothing means anything but the quote itself. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Packages of the SDK and their clients, by the model's name. */
const CLIENTS: Readonly<Record<string, readonly [module: string, client: string]>> = {
  apigateway: ["api-gateway", "APIGateway"],
  apigatewayv2: ["apigatewayv2", "ApiGatewayV2"],
  appflow: ["appflow", "Appflow"],
  appintegrations: ["appintegrations", "AppIntegrations"],
  connect: ["connect", "Connect"],
  "connect-contact-lens": ["connect-contact-lens", "ConnectContactLens"],
  connectcampaignsv2: ["connectcampaignsv2", "ConnectCampaignsV2"],
  connectcases: ["connectcases", "ConnectCases"],
  connectparticipant: ["connectparticipant", "ConnectParticipant"],
  "customer-profiles": ["customer-profiles", "CustomerProfiles"],
  events: ["eventbridge", "EventBridge"],
  firehose: ["firehose", "Firehose"],
  iam: ["iam", "IAM"],
  kinesis: ["kinesis", "Kinesis"],
  lambda: ["lambda", "Lambda"],
  logs: ["cloudwatch-logs", "CloudWatchLogs"],
  s3: ["s3", "S3"],
  sns: ["sns", "SNS"],
  sqs: ["sqs", "SQS"],
  sts: ["sts", "STS"],
};

/** Members that are bytes, which documents have in base64. */
const BLOBS = /^(Data|ZipFile|Payload|Body|BinaryValue|InvokeArgs)$/;
const BLOB_SERVICES = new Set(["kinesis", "firehose", "lambda", "s3", "sqs", "sns"]);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** A module for Node that makes the call with the SDK for JavaScript; `undefined` for a service that has no client here. */
export function sdkOf({ service, operation, input = {} }: CopiedCall, { url, region }: CopiedTo): string | undefined {
  const [module, client] = CLIENTS[service] ?? [];
  if (module === undefined) return undefined;
  const options = [`endpoint: ${literal(url)}`, `region: ${literal(region)}`];
  if (service === "s3") options.push("forcePathStyle: true");
  return [
    `import { ${client}Client, ${operation}Command } from "@aws-sdk/client-${module}";`,
    "",
    `const client = new ${client}Client({ ${options.join(", ")} });`,
    `console.log(await client.send(new ${operation}Command(${expressionOf(input, service, "", "")})));`,
    "",
  ].join("\n");
}

function expressionOf(value: unknown, service: string, name: string, indent: string): string {
  if (typeof value === "string") {
    if (BLOB_SERVICES.has(service) && BLOBS.test(name)) return `Buffer.from(${literal(value)}, "base64")`;
    return TIME.test(value) && /(Time|Timestamp|Date|Before|After)$/i.test(name)
      ? `new Date(${literal(value)})`
      : literal(value);
  }
  if (typeof value !== "object" || value === null) return String(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => `${inner}${expressionOf(item, service, name, inner)},\n`)
    : Object.entries(value).map(
        ([key, member]) => `${inner}${keyOf(key)}: ${expressionOf(member, service, key, inner)},\n`,
      );
  const [open, close] = isList ? "[]" : "{}";
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.join("")}${indent}${close}`;
}

function keyOf(name: string): string {
  // In brackets it is a member, and not the prototype.
  if (name === "__proto__") return `["__proto__"]`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

function literal(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
