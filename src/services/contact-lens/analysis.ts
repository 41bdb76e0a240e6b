import { type Conversation, isAnalysed, personalName, type Turn } from "./conversation.ts";
import type { AnalysisEngine } from "./engine.ts";
import { type Findings, NO_FINDINGS } from "./findings.ts";
import type { Entity } from "./redaction/detect-entities.ts";
import { NEUTRAL, type Sentiment } from "./sentiment.ts";

/** A turn and what the engine has found in it. */
export interface AnalysedTurn {
  readonly turn: Turn;
  readonly sentiment: Sentiment;
  readonly findings: Findings;
  /** Personal data in it, in order. Absent: the language is not known, and nothing may be told as redacted. */
  readonly entities: readonly Entity[] | undefined;
}

/** A conversation turn by turn: what files, streams and pictures are made of. */
export interface Analysis {
  readonly conversation: Conversation;
  readonly turns: readonly AnalysedTurn[];
}

/** Analyses every turn in the light of the one before it. */
export function analyse(conversation: Conversation, engine: AnalysisEngine): Analysis {
  const names = conversation.participants.flatMap((participant) => personalName(participant) ?? []);
  let before: TurnContext["before"];
  const turns = conversation.turns.map((turn) => {
    const analysed = analyseTurn(turn, { engine, languageCode: conversation.languageCode, names, before });
    if (!isAnalysed(turn)) return analysed;
    before = { participantId: turn.participant.id, content: turn.content };
    return analysed;
  });
  return { conversation, turns };
}

interface TurnContext {
  readonly engine: AnalysisEngine;
  readonly languageCode: string;
  /** Of the participants. */
  readonly names: readonly string[];
  /** The last turn that was analysed. */
  readonly before: { readonly participantId: string; readonly content: string } | undefined;
}

/** One turn by itself, as it comes. Events and attachments have nothing in them, what is no plain text only personal data. */
export function analyseTurn(turn: Turn, { engine, languageCode, names, before }: TurnContext): AnalysedTurn {
  const { content, participant } = turn;
  if (!isAnalysed(turn)) {
    // What is told of it as redacted holds no personal data all the same: an interactive message is JSON with words in it.
    const entities = turn.kind === "MESSAGE" ? engine.entities(content, languageCode, { names }) : [];
    return { turn, sentiment: NEUTRAL, findings: NO_FINDINGS, entities };
  }
  const question = before && before.participantId !== participant.id ? before.content : undefined;
  return {
    turn,
    sentiment: engine.sentiment(content, languageCode),
    findings: engine.findings(content, participant.role, languageCode),
    entities: engine.entities(content, languageCode, { question, names }),
  };
}
