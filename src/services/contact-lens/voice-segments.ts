/** Segments of a call's real-time stream and of ListRealtimeContactAnalysisSegments, from one finished turn. Pure. */
import { derivedUuid } from "../../time/ids.ts";
import type { AnalysedTurn } from "./analysis.ts";
import { spokenSentiment } from "./sentiment.ts";

/** One key each: `Transcript`, or on the stream alone `Utterance`. */
export type VoiceSegment = Readonly<Record<string, unknown>>;

/** Sentences: what the stream tells while a turn is still being spoken. */
const SENTENCE = /\S[^.!?]*[.!?]*/g;

/**
 * A turn as it was heard, sentence by sentence. `EndOffsetMillis` of each lies as far in the turn as its text does. Joined by blanks
 * they are the turn's text, but for blanks that it has more of.
 */
export function utteranceSegments({ turn }: AnalysedTurn): VoiceSegment[] {
  const { id, content, beginMs, endMs, participant } = turn;
  const sentences = [...content.matchAll(SENTENCE)].map(({ 0: text, index }) => ({ text: text.trim(), index }));
  const timeAt = (offset: number): number => beginMs + Math.round(((endMs - beginMs) * offset) / content.length);
  return sentences.map(({ text, index }, at) => ({
    Utterance: {
      Id: derivedUuid(id, "utterance", String(at)),
      TranscriptId: id,
      ParticipantId: participant.role,
      ParticipantRole: participant.role,
      PartialContent: text,
      BeginOffsetMillis: timeAt(index),
      EndOffsetMillis: timeAt(index + text.length),
    },
  }));
}

/** The finished turn. `tellsSentiment`: the flow has not switched sentiment off. */
export function transcriptSegment(
  { turn, sentiment, findings }: AnalysedTurn,
  { tellsSentiment }: { readonly tellsSentiment: boolean },
): VoiceSegment {
  return {
    Transcript: {
      Id: turn.id,
      ParticipantId: turn.participant.role,
      ParticipantRole: turn.participant.role,
      Content: turn.content,
      BeginOffsetMillis: turn.beginMs,
      EndOffsetMillis: turn.endMs,
      ...(tellsSentiment && { Sentiment: spokenSentiment(sentiment.label) }),
      ...(findings.issues.length > 0 && {
        IssuesDetected: findings.issues.map((offsets) => ({ CharacterOffsets: offsets })),
      }),
    },
  };
}
