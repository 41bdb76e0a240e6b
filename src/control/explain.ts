import { ModeledError } from "../models/modeled-error.ts";
import { getInstance, onlyInstanceId, refOf } from "../services/connect/index.ts";
import { explainSegment, explainTrigger, onlyDomainName } from "../services/customer-profiles/index.ts";
import { explainBus, explainPattern, explainRule } from "../services/eventbridge/index.ts";
import { isJsonObject } from "../services/json-text.ts";
import { backtestedRule, explainSample, explainSubject } from "../services/rules/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, json } from "./answer.ts";
import { answering } from "./connect-answer.ts";
import { eventOnBus, parseEventBody } from "./event-body.ts";
import { explainTarget } from "./explain-target.ts";

const WANTED =
  'give {"rule": NAME, BUS/NAME or ARN, "event": {…}} for a rule, {"pattern": {…} or its text, "event": {…}} for a pattern alone, {"bus": NAME, "event": {…}} for all rules of a bus';

const STATUS: Readonly<Record<string, number>> = { ResourceNotFoundException: 404, AccessDeniedException: 403 };

/**
 * `POST /_trunkline/explain` with `{"rule": …, "event": …}`, `{"pattern": …, "event": …}` or `{"bus": …, "event": …}`: why the caller's rule, a
 * pattern, or each rule of a bus matches an event or does not, condition by condition. The event is in either spelling; see `eventOnBus`.
 */
