import type { AskedServer } from "./asked-server.ts";
import { failed, inspected, shortened } from "./matching.ts";
import { toldOfRules } from "./told-of-target.ts";
import { type Waiting, waitFor } from "./waiting.ts";

/** An attempt to bring an event to a target outside of the store: an API destination, a webhook, a mail server. */
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
 * What lies in the same store gets its events without a delivery: streams have records (`expectRecord`), queues messages (`expectMessage`), and
 * functions are invoked (`expectInvocation`). Only where that fails, a queue that is not there, say, is it attempted again and told of here.
 */
export async function expectDelivery(
  server: AskedServer,
  wanted: WantedDelivery,
  waiting: Waiting = {},
): Promise<Delivery> {
  const { outcome = "delivered", target, rule } = wanted;
  const isWanted = (it: Named): boolean => isNamed(it.target, target) && isNamed(it.rule, rule);
  const look = async (): Promise<readonly Delivery[]> =>
    (await server.connection.ask("GET", `deliveries/attempts?limit=${LISTED_MAX}`)).attempts;
  const find = (attempts: readonly Delivery[]): Delivery | undefined =>
    attempts.findLast((it) => it.outcome === outcome && isWanted(it));
  const attempts = await waitFor(server.clock, waiting, look, (seen) => find(seen) !== undefined);
  const found = find(attempts);
  if (found !== undefined) return found;
  const { deliveries } = await server.connection.ask("GET", `deliveries?limit=${LISTED_MAX}`);
  const at = (await server.clock.now()).toISOString();
  throw failed([
    `There is not a delivery such as ${inspected({ outcome, ...wanted })} by ${at}.`,
    ...nearest("Attempted, the newest first", attempts, isWanted, shownAttempt),
    ...nearest("Still owed", deliveries as readonly Owed[], isWanted, shownOwed),
    ...(attempts.length + deliveries.length === 0 ? [NOTHING] : []),
    ...(await toldOfFunction(server, target)),
    ...(target === undefined ? [] : await toldOfRules(server, target)),
  ]);
}

const NOTHING =
  "Nothing was attempted, and nothing is owed. (Streams, queues, buses, log groups and functions of this server get what is theirs without a delivery.)";

interface Named {
  readonly target: string;
  readonly rule?: string;
}

interface Owed extends Named {
  readonly due: string;
  readonly attemptsMade: number;
  readonly failure?: Delivery["failure"];
}

const TOLD_MAX = 5;

/** Some lines of those that are about the same target and rule, or, where none is, of all. */
function nearest<T extends Named>(
  title: string,
  all: readonly T[],
  isWanted: (it: T) => boolean,
  line: (it: T) => string,
): readonly string[] {
  const near = all.some(isWanted) ? all.filter(isWanted) : all;
  if (near.length === 0) return [];
  const more = near.length > TOLD_MAX ? [`  … and ${near.length - TOLD_MAX} more`] : [];
  return [`${title}:`, ...near.slice(0, TOLD_MAX).map((it) => `  ${shortened(line(it))}`), ...more];
}

function shownAttempt({ time, attempt, outcome, failure, ...named }: Delivery): string {
  return `${time} attempt ${attempt} ${outcome}, ${way(named)}${shownFailure(failure)}`;
}

function shownOwed({ due, attemptsMade, failure, ...named }: Owed): string {
  return `${way(named)}: attempted ${attemptsMade} times, the next at ${due}${shownFailure(failure)}`;
}

function way({ rule, target }: Named): string {
  return `${rule === undefined ? "" : `by ${rule} `}to ${target}`;
}

function shownFailure(failure: Delivery["failure"]): string {
  return failure === undefined ? "" : `: ${failure.code}: ${failure.message}`;
}

/** A function is called without a delivery: what is known of it instead. */
async function toldOfFunction(server: AskedServer, target: string | undefined): Promise<readonly string[]> {
  if (target === undefined) return [];
  const { functions } = (await server.connection.ask("GET", "functions")) as { readonly functions: readonly Status[] };
  const found = functions.find(({ name, arn }) => name === target || arn === target);
  if (found === undefined) return [];
  const { name, backlog, lastErrors } = found;
  const log = `${name} is a function, called without a delivery: see expectInvocation.`;
  return [
    `${log} Events that wait for it: ${backlog}.`,
    ...lastErrors.slice(0, 1).map((it) => shortened(JSON.stringify(it))),
  ];
}

interface Status {
  readonly name: string;
  readonly arn: string;
  readonly backlog: number;
  readonly lastErrors: readonly object[];
}

function isNamed(arn: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || arn === wanted || arn?.split(/[/:]/).includes(wanted) === true;
}
