import type { Target } from "@aws-sdk/client-eventbridge";
import type { Message } from "../../flow/index.ts";
import type { Validated } from "../../models/validated.ts";
import { parseJsonObject } from "../json-text.ts";
import { parseBusArn } from "./bus.ts";
import { isNestedTooDeep } from "./compact-json.ts";
import { type BusEvent, keyOfNextHop } from "./event.ts";
import { type EventPath, parseEventPath, select } from "./event-path.ts";
import { parseExactly } from "./exact-json.ts";
import { compileTransformer, transform } from "./input-transformer.ts";
import { type BusRule, ruleArn } from "./rule.ts";

/** An event on its way out of a bus. */
export interface MatchedEvent {
  readonly event: BusEvent;
  /** The event as it lies in the log. */
  readonly text: string;
  /** Names the log entry, for ever: what deliveries are told apart by. */
  readonly entryId: string;
  readonly entryKey: string;
  /** When the bus took it in. */
  readonly timeMs: number;
}

/** What a target gets of a matched event; `undefined` where its input comes to nothing, which is then not sent. */
export type MessageFor = (matched: MatchedEvent) => Message | undefined;

/** Compiles a target: everything that does not depend on the event is done once. */
export function compileTarget(rule: BusRule, target: Validated<Target>): MessageFor {
  const arn = ruleArn(rule);
  const shape = toBus(target, compileInput(rule, target));
  const keyOf = compileKey(target);
  const parametersFor = compileParameters(furtherParameters(target));
  const { DeadLetterConfig: deadLetter, RetryPolicy: retry } = target;
  const fixed = {
    targetArn: target.Arn,
    ruleArn: arn,
    ...(deadLetter?.Arn !== undefined && { deadLetterArn: deadLetter.Arn }),
    ...(retry?.MaximumRetryAttempts !== undefined && { retryAttemptsMax: retry.MaximumRetryAttempts }),
    ...(retry?.MaximumEventAgeInSeconds !== undefined && { eventAgeMsMax: retry.MaximumEventAgeInSeconds * 1000 }),
  };
  return (matched) => {
    const body = shape(matched);
    if (body === undefined) return undefined;
    const key = keyOf(matched);
    const parameters = parametersFor(matched);
    return {
      ...fixed,
      eventId: matched.event.id,
      event: matched.text,
      timeMs: matched.timeMs,
      request: {
        deliveryId: `${matched.entryId}>${rule.name}/${target.Id}`,
        body,
        ...(key !== undefined && { key }),
        account: rule.bus.account,
        principal: "events.amazonaws.com",
        sourceArn: arn,
        ...(parameters && { parameters }),
      },
    };
  };
}

type Shape = (matched: MatchedEvent) => string | undefined;

function compileInput(rule: BusRule, { Input, InputPath, InputTransformer }: Validated<Target>): Shape {
  if (Input !== undefined) return () => Input;
  if (InputPath !== undefined) {
    const path = parseEventPath(InputPath);
    return (matched) => path && JSON.stringify(select(path, exactEvent(matched)));
  }
  if (InputTransformer === undefined) return ({ text }) => text;
  const transformer = compileTransformer(InputTransformer.InputTemplate, InputTransformer.InputPathsMap ?? {});
  if (!("parts" in transformer)) return () => undefined;
  const ofRule = { ruleArn: ruleArn(rule), ruleName: rule.name };
  return (matched) =>
    transform(transformer, { ...ofRule, event: exactEvent(matched), ingestionTimeMs: matched.timeMs });
}

/**
 * What another bus gets must be an event. One that was shaped keeps who it is (id, account, region, time) and takes over what else an event
 * has; what is no event then comes to nothing (our choice: the documentation only refuses shaping towards other accounts).
 */
function toBus({ Arn, Input, InputPath, InputTransformer }: Validated<Target>, shape: Shape): Shape {
  const isShaped = Input !== undefined || InputPath !== undefined || InputTransformer !== undefined;
  if (!isShaped || parseBusArn(Arn) === undefined) return shape;
  return (matched) => {
    const text = shape(matched);
    const shaped = text === undefined || isNestedTooDeep(text) ? undefined : parseJsonObject(text);
    if (!shaped || typeof shaped.detail !== "object" || shaped.detail === null) return undefined;
    if (typeof shaped.source !== "string" || typeof shaped["detail-type"] !== "string") return undefined;
    const { source, detail, "detail-type": detailType } = shaped;
    return JSON.stringify({ ...matched.event, "detail-type": detailType, source, detail });
  };
}

/** What orders and distributes at the target: a stream's partition key, a FIFO queue's group; for another bus, the hops so far. */
function compileKey({
  Arn,
  KinesisParameters,
  SqsParameters,
}: Validated<Target>): (matched: MatchedEvent) => string | undefined {
  const service = Arn.split(":")[2];
  if (service === "kinesis") {
    const path = parseEventPath(KinesisParameters?.PartitionKeyPath ?? "");
    return (matched) => (path && selectedText(path, matched)) || matched.event.id;
  }
  if (parseBusArn(Arn) !== undefined) return ({ entryKey, event }) => keyOfNextHop(entryKey, event);
  return () => SqsParameters?.MessageGroupId;
}

/** What a path selects, as text: empty where that is nothing. */
function selectedText(path: EventPath, matched: MatchedEvent): string {
  const selected = select(path, matched.event);
  return typeof selected === "string" ? selected : (JSON.stringify(select(path, exactEvent(matched))) ?? "");
}

/** The event with its numbers as they were written. Few events hold one that JavaScript writes differently; those are parsed again. */
function exactEvent({ event, text }: MatchedEvent): BusEvent {
  return JSON.stringify(event) === text ? event : (parseExactly(text) as BusEvent);
}

/** What is said about the target beyond where, what and how often. */
function furtherParameters(target: Validated<Target>): Readonly<Record<string, unknown>> | undefined {
  const { Id, Arn, Input, InputPath, DeadLetterConfig, RetryPolicy, ...further } = target;
  return Object.keys(further).length > 0 ? further : undefined;
}

type Parameters = ReturnType<typeof furtherParameters>;

/**
 * What is sent along to an HTTP target may be picked out of the event: a value of a path, a header or a query that is `$.detail.id` as a
 * whole. One that selects nothing is empty.
 */
function compileParameters(parameters: Parameters): (matched: MatchedEvent) => Parameters {
  const { HttpParameters: http } = (parameters ?? {}) as Partial<Validated<Target>>;
  const { PathParameterValues = [], HeaderParameters = {}, QueryStringParameters = {} } = http ?? {};
  const given = [...PathParameterValues, ...Object.values(HeaderParameters), ...Object.values(QueryStringParameters)];
  const paths = new Map(
    given.flatMap((value) => {
      const path = value.startsWith("$.") ? parseEventPath(value) : undefined;
      return path ? [[value, path] as const] : [];
    }),
  );
  if (paths.size === 0) return () => parameters;
  return (matched) => {
    const inPlace = (value: string): string => {
      const path = paths.get(value);
      return path === undefined ? value : selectedText(path, matched);
    };
    const each = (map: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(map).map(([name, value]) => [name, inPlace(value)]));
    return {
      ...parameters,
      HttpParameters: {
        PathParameterValues: PathParameterValues.map(inPlace),
        HeaderParameters: each(HeaderParameters),
        QueryStringParameters: each(QueryStringParameters),
      },
    };
  };
}
