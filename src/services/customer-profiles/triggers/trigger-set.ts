/**
 * The event triggers that look at the objects of one type, asked together: a view of the collection of triggers, which is made at its first use
 * and follows each change. A changed trigger costs what that trigger costs; one that does not match costs nothing.
 */
import { compileEventTrigger } from "../../../matching/event-trigger.ts";
import { type JsonObject, Machine } from "../../../matching/machine.ts";
import { compositeKey, type Reader, type Store } from "../../../store/store.ts";
import { BoundedMap } from "../../bounded-map.ts";
import { perStore } from "../../per-store.ts";
import { type Domain, inDomain } from "../domain.ts";
import { type EventTrigger, eventTriggerKey, eventTriggers } from "./event-trigger.ts";
import { triggerRevision } from "./event-trigger-versions.ts";

export class TriggerSet {
  /** Of the domain's triggers: these have not changed since. */
  revision = 0;
  readonly #machine = new Machine<string>();
  readonly #triggers = new Map<string, EventTrigger>();

  get size(): number {
    return this.#triggers.size;
  }

  /** Adds a trigger, or replaces what is known of it. Its conditions were checked when it was saved. */
  add(trigger: EventTrigger): void {
    this.#triggers.set(trigger.name, trigger);
    this.#machine.add(trigger.name, compileEventTrigger([...trigger.conditions]));
  }

  remove(name: string): void {
    this.#triggers.delete(name);
    this.#machine.remove(name);
  }

  /** Those whose conditions an `eventTriggerDocument` meets, by their names. */
  match(document: JsonObject): readonly EventTrigger[] {
    const names = [...this.#machine.match(document)].sort();
    return names.flatMap((name) => this.#triggers.get(name) ?? []);
  }
}

/** Sets that are held: others are made anew from the store. */
const SETS_MAX = 1_000;
/** Documents read at once. */
const READ_SIZE = 100;

interface Held {
  readonly uid: string;
  readonly objectType: string;
  readonly set: TriggerSet;
  /** Triggers that have changed since they were read, by their keys: each with the number of that change. */
  readonly changed: Map<string, number>;
  isRead: boolean;
}

class TriggerSets {
  readonly #held = new BoundedMap<string, Held>(SETS_MAX);
  #changes = 0;

  constructor(store: Store) {
    store.watchCollection(eventTriggers.name, (keys) => {
      for (const held of this.#held.values()) {
        const prefix = inDomain(held, "");
        for (const key of keys) if (key.startsWith(prefix)) held.changed.set(key, ++this.#changes);
      }
    });
  }

  async of(reader: Reader, { uid }: Pick<Domain, "uid">, objectType: string): Promise<TriggerSet> {
    const id = compositeKey(uid, objectType);
    let held = this.#held.get(id);
    if (!held) {
      held = { uid, objectType, set: new TriggerSet(), changed: new Map(), isRead: false };
      this.#held.set(id, held);
    }
    if (!held.isRead) await readAll(reader, held);
    if (held.changed.size > 0) await readChanged(reader, held);
    return held.set;
  }
}

/** The triggers that look at a type's objects now: those that have an integration. */
export const triggerSets: (store: Store) => TriggerSets = perStore((store) => new TriggerSets(store));

async function readAll(reader: Reader, held: Held): Promise<void> {
  const found: EventTrigger[] = [];
  const prefix = compositeKey(held.uid, held.objectType, "");
  const revision = await triggerRevision(reader, held);
  let after: string | undefined;
  do {
    const page = await reader.list(eventTriggers, { index: "active", prefix, limit: READ_SIZE, after });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  // Somebody else has read them meanwhile.
  if (held.isRead) return;
  held.isRead = true;
  held.set.revision = revision;
  for (const trigger of found) if (!held.changed.has(eventTriggerKey(trigger))) held.set.add(trigger);
}

/** Others may read at the same time, and triggers may change while they are read: what was read counts only for the change that it was read for. */
async function readChanged(reader: Reader, { uid, objectType, set, changed }: Held): Promise<void> {
  for (const [key, change] of [...changed]) {
    const trigger = await reader.get(eventTriggers, key);
    if (changed.get(key) !== change) continue;
    changed.delete(key);
    if (trigger?.uri !== undefined && trigger.objectType === objectType) set.add(trigger);
    else set.remove(nameIn(key, uid));
  }
  set.revision = await triggerRevision(reader, { uid });
}

/** Names have no character that a key would write differently. */
function nameIn(key: string, uid: string): string {
  return key.slice(inDomain({ uid }, "").length);
}