export async function explain(context: Context, body: Buffer): Promise<PlainResponse> {
  const request = parseEventBody(body);
  if ("error" in request) return failure(400, request.error);
  if (isJsonObject(request.value) && "subject" in request.value) return explainOfSubject(context, request.value);
  if (isJsonObject(request.value) && "sample" in request.value) return explainOfSample(context, request.value);
  if (isJsonObject(request.value) && "trigger" in request.value) return explainOfTrigger(context, request.value);
  if (isJsonObject(request.value) && "segment" in request.value) return explainOfSegment(context, request.value);
  if (isJsonObject(request.value) && "target" in request.value) return explainOfTarget(context, request.value);
  const { rule, pattern, bus, event, ...others } = isJsonObject(request.value) ? request.value : {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return unclear(`There is no member ${unknown}`);
  if ([rule, pattern, bus].filter((one) => one !== undefined).length !== 1) {
    return unclear("There is to be either a rule, a pattern or a bus");
  }
  if (!isJsonObject(event)) return unclear("event is not an object");
  try {
    const onBus = eventOnBus(event, context);
    if (onBus === undefined) return unclear("event lacks its Source, DetailType or Detail, or has a Time that is none");
    if (typeof rule === "string" && rule !== "") {
      return json(await context.store.durably(() => explainRule(rule, onBus, context)));
    }
    if (rule !== undefined) return unclear("rule is not a name or an ARN");
    if (typeof bus === "string" && bus !== "") {
      return json(await context.store.durably(() => explainBus(bus, onBus, context)));
    }
    if (bus !== undefined) return unclear("bus is not a name or an ARN");
    if (typeof pattern === "string") return json(explainPattern(pattern, onBus));
    return isJsonObject(pattern)
      ? json(explainPattern(JSON.stringify(pattern), onBus))
      : unclear("pattern is not an object or its text");
  } catch (error) {
    if (error instanceof ModeledError) return failure(STATUS[error.code] ?? 400, error.message);
    throw error;
  }
}

/**
 * `POST /_trunkline/explain` with `{"subject": CONTACT}` and, where there are several, `"instance"`: which Connect rules have looked at a contact
 * (or at what else has an id), why each was true of it or not, and what came of it. With `"rule"` only that one, whether it ran or not; it may
 * also be what CreateRule would be given.
 */
async function explainOfSubject(
  context: Context,
  { subject, instance, rule, ...others }: Readonly<Record<string, unknown>>,
): Promise<PlainResponse> {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return failure(400, `There is no member ${unknown}: ${WANTED_OF_SUBJECT}`);
  if (typeof subject !== "string" || subject === "") return failure(400, `subject is not an id: ${WANTED_OF_SUBJECT}`);
  if (instance !== undefined && typeof instance !== "string") return failure(400, "instance is not an id");
  if (!isRuleOrDraft(rule)) return failure(400, "rule is not a name, an id, an ARN or what CreateRule would be given");
  return explaining(() =>
    context.store.durably(async () => {
      const instanceId = instance ?? (await onlyInstanceId(context));
      return explainSubject({ instanceId, subject, rule }, context);
    }),
  );
}

/** A draft that cannot be read is the request's fault, as a body that cannot. */
async function explaining(explain: () => Promise<unknown>): Promise<PlainResponse> {
  try {
    return json(await explain());
  } catch (error) {
    if (error instanceof ModeledError) return failure(STATUS[error.code] ?? 400, error.message);
    throw error;
  }
}

function isRuleOrDraft(rule: unknown): boolean {
  return rule === undefined || typeof rule === "string" || isJsonObject(rule);
}

/**
 * `POST /_trunkline/explain` with `{"rule": …, "sample": {…}}` and, where there are several, `"instance"`: what a Connect rule, saved or what
 * CreateRule would be given, makes of a conversation, a case or whatever else it looks at, which need not have been there.
 */
async function explainOfSample(
  context: Context,
  { rule, sample, instance, ...others }: Readonly<Record<string, unknown>>,
): Promise<PlainResponse> {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return failure(400, `There is no member ${unknown}: ${WANTED_OF_SAMPLE}`);
  if (rule === undefined || !isRuleOrDraft(rule)) return failure(400, `rule is missing: ${WANTED_OF_SAMPLE}`);
  if (!isJsonObject(sample)) return failure(400, `sample is not an object: ${WANTED_OF_SAMPLE}`);
  if (instance !== undefined && typeof instance !== "string") return failure(400, "instance is not an id");
  return explaining(() =>
    context.store.durably(async () => {
      const named = await getInstance(context.store, context, instance ?? (await onlyInstanceId(context)));
      return explainSample(await backtestedRule(context.store, refOf(named), rule), sample);
    }),
  );
}

const WANTED_OF_SAMPLE = 'give {"rule": NAME or {…}, "sample": {"turns": […], "facts": {…}}} with "instance": ID';

const WANTED_OF_SUBJECT = 'give {"subject": CONTACT} with "instance": ID, and "rule": NAME for one alone';

/**
 * `POST /_trunkline/explain` with `{"trigger": NAME}` and, where there are several, `"domain"`: what an event trigger of Customer Profiles made of the
 * objects of a `"profile"`, of one `"object"` by its ProfileObjectUniqueKey, or would make of an `"object"` that need not have been
 * ingested, and why. With neither: of the last that it looked at.
 */
async function explainOfTrigger(
  context: Context,
  { trigger, domain, profile, object, ...others }: Readonly<Record<string, unknown>>,
): Promise<PlainResponse> {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return failure(400, `There is no member ${unknown}: ${WANTED_OF_TRIGGER}`);
  if (typeof trigger !== "string" || trigger === "") return failure(400, `trigger is not a name: ${WANTED_OF_TRIGGER}`);
  if (domain !== undefined && typeof domain !== "string") return failure(400, "domain is not a name");
  if (profile !== undefined && typeof profile !== "string") return failure(400, "profile is not an id");
  if (object !== undefined && typeof object !== "string" && !isJsonObject(object)) {
    return failure(400, "object is neither a unique key nor an object");
  }
  if (profile !== undefined && object !== undefined) return failure(400, "There is to be a profile or an object");
  const of =
    profile !== undefined
      ? { profileId: profile }
      : typeof object === "string"
        ? { uniqueKey: object }
        : object && { object };
  return answering(() =>
    context.store.durably(async () => {
      const question = { domain: domain ?? (await onlyDomainName(context)), trigger };
      return explainTrigger(of ? { ...question, of } : question, context);
    }),
  );
}

const WANTED_OF_TRIGGER =
  'give {"trigger": NAME} with "domain": NAME, and "profile": ID, or "object": UNIQUE KEY or {…}';

/**
 * `POST /_trunkline/explain` with `{"segment": NAME, "profile": ID}` and, where there are several, `"domain"`: why a profile of Customer Profiles
 * belongs to a segment now, or does not, condition by condition.
 */
async function explainOfSegment(
  context: Context,
  { segment, domain, profile, ...others }: Readonly<Record<string, unknown>>,
): Promise<PlainResponse> {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return failure(400, `There is no member ${unknown}: ${WANTED_OF_SEGMENT}`);
  if (typeof segment !== "string" || segment === "") return failure(400, `segment is not a name: ${WANTED_OF_SEGMENT}`);
  if (typeof profile !== "string") return failure(400, `profile is not an id: ${WANTED_OF_SEGMENT}`);
  if (domain !== undefined && typeof domain !== "string") return failure(400, "domain is not a name");
  return answering(() =>
    context.store.durably(async () => {
      const domainName = domain ?? (await onlyDomainName(context));
      return explainSegment({ domain: domainName, segment, profileId: profile }, context);
    }),
  );
}

const WANTED_OF_SEGMENT = 'give {"segment": NAME, "profile": ID} with "domain": NAME';

/**
 * `POST /_trunkline/explain` with `{"target": ARN, URL or NAME}`: what is set up to send to a stream, a queue, a bus, a function, …, and what each
 * rule and event trigger of those made of what it saw last, in sentences.
 */
async function explainOfTarget(
  context: Context,
  { target, ...others }: Readonly<Record<string, unknown>>,
): Promise<PlainResponse> {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return failure(400, `There is no member ${unknown}: ${WANTED_OF_TARGET}`);
  if (typeof target !== "string" || target === "") return failure(400, `target is not a name: ${WANTED_OF_TARGET}`);
  return answering(() => context.store.durably(() => explainTarget(context, target)));
}

const WANTED_OF_TARGET = 'give {"target": ARN, URL or NAME}';

function unclear(problem: string): PlainResponse {
  return failure(400, `${problem}: ${WANTED}`);
}
