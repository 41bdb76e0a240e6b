/** Which copies of a contact's conversation there are, and what is hidden in the redacted one. Pure. */
import type { Analytics } from "../connect/index.ts";
import type { AnalysisEngine } from "./engine.ts";
import { TEXT_ENTITY_TYPES, type TextEntityType } from "./redaction/entity-types.ts";
import type { Redaction } from "./redaction/mask.ts";

export type Outputs = "Raw" | "Redacted" | "RedactedAndRaw";

/** A language whose personal data the engine does not know has no redacted copy. */
export function outputsOf(
  { RedactionConfiguration: { Behavior, Policy } }: Analytics,
  languageCode: string,
  engine: Pick<AnalysisEngine, "knowsEntities">,
): Outputs {
  if (Behavior !== "Enable" || !engine.knowsEntities(languageCode)) return "Raw";
  return Policy === "RedactedOnly" ? "Redacted" : "RedactedAndRaw";
}

export function redactionOf({ analytics }: { readonly analytics: Analytics }): Redaction {
  const { Entities, MaskMode } = analytics.RedactionConfiguration;
  const types =
    Entities && new Set(TEXT_ENTITY_TYPES.filter((type): type is TextEntityType => Entities.includes(type)));
  return { mode: MaskMode === "EntityType" ? "EntityType" : "PII", types: types ?? undefined };
}
