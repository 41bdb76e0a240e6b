import type { AskedServer } from "./asked-server.ts";
import { type Finding, find, isFound, type Pattern, sinceOf, unmatched, unwanted } from "./matching.ts";
import { toldOfTarget } from "./told-of-target.ts";
import { type Waiting, waitFor } from "./waiting.ts";

/** One time that a function's handler was called. */
// biome-ignore lint/suspicious/noExplicitAny: whoever wants it knows what is in it.
export interface Invocation<Event = any, Answer = any> {
  /** Its own. */
  readonly id: string;
  /** An event that is tried again is invoked by the same one. */
  readonly requestId: string;
  readonly function: string;
  readonly version: string;
  /** When it was over, by the contact centre's clock. */
  readonly time: string;
  readonly durationMs: number;
  readonly status: "success" | "error" | "timeout";
  /** What the handler was given. */
  readonly event: Event;
  /** What a success answered. */
  readonly answer?: Answer;
  /** What it threw, as Lambda answers it. */
  readonly error?: { readonly errorType?: string; readonly errorMessage: string; readonly trace?: readonly string[] };
  /** Which of event, answer and error were longer than 1 MiB, and are not told. */
  readonly cut?: readonly string[];
}

export interface InvocationWaiting extends Waiting {
  /** Only what was over after this invocation, or at this time or later. Default: all since the start or reset. */
  readonly since?: Pick<Invocation, "id"> | Date;
}

/**
 * Waits for an invocation of a function, by its name, that matches a pattern in EventBridge's language, and answers with the first:
 * `{ event: { detail: { contactId: [id] } }, status: ["success"] }`, `{ error: { errorMessage: [{ prefix: "No profile" }] } }`.
 *
 * Throws an `AssertionError` that tells which invocation came nearest and why it did not match, the events that still wait for the function, and
 * what is set up to send to it.
 */
export async function expectInvocation(
  server: AskedServer,
  functionName: string,
  pattern: Pattern = {},
  { since, ...waiting }: InvocationWaiting = {},
): Promise<Invocation> {
  const finding = await lookFor(server, { functionName, pattern, after: sinceOf(since, "id") }, waiting);
  if (finding.found) return finding.found.candidate as Invocation;
  const wish = { what: `an invocation of ${functionName}`, wanted: pattern, at: await server.clock.now() };
  throw unmatched(wish, finding, [
    ...(await waitingFor(server, functionName)),
    ...(await toldOfTarget(server, functionName)),
  ]);
}

/**
 * Throws an `AssertionError` where an invocation that matches has come. With a manual clock, once all that was caused has happened and, with
 * `within`, so much time has passed; with a real one only what is there is looked at, or what comes `within`.
 */
export async function expectNoInvocation(
  server: AskedServer,
  functionName: string,
  pattern: Pattern = {},
  { since, within = "PT0S" }: InvocationWaiting = {},
): Promise<void> {
  const { found } = await lookFor(server, { functionName, pattern, after: sinceOf(since, "id") }, { within });
  if (found) throw unwanted(`invocation of ${functionName}`, pattern, found.candidate);
}

async function lookFor(
  server: AskedServer,
  asked: { readonly functionName: string; readonly pattern: Pattern; readonly after: string | undefined },
  waiting: Waiting,
): Promise<Finding> {
  const question = { name: `function/${asked.functionName}`, pattern: asked.pattern, since: asked.after };
  return await waitFor(server.clock, waiting, () => find(server, question), isFound);
}

/** Events that it has been sent, and has not handled. */
async function waitingFor(server: AskedServer, functionName: string): Promise<readonly string[]> {
  const { functions } = (await server.connection.ask("GET", "functions")) as {
    readonly functions: readonly { readonly name: string; readonly backlog: number }[];
  };
  const backlog = functions.find(({ name }) => name === functionName)?.backlog ?? 0;
  return backlog === 0 ? [] : [`Events that wait for ${functionName}, to be handled or tried again: ${backlog}.`];
}
