import type {
  GetProfileHistoryRecordRequest,
  GetProfileHistoryRecordResponse,
  ListProfileHistoryRecordsRequest,
  ListProfileHistoryRecordsResponse,
  ProfileHistoryRecord,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import { atPlace, decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { getDomain, inDomain } from "./domain.ts";
import { invalidNextToken, notFound } from "./errors.ts";
import { HISTORY_MS, type HistoryRecord, historyKey, historyRecords } from "./history-record.ts";
import { findIngested } from "./triggers/ingested-log.ts";

const PAGE_SIZE = 100;

/** What happened to a profile in the last 30 days, the newest first. A profile that is gone has its history too. */
export async function listProfileHistoryRecords(
  input: Validated<ListProfileHistoryRecordsRequest>,
  context: Context,
): Promise<ListProfileHistoryRecordsResponse> {
  const { ProfileId, ObjectTypeName, ActionType, PerformedBy } = input;
  const domain = await getDomain(context.store, context, input.DomainName);
  const of = ["ListProfileHistoryRecords", domain.uid, ProfileId, ObjectTypeName, ActionType, PerformedBy];
  let after: string | undefined;
  if (input.NextToken !== undefined) {
    after = decodePageToken(of, input.NextToken);
    if (after === undefined) throw invalidNextToken();
  }
  const limit = input.MaxResults ?? PAGE_SIZE;
  const found: HistoryRecord[] = [];
  do {
    const range = {
      prefix: inDomain(domain, ProfileId, ""),
      descending: true,
      limit: limit - found.length,
      after,
    };
    const page = await atPlace(() => context.store.list(historyRecords, range), invalidNextToken);
    for (const record of page.documents) {
      if (isExpired(record, context)) continue;
      if (ObjectTypeName !== undefined && record.type !== ObjectTypeName) continue;
      if (ActionType !== undefined && record.action !== ActionType) continue;
      if (PerformedBy !== undefined && record.performedBy !== PerformedBy) continue;
      found.push(record);
    }
    after = page.next;
  } while (after !== undefined && found.length < limit);
  const NextToken = after === undefined ? undefined : encodePageToken(of, after);
  return { ProfileHistoryRecords: found.map(summary), NextToken };
}

export async function getProfileHistoryRecord(
  input: Validated<GetProfileHistoryRecordRequest>,
  context: Context,
): Promise<GetProfileHistoryRecordResponse> {
  const { ProfileId: profileId, Id: id } = input;
  const domain = await getDomain(context.store, context, input.DomainName);
  const record = await context.store.get(historyRecords, historyKey({ uid: domain.uid, profileId, id }));
  if (!record || isExpired(record, context)) throw notFound(`History record ${id} does not exist`);
  return { ...summary(record), Content: record.content ?? (await ingestedContent(record, context)) };
}

/** An object is what it was when it was ingested, as long as that is kept: 7 days, or less where very much is ingested. */
async function ingestedContent(record: HistoryRecord, { store }: Context): Promise<string | undefined> {
  const { uid, type, uniqueKey, version, timeMs } = record;
  if (uniqueKey === undefined || version === undefined) return undefined;
  const wanted = { uid, type, id: uniqueKey, version, ingestedMs: timeMs };
  return (await findIngested(store, wanted))?.content;
}

function isExpired({ timeMs }: HistoryRecord, { clock }: Context): boolean {
  return timeMs + HISTORY_MS <= clock.now();
}

function summary(record: HistoryRecord): ProfileHistoryRecord & { Id: string } {
  return {
    Id: record.id,
    ObjectTypeName: record.type,
    CreatedAt: new Date(record.timeMs),
    LastUpdatedAt: new Date(record.timeMs),
    ActionType: record.action,
    ProfileObjectUniqueKey: record.uniqueKey,
    PerformedBy: record.performedBy,
  };
}
