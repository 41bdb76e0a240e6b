/**
 * Backtest: an event trigger over the objects that were ingested, without sending anything. It reads the log of these once, from a moment on and as far as
 * it went when the backtest began, in small pieces, apart from everybody else. What would have fired counts against the trigger's periods, as
 * it would have: for that the log is read from before the moment on.
 */
import { compileEventTrigger, eventTriggerDocument } from "../../../matching/event-trigger.ts";
import type { Explanation } from "../../../matching/explanation.ts";
import { Machine } from "../../../matching/machine.ts";
import { ProfileSegment, type SegmentChain } from "../../../matching/profile-segment.ts";
import type { ReadingStore } from "../../../store/store.ts";
import { Histogram } from "../../backtest.ts";
import { type Gap, gapIn, keptEntries, type Span } from "../../kept-log.ts";
import { compiledChain, segmentDocument } from "../segments/segment-chains.ts";
import { getSegment } from "../segments/segment-definition.ts";
import type { EventTrigger } from "./event-trigger.ts";
import { INGESTED, INGESTED_LOG, type IngestedEntry, ingestedOf } from "./ingested-log.ts";
import { type Cap, capOf, countedTimes, expirationMs, type Period, periodsOf } from "./trigger-limits.ts";

/** A trigger that may not exist. */
export interface TriggerBacktest extends Span {
  /** Of its domain. */
  readonly uid: string;
  readonly trigger: Pick<EventTrigger, "name" | "objectType" | "conditions" | "segmentFilter" | "limits">;
  /** Whether it sends to a campaign, for which nothing is of use for more than 15 minutes. */
  readonly isCampaign: boolean;
  /** So many matches are told with their explanations; all are counted. */
  readonly matchesMax: number;
}

/** One line of the answer. */
export type TriggerBacktestLine =
  | {
      readonly progress: {
        readonly read: number;
        readonly of: number;
        readonly asked: number;
        readonly matched: number;
      };
    }
  | { readonly match: TriggerBacktestMatch }
  | { readonly done: TriggerBacktestResult };

export interface TriggerBacktestMatch extends Explanation {
  readonly outcome: "fired" | "capped" | "expired";
  readonly profile: string;
  /** `ProfileObjectUniqueKey`. */
  readonly object: string;
  readonly version: number;
  readonly time: string;
  /** Which period was used up. */
  readonly cap?: Pick<Cap, "unit" | "value" | "max">;
}

/** What matched is in the segment too, or has expired before that was asked. `outside`: it met the conditions, and its profile was not in the segment. */
type Count = "asked" | "outside" | "matched" | "fired" | "capped" | "expired";

export interface TriggerBacktestResult extends Readonly<Record<Count, number>> {
  readonly trigger: string;
  readonly objectType: string;
  readonly since: string;
  readonly until: string;
  /** For how many profiles it would have fired. */
  readonly profiles: number;
  /** For whom most often, the most frequent first. */
  readonly most: readonly { readonly profile: string; readonly fired: number; readonly capped: number }[];
  /** By the hour, or by the day where it is of more than two days. */
  readonly histogram: readonly ({ readonly from: string } & Readonly<Record<Count, number>>)[];
  /** Parts of the time of which nothing is known, and why. */
  readonly gaps: readonly Gap[];
}

/** Entries between two lines of progress. */
const READ_SIZE = 64;
const MOST_TOLD = 10;

