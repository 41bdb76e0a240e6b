import type { AskedServer } from "./asked-server.ts";
import { shortened } from "./matching.ts";
import { shownVerdict } from "./shown-verdict.ts";

/** One of what sends to a target, as `POST /_trunkline/explain` tells of it. */
interface Sender {
  readonly kind: string;
  readonly name: string;
  readonly of?: string;
  readonly told: readonly string[];
  readonly condition?: Parameters<typeof shownVerdict>[0];
}

const NOBODY =
  "Nothing is set up to send there: no rule, no event trigger, no stream of an instance. (What programs put there by themselves is not known.)";

/** Why nothing came to a stream, a queue or a function, by its name: what is set up to send there, and what that made of what it saw last. */
export async function toldOfTarget(server: AskedServer, target: string): Promise<readonly string[]> {
  const { senders, notes } = await asked(server, target);
  return [...(senders.length === 0 ? [NOBODY] : [TITLE, ...senders.flatMap(rows)]), ...notes];
}

/** Rules and event triggers alone, and nothing where there are none: to a bus, say, much sends that has nothing to explain. */
export async function toldOfRules(server: AskedServer, target: string): Promise<readonly string[]> {
  const { senders, notes } = await asked(server, target);
  const rules = senders.filter(({ kind }) => kind === "event trigger" || kind === "rule");
  return [...(rules.length === 0 ? [] : [TITLE, ...rules.flatMap(rows)]), ...notes];
}

const TITLE = "What sends there:";

async function asked(
  server: AskedServer,
  target: string,
): Promise<{ readonly senders: readonly Sender[]; readonly notes: readonly string[] }> {
  return await server.connection.ask("POST", "explain", { target });
}

function rows({ kind, name, of, told, condition }: Sender): readonly string[] {
  const [first = "", ...others] = told;
  const head = `  ${kind} ${name}${of === undefined ? "" : ` of ${of}`}: ${first}`;
  const verdict = condition === undefined ? [] : shownVerdict(condition).map((row) => `  ${row}`);
  return [shortened(head), ...others.map((row) => shortened(`    ${row}`)), ...verdict];
}
