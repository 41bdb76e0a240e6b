import type { AskedServer } from "./asked-server.ts";
import { Contact } from "./contact.ts";
import { failed, inspected, shortened } from "./matching.ts";
import { type Explanation, shownVerdict } from "./shown-verdict.ts";
import { type Waiting, waitFor } from "./waiting.ts";

/**
 * What a rule is asked about. A rule of Connect: a contact of a centre (or what is still happening to it), or whatever else rules look at by
 * its `id`, such as a case. A rule of EventBridge: an event, as its bus carries it or as PutEvents takes it.
 */
export type Subject =
  | Contact
  | PromiseLike<Contact>
  | { readonly id: string; readonly instanceId?: string }
  | { readonly source: string; readonly detail: unknown; readonly [member: string]: unknown }
  | { readonly Source: string; readonly Detail: unknown; readonly [member: string]: unknown };

export interface RuleExpectation {
  /** Throws an `AssertionError` that tells why it did not match, condition by condition. */
  toMatch(subject: Subject, waiting?: Waiting): Promise<void>;
  /** Throws one that tells why it matched. */
  notToMatch(subject: Subject): Promise<void>;
}

/** About a rule by its name; one of EventBridge on another bus than the default one as `BUS/NAME`. */
export function expectRule(server: AskedServer, name: string): RuleExpectation {
  return {
    async toMatch(subject, waiting = {}) {
      const asked = await subject;
      const isMatch = (seen: readonly Look[]): boolean => seen.some(({ matched }) => matched);
      const looks = await waitFor(server.clock, waiting, () => look(server, name, asked), isMatch);
      if (isMatch(looks)) return;
      const said = asked instanceof Contact ? await saidIn(asked) : [];
      throw failed([`Rule ${name} was to match ${shown(asked)}, and did not.`, ...told(looks), ...said]);
    },
    async notToMatch(subject) {
      const asked = await subject;
      await server.clock.settle();
      const looks = (await look(server, name, asked)).filter(({ matched }) => matched);
      if (looks.length === 0) return;
      throw failed([`Rule ${name} was not to match ${shown(asked)}, and did.`, ...told(looks)]);
    },
  };
}

/** One time that a rule was asked. */
interface Look extends Partial<Explanation> {
  readonly matched: boolean;
  /** What made it ask, and when. */
  readonly occasion?: string;
}

async function look(server: AskedServer, rule: string, subject: Awaited<Subject>): Promise<readonly Look[]> {
  if (isEvent(subject)) {
    return [await server.connection.ask("POST", "explain", { rule, event: subject })];
  }
  const { id, instanceId: instance } = subject;
  const { inputs, note } = (await server.connection.ask("POST", "explain", { subject: id, rule, instance })) as {
    readonly inputs: readonly {
      readonly source: string;
      readonly time: string;
      readonly rules: readonly Explanation[];
    }[];
    readonly note?: string;
  };
  const looks = inputs.flatMap(({ source, time, rules }) =>
    rules.map((answer) => ({ ...answer, occasion: `${source}, ${time}` })),
  );
  return looks.length === 0 ? [{ matched: false, note: note ?? "It was not asked." }] : looks;
}

/** Conditions on words found none: what was said instead. */
async function saidIn(contact: Contact): Promise<readonly string[]> {
  const { said } = await contact.view();
  if (said.length === 0) return ["Nothing was said."];
  const last = said.slice(-SAID_TOLD_MAX);
  const title = said.length > last.length ? `The last ${last.length} of ${said.length} sentences:` : "It was said:";
  return [title, ...last.map(({ speaker, text }) => `  ${shortened(`${speaker}: ${text}`)}`)];
}

const SAID_TOLD_MAX = 10;

/** Of many looks the last ones: in real time there is one at each sentence. */
function told(looks: readonly Look[]): readonly string[] {
  const last = looks.slice(-LOOKS_TOLD_MAX);
  const left = looks.length - last.length;
  return [...(left > 0 ? [`It was asked ${looks.length} times; the last ${last.length}:`] : []), ...last.flatMap(rows)];
}

const LOOKS_TOLD_MAX = 3;

function rows({ occasion, matched, reason, note, condition }: Look): readonly string[] {
  return [
    ...(occasion === undefined ? [] : [`${occasion}:`]),
    ...(note === undefined ? [] : [note]),
    ...(matched || reason === undefined ? [] : [reason]),
    ...(condition === undefined ? [] : shownVerdict(condition)),
  ];
}

type EventSubject = Extract<Subject, { readonly detail: unknown } | { readonly Detail: unknown }>;

function isEvent(subject: Awaited<Subject>): subject is EventSubject {
  if (typeof subject !== "object" || subject === null) {
    throw new TypeError(`A rule is asked about a contact, an event or {"id": …}, not about ${inspected(subject)}`);
  }
  return "source" in subject || "Source" in subject;
}

function shown(subject: Awaited<Subject>): string {
  if (subject instanceof Contact) return String(subject);
  return isEvent(subject) ? inspected(subject) : subject.id;
}
