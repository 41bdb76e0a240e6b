/**
 * Rules on tickets and cases of applications outside: follows the log of events that associations with event integrations bring, and
 * evaluates the published rules that listen to the association, in the unit that moves its cursor. An event is looked at once for a day,
 * however often it comes.
 */
import { type Collection, collection, type Unit } from "../../store/store.ts";
import { hasUseCase, INTEGRATION_EVENTS, type IntegrationEvent, instanceKey, refOf } from "../connect/index.ts";
import { act } from "./act.ts";
import type { Evaluation } from "./follow-analyses.ts";
import { recordInput } from "./history.ts";
import { isFor } from "./replay.ts";
import { ruleRevision } from "./rule-versions.ts";
import { thirdPartyEvents } from "./third-party-facts.ts";

/** An event that was looked at. */
interface SeenEvent {
  readonly key: string;
  readonly expiresMs: number;
}

const seenEvents: Collection<SeenEvent> = collection("rules_seen_events", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

const REMEMBERED_MS = 24 * 3_600_000;
/** How many that are forgotten an event takes with it. */
const SWEPT = 10;

export function followIntegrations(evaluation: Evaluation): void {
  evaluation.platform.flow.consume({
    name: "rules",
    log: INTEGRATION_EVENTS,
    async handle(unit, entries) {
      for (const { value, timeMs } of entries) {
        await evaluateEvent(unit, evaluation, JSON.parse(String(value)) as IntegrationEvent, timeMs);
      }
    },
  });
}

async function evaluateEvent(
  unit: Unit,
  { platform, sets }: Evaluation,
  { associationId, event: text, ...rest }: IntegrationEvent,
  nowMs: number,
): Promise<void> {
  const instance = refOf(rest);
  const event = parsed(text);
  const told = thirdPartyEvents(event);
  if (!event || told.length === 0 || !(await hasUseCase(unit, instance, associationId, "RULES_EVALUATION"))) return;
  const key = instanceKey(instance, associationId, event.id);
  if (await wasSeen(unit, key, nowMs)) return;

  for (const { source, part, document } of told) {
    const set = await sets.of(unit, instance, source);
    const about = part === "" ? event.id : `${event.id}/${part}`;
    const revision = await ruleRevision(unit, instance);
    const input = { instance, subject: about, revision, source, about, associationId, document };
    await recordInput(unit, platform, { kind: "document", ...input });
    for (const { rule } of set.match(document, [], () => undefined)) {
      if (isFor(rule, input)) await act(unit, platform, { rule, source, instance, about, document });
    }
  }
}

/** Remembers an event, and answers whether it is remembered already. */
async function wasSeen(unit: Unit, key: string, nowMs: number): Promise<boolean> {
  const forgotten = await unit.list(seenEvents, { index: "expires", before: nowMs, limit: SWEPT });
  for (const seen of forgotten.documents) unit.delete(seenEvents, seen.key);
  const seen = await unit.get(seenEvents, key);
  if (seen && seen.expiresMs > nowMs) return true;
  unit.put(seenEvents, key, { key, expiresMs: nowMs + REMEMBERED_MS });
  return false;
}

/** What a rule of the account's own may send here need be no event. */
function parsed(text: string): { readonly id: string } | undefined {
  try {
    const event: unknown = JSON.parse(text);
    return typeof event === "object" && event !== null && "id" in event && typeof event.id === "string"
      ? { ...event, id: event.id }
      : undefined;
  } catch {
    // Said by `undefined`.
    return undefined;
  }
}
