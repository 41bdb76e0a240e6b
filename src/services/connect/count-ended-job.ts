import type { Channel } from "@aws-sdk/client-connect";
import type { ReadingStore } from "../../store/store.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { contacts } from "./contacts.ts";

/** Contacts of an instance that ended in a time: from, and before. */
export interface CountEnded {
  readonly instance: InstanceRef;
  readonly fromMs: number;
  readonly beforeMs: number;
}

export type EndedCounts = Readonly<Partial<Record<Channel, number>>>;

/** Documents read at once: a page of them is parsed in a few milliseconds. */
const READ_SIZE = 500;

/** Counts them by channel, a page a line. */
export async function* job(
  store: ReadingStore,
  { instance, fromMs, beforeMs }: CountEnded,
): AsyncGenerator<EndedCounts> {
  let after: string | undefined;
  do {
    const page = await store.list(contacts, {
      index: "disconnected",
      from: instanceKey(instance, fromMs, ""),
      before: instanceKey(instance, beforeMs, ""),
      limit: READ_SIZE,
      after,
    });
    const counts: Partial<Record<Channel, number>> = {};
    for (const { channel } of page.documents) counts[channel] = (counts[channel] ?? 0) + 1;
    yield counts;
    after = page.next;
  } while (after !== undefined);
}
