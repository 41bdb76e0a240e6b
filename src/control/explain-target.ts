/** Why nothing came to a target: what is set up to send to it, and what each of those made of what it saw last. */
import type { Verdict } from "../matching/explanation.ts";
import { explainTrigger } from "../services/customer-profiles/index.ts";
import { explainRule } from "../services/eventbridge/index.ts";
import type { Context } from "../services/service.ts";
import { tailOf } from "./live.ts";
import { readMap } from "./map.ts";
import { metFields } from "./met-fields.ts";

/** One of what sends to the target. */
export interface Sender {
  /** As the map has it: `rule`, `event trigger`, `instance`, … */
  readonly kind: string;
  readonly name: string;
  /** The bus of a rule, the domain of a trigger. */
  readonly of?: string;
  /** What it made of what it saw last. */
  readonly told: readonly string[];
  /** Of what came nearest and did not match: why. */
  readonly condition?: Verdict;
}

/** Events that a rule is asked about: so many of the newest. */
const EVENTS_ASKED = 50;
/** Objects of a trigger that are told of. */
const OBJECTS_TOLD = 3;
const SENDERS_TOLD = 10;

export interface ExplainedTarget {
  readonly senders: readonly Sender[];
  /** What else may be meant to send there: event triggers that send nowhere, in sentences. */
  readonly notes: readonly string[];
}

/** `target` is an ARN, a URL, or the name of a stream, queue, bus, function, …: all of that name are meant. */
export async function explainTarget(context: Context, target: string): Promise<ExplainedTarget> {
  const map = await readMap(context, context);
  // A rule and a trigger are named by what they are matched with.
  const between = new Set(map.nodes.filter(({ kind }) => isAsked(kind)).map(({ id }) => id));
  const edges = map.edges.filter(({ to }) => isNamed(to, target) && !between.has(to));
  const ids = new Set(edges.map(({ from }) => from));
  const senders: Sender[] = [];
  for (const { id, kind, name, of, isOff = false } of map.nodes
    .filter((node) => ids.has(node.id))
    .slice(0, SENDERS_TOLD)) {
    const sender = { kind, name, ...(of !== undefined && { of }) };
    if (kind === "rule")
      senders.push({ ...sender, ...(await toldOfRule(context, { id, bus: of ?? "default", isOff })) });
    else if (kind === TRIGGER) senders.push({ ...sender, ...(await toldOfTrigger(context, name, of ?? "")) });
    else senders.push({ ...sender, told: edges.filter(({ from }) => from === id).map(labelOf) });
  }
  const idle = map.nodes.filter(({ kind, isOff }) => kind === TRIGGER && isOff).slice(0, SENDERS_TOLD);
  return {
    senders,
    notes: idle.map(({ name, of }) => `Event trigger ${name} of ${of} tells nobody: no integration carries it.`),
  };
}

const TRIGGER = "event trigger";

/** Whether it looks at something, and sends of that what matches. */
function isAsked(kind: string): boolean {
  return kind === "rule" || kind === TRIGGER;
}

function isNamed(arn: string, wanted: string): boolean {
  return arn === wanted || (arn.startsWith("arn:") && arn.split(/[/:]/).at(-1) === wanted);
}

function labelOf({ label = "", isOff }: { readonly label?: string; readonly isOff?: boolean }): string {
  return `${label}${isOff ? " (switched off)" : ""}`;
}

type Told = Pick<Sender, "told" | "condition">;

async function toldOfRule(
  context: Context,
  { id, bus, isOff }: { readonly id: string; readonly bus: string; readonly isOff: boolean },
): Promise<Told> {
  if (isOff) return { told: ["It is DISABLED."] };
  const events = await newestEvents(context, bus);
  if (events.length === 0) return { told: [`It has seen nothing: there is no event on the bus ${bus}.`] };
  const asked = await Promise.all(events.map((event) => explainRule(id, event, context)));
  const matched = asked.filter((one) => one.matched).length;
  if (matched > 0) return { told: [`It matched ${matched} of the last ${events.length} events of the bus ${bus}.`] };
  const [nearest] = asked.toReversed().sort((one, other) => metFields(other.condition) - metFields(one.condition));
  const { reason = "", condition } = nearest as NonNullable<typeof nearest>;
  return {
    told: [`It matched none of the last ${events.length} events of the bus ${bus}. Of the nearest: ${reason}`],
    condition,
  };
}

async function newestEvents(context: Context, bus: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  using tail = await tailOf(context, context, { name: `event-bus/${bus}`, from: "oldest" }, () => {});
  let newest: unknown[] = [];
  for (let read = await tail?.read(); read !== undefined && read.length > 0; read = await tail?.read()) {
    newest = [...newest, ...read].slice(-EVENTS_ASKED);
  }
  return newest.map((text) => JSON.parse(String(text)));
}

async function toldOfTrigger(context: Context, trigger: string, domain: string): Promise<Told> {
  const { objects, note } = await explainTrigger({ domain, trigger }, context);
  const told = objects.slice(0, OBJECTS_TOLD).map(({ outcome = "silent", object, time, why, reason, note: aside }) => {
    const because = [why, outcome === "silent" ? reason : undefined, aside].filter((it) => it !== undefined).join("; ");
    return `${outcome === "silent" ? "kept silent" : outcome} on object ${object} of ${time}${because && `: ${because}`}`;
  });
  const silent = objects.find(({ matched }) => matched === false);
  return { told: note === undefined ? told : [note], ...(silent?.condition && { condition: silent.condition }) };
}
