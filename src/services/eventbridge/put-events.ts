import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from "@aws-sdk/client-eventbridge";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { parseJsonObject } from "../json-text.ts";
import { ONE_CALL, ratesOf } from "../rates.ts";
import type { Context } from "../service.ts";
import { type Bus, type BusAddress, busAddress, busArn, busKey, busLogName, isShared } from "./bus.ts";
import { compactJson, isNestedTooDeep } from "./compact-json.ts";
import { accessDenied, validationError } from "./errors.ts";
import { type BusEvent, eventText, type NewEvent, TIME_MS_MAX, TIME_MS_MIN } from "./event.ts";
import { openBus } from "./open-bus.ts";

/** Bytes of all entries of a request: 1 MiB since January 2026 (AWS Compute Blog); the model still says 256 KB. */
export const REQUEST_BYTES_MAX: number = 1024 * 1024;

/** PutEvents requests a second in an account and region: the service quota of us-east-1, the greatest. */
export const REQUESTS_PER_SECOND_MAX = 10_000;

/** What an entry with a time counts for it (user guide, "Calculating PutEvents event entry size"). */
const TIME_BYTES = 14;

/**
 * Appends a batch of events to their buses. Routing and delivery read the bus logs afterwards.
 *
 * Entries succeed or fail one by one: callers resend only those that carry an ErrorCode. An entry for a bus that does not exist
 * succeeds and goes nowhere, as in the real service.
 */
export async function putEvents(input: Validated<PutEventsRequest>, context: Context): Promise<PutEventsResponse> {
  if (input.EndpointId !== undefined) throw validationError("EndpointId: global endpoints are not built in Trunkline.");
  return put(input.Entries, context, (source) => !source.startsWith("aws."));
}

/** The same for Trunkline's own tools, which may speak as a service: a `source` of `aws.…` is taken. */
export async function putEventsAsService(
  entries: readonly Validated<PutEventsRequestEntry>[],
  context: Context,
): Promise<PutEventsResponse> {
  return put(entries, context, () => true);
}

/**
 * The event that an entry would become on its bus, whoever its source is, without putting it there.
 *
 * Throws `ModeledError` with what PutEvents says of an entry that it does not take.
 */
export function completedEvent(entry: Validated<PutEventsRequestEntry>, context: Context): BusEvent {
  const { accepted, result } = acceptEntry(entry, context, () => true);
  if (accepted === undefined) throw new ModeledError(String(result.ErrorCode), String(result.ErrorMessage));
  return JSON.parse(eventText(accepted.event)) as BusEvent;
}

interface Accepted {
  readonly bus: BusAddress;
  readonly event: NewEvent;
}

type Outcome =
  | { readonly result: PutEventsResultEntry; readonly accepted: Accepted }
  | { readonly result: PutEventsResultEntry; readonly accepted?: undefined };

async function put(
  entries: readonly Validated<PutEventsRequestEntry>[],
  context: Context,
  maySpeakAs: (source: string) => boolean,
): Promise<PutEventsResponse> {
  takeCall(context);
  checkRequestBytes(entries, context);
  const outcomes = entries.map((entry) => acceptEntry(entry, context, maySpeakAs));
  const accepted = outcomes.flatMap((outcome) => outcome.accepted ?? []);

  // One commit for the batch. We answer with an EventId only once its event is durable.
  const refusals =
    accepted.length > 0 ? await context.store.commit((unit) => appendAll(unit, accepted, context)) : NO_REFUSALS;

  const results = outcomes.map(({ result, accepted }) => (accepted && refusals.get(accepted)) ?? result);
  return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: results };
}

/** Entries that the policy of their bus refuses. */
type Refusals = ReadonlyMap<Accepted, PutEventsResultEntry>;

const NO_REFUSALS: Refusals = new Map();

export function checkRequestBytes(entries: readonly Validated<PutEventsRequestEntry>[], { limits }: Context): void {
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes > limits.value("events.put-events-bytes", REQUEST_BYTES_MAX)) {
    throw validationError("Total size of the entries in the request is over the limit.");
  }
}

