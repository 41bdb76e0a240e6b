import type { AskedServer } from "./asked-server.ts";
import { failed, inspected } from "./matching.ts";
import { type Waiting, waitFor } from "./waiting.ts";

/** An attempt to bring an event to a target outside of the store: a function, an API destination, a mail server. */
export interface Delivery {
  readonly delivery: string;
  readonly target: string;
  readonly rule: string;
  readonly attempt: number;
  readonly outcome: "delivered" | "failed" | "dead-lettered" | "dropped";
  readonly time: string;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** Targets and rules: an ARN, or a name in it. */
export interface WantedDelivery {
  readonly target?: string;
  readonly rule?: string;
  /** Default: `delivered`. */
  readonly outcome?: Delivery["outcome"];
}

const LISTED_MAX = 500;

/**
 * Waits for a delivery, and answers with its attempt. Throws an `AssertionError` that tells what was attempted and what is still owed.
 *
 * What lies in the same store gets its events without a delivery: streams and log groups have records (`expectRecord`), queues messages.
 */
export async function expectDelivery(
  server: AskedServer,
  wanted: WantedDelivery,
  waiting: Waiting = {},
): Promise<Delivery> {
  const { outcome = "delivered", target, rule } = wanted;
  let attempts: readonly Delivery[] = [];
  const found = await waitFor(server.clock, waiting, async () => {
    const answer = await server.connection.ask("GET", `deliveries/attempts?limit=${LISTED_MAX}`);
    attempts = answer.attempts;
    return attempts.findLast((it) => it.outcome === outcome && isNamed(it.target, target) && isNamed(it.rule, rule));
  });
  if (found !== undefined) return found;
  const owed = await server.connection.ask("GET", "deliveries?limit=20");
  const rows = [`There is no delivery such as ${inspected({ outcome, ...wanted })}.`];
  const near = attempts.filter((it) => isNamed(it.target, target) || isNamed(it.rule, rule)).slice(0, 5);
  const shown = near.length > 0 ? near : attempts.slice(0, 5);
  rows.push(shown.length === 0 ? "Nothing was attempted." : `Attempted, the newest first: ${inspected(shown)}`);
  if (owed.deliveries.length > 0) rows.push(`Still owed: ${inspected(owed.deliveries.slice(0, 5))}`);
  throw failed(rows.join("\n"));
}

function isNamed(arn: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || arn === wanted || arn?.split(/[/:]/).includes(wanted) === true;
}
