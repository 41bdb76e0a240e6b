import type { Channel } from "@aws-sdk/client-connect";
import type { Platform } from "../service.ts";
import { listSignedIn } from "./agents.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { type Contact, contacts } from "./contacts.ts";
import type { CountEnded, EndedCounts } from "./count-ended-job.ts";

/**
 * Where the contacts of an instance are, by channel, as long as somebody looks.
 *
 * Contacts that have not ended are few, so they are read once and kept, a word each; from then on only those are read again that have
 * changed. What ended earlier today is counted once, beside everybody else (`count-ended-job.ts`). Nobody who takes a call pays for it: a
 * document that each contact changes would cost all of them, whether somebody looks or not.
 */
export interface ContactStages extends Disposable {
  /** As it is committed now. What it rests on may not be durable yet. */
  now(): Promise<StagePicture>;
}

export const STAGES = ["in-flow", "waiting", "with-agent", "after-contact"] as const;
export type Stage = (typeof STAGES)[number];

export interface StagePicture {
  readonly open: Readonly<Record<string, Readonly<Record<Stage, number>>>>;
  /** By channel: disconnected since midnight, UTC. */
  readonly endedToday: EndedCounts;
  /** What ended earlier today is still being counted. */
  readonly isCounting: boolean;
}

const DAY_MS = 86_400_000;
const CHANNELS: readonly Channel[] = ["VOICE", "CHAT", "TASK", "EMAIL"];

/** Contacts read before others get room. */
const READ_SIZE = 100;

const COUNT_JOB = new URL("./count-ended-job.ts", import.meta.url);

/** Begins to watch the contacts of an instance. */
export function watchContactStages(platform: Platform, instance: InstanceRef): ContactStages {
  return new WatchedStages(platform, refOf(instance));
}

/** Where a contact is; a queued one waits also while it rings. `undefined`: it is over. */
export function stageOf({ state, agent, completedMs }: Contact): Stage | undefined {
  if (state === "QUEUED") return "waiting";
  if (state === "CONNECTED_TO_AGENT") return "with-agent";
  if (state !== "DISCONNECTED") return "in-flow";
  return agent !== undefined && completedMs === undefined ? "after-contact" : undefined;
}

interface Place {
  readonly channel: Channel;
  readonly stage: Stage;
}

class WatchedStages implements ContactStages {
  readonly #platform: Platform;
  readonly #instance: InstanceRef;
  readonly #watch: Disposable;
  readonly #changed = new Set<string>();
  /** Contacts that are not over, by key. */
  readonly #places = new Map<string, Place>();
  /** Those that ended since the watch began, by key. */
  readonly #ended = new Map<string, { readonly channel: Channel; readonly endedMs: number }>();
  #earlier: Partial<Record<Channel, number>> = {};
  #fromMs = 0;
  #dayMs = 0;
  #isCounting = false;
  #isOver = false;
  #read: Promise<void> | undefined;

  constructor(platform: Platform, instance: InstanceRef) {
    this.#platform = platform;
    this.#instance = instance;
    const prefix = instanceKey(instance, "");
    this.#watch = platform.store.watchCollection(contacts.name, (keys) => {
      for (const key of keys) if (key.startsWith(prefix)) this.#changed.add(key);
    });
  }

  async now(): Promise<StagePicture> {
    this.#read ??= this.#begin();
    await this.#read;
    this.#turnDay();
    await this.#readChanged();
    const open = Object.fromEntries(
      CHANNELS.map((channel) => [channel, { "in-flow": 0, waiting: 0, "with-agent": 0, "after-contact": 0 }]),
    );
    for (const { channel, stage } of this.#places.values()) {
      const counts = open[channel];
      if (counts) counts[stage] += 1;
    }
    const endedToday = { ...this.#earlier };
    for (const { channel } of this.#ended.values()) endedToday[channel] = (endedToday[channel] ?? 0) + 1;
    return { open, endedToday, isCounting: this.#isCounting };
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#watch[Symbol.dispose]();
  }

  async #begin(): Promise<void> {
    const nowMs = this.#platform.clock.now();
    this.#dayMs = nowMs - (nowMs % DAY_MS);
    this.#fromMs = nowMs;
    const { store } = this.#platform;
    for (const index of ["open", "disconnected"] as const) {
      const from = index === "open" ? {} : { from: instanceKey(this.#instance, nowMs, "") };
      let after: string | undefined;
      do {
        const range = { index, prefix: instanceKey(this.#instance, ""), limit: READ_SIZE, after };
        const page = await store.list(contacts, { ...range, ...from });
        for (const contact of page.documents) this.#note(instanceKey(contact, contact.id), contact);
        after = page.next;
        await this.#room();
      } while (after !== undefined);
    }
    for (const agent of await listSignedIn(store, instanceKey(this.#instance, ""))) {
      for (const { id, state } of agent.state.contacts) {
        if (state === "ENDED") this.#changed.add(instanceKey(agent, id));
      }
    }
    this.#isCounting = true;
    // Whoever looks meanwhile is told so.
    void this.#countEarlier({ instance: this.#instance, fromMs: this.#dayMs, beforeMs: nowMs });
  }

  async #countEarlier(order: CountEnded): Promise<void> {
    try {
      for await (const counts of this.#platform.store.readApart<EndedCounts>(COUNT_JOB, order)) {
        if (this.#isOver || order.fromMs !== this.#dayMs) return;
        for (const [channel, count] of Object.entries(counts) as [Channel, number][]) {
          this.#earlier[channel] = (this.#earlier[channel] ?? 0) + count;
        }
      }
      this.#isCounting = false;
    } catch (error) {
      // It goes on to say that it is counting; the rest is true without it.
      if (!this.#isOver) this.#platform.log.warn({ err: error }, "Contacts that ended today could not be counted");
    }
  }

  async #readChanged(): Promise<void> {
    const keys = [...this.#changed];
    this.#changed.clear();
    for (const [place, key] of keys.entries()) {
      if (place % READ_SIZE === READ_SIZE - 1) await this.#room();
      this.#note(key, await this.#platform.store.get(contacts, key));
    }
  }

  #note(key: string, contact: Contact | undefined): void {
    const stage = contact && stageOf(contact);
    if (contact && stage) this.#places.set(key, { channel: contact.channel, stage });
    else this.#places.delete(key);
    const endedMs = contact?.disconnectMs;
    if (contact && endedMs !== undefined && endedMs >= this.#fromMs) {
      this.#ended.set(key, { channel: contact.channel, endedMs });
    }
  }

  #turnDay(): void {
    const nowMs = this.#platform.clock.now();
    const dayMs = nowMs - (nowMs % DAY_MS);
    if (dayMs === this.#dayMs) return;
    this.#dayMs = dayMs;
    this.#earlier = {};
    this.#isCounting = false;
    for (const [key, { endedMs }] of this.#ended) if (endedMs < dayMs) this.#ended.delete(key);
  }

  async #room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = this.#platform.wall.after(0, resolve);
    await promise;
  }
}