export async function* job(store: ReadingStore, order: TriggerBacktest): AsyncGenerator<TriggerBacktestLine> {
  const { trigger, sinceMs, untilMs } = order;
  const histogram = new Histogram<Count>(["asked", "outside", "matched", "fired", "capped", "expired"], order);
  const asking = new Asking(order, await segmentOf(store, order));
  const profiles = new Map<string, { fired: number; capped: number }>();
  const gap = await gapIn(store, INGESTED_LOG, order);
  let told = 0;
  const span = { ...order, sinceMs: sinceMs - asking.longestMs };
  for await (const { entries, read, of } of keptEntries(store, INGESTED, span, READ_SIZE)) {
    for (const logged of entries) {
      const entry = ingestedOf(logged);
      if (entry?.uid !== order.uid || entry.type !== trigger.objectType) continue;
      const answer = asking.ask(entry);
      if (entry.ingestedMs < sinceMs) continue;
      if (!answer) {
        histogram.count(entry.ingestedMs, "asked");
        continue;
      }
      const { outcome } = answer;
      if (outcome === "outside") {
        histogram.count(entry.ingestedMs, "asked", "outside");
        continue;
      }
      histogram.count(entry.ingestedMs, "asked", "matched", outcome);
      if (outcome !== "expired") {
        const counts = profiles.get(entry.profileId) ?? { fired: 0, capped: 0 };
        profiles.set(entry.profileId, counts);
        counts[outcome] += 1;
      }
      if (told++ < order.matchesMax) yield { match: matchOf(entry, outcome, answer.cap, asking.explain(entry)) };
    }
    yield { progress: { read, of, ...histogram.totals } };
  }
  const fired = [...profiles].filter(([, counts]) => counts.fired > 0);
  yield {
    done: {
      trigger: trigger.name,
      objectType: trigger.objectType,
      since: new Date(sinceMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      ...histogram.totals,
      profiles: fired.length,
      most: fired
        .sort(([, one], [, other]) => other.fired - one.fired || other.capped - one.capped)
        .slice(0, MOST_TOLD)
        .map(([profile, counts]) => ({ profile, ...counts })),
      histogram: histogram.steps(),
      gaps: gap ? [gap] : [],
    },
  };
}

/** The segment that the trigger looks at, with all that it rests on, as it is now. */
async function segmentOf(
  store: ReadingStore,
  { uid, trigger: { segmentFilter } }: TriggerBacktest,
): Promise<SegmentChain | undefined> {
  if (segmentFilter === undefined) return undefined;
  const { groups } = await getSegment(store, { uid }, segmentFilter);
  return compiledChain(store, { uid }, new ProfileSegment(groups, "SegmentGroups"), segmentFilter);
}

interface Answer {
  readonly outcome: TriggerBacktestMatch["outcome"] | "outside";
  readonly cap?: Cap;
}

/** Asks one trigger of objects, in their order. */
class Asking {
  readonly longestMs: number;
  readonly #machine = new Machine<true>();
  readonly #periods: readonly Period[];
  readonly #expirationMs: number | undefined;
  /** When it would have fired for each profile, as far back as its periods look. */
  readonly #times = new Map<string, readonly number[]>();

  readonly #segment: SegmentChain | undefined;

  constructor({ trigger, isCampaign }: TriggerBacktest, segment: SegmentChain | undefined) {
    this.#segment = segment;
    this.#machine.add(true, compileEventTrigger([...trigger.conditions]));
    this.#periods = periodsOf(trigger.limits);
    this.#expirationMs = expirationMs(trigger.limits, isCampaign);
    this.longestMs = Math.max(0, ...this.#periods.map(({ windowMs }) => windowMs));
  }

  /** `undefined`: its conditions are not met. */
  ask({ content, fields, profileId, profile, acceptedMs, ingestedMs }: IngestedEntry): Answer | undefined {
    const document = eventTriggerDocument(JSON.parse(content), fields);
    if (this.#machine.match(document).length === 0) return undefined;
    if (this.#expirationMs !== undefined && ingestedMs - acceptedMs > this.#expirationMs) return { outcome: "expired" };
    if (this.#segment?.matches(segmentDocument(profile, {}), ingestedMs) === false) return { outcome: "outside" };
    const times = this.#times.get(profileId) ?? [];
    const cap = capOf(this.#periods, times, ingestedMs);
    if (cap) return { outcome: "capped", cap };
    if (this.#periods.length > 0) this.#times.set(profileId, countedTimes(this.#periods, times, ingestedMs));
    return { outcome: "fired" };
  }

  explain({ content, fields }: IngestedEntry): Explanation | undefined {
    return this.#machine.explain(true, eventTriggerDocument(JSON.parse(content), fields));
  }
}

function matchOf(
  { profileId, id, version, ingestedMs }: IngestedEntry,
  outcome: TriggerBacktestMatch["outcome"],
  cap: Cap | undefined,
  explanation: Explanation | undefined,
): TriggerBacktestMatch {
  return {
    outcome,
    profile: profileId,
    object: id,
    version,
    time: new Date(ingestedMs).toISOString(),
    ...(cap && { cap: { unit: cap.unit, value: cap.value, max: cap.max } }),
    ...(explanation as Explanation),
  };
}
