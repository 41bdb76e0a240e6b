/** Which copies of a contact's conversation there are, and what is hidden in the redacted one. Pure. */
import type { AnalysedContact } from "./analysed-contacts.ts";
import { isRedacted } from "./engine.ts";
import { TEXT_ENTITY_TYPES, type TextEntityType } from "./redaction/entity-types.ts";
import type { Redaction } from "./redaction/mask.ts";

/** A language whose personal data is not known has no redacted copy. */
export function outputOf({
  analytics,
  languageCode,
}: Pick<AnalysedContact, "analytics" | "languageCode">): "Raw" | "Redacted" | "RedactedAndRaw" {
  const { Behavior, Policy } = analytics.RedactionConfiguration;
  if (Behavior !== "Enable" || !isRedacted(languageCode)) return "Raw";
  return Policy === "RedactedOnly" ? "Redacted" : "RedactedAndRaw";
}

export function redactionOf({ analytics }: Pick<AnalysedContact, "analytics">): Redaction {
  const { Entities, MaskMode } = analytics.RedactionConfiguration;
  const types =
    Entities && new Set(TEXT_ENTITY_TYPES.filter((type): type is TextEntityType => Entities.includes(type)));
  return { mode: MaskMode === "EntityType" ? "EntityType" : "PII", types: types ?? undefined };
}
