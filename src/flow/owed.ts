/** What is owed and what was attempted, read from the store. */
import { setImmediate } from "node:timers/promises";
import { compositeKey, type Entry } from "../store/store.ts";
import { ATTEMPTS_LOG, type Attempt, type DeliveryOwner } from "./attempts.ts";
import { DELIVERIES, type Deliveries, type Delivery, ownerOf } from "./delivery.ts";
import type { DeliveryWorkers } from "./delivery-workers.ts";
import type { FlowContext } from "./flow-context.ts";
import type { Message } from "./message.ts";
import {
  type AttemptFilter,
  type LoggedAttempt,
  NOT_DELIVERED,
  type OwedDeliveries,
  type OwedDelivery,
  type OwedFilter,
  type OwedTarget,
} from "./owed-deliveries.ts";

/** Of a target: what is counted. Each is read with its message. */
const COUNTED_MAX = 1_000;
const TARGETS_MAX = 200;
/** Of the log: what one look goes through, and what of that at once. */
const LOOK_ENTRIES_MAX = 10_000;
const CHUNK_ENTRIES = 256;
/** Owed deliveries that one page looks at. */
const LOOK_DELIVERIES_MAX = 2_000;

export function createOwedDeliveries(
  { store, clock }: FlowContext,
  deliveries: Deliveries,
  workers: DeliveryWorkers,
): OwedDeliveries {
  const shown = (delivery: Delivery): OwedDelivery => {
    const { message, dueMs, attempts, failure } = delivery;
    const state = workers.isInFlight(delivery) ? "in flight" : dueMs <= clock.now() ? "due" : "waiting";
    return { message, dueMs, attempts, state, ...(failure && { failure }) };
  };

  return {
    async list(owner, filter, { limit, after }) {
      const found: OwedDelivery[] = [];
      let next = after;
      let looked = 0;
      do {
        const page = await store.list(DELIVERIES, {
          index: "owner",
          prefix: prefixOf(owner, filter.targetArn),
          limit: limit - found.length,
          after: next,
        });
        found.push(...page.documents.filter((delivery) => isWanted(delivery.message, filter)).map(shown));
        looked += page.documents.length;
        next = page.next;
        await setImmediate();
      } while (next !== undefined && found.length < limit && looked < LOOK_DELIVERIES_MAX);
      return { deliveries: found, ...(next !== undefined && { next }) };
    },

    async targets(owner) {
      const targets: OwedTarget[] = [];
      let from = prefixOf(owner);
      while (targets.length < TARGETS_MAX) {
        const range = { index: "owner", prefix: prefixOf(owner), from, limit: 1 };
        const [first] = (await store.list(DELIVERIES, range)).documents;
        if (!first) break;
        const { targetArn } = first.message;
        targets.push(await targetOf(owner, targetArn));
        // Due times are digits: "~" is behind all of this target's.
        from = compositeKey(owner.account, owner.region, targetArn, "~");
      }
      return targets;
    },

    async find(owner, deliveryId) {
      const delivery = await store.get(DELIVERIES, deliveryId);
      return delivery && isOf(owner, ownerOf(delivery.message)) ? shown(delivery) : undefined;
    },

    async attemptNow(unit, owner, which) {
      if ("deliveryId" in which) {
        const delivery = await unit.get(DELIVERIES, which.deliveryId);
        if (!delivery || !isOf(owner, ownerOf(delivery.message))) return 0;
        return deliveries.attemptNow(unit, delivery) ? 1 : 0;
      }
      // Those that are due are first, and change nothing by this.
      const { documents } = await unit.list(DELIVERIES, {
        index: "owner",
        prefix: prefixOf(owner, which.targetArn),
        from: compositeKey(owner.account, owner.region, which.targetArn, clock.now() + 1),
        limit: which.limit,
      });
      let count = 0;
      for (const { message } of documents) {
        const delivery = await unit.get(DELIVERIES, message.request.deliveryId);
        if (delivery && deliveries.attemptNow(unit, delivery)) count++;
      }
      return count;
    },

    async attempts(owner, filter, { limit, before }) {
      const places = await placesOf(filter.sinceMs, before);
      const found: LoggedAttempt[] = [];
      for (let looked = 0; looked < LOOK_ENTRIES_MAX && found.length < limit; ) {
        // The partition whose newest entry that is left is the youngest: with one, there is no choice.
        const place = youngest(places);
        if (!place) return { attempts: found };
        const next = await newestOf(place);
        if (!next) continue;
        looked++;
        if (looked % CHUNK_ENTRIES === 0) await setImmediate();
        const attempt = attemptOf(next, place.partition);
        if (isOf(owner, attempt) && isLogged(attempt, filter)) found.push(attempt);
      }
      const isOver = places.every(({ before: at, first }) => at <= first);
      return { attempts: found, ...(!isOver && { before: places.map(({ before: at }) => at) }) };
    },

    async attemptsOf(owner, deliveryId, sinceMs) {
      const attempts: LoggedAttempt[] = [];
      let isWhole = true;
      const partitions = (await store.findLog(ATTEMPTS_LOG.name))?.partitions ?? 0;
      for (let partition = 0; partition < partitions; partition++) {
        const { next } = await store.bounds(ATTEMPTS_LOG.name, partition);
        let at = await store.sequenceAt(ATTEMPTS_LOG.name, partition, sinceMs);
        for (const end = at + LOOK_ENTRIES_MAX; at < next; ) {
          if (at >= end) {
            isWhole = false;
            break;
          }
          const entries = await store.read(ATTEMPTS_LOG.name, partition, at, { entries: CHUNK_ENTRIES });
          const last = entries.at(-1);
          if (!last) break;
          at = last.sequence + 1;
          const own = entries
            .filter(({ value }) => String(value).includes(JSON.stringify(deliveryId)))
            .map((entry) => attemptOf(entry, partition))
            .filter((attempt) => attempt.deliveryId === deliveryId && isOf(owner, attempt));
          attempts.push(...own);
          // Nothing follows an end.
          if (own.some(({ outcome }) => outcome !== "failed")) return { attempts, isWhole: true };
          await setImmediate();
        }
      }
      return { attempts, isWhole };
    },
  };

  async function targetOf(owner: DeliveryOwner, targetArn: string): Promise<OwedTarget> {
    let owed = 0;
    let failing = 0;
    let nextDueMs = Number.POSITIVE_INFINITY;
    let oldestMs = Number.POSITIVE_INFINITY;
    let worst: Delivery | undefined;
    let after: string | undefined;
    do {
      const range = { index: "owner", prefix: prefixOf(owner, targetArn), limit: COUNTED_MAX - owed, after };
      const page = await store.list(DELIVERIES, range);
      for (const delivery of page.documents) {
        if (delivery.attempts > 0) failing++;
        nextDueMs = Math.min(nextDueMs, delivery.dueMs);
        oldestMs = Math.min(oldestMs, delivery.message.timeMs);
        if (delivery.failure && delivery.attempts > (worst?.attempts ?? 0)) worst = delivery;
      }
      owed += page.documents.length;
      after = page.next;
      // Each page may be a megabyte, and there may be many targets.
      await setImmediate();
    } while (after !== undefined && owed < COUNTED_MAX);
    const failure = worst?.failure;
    return { targetArn, owed, isMore: after !== undefined, failing, nextDueMs, oldestMs, ...(failure && { failure }) };
  }

  interface Place {
    readonly partition: number;
    readonly first: number;
    /** What was read and not looked at yet, the oldest first. */
    chunk: Entry[];
    /** Everything from here on has been looked at. */
    before: number;
  }

  async function placesOf(sinceMs: number | undefined, before: readonly number[] | undefined): Promise<Place[]> {
    const log = ATTEMPTS_LOG.name;
    const partitions = (await store.findLog(log))?.partitions ?? 0;
    return Promise.all(
      Array.from({ length: partitions }, async (_, partition) => {
        const bounds = await store.bounds(log, partition);
        const since = sinceMs === undefined ? 0 : await store.sequenceAt(log, partition, sinceMs);
        const end = Math.min(bounds.next, before?.[partition] ?? bounds.next);
        const place = { partition, first: Math.max(bounds.first, since), chunk: [], before: end };
        await fill(place);
        return place;
      }),
    );
  }

  /** Reads what lies before what was looked at. */
  async function fill(place: Place): Promise<void> {
    if (place.chunk.length > 0) return;
    const from = Math.max(place.first, place.before - CHUNK_ENTRIES);
    for (let at = from; at < place.before; ) {
      const entries = await store.read(ATTEMPTS_LOG.name, place.partition, at, { entries: place.before - at });
      const last = entries.at(-1);
      if (!last) break;
      place.chunk.push(...entries);
      at = last.sequence + 1;
    }
    // Trimmed meanwhile.
    if (place.chunk.length === 0) place.before = Math.min(place.before, place.first);
  }

  async function newestOf(place: Place): Promise<Entry | undefined> {
    const entry = place.chunk.pop();
    if (entry) place.before = entry.sequence;
    await fill(place);
    return entry;
  }
}

