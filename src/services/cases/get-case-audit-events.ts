import type {
  AuditEvent,
  AuditEventField,
  AuditEventFieldValueUnion,
  GetCaseAuditEventsRequest,
  GetCaseAuditEventsResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { firstCharacters } from "../characters.ts";
import { pageStart } from "../list-page.ts";
import { encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { type AuditEntry, type AuditedField, auditEntries } from "./audit.ts";
import { getCase } from "./case.ts";
import { getDomain, inDomain } from "./domain.ts";
import { invalidNextToken } from "./errors.ts";
import { type StoredValue, valueUnion } from "./field-value.ts";

/** The model's largest page, and its default (our choice). */
const PAGE_SIZE = 25;

/** What was done to a case, the newest first. A page of large entries ends before it is full, and has a token then. */
export async function getCaseAuditEvents(
  input: Validated<GetCaseAuditEventsRequest>,
  context: Context,
): Promise<GetCaseAuditEventsResponse> {
  const { store } = context;
  const { domainId } = await getDomain(store, context, input.domainId);
  const { id: caseId } = await getCase(store, { domainId }, input.caseId);
  const of = ["GetCaseAuditEvents", domainId, caseId];
  const behind = pageStart({ of, token: input.nextToken, refuse: invalidNextToken });
  const limit = input.maxResults ?? PAGE_SIZE;
  const range = {
    prefix: inDomain({ domainId }, caseId, ""),
    ...(behind !== undefined && { before: inDomain({ domainId }, caseId, behind) }),
    descending: true,
    limit,
  };
  const { documents, next } = await store.list(auditEntries, range);
  const last = next === undefined ? undefined : documents.at(-1);
  return { auditEvents: documents.map(shown), nextToken: last && encodePageToken(of, last.id) };
}

function shown({ id, type, relatedItemType, timeMs, fields, actor }: AuditEntry): AuditEvent {
  return {
    eventId: id,
    type,
    relatedItemType,
    performedTime: new Date(timeMs),
    fields: fields.map(shownField),
    performedBy: { user: actor.user, iamPrincipalArn: actor.principalArn },
  };
}

function shownField({ id, type = "Text", before, after }: AuditedField): AuditEventField {
  const union = (value: StoredValue): AuditEventFieldValueUnion => valueUnion({ type }, cut(value));
  return {
    eventFieldId: id,
    ...(before !== undefined && { oldValue: union(before) }),
    newValue: after === undefined ? { emptyValue: {} } : union(after),
  };
}

/** What a value of an audit event may have at most; a comment may have more. */
const CHARACTERS_MAX = 4_100;

function cut(value: StoredValue): StoredValue {
  return typeof value === "string" ? firstCharacters(value, CHARACTERS_MAX) : value;
}
