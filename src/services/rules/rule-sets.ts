import type { Reader, Store } from "../../store/store.ts";
import { BoundedMap } from "../bounded-map.ts";
import { type InstanceRef, instanceKey, resourceKey, rules } from "../connect/index.ts";
import { RuleSet } from "./rule-set.ts";
import type { BuiltSource } from "./sources.ts";

/** Sets that are held: others are made anew from the store. */
const SETS_MAX = 1_000;

/** Documents read at once. */
const READ_SIZE = 100;

/**
 * The rule sets of all instances: a view of the collection of rules, which is made at its first use and follows each change. A changed rule
 * costs what that rule costs.
 */
export class RuleSets {
  readonly #held = new BoundedMap<string, Held>(SETS_MAX);
  #changes = 0;

  constructor(store: Store) {
    store.watchCollection(rules.name, (ids) => {
      for (const held of this.#held.values()) {
        for (const id of ids) if (id.startsWith(held.prefix)) held.changed.set(id, ++this.#changes);
      }
    });
  }

  /** The rules as they are published now. */
  async of(reader: Reader, instance: InstanceRef, source: BuiltSource): Promise<RuleSet> {
    const key = instanceKey(instance, source);
    let held = this.#held.get(key);
    if (!held) {
      held = { prefix: instanceKey(instance, ""), set: new RuleSet(), changed: new Map(), isRead: false };
      this.#held.set(key, held);
    }
    if (!held.isRead) await readAll(reader, held, instanceKey(instance, source, ""));
    if (held.changed.size > 0) await readChanged(reader, held, source);
    return held.set;
  }
}

interface Held {
  /** The instance, as the keys of its rules begin. */
  readonly prefix: string;
  readonly set: RuleSet;
  /** Rules that have changed since they were read, by their keys: each with the number of that change. */
  readonly changed: Map<string, number>;
  isRead: boolean;
}

async function readAll(reader: Reader, held: Held, prefix: string): Promise<void> {
  const found = [];
  let after: string | undefined;
  do {
    const page = await reader.list(rules, { index: "published", prefix, limit: READ_SIZE, after });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  // Somebody else has read them meanwhile.
  if (held.isRead) return;
  held.isRead = true;
  for (const rule of found) if (!held.changed.has(resourceKey(rule))) held.set.add(rule);
}

/** Others may read at the same time, and rules may change while they are read: what was read counts only for the change that it was read for. */
async function readChanged(reader: Reader, { set, changed }: Held, source: BuiltSource): Promise<void> {
  for (const [key, change] of [...changed]) {
    const rule = await reader.get(rules, key);
    if (changed.get(key) !== change) continue;
    changed.delete(key);
    if (rule?.status === "PUBLISHED" && rule.source === source) set.add(rule);
    else set.remove(key);
  }
}
