/** Segments of a call's real-time stream and of ListRealtimeContactAnalysisSegments, from one finished turn. Pure. */
import { derivedUuid } from "../../time/ids.ts";
import type { AnalysedTurn } from "./analysis.ts";
import { sentencesOf } from "./sentences.ts";
import { spokenSentiment } from "./sentiment.ts";

/** One key each: `Transcript`, or on the stream alone `Utterance`. */
export type VoiceSegment = Readonly<Record<string, unknown>>;

/**
 * A turn as it was heard, sentence by sentence. `EndOffsetMillis` of each lies as far in the turn as its text does. Joined by blanks
 * they are the turn's text, but for blanks that it has more of.
 */
export function utteranceSegments({ turn }: AnalysedTurn): VoiceSegment[] {
  const { id, content, beginMs, endMs, participant } = turn;
  const timeAt = (offset: number): number => beginMs + Math.round(((endMs - beginMs) * offset) / content.length);
  return sentencesOf(content).map(({ text, begin }, at) => ({
    Utterance: {
      Id: derivedUuid(id, "utterance", String(at)),
      TranscriptId: id,
      ParticipantId: participant.role,
      ParticipantRole: participant.role,
      PartialContent: text,
      BeginOffsetMillis: timeAt(begin),
      EndOffsetMillis: timeAt(begin + text.length),
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
