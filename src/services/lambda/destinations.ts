/** Where the outcome of an asynchronous invocation goes. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
import type { Message } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { decideAccess } from "../iam/index.ts";
import type { Platform } from "../service.ts";
import { type AsyncEvent, qualifierOf } from "./async-event.ts";
import type { InvokeConfig } from "./event-invoke-configs.ts";
import { actAsRole } from "./event-sources/source-access.ts";
import type { Target } from "./find-function.ts";
import { functionArn } from "./function.ts";
import type { Outcome } from "./runtime/sandbox.ts";

/** How an event ended. */
export interface Ending {
  readonly condition: "Success" | "RetriesExhausted" | "EventAgeExceeded";
  /** Of the last time that its handler ran; absent where it did not, or not lately. */
  readonly outcome?: Outcome;
}

/**
 * What tells of an event's end, to be done in the unit in which it goes. What the function's role may not do is not done; like the real service
 * this tells nobody but a metric.
 */
export async function planEnding(
  platform: Platform,
  event: AsyncEvent,
  target: Target,
  config: InvokeConfig | undefined,
  ending: Ending,
): Promise<(unit: Unit) => Promise<void>> {
  const isSuccess = ending.condition === "Success";
  const destinationArn = isSuccess ? config?.onSuccess : config?.onFailure;
  const deadLetterArn = isSuccess ? undefined : target.version.deadLetterArn;
  const messages: Message[] = [];
  if (destinationArn && (await maySend(platform, target, destinationArn))) {
    messages.push(destinationMessage(platform, event, target, destinationArn, ending));
  }
  if (deadLetterArn && (await maySend(platform, target, deadLetterArn))) {
    messages.push(deadLetterMessage(platform, event, deadLetterArn, ending));
  }
  return (unit) => platform.flow.send(unit, messages);
}

/** What the function's role must be allowed to do with a destination. */
const ACTIONS: Readonly<Record<string, string>> = {
  sqs: "sqs:SendMessage",
  sns: "sns:Publish",
  lambda: "lambda:InvokeFunction",
  events: "events:PutEvents",
  s3: "s3:PutObject",
};

async function maySend(platform: Platform, { version }: Target, arn: string): Promise<boolean> {
  const [, , service = "", , account] = arn.split(":");
  // A bus asks who sends only where that is a rule.
  const isForeignBus = service === "events" && account !== version.account;
  const caller = await actAsRole(platform, version, version.role);
  const decision =
    caller &&
    (await decideAccess(platform, {
      caller,
      action: ACTIONS[service] ?? "",
      resourceArn: service === "s3" ? `${arn}/*` : arn,
      // A bucket's ARN names no account. What lies in another account its own sink refuses.
      ...(account && { resourceAccount: version.account }),
    }));
  if (decision?.allowed && !isForeignBus) return true;
  platform.flow.metrics.describe(
    "trunkline_function_destination_failures_total",
    "Records that a function's role may not send.",
  );
  platform.flow.metrics.count("trunkline_function_destination_failures_total", {
    account: version.account,
    region: version.region,
    function: version.name,
  });
  platform.log.warn({ function: version.name, destination: arn }, "A function's role may not send to its destination");
  return false;
}

function destinationMessage(
  platform: Platform,
  event: AsyncEvent,
  target: Target,
  arn: string,
  ending: Ending,
): Message {
  const nowMs = platform.clock.now();
  const arnOfFunction = functionArn(event, qualifierOf(event));
  const record = recordText(event, target, ending, arnOfFunction, nowMs);
  const deliveryId = derivedUuid(event.id, arn);
  const body = arn.includes(":event-bus/")
    ? busEvent(event, ending, { record, arn, arnOfFunction, deliveryId, nowMs })
    : record;
  const time = new Date(nowMs).toISOString();
  const key = arn.includes(":s3:::")
    ? `aws/lambda/async/${event.name}/${time.slice(0, 10).replaceAll("-", "/")}/${time.slice(0, 19).replaceAll(":", ".")}-${deliveryId}`
    : undefined;
  return messageTo(event, arn, { deliveryId, body, nowMs, ...(key !== undefined && { key }) });
}

function deadLetterMessage(platform: Platform, event: AsyncEvent, arn: string, { outcome }: Ending): Message {
  const told = errorOf(outcome);
  return messageTo(event, arn, {
    deliveryId: derivedUuid(event.id, "dead letter", arn),
    body: event.payload,
    nowMs: platform.clock.now(),
    attributes: {
      RequestID: event.id,
      ErrorCode: "200",
      ErrorMessage: (told?.errorMessage ?? "The event is too old.").slice(0, ERROR_MESSAGE_CHARACTERS) || "Unknown",
    },
  });
}

const ERROR_MESSAGE_CHARACTERS = 1024;

function messageTo(
  event: AsyncEvent,
  targetArn: string,
  {
    deliveryId,
    body,
    nowMs,
    ...more
  }: {
    readonly deliveryId: string;
    readonly body: string;
    readonly nowMs: number;
    readonly key?: string;
    readonly attributes?: Readonly<Record<string, string>>;
  },
): Message {
  const sourceArn = functionArn(event);
  const request = { deliveryId, body, account: event.account, principal: "lambda.amazonaws.com", sourceArn, ...more };
  return { targetArn, request, event: body, ruleArn: sourceArn, timeMs: nowMs };
}

/** Put together as text: what is in the two payloads is not ours to read. */
function recordText(
  { id, attempts, payload }: AsyncEvent,
  { version }: Target,
  { condition, outcome }: Ending,
  arnOfFunction: string,
  nowMs: number,
): string {
  const requestContext = {
    requestId: id,
    functionArn: arnOfFunction,
    condition,
    approximateInvokeCount: attempts + (outcome ? 1 : 0),
  };
  const responseContext = outcome && {
    statusCode: 200,
    executedVersion: version.version,
    ...(outcome.status !== "success" && { functionError: "Unhandled" }),
  };
  const members = [
    `"version":"1.0"`,
    `"timestamp":${JSON.stringify(new Date(nowMs).toISOString())}`,
    `"requestContext":${JSON.stringify(requestContext)}`,
    `"requestPayload":${payload}`,
    ...(responseContext ? [`"responseContext":${JSON.stringify(responseContext)}`] : []),
    ...(outcome ? [`"responsePayload":${jsonText(outcome.payload)}`] : []),
  ];
  return `{${members.join(",")}}`;
}

/** A custom runtime's answer need not be JSON; then it is a text. */
function jsonText(payload: Buffer): string {
  const text = payload.toString();
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

function busEvent(
  { account, region }: AsyncEvent,
  { condition }: Ending,
  {
    record,
    arn,
    arnOfFunction,
    deliveryId,
    nowMs,
  }: { record: string; arn: string; arnOfFunction: string; deliveryId: string; nowMs: number },
): string {
  const outcome = condition === "Success" ? "Success" : "Failure";
  const envelope = JSON.stringify({
    version: "0",
    id: deliveryId,
    "detail-type": `Lambda Function Invocation Result - ${outcome}`,
    source: "lambda",
    account,
    time: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
    region,
    resources: [arn, arnOfFunction],
  });
  return `${envelope.slice(0, -1)},"detail":${record}}`;
}

function errorOf(outcome: Outcome | undefined): { errorMessage?: string } | undefined {
  if (!outcome) return undefined;
  try {
    const told = JSON.parse(outcome.payload.toString());
    return { errorMessage: String(told?.errorMessage ?? "") };
  } catch {
    // A custom runtime may say what it likes.
    return {};
  }
}
