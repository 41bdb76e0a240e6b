import type { AuditEventType, RelatedItemType } from "@aws-sdk/client-connectcases";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Actor } from "./actor.ts";
import type { Case } from "./case.ts";
import { inDomain } from "./domain.ts";
import type { FieldType } from "./field.ts";
import type { StoredValue } from "./field-value.ts";

/** What one call did to a case. */
export interface AuditEntry {
  readonly domainId: string;
  readonly caseId: string;
  /** A UUID whose beginning is the time: entries of a case lie in the order in which they happened. */
  readonly id: string;
  readonly type: AuditEventType;
  readonly relatedItemType?: RelatedItemType | undefined;
  readonly timeMs: number;
  readonly fields: readonly AuditedField[];
  readonly actor: Actor;
}

export interface AuditedField {
  /** Of a related item the path of what it contains (`comment.body`). */
  readonly id: string;
  /** Absent: a text. */
  readonly type?: FieldType | undefined;
  readonly before?: StoredValue | undefined;
  readonly after?: StoredValue | undefined;
}

export const auditEntries: Collection<AuditEntry> = collection("cases_audit");

export function auditKey({ domainId, caseId, id }: Pick<AuditEntry, "domainId" | "caseId" | "id">): string {
  return inDomain({ domainId }, caseId, id);
}

/** Writes down a change. `timeMs`: the case's own time of it, later than that of the change before. */
export function audit(
  unit: Unit,
  { ids }: Pick<Platform, "ids">,
  { domainId, id: caseId }: Pick<Case, "domainId" | "id">,
  entry: Pick<AuditEntry, "type" | "relatedItemType" | "timeMs" | "fields" | "actor">,
): void {
  const id = timedUuid(entry.timeMs, ids.uuid());
  const stored: AuditEntry = { domainId, caseId, id, ...entry };
  unit.put(auditEntries, auditKey(stored), stored);
}

/** Version 7: RFC 9562, section 5.7. */
function timedUuid(timeMs: number, random: string): string {
  const time = timeMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
