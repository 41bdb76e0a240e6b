import { type JsonObject, Machine } from "../../matching/machine.ts";
import { compositeKey, type Store, type Unit } from "../../store/store.ts";
import { BoundedMap } from "../bounded-map.ts";
import { parseJsonObject } from "../json-text.ts";
import { perStore } from "../per-store.ts";
import { compileFilterPolicy, filteredAttributes } from "./filter-policy.ts";
import { type PublishedMessage, textFor } from "./message.ts";
import { SUBSCRIPTIONS, type Subscription, subscriptionArn } from "./subscription.ts";
import type { Topic } from "./topic.ts";

const SUBSCRIPTIONS_PER_READ = 1_000;

/** By topic: those that were published to last. */
const views: (store: Store) => BoundedMap<string, Subscribers> = perStore(() => new BoundedMap(1_000));

/**
 * Who gets what is published to a topic: its confirmed subscriptions with their filter policies compiled. A view of the stored ones, which each
 * commit that changes one of them throws away.
 */
export class Subscribers {
  readonly #byId = new Map<string, Subscription>();
  readonly #all: Subscription[] = [];
  readonly #onAttributes = new Machine<string>();
  readonly #onBody = new Machine<string>();

  add(subscription: Subscription): void {
    if (subscription.isPending) return;
    const { id, attributes } = subscription;
    this.#byId.set(id, subscription);
    const { FilterPolicy: policy, FilterPolicyScope: scope } = attributes;
    if (policy === undefined) this.#all.push(subscription);
    else if (scope === "MessageBody") this.#onBody.add(id, compileFilterPolicy(policy, scope, ""));
    else this.#onAttributes.add(id, compileFilterPolicy(policy, "MessageAttributes", ""));
  }

  /** What a message goes to, in the order of the subscriptions' ids. */
  matching(message: PublishedMessage): readonly Subscription[] {
    if (this.#byId.size === this.#all.length) return this.#all;
    const ids = [...this.#onAttributes.match(filteredAttributes(message.attributes))];
    if (this.#onBody.size > 0) {
      // A body of its own for some protocol is what those subscriptions are asked about.
      const bodies = new Map<string, Set<string>>();
      for (const { protocol } of this.#byId.values()) {
        const text = textFor(message, protocol);
        if (!bodies.has(text)) bodies.set(text, new Set());
        bodies.get(text)?.add(protocol);
      }
      for (const [text, protocols] of bodies) {
        const body = parseJsonObject(text);
        if (body === undefined) continue;
        for (const id of this.#onBody.match(body as JsonObject)) {
          if (protocols.has(this.#byId.get(id)?.protocol ?? "")) ids.push(id);
        }
      }
    }
    const found = ids.flatMap((id) => this.#byId.get(id) ?? []);
    return [...this.#all, ...found].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** The protocols of those that get an envelope which is signed. */
  get signedProtocols(): ReadonlySet<string> {
    this.#signedProtocols ??= new Set(
      [...this.#byId.values()]
        .filter((one) => !isRaw(one) && one.protocol !== "firehose")
        .map(({ protocol }) => protocol),
    );
    return this.#signedProtocols;
  }
  #signedProtocols: ReadonlySet<string> | undefined;
}

/** Whether a subscription gets the text alone. */
export function isRaw({ attributes, protocol }: Subscription): boolean {
  return attributes.RawMessageDelivery === "true" && protocol !== "lambda";
}

/** The view, if it is known: for what may be prepared before a unit. */
export function knownSubscribers(store: Store, topicId: string): Subscribers | undefined {
  return views(store).get(topicId);
}

export async function subscribersOf(unit: Unit, store: Store, { id }: Topic): Promise<Subscribers> {
  const known = views(store).get(id);
  if (known !== undefined) return known;
  const read = new Subscribers();
  let after: string | undefined;
  do {
    const range = { index: "topic", prefix: compositeKey(id, ""), limit: SUBSCRIPTIONS_PER_READ, after };
    const page = await unit.list(SUBSCRIPTIONS, range);
    for (const subscription of page.documents) read.add(subscription);
    after = page.next;
  } while (after !== undefined);
  unit.afterCommit(() => views(store).set(id, read));
  return read;
}

/** Writes a subscription; what is published from then on goes by it. */
export function writeSubscription(unit: Unit, store: Store, subscription: Subscription): void {
  unit.put(SUBSCRIPTIONS, subscriptionArn(subscription), subscription);
  unit.afterCommit(() => views(store).delete(subscription.topicId));
}

export function deleteSubscription(unit: Unit, store: Store, subscription: Subscription): void {
  unit.delete(SUBSCRIPTIONS, subscriptionArn(subscription));
  unit.afterCommit(() => views(store).delete(subscription.topicId));
}
