/** What an event of a case may have at most (our choice of how that is kept): values are left out whole, the largest first. */

export interface CaseDetail {
  readonly caseId: string;
  readonly templateId: string;
  readonly createdDateTime: string;
  readonly fields?: Readonly<Record<string, object>>;
}

export interface ItemDetail {
  readonly relatedItemType: string;
  readonly relatedItemId: string;
  readonly caseId: string;
  readonly createdDateTime: string;
}

interface EventToSend {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: { readonly case?: CaseDetail; readonly relatedItem?: ItemDetail };
}

export interface FittedEvent {
  readonly detail: object;
  /** Ids of fields, or members of a related item, that were left out. */
  readonly dropped: readonly string[];
}

/** The former maximum of an EventBridge event, which the documentation of Cases still names. */
export const EVENT_BYTES_MAX: number = 256 * 1024;

/** What an entry with a time counts for it (EventBridge user guide, "Calculating PutEvents event entry size"). */
const TIME_BYTES = 14;

/** Members of a related item that are always told. */
const ITEM_METADATA: readonly string[] = ["relatedItemType", "relatedItemId", "caseId", "createdDateTime"];

/** The detail of an event with as much of what it is about as an event may have. */
export function fitted({ source, detailType, resources, detail }: EventToSend): FittedEvent {
  const texts = [source, detailType, JSON.stringify(detail), ...resources];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), TIME_BYTES);
  if (bytes <= EVENT_BYTES_MAX) return { detail, dropped: [] };
  if (detail.case?.fields) {
    const { kept, dropped } = withoutLargest(detail.case.fields, bytes - EVENT_BYTES_MAX);
    return { detail: { ...detail, case: { ...detail.case, fields: kept } }, dropped };
  }
  const members = Object.entries(detail.relatedItem ?? {});
  const dropped = members.map(([name]) => name).filter((name) => !ITEM_METADATA.includes(name));
  const relatedItem = Object.fromEntries(members.filter(([name]) => ITEM_METADATA.includes(name)));
  return { detail: { ...detail, relatedItem }, dropped };
}

/** Fields without so many bytes, ties by id. `status` stays. */
function withoutLargest(
  fields: Readonly<Record<string, object>>,
  excessBytes: number,
): { readonly kept: Readonly<Record<string, object>>; readonly dropped: readonly string[] } {
  const largestFirst = Object.entries(fields)
    .filter(([id]) => id !== "status")
    .map(([id, value]) => ({ id, bytes: Buffer.byteLength(`${JSON.stringify(id)}:${JSON.stringify(value)}`) }))
    .sort((one, other) => other.bytes - one.bytes || (one.id < other.id ? -1 : 1));
  const dropped: string[] = [];
  let left = Object.keys(fields).length;
  let excess = excessBytes;
  for (const { id, bytes } of largestFirst) {
    if (excess <= 0) break;
    dropped.push(id);
    left--;
    // With the comma that goes with it.
    excess -= left > 0 ? bytes + 1 : bytes;
  }
  return { kept: Object.fromEntries(Object.entries(fields).filter(([id]) => !dropped.includes(id))), dropped };
}
