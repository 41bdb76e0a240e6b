/** Segments of a chat's real-time stream and of ListRealtimeContactAnalysisSegmentsV2, raw and redacted. Pure. */
import type { AnalysedTurn } from "./analysis.ts";
import { isAnalysed, type Turn } from "./conversation.ts";
import type { CharacterOffsets } from "./findings.ts";
import type { Masked, Redaction } from "./redaction/mask.ts";
import { spokenSentiment } from "./sentiment.ts";
import { attachmentNameTold, authorTold, redactionTold, textTold } from "./told-texts.ts";

/** Exactly one key: `Transcript`, `Event`, `Attachments` or `Issues`. */
export type ChatSegment = Readonly<Record<string, unknown>>;

export interface ChatSettings {
  readonly tellsSentiment: boolean;
  /** For the redacted copy. */
  readonly redaction?: Redaction | undefined;
}

/** What one item of a chat's transcript is told as, in order. `startMs`: when the chat's offsets begin. */
export function chatSegments(analysed: AnalysedTurn, startMs: number, settings: ChatSettings): ChatSegment[] {
  const { turn, findings } = analysed;
  const common = {
    Id: turn.id,
    ...authorTold(turn, settings.redaction),
    Time: { AbsoluteTime: new Date(startMs + turn.beginMs).toISOString() },
  };
  if (turn.kind === "EVENT") return [{ Event: { ...common, EventType: turn.contentType } }];
  if (turn.kind === "ATTACHMENT") {
    const attachment = {
      AttachmentName: attachmentNameTold(turn, settings.redaction),
      ContentType: turn.contentType,
      AttachmentId: turn.attachmentId ?? turn.id,
      Status: "APPROVED",
    };
    return [{ Attachments: { ...common, Attachments: [attachment] } }];
  }
  const text = textTold(analysed, settings.redaction);
  const transcript = {
    Transcript: {
      ...common,
      Content: text.text,
      ContentType: turn.contentType,
      ...redactionTold(text),
      ...(settings.tellsSentiment && isAnalysed(turn) && { Sentiment: spokenSentiment(analysed.sentiment.label) }),
    },
  };
  if (findings.issues.length === 0) return [transcript];
  return [transcript, { Issues: { IssuesDetected: findings.issues.map((issue) => issueTold(turn, text, issue)) } }];
}

function issueTold(turn: Turn, text: Masked, { BeginOffsetChar, EndOffsetChar }: CharacterOffsets): object {
  const { begin, end } = text.moved({ begin: BeginOffsetChar, end: EndOffsetChar });
  const offsets = { BeginOffsetChar: begin, EndOffsetChar: end };
  return { TranscriptItems: [{ Content: text.text.slice(begin, end), Id: turn.id, CharacterOffsets: offsets }] };
}
