import type { Store, Unit } from "../../store/store.ts";
import { perStore } from "../per-store.ts";
import type { Context } from "../service.ts";
import type { InstanceRef } from "./arns.ts";
import { getInstance } from "./instances.ts";

/**
 * What has happened to contacts lately, for whoever plays the people of a contact centre and must react to it. In memory, and only
 * since somebody asked for it: a player who comes late, or after a restart, looks at agents and contacts themselves.
 */

/** One step of a contact: as its contact event calls it or, with `userId`, as it is now with that agent. */
export interface Happening {
  readonly at: string;
  readonly contactId: string;
  readonly channel: string;
  readonly initiationMethod: string;
  readonly userId?: string;
  /** A type of contact events (`QUEUED`), or a contact's state at an agent (`CONNECTING`), `CLEARED` once they have it no more. */
  readonly state: string;
}

interface Told extends InstanceRef {
  readonly happening: Happening;
}

/** So many are kept. Who lags behind by more has missed some. */
const KEPT_MAX = 50_000;

class Happenings {
  #kept: Told[] = [];
  /** The place of the first that is kept. */
  #dropped: number;
  readonly #listeners = new Set<() => void>();

  constructor(first: number) {
    this.#dropped = first;
  }

  get end(): number {
    return this.#dropped + this.#kept.length;
  }

  add(told: Told): void {
    this.#kept.push(told);
    if (this.#kept.length >= 2 * KEPT_MAX) {
      this.#kept = this.#kept.slice(KEPT_MAX);
      this.#dropped += KEPT_MAX;
    }
    for (const listener of this.#listeners) listener();
  }

  /** Those of an instance from a place on; `undefined` where some of them are not kept any more. */
  from(place: number, instance: InstanceRef): readonly Happening[] | undefined {
    if (place < this.#dropped || place > this.end) return undefined;
    return this.#kept
      .slice(place - this.#dropped)
      .filter((told) => told.instanceId === instance.instanceId && told.account === instance.account)
      .map(({ happening }) => happening);
  }

  watch(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}

const wanted = perStore<{ happenings?: Happenings }>(() => ({}));

/** What happens in one of the caller's instances. */
export interface InstanceHappenings {
  /** The place behind the last one. Places count up, also from one start of the server to the next. */
  readonly end: number;
  from(place: number): readonly Happening[] | undefined;
  watch(listener: () => void): Disposable;
}

/**
 * What happens from now on, if nobody has asked for it before; else what has happened since then.
 *
 * Throws `ResourceNotFoundException` where the caller has no such instance.
 */
export async function happeningsOf(context: Context, instanceId: string): Promise<InstanceHappenings> {
  const instance = await getInstance(context.store, context, instanceId);
  const asked = wanted(context.store);
  // Microseconds: nothing happens so fast that a place from before a restart could be one of these.
  asked.happenings ??= new Happenings(context.wall.now() * 1_000);
  const { happenings } = asked;
  return {
    get end() {
      return happenings.end;
    },
    from: (place) => happenings.from(place, instance),
    watch: (listener) => happenings.watch(listener),
  };
}

/** Tells of a step of a contact, once its unit is committed. */
export function happened(
  unit: Unit,
  store: Store,
  contact: InstanceRef & { readonly id: string; readonly channel: string; readonly initiationMethod: string },
  step: { readonly atMs: number; readonly state: string; readonly userId?: string },
): void {
  const { happenings } = wanted(store);
  if (!happenings) return;
  const { account, region, instanceId, id: contactId, channel, initiationMethod } = contact;
  const { atMs, ...rest } = step;
  const happening = { at: new Date(atMs).toISOString(), contactId, channel, initiationMethod, ...rest };
  unit.afterCommit(() => happenings.add({ account, region, instanceId, happening }));
}
