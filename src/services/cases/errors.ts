import { ModeledError } from "../../models/modeled-error.ts";

/** What is wrong with a request. */
export function invalid(message: string): ModeledError {
  return new ModeledError("ValidationException", message);
}

export function conflict(message: string): ModeledError {
  return new ModeledError("ConflictException", message);
}

/** More of something than there may be: 402 on the wire. */
export function quotaExceeded(message: string): ModeledError {
  return new ModeledError("ServiceQuotaExceededException", message);
}

export type ResourceType = "Domain" | "Field" | "Template" | "Layout" | "CaseRule" | "Case" | "RelatedItem";

const NAMES: Readonly<Record<ResourceType, string>> = {
  Domain: "Domain",
  Field: "Field",
  Template: "Template",
  Layout: "Layout",
  CaseRule: "Case rule",
  Case: "Case",
  RelatedItem: "Related item",
};

export function notFound(resourceType: ResourceType, resourceId: string): ModeledError {
  const message = `${NAMES[resourceType]} ${resourceId} was not found`;
  return new ModeledError("ResourceNotFoundException", message, { resourceId, resourceType });
}

/** A `nextToken` that was not handed out for this request. */
export function invalidNextToken(): ModeledError {
  return invalid("nextToken: it was not handed out for this request");
}
