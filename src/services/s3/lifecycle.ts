/** Lifecycles: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html */
import type {
  GetBucketLifecycleConfigurationOutput,
  GetBucketLifecycleConfigurationRequest,
  LifecycleRule,
  LifecycleRuleFilter,
  PutBucketLifecycleConfigurationRequest,
} from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { type Bucket, buckets, getBucket } from "./bucket.ts";
import { invalidRequest } from "./errors.ts";
import { settleRemovals } from "./files.ts";
import { tellRemoved } from "./notifications.ts";
import { deleteStoredObject, objects, type StoredObject } from "./object.ts";

/** A bucket's rules, as they were put. Dates are texts. */
interface Lifecycle {
  readonly bucket: string;
  readonly rules: Validated<PutBucketLifecycleConfigurationRequest>["LifecycleConfiguration"];
}

const lifecycles: Collection<Lifecycle> = collection("s3_lifecycles");

const SWEEP_TIMER = "s3.expire-objects";

const DAY_MS = 86_400_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html */
const RULES_MAX = 1000;

export async function putBucketLifecycleConfiguration(
  input: Validated<PutBucketLifecycleConfigurationRequest>,
  context: Context,
): Promise<object> {
  const { LifecycleConfiguration: rules } = input;
  for (const rule of checkedRules(rules?.Rules)) checkRule(rule);
  await context.store.commit(async (unit) => {
    const { name: bucket } = await getBucket(unit, input, context);
    unit.put(lifecycles, bucket, JSON.parse(JSON.stringify({ bucket, rules })));
    schedule(unit, context, { bucket }, context.clock.now());
  });
  return {};
}

export async function getBucketLifecycleConfiguration(
  input: Validated<GetBucketLifecycleConfigurationRequest>,
  context: Context,
): Promise<GetBucketLifecycleConfigurationOutput> {
  const { name } = await getBucket(context.store, input, context);
  const lifecycle = await context.store.get(lifecycles, name);
  if (!lifecycle?.rules) {
    throw new ModeledError("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", {
      BucketName: name,
    });
  }
  return {
    TransitionDefaultMinimumObjectSize: "all_storage_classes_128K",
    Rules: lifecycle.rules.Rules.map((rule) => {
      const { Expiration: expiration } = rule;
      return expiration?.Date ? { ...rule, Expiration: { ...expiration, Date: new Date(expiration.Date) } } : rule;
    }) as LifecycleRule[],
  };
}

export async function deleteBucketLifecycle(
  input: Validated<GetBucketLifecycleConfigurationRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const { name } = await getBucket(unit, input, context);
    forgetLifecycle(unit, context, name);
  });
}

export function forgetLifecycle(unit: Unit, { flow }: Pick<Platform, "flow">, bucket: string): void {
  unit.delete(lifecycles, bucket);
  flow.cancel(unit, timerId(bucket));
}

