import type { JsonObject } from "../../matching/machine.ts";
import type { BuiltSource } from "./sources.ts";

/** What an event of an application outside means to rules: one for each ticket or case that it tells of. */
export interface ThirdPartyEvent {
  readonly source: BuiltSource;
  /** Tells those of one event apart. */
  readonly part: string;
  /** The fact document. */
  readonly document: JsonObject;
}

/**
 * Reads an event as Zendesk or Salesforce puts it on the bus of a partner event source; nothing where no rule looks at its like. Anybody who
 * may put events there decides what is in it. Pure.
 */
export function thirdPartyEvents(event: unknown): readonly ThirdPartyEvent[] {
  const detail = objectAt(event, "detail");
  switch (valueAt(event, "detail-type")) {
    case "Support Ticket: Ticket Created":
      return ticket(detail, "OnZendeskTicketCreate", ["TicketCreate"]);
    case "Support Ticket: Status Changed":
      // Conditions use the first name, variables of texts the second: both are documented.
      return ticket(detail, "OnZendeskTicketStatusUpdate", ["StatusUpdate", "TicketStatusUpdate"]);
    default: {
      // The event relay has in `payload` what AppFlow has at the top.
      const change = objectAt(detail, "payload") ?? detail;
      return change ? createdCases(change) : [];
    }
  }
}

function ticket(
  detail: JsonObject | undefined,
  source: BuiltSource,
  names: readonly string[],
): readonly ThirdPartyEvent[] {
  const told = objectAt(objectAt(detail, "ticket_event"), "ticket");
  if (!told) return [];
  const tags = valueAt(told, "tags");
  const facts: JsonObject = {
    Id: textAt(told, "id"),
    Type: textAt(told, "type"),
    Priority: textAt(told, "priority"),
    Status: textAt(told, "status"),
    RequesterId: textAt(told, "requester_id"),
    SubmitterId: textAt(told, "submitter_id"),
    AssigneeId: textAt(told, "assignee_id"),
    OrganizationId: textAt(told, "organization_id"),
    BrandId: textAt(told, "brand_id"),
    FormId: textAt(told, "form_id"),
    ExternalId: textAt(told, "external_id"),
    Channel: textAt(objectAt(told, "via"), "channel"),
    Tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
    CreatedAt: textAt(told, "created_at"),
  };
  const document = { ThirdParty: { Zendesk: Object.fromEntries(names.map((name) => [name, facts])) } };
  return [{ source, part: "", document }];
}

/** The fields of a case that the rules' attributes are (our choice: only the attributes are documented). */
const CASE_FIELDS: Readonly<Record<string, string>> = {
  AccountId: "AccountId",
  Name: "SuppliedName",
  Email: "SuppliedEmail",
  Phone: "SuppliedPhone",
  Company: "SuppliedCompany",
  Type: "Type",
  Reason: "Reason",
  Origin: "Origin",
  Priority: "Priority",
  Subject: "Subject",
  Description: "Description",
  CaseNumber: "CaseNumber",
  CreatedDate: "CreatedDate",
};

/** One change event may tell of several records that were created alike. */
function createdCases(change: JsonObject): readonly ThirdPartyEvent[] {
  const header = objectAt(change, "ChangeEventHeader");
  if (valueAt(header, "entityName") !== "Case" || valueAt(header, "changeType") !== "CREATE") return [];
  const ids = valueAt(header, "recordIds");
  const fields = Object.keys(change).filter((name) => textAt(change, name) !== null);
  const facts: JsonObject = {
    ...Object.fromEntries(Object.entries(CASE_FIELDS).map(([name, field]) => [name, textAt(change, field)])),
    CustomAttribute: Object.fromEntries(fields.map((name) => [name, textAt(change, name)])),
  };
  const document = { ThirdParty: { Salesforce: { CaseCreate: facts } } };
  return [...new Set(Array.isArray(ids) ? ids.map(String) : [])].map((part) => ({
    source: "OnSalesforceCaseCreate",
    part,
    document,
  }));
}

function valueAt(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as JsonObject)[name]
    : undefined;
}

function objectAt(value: unknown, name: string): JsonObject | undefined {
  const found = valueAt(value, name);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as JsonObject) : undefined;
}

/** Conditions compare texts: a number or a boolean is its text. */
function textAt(value: unknown, name: string): string | null {
  const found = valueAt(value, name);
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean" ? String(found) : null;
}
