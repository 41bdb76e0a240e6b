/**
 * What happens in chats, as sockets push it: a log of each instance that every change of a chat appends to in its own unit. A process
 * reads it once for all its sockets and hands each entry to those of its chat.
 *
 * Sockets get what happens from when they listen on; whoever was away reads the transcript. So the log need not be kept.
 */
import { Bell } from "../../flow/index.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";
import type { InstanceRef } from "./arns.ts";
import type { ChatRef } from "./chats.ts";

const KEEP_MS = 60_000;
const KEEP_BYTES = 16 * 1024 * 1024;
const ENTRIES_PER_READ = 256;

export interface FeedEntry {
  /** Content of an `aws/chat` frame; without it nothing is shown. */
  readonly content?: Readonly<Record<string, unknown>>;
  /** The only participant to whom it is shown. */
  readonly to?: string;
  /** Whose sockets end behind it: a participant's, or everybody's. */
  readonly ends?: string | true;
}

export interface FeedListener {
  /** Entries come in the order of their commits, and durable. */
  take(entry: FeedEntry): void;
  /** No more will come. */
  stopped(): void;
}

/** Makes an instance's log, at its first chat. */
export async function declareFeed(unit: Unit, instance: InstanceRef): Promise<void> {
  const name = logOf(instance);
  if (!(await unit.findLog(name))) unit.declareLog({ name, keepMs: KEEP_MS, keepBytes: KEEP_BYTES });
}

/** Nothing where an instance had no chat. */
export async function dropFeed(unit: Unit, instance: InstanceRef): Promise<void> {
  if (await unit.findLog(logOf(instance))) unit.dropLog(logOf(instance));
}

export function appendToFeed(unit: Unit, chat: ChatRef, entry: FeedEntry): void {
  unit.append(logOf(chat), chat.chatId, JSON.stringify(entry));
}

/** Calls a listener with what happens in a chat from when this returns until it is disposed of. */
export async function listenToChat(platform: Platform, chat: ChatRef, listener: FeedListener): Promise<Disposable> {
  const log = logOf(chat);
  const open = feedsOf(platform.store);
  const feed = open.get(log) ?? new ChatFeed(platform, log);
  open.set(log, feed);
  return feed.listen(chat.chatId, listener);
}

/** Ends whatever listens. Called before the store closes. */
export function stopFeeds({ store }: Platform): void {
  for (const feed of feedsOf(store).values()) feed.stop();
}

function logOf({ account, region, instanceId }: InstanceRef): string {
  return `connect.chats ${compositeKey(account, region, instanceId)}`;
}

/** Those that somebody listens to, by their logs. */
const feedsOf = perStore(() => new Map<string, ChatFeed>());

class ChatFeed {
  readonly #platform: Platform;
  readonly #log: string;
  readonly #listeners = new Map<string, Set<FeedListener>>();
  readonly #bell = new Bell();
  /** How many listen, or are about to. */
  #users = 0;
  #following: Promise<void> | undefined;
  #watch: Disposable | undefined;
  #isStopped = false;

  constructor(platform: Platform, log: string) {
    this.#platform = platform;
    this.#log = log;
  }

  async listen(chatId: string, listener: FeedListener): Promise<Disposable> {
    this.#users++;
    this.#following ??= this.#follow();
    await this.#following;
    const listeners = this.#listeners.get(chatId) ?? new Set();
    this.#listeners.set(chatId, listeners.add(listener));
    return {
      [Symbol.dispose]: () => {
        if (!listeners.delete(listener)) return;
        if (listeners.size === 0 && this.#listeners.get(chatId) === listeners) this.#listeners.delete(chatId);
        if (--this.#users === 0) this.stop();
      },
    };
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const open = feedsOf(this.#platform.store);
    if (open.get(this.#log) === this) open.delete(this.#log);
    this.#watch?.[Symbol.dispose]();
    this.#bell.ring();
    const all = [...this.#listeners.values()].flatMap((listeners) => [...listeners]);
    this.#listeners.clear();
    for (const listener of all) listener.stopped();
  }

  /** From the newest entry on. */
  async #follow(): Promise<void> {
    const { store, log } = this.#platform;
    this.#watch = store.watchLog(this.#log, this.#bell.ring);
    const partitions = (await store.findLog(this.#log))?.partitions ?? 0;
    const next: number[] = [];
    for (let partition = 0; partition < partitions; partition++) {
      next.push((await store.bounds(this.#log, partition)).next);
    }
    this.#run(next).catch((error: unknown) => {
      if (!this.#isStopped) log.error(error, "the feed of an instance's chats broke off");
      this.stop();
    });
  }

  async #run(next: number[]): Promise<void> {
    while (!this.#isStopped) {
      const rung = this.#bell.next();
      let found = false;
      for (const [partition, from] of next.entries()) {
        const following = await this.#pass(partition, from);
        found ||= following > from;
        next[partition] = following;
      }
      if (!found) await rung;
    }
  }

  /** Hands out what is new in a partition. Answers with where it goes on. */
  async #pass(partition: number, from: number): Promise<number> {
    const { store } = this.#platform;
    const entries = await store.read(this.#log, partition, from, { entries: ENTRIES_PER_READ });
    const last = entries.at(-1);
    if (!last) return from;
    // Nothing leaves the process before it is durable.
    await store.durable();
    for (const { key, value } of entries) {
      const listeners = this.#listeners.get(key);
      if (!listeners) continue;
      const entry = JSON.parse(String(value)) as FeedEntry;
      for (const listener of [...listeners]) listener.take(entry);
    }
    return last.sequence + 1;
  }
}
