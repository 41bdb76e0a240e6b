import { type Asker, called, calledAll, type Entry, isoOf } from "./entry.ts";

interface ProfileRef {
  readonly domainName: string;
  readonly profileId: string;
}

interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** As ListProfileHistoryRecords answers. */
interface HistoryRecord {
  readonly Id: string;
  readonly ObjectTypeName: string;
  readonly CreatedAt: string;
  readonly ActionType: string;
  readonly ProfileObjectUniqueKey?: string;
  readonly PerformedBy?: string;
}

const RECORDS_MAX = 500;
/** Contents that are read: they are asked for one by one. */
const CONTENTS_MAX = 100;

/** What happened to a profile, in a span of time where one is given: of 30 days. */
export async function historyEntries(
  asker: Asker,
  { domainName, profileId }: ProfileRef,
  span: Span | undefined,
  notes: string[],
): Promise<readonly Entry[]> {
  const { items, isCut, problem } = await calledAll<HistoryRecord>(
    asker,
    ["customer-profiles", "ListProfileHistoryRecords"],
    { DomainName: domainName, ProfileId: profileId },
    { member: "ProfileHistoryRecords", token: "NextToken", limit: RECORDS_MAX },
  );
  if (problem) notes.push(problem);
  if (isCut) notes.push(`The last ${RECORDS_MAX} changes of the profile are shown.`);
  const entries: Entry[] = [];
  for (const record of items) {
    const at = isoOf(record.CreatedAt);
    if (span && (Date.parse(at) < span.sinceMs || Date.parse(at) > span.untilMs)) continue;
    const isObject = record.ObjectTypeName !== "_profile";
    entries.push({
      id: `history:${record.Id}`,
      at,
      kind: isObject ? "object" : "profile",
      title: `${record.ActionType} ${isObject ? record.ObjectTypeName : "profile"}`,
      detail: record.ProfileObjectUniqueKey,
      links: [{ title: "Profile", to: ["profiles", domainName, profileId] }],
      document: entries.length < CONTENTS_MAX ? await withContent(asker, domainName, profileId, record) : record,
    });
  }
  return entries;
}

async function withContent(
  asker: Asker,
  DomainName: string,
  ProfileId: string,
  record: HistoryRecord,
): Promise<object> {
  const input = { DomainName, ProfileId, Id: record.Id };
  const { value } = await called<{ readonly Content?: string }>(
    asker,
    "customer-profiles",
    "GetProfileHistoryRecord",
    input,
  );
  if (value?.Content === undefined) return record;
  try {
    return { ...record, Content: JSON.parse(value.Content) as unknown };
  } catch {
    // It is shown as it is.
    return { ...record, Content: value.Content };
  }
}
