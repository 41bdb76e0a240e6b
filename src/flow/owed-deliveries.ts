/** What is owed and what was attempted, for whoever looks at it: of one account and Region at a time. */
import type { Unit } from "../store/store.ts";
import type { Attempt, DeliveryOwner } from "./attempts.ts";
import type { Message } from "./message.ts";
import type { SinkFailure } from "./sink.ts";

/** A delivery that is owed now. */
export interface OwedDelivery {
  readonly message: Message;
  readonly dueMs: number;
  /** Made so far. */
  readonly attempts: number;
  readonly failure?: SinkFailure;
  /** `in flight`: it is being attempted. `due`: its time has come, and it waits for a place. */
  readonly state: "in flight" | "due" | "waiting";
}

/** How a target stands that is owed something. */
export interface OwedTarget {
  readonly targetArn: string;
  /** No further than 1,000. */
  readonly owed: number;
  readonly isMore: boolean;
  /** Of those: how many have failed before. */
  readonly failing: number;
  readonly nextDueMs: number;
  /** When the oldest of what is owed was taken in. */
  readonly oldestMs: number;
  readonly failure?: SinkFailure;
}

export interface OwedFilter {
  readonly targetArn?: string | undefined;
  readonly ruleArn?: string | undefined;
}

export interface LoggedAttempt extends Attempt {
  /** Its place in the log. */
  readonly partition: number;
  readonly sequence: number;
}

/** All that went wrong: failed and tried again, dead-lettered or dropped. */
export const NOT_DELIVERED = "not-delivered";

export interface AttemptFilter extends OwedFilter {
  /** One of an attempt's, or `NOT_DELIVERED`. */
  readonly outcome?: string | undefined;
  readonly deliveryId?: string | undefined;
  readonly sinceMs?: number | undefined;
}

/** A page of the log from the newest on. `before`: where to go on in each partition; absent at the end. */
export interface AttemptsPage {
  readonly attempts: readonly LoggedAttempt[];
  readonly before?: readonly number[];
}

export interface OwedDeliveries {
  /** In the order of targets and due times. `after` and `next` are the store's. */
  list(
    owner: DeliveryOwner,
    filter: OwedFilter,
    page: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<{ readonly deliveries: readonly OwedDelivery[]; readonly next?: string }>;
  targets(owner: DeliveryOwner): Promise<readonly OwedTarget[]>;
  find(owner: DeliveryOwner, deliveryId: string): Promise<OwedDelivery | undefined>;
  /** Has one delivery, or all to a target, attempted at once. Answers how many; those that wait for their target's rate are none of them. */
  attemptNow(
    unit: Unit,
    owner: DeliveryOwner,
    which: { readonly deliveryId: string } | { readonly targetArn: string; readonly limit: number },
  ): Promise<number>;
  /** The attempts log, newest first. A page may end early, where much was looked at in vain. */
  attempts(
    owner: DeliveryOwner,
    filter: AttemptFilter,
    page: { readonly limit: number; readonly before?: readonly number[] | undefined },
  ): Promise<AttemptsPage>;
  /** The attempts of a delivery in their order, of an event that was taken in at `sinceMs`: as far as a look of bounded length finds them. */
  attemptsOf(
    owner: DeliveryOwner,
    deliveryId: string,
    sinceMs: number,
  ): Promise<{ readonly attempts: readonly LoggedAttempt[]; readonly isWhole: boolean }>;
}
