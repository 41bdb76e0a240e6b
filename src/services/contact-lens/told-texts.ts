/** How texts and names of a conversation are told: as they are or, where there is a redaction, without personal data. Pure. */
import type { AnalysedTurn } from "./analysis.ts";
import { isOfService, personalName, type Turn } from "./conversation.ts";
import { type Masked, mask, type Redaction } from "./redaction/mask.ts";

/** A turn's text. Throws where its personal data is not known. */
export function textTold({ turn, entities }: AnalysedTurn, redaction: Redaction | undefined): Masked {
  if (!redaction) return mask(turn.content, [], "PII");
  if (!entities) throw new Error(`Personal data of turn ${turn.id} is not known, so it cannot be redacted`);
  return mask(turn.content, entities, redaction.mode, redaction.types);
}

/** Whose an item of a chat is: `ParticipantId`, `ParticipantRole` and `DisplayName`, or nothing of the service's own events. */
export function authorTold(turn: Turn, redaction: Redaction | undefined): object {
  if (isOfService(turn)) return {};
  const { id, role, displayName } = turn.participant;
  const isHidden = redaction && personalName(turn.participant) !== undefined && (redaction.types?.has("NAME") ?? true);
  return {
    ParticipantId: id,
    ParticipantRole: role,
    ...(displayName !== undefined && { DisplayName: isHidden ? nameMarker(redaction) : displayName }),
  };
}

/** The name of an attachment may tell anything: it is hidden whatever types are chosen. */
export function attachmentNameTold({ content }: Turn, redaction: Redaction | undefined): string {
  return redaction ? nameMarker(redaction) : content;
}

function nameMarker({ mode }: Redaction): string {
  return mode === "PII" ? "[PII]" : "[NAME]";
}

/** Where the marks of a text stand, which is in the redacted text; nothing where there are none. */
export function redactionTold({ markers }: Masked): object {
  if (markers.length === 0) return {};
  return {
    Redaction: {
      CharacterOffsets: markers.map(({ begin, end }) => ({ BeginOffsetChar: begin, EndOffsetChar: end })),
    },
  };
}
