/** Categories that rules have found for a contact: how they are kept, and how segments and files tell them. Pure. */
import type { AnalysedTurn } from "./analysis.ts";
import type { CharacterOffsets } from "./findings.ts";
import type { Redaction } from "./redaction/mask.ts";
import { textTold } from "./told-texts.ts";

/** A category that holds for a contact. Without points of interest it holds for the contact as a whole. */
export interface MatchedCategory {
  readonly name: string;
  readonly pointsOfInterest: readonly PointOfInterest[];
}

/** A place in the conversation: words in one turn, or in several of a chat. */
export interface PointOfInterest {
  readonly items: readonly { readonly turn: AnalysedTurn; readonly offsets: CharacterOffsets }[];
}

/** As it is kept with the contact. */
export interface ToldCategory {
  readonly name: string;
  readonly pointsOfInterest: readonly (readonly { readonly turnId: string; readonly offsets: CharacterOffsets }[])[];
}

/** "MatchedCategories: up to 150", for a contact. */
export const CATEGORIES_MAX = 150;

/** What the operations that list segments have room for; files keep to the same. */
const POINTS_MAX = 20;
const CHAT_POINTS_MAX = 5;
const ITEMS_PER_POINT_MAX = 10;

export function toldCategory({ name, pointsOfInterest }: MatchedCategory): ToldCategory {
  return {
    name,
    pointsOfInterest: pointsOfInterest
      .slice(0, POINTS_MAX)
      .map(({ items }) =>
        items.slice(0, ITEMS_PER_POINT_MAX).map(({ turn, offsets }) => ({ turnId: turn.turn.id, offsets })),
      ),
  };
}

/** The same with the turns that it points at. */
export function matchedCategory(
  { name, pointsOfInterest }: ToldCategory,
  turns: ReadonlyMap<string, AnalysedTurn>,
): MatchedCategory {
  return {
    name,
    pointsOfInterest: pointsOfInterest.map((point) => ({
      items: point.flatMap(({ turnId, offsets }) => {
        const turn = turns.get(turnId);
        return turn ? [{ turn, offsets }] : [];
      }),
    })),
  };
}

/** `MatchedDetails` of calls: each point is the time of the turns in which it stands. */
export function callDetails(categories: readonly MatchedCategory[]): Record<string, object> {
  return details(categories, ({ pointsOfInterest }) => {
    const ranges = new Map<string, object>();
    for (const { items } of pointsOfInterest) {
      if (items.length === 0) continue;
      const BeginOffsetMillis = Math.min(...items.map(({ turn }) => turn.turn.beginMs));
      const EndOffsetMillis = Math.max(...items.map(({ turn }) => turn.turn.endMs));
      // Two places in one turn are one stretch of time.
      ranges.set(`${BeginOffsetMillis} ${EndOffsetMillis}`, { BeginOffsetMillis, EndOffsetMillis });
    }
    return [...ranges.values()].slice(0, POINTS_MAX);
  });
}

/** `MatchedDetails` of chats, with offsets in the text as it is told. */
export function chatDetails(categories: readonly MatchedCategory[], redaction?: Redaction): Record<string, object> {
  return details(categories, ({ pointsOfInterest }) =>
    pointsOfInterest.slice(0, CHAT_POINTS_MAX).map(({ items }) => ({
      TranscriptItems: items.slice(0, ITEMS_PER_POINT_MAX).map(({ turn, offsets }) => {
        const text = textTold(turn, redaction);
        const { begin, end } = text.moved({ begin: offsets.BeginOffsetChar, end: offsets.EndOffsetChar });
        return { Id: turn.turn.id, CharacterOffsets: { BeginOffsetChar: begin, EndOffsetChar: end } };
      }),
    })),
  );
}

function details(
  categories: readonly MatchedCategory[],
  points: (category: MatchedCategory) => readonly object[],
): Record<string, object> {
  return Object.fromEntries(categories.map((category) => [category.name, { PointsOfInterest: points(category) }]));
}
