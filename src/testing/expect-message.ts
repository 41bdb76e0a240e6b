import type { AskedServer } from "./asked-server.ts";
import { type Finding, find, isFound, type Pattern, unmatched, unwanted } from "./matching.ts";
import { toldOfTarget } from "./told-of-target.ts";
import { type Waiting, waitFor } from "./waiting.ts";

/** A message as it lies in its queue: nothing is received by looking. */
// biome-ignore lint/suspicious/noExplicitAny: whoever wants it knows what is in it.
export interface QueueMessage<T = any> {
  readonly messageId: string;
  /** What its body says: the document where it is JSON, else the text. */
  readonly body: T;
  /** Their values by name: of a dead letter `ERROR_CODE`, `ERROR_MESSAGE`, `RULE_ARN`, … */
  readonly attributes: Readonly<Record<string, string>>;
  readonly state: "ready" | "hidden" | "behind";
}

/** Messages of a queue that are looked at: the first so many. */
const LOOKED_MAX = 1_000;
const PAGE = 100;

/**
 * Waits for a message of an SQS queue, by its name, whose body matches a pattern in EventBridge's language, and answers with the first. It stays
 * in the queue. Throws an `AssertionError` that tells what came nearest.
 */
export async function expectMessage(
  server: AskedServer,
  queue: string,
  pattern: Pattern = {},
  waiting: Waiting = {},
): Promise<QueueMessage> {
  const { finding, found } = await lookFor(server, queue, pattern, waiting);
  if (found) return found;
  const wish = { what: `a message in ${queue}`, wanted: pattern, at: await server.clock.now() };
  throw unmatched(wish, finding, await toldOfTarget(server, queue));
}

/**
 * Throws an `AssertionError` where a message that matches is in the queue. With a manual clock, once all that was caused has happened and, with
 * `within`, so much time has passed; with a real one only what is there is looked at, or what comes `within`.
 */
export async function expectNoMessage(
  server: AskedServer,
  queue: string,
  pattern: Pattern = {},
  { within = "PT0S" }: Waiting = {},
): Promise<void> {
  const { found } = await lookFor(server, queue, pattern, { within });
  if (found) throw unwanted(`message in ${queue}`, pattern, found);
}

async function lookFor(
  server: AskedServer,
  queue: string,
  pattern: Pattern,
  waiting: Waiting,
): Promise<{ readonly finding: Finding; readonly found: QueueMessage | undefined }> {
  let messages: readonly QueueMessage[] = [];
  const look = async (): Promise<Finding> => {
    messages = await messagesOf(server, queue);
    return await find(server, { documents: messages.map(({ body }) => body), pattern });
  };
  const finding = await waitFor(server.clock, waiting, look, isFound);
  return { finding, found: finding.found && messages[finding.found.at] };
}

async function messagesOf(server: AskedServer, queue: string): Promise<readonly QueueMessage[]> {
  const found: QueueMessage[] = [];
  let next: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(next !== undefined && { after: next }) });
    const page = await server.connection.ask("GET", `sqs/${queue}?${query}`);
    for (const { key, messageId, attributes, state, body, bodyCharacters } of page.messages) {
      const whole =
        bodyCharacters > body.length ? (await server.connection.ask("GET", `sqs/${queue}/${key}`)).body : body;
      found.push({ messageId, attributes: valuesOf(attributes), state, body: documentOf(whole) });
    }
    next = page.next;
  } while (next !== undefined && found.length < LOOKED_MAX);
  return found;
}

function valuesOf(attributes: Readonly<Record<string, { readonly value: string }>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { value }]) => [name, value]));
}

/** The document that a text is, or the text. */
export function documentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
