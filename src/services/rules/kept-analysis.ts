/**
 * An analysis as history keeps it: what rules look at, in less than half of the bytes that its turns take as they are. A call of five minutes is 8 KB.
 */
import type { AnalysedTurn, ContactAnalysis } from "../contact-lens/index.ts";

type Turn = AnalysedTurn["turn"];

export interface KeptAnalysis {
  readonly conversation: Omit<ContactAnalysis["conversation"], "turns">;
  /** Who speaks, by the places that turns name. */
  readonly speakers: readonly Turn["participant"][];
  readonly turns: readonly KeptTurn[];
  readonly durationMs?: number | undefined;
  /** Places of turns in the order in which they were heard, where that is another one. */
  readonly heard?: readonly number[];
}

/** What is as usual is left out. */
interface KeptTurn extends Partial<Pick<Turn, "kind" | "contentType" | "loudness">> {
  readonly id: string;
  /** The speaker's place. */
  readonly by: number;
  readonly text: string;
  readonly at: number;
  /** How long it lasts. */
  readonly ms?: number;
  readonly label?: AnalysedTurn["sentiment"]["label"];
}

const USUAL = { kind: "MESSAGE", contentType: "text/plain", label: "NEUTRAL" } as const;

export function keptAnalysis({ conversation, turns, durationMs, heard }: ContactAnalysis): KeptAnalysis {
  const { turns: _, ...known } = conversation;
  const speakers = new Map<string, { readonly place: number; readonly participant: Turn["participant"] }>();
  const kept = turns.map(({ turn, sentiment }): KeptTurn => {
    const { id, participant, kind, content, contentType, beginMs, endMs, loudness } = turn;
    const key = JSON.stringify(participant);
    const speaker = speakers.get(key) ?? { place: speakers.size, participant };
    speakers.set(key, speaker);
    return {
      id,
      by: speaker.place,
      text: content,
      at: beginMs,
      ...(endMs !== beginMs && { ms: endMs - beginMs }),
      ...(sentiment.label !== USUAL.label && { label: sentiment.label }),
      ...(kind !== USUAL.kind && { kind }),
      ...(contentType !== USUAL.contentType && { contentType }),
      ...(loudness && { loudness }),
    };
  });
  const places = new Map(turns.map(({ turn }, place) => [turn.id, place]));
  const isInOrder = heard.every((id, place) => turns[place]?.turn.id === id);
  return {
    conversation: known,
    speakers: [...speakers.values()].map(({ participant }) => participant),
    turns: kept,
    durationMs,
    ...(!isInOrder && { heard: heard.flatMap((id) => places.get(id) ?? []) }),
  };
}

const NO_FINDINGS: AnalysedTurn["findings"] = { issues: [], outcomes: [], actionItems: [] };

/** The analysis that was kept, as far as it was: without findings, and scores of single turns. */
export function analysisKept({ conversation, speakers, turns, durationMs, heard }: KeptAnalysis): ContactAnalysis {
  const analysed = turns.map((kept): AnalysedTurn => {
    const { id, by, text, at, ms = 0, label = USUAL.label, kind = USUAL.kind, contentType = USUAL.contentType } = kept;
    const participant = speakers[by];
    if (!participant) throw new Error(`Turn ${id} has no speaker`);
    const { loudness } = kept;
    return {
      turn: { id, participant, kind, content: text, contentType, beginMs: at, endMs: at + ms, loudness },
      sentiment: { label, score: 0 },
      findings: NO_FINDINGS,
      entities: undefined,
    };
  });
  const ids = analysed.map(({ turn }) => turn.id);
  return {
    conversation: { ...conversation, turns: analysed.map(({ turn }) => turn) },
    turns: analysed,
    durationMs,
    heard: heard ? heard.flatMap((place) => ids[place] ?? []) : ids,
  };
}