/** Throws `ThrottlingException` where rates hold and this second's requests are used up. */
function takeCall({ store, account, region, limits, clock }: Context): void {
  if (!limits.enforced) return;
  const rate = { perSecond: limits.value("events.put-events-per-second", REQUESTS_PER_SECOND_MAX) };
  if (ratesOf(store).take(`events PutEvents ${account} ${region}`, rate, ONE_CALL, clock.now())) return;
  throw new ModeledError("ThrottlingException", "Rate exceeded");
}

async function appendAll(unit: Unit, accepted: readonly Accepted[], context: Context): Promise<Refusals> {
  const byBus = Map.groupBy(accepted, ({ bus }) => busKey(bus));
  const refusals = new Map<Accepted, PutEventsResultEntry>();
  const logs = new Map<string, string | undefined>();
  for (const [key, entries] of byBus) {
    const [{ bus: address } = { bus: undefined }] = entries;
    if (address === undefined) continue;
    const bus = await openBus(unit, context, address);
    logs.set(key, bus && busLogName(address));
    if (address.account === context.account) continue;
    for (const [entry, refusal] of refusedByPolicy(bus, address, entries, context)) refusals.set(entry, refusal);
  }
  for (const entry of accepted) {
    const log = logs.get(busKey(entry.bus));
    if (log !== undefined && !refusals.has(entry)) unit.append(log, entry.event.id, eventText(entry.event));
  }
  return refusals;
}

/**
 * What the policy of another account's bus refuses. Where it lets none of the entries in, the whole request is denied; where its conditions
 * let some in, the others fail alone: for their detail type if another one of their source is let in, else for their source.
 */
function refusedByPolicy(
  bus: Bus | undefined,
  address: BusAddress,
  entries: readonly Accepted[],
  context: Context,
): Refusals {
  const allowed = new Set(entries.filter(({ event }) => bus && isShared(bus, context, event)));
  if (allowed.size === 0) throw accessDenied(context.principalArn, "PutEvents", busArn(address));
  const sources = new Set([...allowed].map(({ event }) => event.source));
  const refusals = entries
    .filter((entry) => !allowed.has(entry))
    .map((entry) => {
      const { result } = sources.has(entry.event.source)
        ? refused("NotAuthorizedForDetailTypeException", "Not authorized for the detail type.")
        : refused("NotAuthorizedForSourceException", "Not authorized for the source.");
      return [entry, result] as const;
    });
  return new Map(refusals);
}

/** What becomes of one entry: an event, or the reason why it is none. */
export function acceptEntry(
  entry: Validated<PutEventsRequestEntry>,
  context: Context,
  maySpeakAs: (source: string) => boolean,
): Outcome {
  const { Source: source, DetailType: detailType, Detail: detail } = entry;
  if (!source) return missing("Source");
  if (!detailType) return missing("DetailType");
  if (!detail) return missing("Detail");
  if (!maySpeakAs(source)) return refused("NotAuthorizedForSourceException", "Not authorized for the source.");
  const timeMs = entry.Time?.getTime() ?? context.clock.now();
  if (!(timeMs >= TIME_MS_MIN && timeMs <= TIME_MS_MAX))
    return refused("InvalidArgument", "Parameter Time is not valid.");
  if (parseJsonObject(detail) === undefined || isNestedTooDeep(detail))
    return refused("MalformedDetail", "Detail is malformed.");

  const bus = busAddress(entry.EventBusName, context);
  const id = context.ids.uuid();
  const event: NewEvent = {
    id,
    source,
    detailType,
    account: context.account,
    region: bus.region,
    timeMs,
    resources: entry.Resources ?? [],
    detail: compactJson(detail),
  };
  return { result: { EventId: id }, accepted: { bus, event } };
}

function missing(parameter: string): Outcome {
  return refused(
    "InvalidArgument",
    `Parameter ${parameter} is not valid. Reason: ${parameter} is a required argument.`,
  );
}

export function refused(ErrorCode: string, ErrorMessage: string): Outcome {
  return { result: { ErrorCode, ErrorMessage } };
}

function entryBytes({
  Time,
  Source = "",
  DetailType = "",
  Detail = "",
  Resources = [],
}: Validated<PutEventsRequestEntry>): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : TIME_BYTES);
}
