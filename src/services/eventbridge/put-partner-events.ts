import type { PutPartnerEventsRequest, PutPartnerEventsResponse } from "@aws-sdk/client-eventbridge";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { busLogName } from "./bus.ts";
import { eventText, type NewEvent } from "./event.ts";
import { findPartnerSource, isThere, PARTNER_SOURCES, type PartnerEventSource } from "./partner-event-source.ts";
import { acceptEntry, checkRequestBytes, refused } from "./put-events.ts";

/** Accounts that one event goes to, at most. */
const ACCOUNTS_MAX = 1_000;

/**
 * Appends a partner's events to the buses of all accounts that have accepted the source. For those that have not they are lost, as in the
 * real service.
 *
 * Entries succeed or fail one by one. One whose source the caller does not offer fails (our choice of its code).
 */
export async function putPartnerEvents(
  input: Validated<PutPartnerEventsRequest>,
  context: Context,
): Promise<PutPartnerEventsResponse> {
  checkRequestBytes(input.Entries, context);
  const outcomes = input.Entries.map((entry) => acceptEntry(entry, context, () => true));
  const failures = await context.store.commit(async (unit) => {
    const unknown: boolean[] = [];
    for (const { accepted } of outcomes) {
      unknown.push(accepted !== undefined && !(await tellAccounts(unit, accepted.event, context)));
    }
    return unknown;
  });
  const Entries = outcomes.map(({ result }, index) =>
    failures[index] ? refused("NotAuthorizedForSourceException", "Not authorized for the source.").result : result,
  );
  return { FailedEntryCount: Entries.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries };
}

/** Answers whether the caller offers the event's source to anybody. */
async function tellAccounts(unit: Unit, event: NewEvent, context: Context): Promise<boolean> {
  const prefix = compositeKey(context.account, context.region, event.source, "");
  const { documents } = await unit.list(PARTNER_SOURCES, { index: "partner", prefix, limit: ACCOUNTS_MAX });
  const offered = documents.filter((source) => isThere(source, context.clock.now()));
  for (const source of offered) if (source.state === "ACTIVE") tell(unit, source, event);
  return offered.length > 0;
}

/** Answers with the event as the bus has it. */
function tell(unit: Unit, source: PartnerEventSource, event: NewEvent): string {
  const text = eventText({ ...event, account: source.account });
  unit.append(busLogName(source), event.id, text);
  return text;
}

/**
 * Tells an event to the one account that it names, and answers with the event as its bus has it. `undefined`: the account has not accepted the
 * source, and the event is lost.
 */
export async function tellPartnerEvent(unit: Unit, event: NewEvent, nowMs: number): Promise<string | undefined> {
  const { account, region, source: name } = event;
  const source = await findPartnerSource(unit, { account, region, name }, nowMs);
  return source?.state === "ACTIVE" ? tell(unit, source, event) : undefined;
}