function checkedRules(rules: readonly Validated<LifecycleRule>[] = []): readonly Validated<LifecycleRule>[] {
  if (rules.length === 0 || rules.length > RULES_MAX) {
    throw new ModeledError(
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  }
  const ids = rules.flatMap(({ ID }) => (ID === undefined ? [] : [ID]));
  if (new Set(ids).size < ids.length) throw invalid("Rule ID must be unique. Found same ID for more than one rule");
  return rules;
}

/** Other storage classes are the same here, so that nothing has to be done for a transition; versions that are not current there are none. */
function checkRule(rule: Validated<LifecycleRule>): void {
  const { Expiration: expiration, AbortIncompleteMultipartUpload: abort } = rule;
  const actions = [expiration, abort, rule.NoncurrentVersionExpiration, ...(rule.Transitions ?? [])];
  if (![...actions, ...(rule.NoncurrentVersionTransitions ?? [])].some((action) => action !== undefined)) {
    throw invalid("At least one action needs to be specified in a rule");
  }
  if (rule.Filter && rule.Prefix !== undefined) throw invalidRequest("Filter and Prefix cannot be used together.");
  if (!expiration) return;
  const { Days: days, Date: date, ExpiredObjectDeleteMarker: marker } = expiration;
  if ([days, date, marker].filter((each) => each !== undefined).length !== 1) {
    throw invalid("Exactly one of Days, Date and ExpiredObjectDeleteMarker must be specified in Expiration");
  }
  if (days !== undefined && days < 1) throw invalid("'Days' for Expiration action must be a positive integer");
  if (date !== undefined && date.getTime() % DAY_MS !== 0) throw invalid("'Date' must be at midnight GMT");
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidArgument", message);
}

/** Where a look through a bucket's objects goes on. */
interface Sweep {
  readonly bucket: string;
  readonly after?: string;
}

/** Objects of one step. */
const STEP_OBJECTS = 100;

function timerId(bucket: string): string {
  return `${SWEEP_TIMER}:${bucket}`;
}

function schedule(unit: Unit, { flow }: Pick<Platform, "flow">, sweep: Sweep, dueMs: number): void {
  flow.schedule(unit, { id: timerId(sweep.bucket), kind: SWEEP_TIMER, dueMs, payload: sweep });
}

/** Looks through buckets that have rules: at midnight UTC, when days are over and dates come, some objects in each unit. */
export function expireObjects(platform: Platform): void {
  platform.flow.onTimer(SWEEP_TIMER, async (unit, { payload }) => {
    const removed = await sweep(unit, platform, payload as Sweep);
    // The files follow the commit; a start does what a crash, or a server that stops, has kept from them.
    unit.afterCommit(() => {
      settleRemovals(platform, removed).catch((error) =>
        platform.log.warn({ err: error }, "files of expired objects are left to the next start"),
      );
    });
  });
}

async function sweep(unit: Unit, platform: Platform, { bucket: name, after }: Sweep): Promise<readonly StoredObject[]> {
  const lifecycle = await unit.get(lifecycles, name);
  const bucket = await unit.get(buckets, name);
  if (!bucket || !lifecycle?.rules) return [];
  const prefix = compositeKey(name, "");
  const page = await unit.list(objects, { prefix, limit: STEP_OBJECTS, after });
  const nowMs = platform.clock.now();
  const rules = lifecycle.rules.Rules;
  const expired = page.documents.filter((object) => rules.some((rule) => isExpired(object, rule, nowMs)));
  for (const object of expired) await expire(unit, platform, bucket, object);
  const next: Sweep = page.next === undefined ? { bucket: name } : { bucket: name, after: page.next };
  schedule(unit, platform, next, page.next === undefined ? nextMidnightMs(nowMs) : nowMs);
  return expired;
}

function nextMidnightMs(nowMs: number): number {
  return (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
}

async function expire(unit: Unit, platform: Platform, bucket: Bucket, object: StoredObject): Promise<void> {
  deleteStoredObject(unit, object);
  await tellRemoved(unit, platform, bucket, object, "LifecycleExpiration:Delete");
}

/** Days are counted from the midnight that follows. */
function isExpired(object: StoredObject, rule: Validated<LifecycleRule>, nowMs: number): boolean {
  const { Status, Expiration: expiration } = rule;
  if (Status !== "Enabled" || !expiration || !isMeant(object, rule)) return false;
  if (expiration.Days === undefined) return expiration.Date !== undefined && Number(new Date(expiration.Date)) <= nowMs;
  const dueMs = Math.ceil((object.modifiedMs + expiration.Days * DAY_MS) / DAY_MS) * DAY_MS;
  return dueMs <= nowMs;
}

function isMeant(object: StoredObject, { Filter: filter, Prefix: prefix }: Validated<LifecycleRule>): boolean {
  const { And: all, ...one } = filter ?? {};
  const wanted: readonly Validated<LifecycleRuleFilter>[] = [
    ...(prefix === undefined ? [] : [{ Prefix: prefix }]),
    one,
    ...(all ? [{ ...all, Tag: undefined }, ...(all.Tags ?? []).map((Tag) => ({ Tag }))] : []),
  ];
  return wanted.every(
    ({ Prefix = "", Tag: tag, ObjectSizeGreaterThan: above, ObjectSizeLessThan: below }) =>
      object.key.startsWith(Prefix) &&
      (tag === undefined || object.tags[tag.Key] === tag.Value) &&
      (above === undefined || object.size > above) &&
      (below === undefined || object.size < below),
  );
}