function youngest<P extends { readonly chunk: readonly Entry[] }>(places: readonly P[]): P | undefined {
  let found: P | undefined;
  for (const place of places) {
    const timeMs = place.chunk.at(-1)?.timeMs;
    if (timeMs !== undefined && timeMs > (found?.chunk.at(-1)?.timeMs ?? -1)) found = place;
  }
  return found;
}

function attemptOf({ value, sequence }: Entry, partition: number): LoggedAttempt {
  const attempt = JSON.parse(String(value)) as Attempt;
  const [, , , region = "", account = ""] = attempt.ruleArn.split(":", 5);
  // Those of an earlier version say it by their rule alone.
  return { ...attempt, account: attempt.account ?? account, region: attempt.region ?? region, partition, sequence };
}

function isLogged(attempt: LoggedAttempt, { outcome, deliveryId, ...filter }: AttemptFilter): boolean {
  if (outcome === NOT_DELIVERED ? attempt.outcome === "delivered" : outcome && attempt.outcome !== outcome)
    return false;
  if (deliveryId !== undefined && attempt.deliveryId !== deliveryId) return false;
  return isWanted(attempt, filter);
}

function isWanted(
  { targetArn, ruleArn }: Pick<Message, "targetArn" | "ruleArn">,
  { targetArn: target = targetArn, ruleArn: rule = ruleArn }: OwedFilter,
): boolean {
  return targetArn === target && ruleArn === rule;
}

function isOf(owner: DeliveryOwner, { account, region }: DeliveryOwner): boolean {
  return account === owner.account && region === owner.region;
}

function prefixOf({ account, region }: DeliveryOwner, targetArn?: string): string {
  return targetArn === undefined ? compositeKey(account, region, "") : compositeKey(account, region, targetArn, "");
}
