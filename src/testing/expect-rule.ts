import type { AskedServer } from "./asked-server.ts";
import { Contact } from "./contact.ts";
import { failed, inspected } from "./matching.ts";
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
  | { readonly source: string; readonly detail: unknown }
  | { readonly Source: string; readonly Detail: unknown };

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
      let looks: readonly Look[] = [];
      const found = await waitFor(server.clock, waiting, async () => {
        looks = await look(server, name, asked);
        return looks.some(({ matched }) => matched) || undefined;
      });
      if (found) return;
      throw failed([`Rule ${name} was to match ${shown(asked)}, and did not.`, ...looks.flatMap(rows)].join("\n"));
    },
    async notToMatch(subject) {
      const asked = await subject;
      await server.clock.settle();
      const looks = await look(server, name, asked);
      if (!looks.some(({ matched }) => matched)) return;
      const told = looks.filter(({ matched }) => matched).flatMap(rows);
      throw failed([`Rule ${name} was not to match ${shown(asked)}, and did.`, ...told].join("\n"));
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
  if ("source" in subject || "Source" in subject) {
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

function rows({ occasion, matched, reason, note, condition }: Look): readonly string[] {
  return [
    ...(occasion === undefined ? [] : [`${occasion}:`]),
    ...(note === undefined ? [] : [note]),
    ...(matched || reason === undefined ? [] : [reason]),
    ...(condition === undefined ? [] : shownVerdict(condition)),
  ];
}

function shown(subject: Awaited<Subject>): string {
  if (subject instanceof Contact) return String(subject);
  return "id" in subject && !("source" in subject) ? subject.id : inspected(subject);
}
