import { type Attempt, attemptsOf, owedOf } from "../../flow/index.ts";
import type { JsonObject } from "../../matching/machine.ts";
import { type Contact, type ContactStep, instanceArn, resourceArn } from "../../services/connect/index.ts";
import { matchedRules } from "../../services/eventbridge/index.ts";
import { type Asker, type Entry, iso, lastPart } from "./entry.ts";

interface Looking {
  readonly asker: Asker;
  readonly contact: Contact;
  readonly notes: string[];
}

/**
 * Where the events of a contact went from the default bus: which rules match them as they are now, to which targets, and what became of each
 * attempt. What a target inside of the store took leaves no trace but the target's own: it got it when it was routed.
 */
export async function deliveryEntries(
  { asker: { context }, contact, notes }: Looking,
  steps: readonly ContactStep[],
): Promise<readonly Entry[]> {
  const { store, flow } = context;
  const told = steps.filter((step) => step.kind === "event");
  const [first] = told;
  if (!first) return [];
  const events = told.map((step) => busEvent(contact, step));
  const bus = { account: contact.account, region: contact.region, name: "default" };
  const matched = await matchedRules(store, bus, events as unknown as readonly JsonObject[]);
  const ids = new Set(told.map(({ id }) => id));
  const found = await attemptsOf(store, ids, Date.parse(first.at));
  if (found.untilMs !== undefined)
    notes.push(`Attempts of deliveries after ${iso(found.untilMs)} were not looked for.`);
  const targetArns = matched.flatMap((rules) => rules.flatMap(({ targets }) => targets.map(({ Arn }) => Arn)));
  const owed = await owedOf(store, targetArns, ids);
  const entries: Entry[] = [];
  for (const [place, step] of told.entries()) {
    for (const rule of matched[place] ?? []) {
      const ofRule = found.attempts.filter(({ eventId, ruleArn }) => eventId === step.id && ruleArn === rule.arn);
      const targets = rule.targets.map((target) => {
        const attempts = ofRule.filter(({ deliveryId }) => deliveryId.endsWith(`>${rule.name}/${target.Id}`));
        const due = owed.find(
          ({ message }) =>
            message.eventId === step.id && message.request.deliveryId.endsWith(`>${rule.name}/${target.Id}`),
        );
        const isInside = flow.findSink(target.Arn)?.append !== undefined;
        return { ...target, outcome: outcomeOf(attempts, due !== undefined, isInside), attempts, due };
      });
      const worst =
        targets.find(({ outcome }) => BAD.has(outcome)) ?? targets.find(({ outcome }) => outcome === "owed");
      entries.push({
        id: `delivery:${step.id}:${rule.name}`,
        at: step.at,
        kind: "delivery",
        title: `${step.detail.eventType} → ${rule.name}`,
        detail:
          targets.map(({ Arn, outcome }) => `${lastPart(Arn)}: ${outcome}`).join(", ") || "the rule has no targets",
        tone: worst ? (worst.outcome === "owed" ? "warn" : "bad") : "good",
        links: [{ title: "Event bus", to: ["buses", "default"] }],
        document: {
          note: "Rules and targets as they are now; attempts as they were made.",
          rule: rule.arn,
          event: events[place],
          targets: targets.map(({ due, ...target }) => ({
            ...target,
            attempts: target.attempts.map(({ timeMs, ...attempt }) => ({ ...attempt, at: iso(timeMs) })),
            ...(due && { dueAt: iso(due.dueMs), attemptsSoFar: due.attempts, failure: due.failure }),
          })),
        },
      });
    }
  }
  return entries;
}

const BAD: ReadonlySet<string> = new Set(["failed", "dead-lettered", "dropped"]);

function outcomeOf(attempts: readonly Attempt[], isOwed: boolean, isInside: boolean): string {
  const last = attempts.at(-1);
  if (isOwed) return "owed";
  if (last) return last.outcome;
  return isInside ? "taken when it was routed" : "no attempt is known";
}

/** The event as the bus had it. */
function busEvent(contact: Contact, { id, at, detail }: Extract<ContactStep, { readonly kind: "event" }>): object {
  return {
    version: "0",
    id,
    "detail-type": "Amazon Connect Contact Event",
    source: "aws.connect",
    account: contact.account,
    time: `${at.slice(0, 19)}Z`,
    region: contact.region,
    resources: [instanceArn(contact), resourceArn("contact", contact, contact.id)],
    detail,
  };
}
