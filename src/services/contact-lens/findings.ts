/**
 * Issues, outcomes and action items: the sentence in which a customer says what is wrong, in which an agent says what has been done about
 * it, and in which an agent says what will be done. English only; other languages have none.
 */
import { type Sentence, sentencesOf } from "./sentences.ts";
import { sentimentOf } from "./sentiment.ts";

/** The end is exclusive; UTF-16 code units of the turn's text. */
export interface CharacterOffsets {
  readonly BeginOffsetChar: number;
  readonly EndOffsetChar: number;
}

export interface Findings {
  readonly issues: readonly CharacterOffsets[];
  readonly outcomes: readonly CharacterOffsets[];
  readonly actionItems: readonly CharacterOffsets[];
}

export const NO_FINDINGS: Findings = { issues: [], outcomes: [], actionItems: [] };

/** What a customer calls about. */
const ASKS =
  /\b(?:i(?:'m| am) calling (?:about|because|to)|i (?:would|'d) like to|i'd like to|i want to|i need (?:to|a|an|some)|i have (?:a|an) (?:problem|issue|question|complaint)|how (?:do|can) i|i can(?:'t|not)|i (?:never|didn't|did not|haven't|have not) (?:get|got|receive|received)|(?:is|are|does|do|did|was|has|have)(?:n't| not) (?:work|working|arrive|arrived|connect|load|show|turn)|keeps? \w+ing|stopped working|doubled|overcharged|charged (?:me )?twice|wrong|broken|missing|locked)\b/i;
const DONE =
  /\b(?:(?:i|we)(?:'ve| have)?(?: just| now| already)? (?:corrected|refunded|reset|cancelled|canceled|updated|changed|fixed|resolved|credited|issued|activated|unlocked|removed|added|upgraded|extended|reactivated|restored|booked|rebooked|processed|replaced|waived|reversed|arranged|adjusted)|(?:has|have) been (?:corrected|refunded|reset|cancelled|canceled|updated|changed|fixed|resolved|credited|issued|activated|unlocked|removed|added|approved|processed|restored|replaced|waived|reversed|booked)|is (?:now )?(?:fixed|resolved|active|sorted|cancelled|confirmed|booked))\b/i;
const WILL =
  /\b(?:i|we)(?:'ll| will|(?:'m| am|'re| are) going to) (?:also |then |now )?(?:send|email|mail|call|ring|phone|text|check|look into|get back|contact|arrange|follow up|escalate|forward|order|ship|post|update|refund|credit|transfer|schedule|book|make sure|ask|open|raise|submit|let you know|have)\b|\b(?:a|the|our|my) (?:technician|engineer|colleague|manager|specialist|team|driver|supervisor) will\b|\byou(?:'ll| will) (?:receive|get|hear)\b/i;

/** Greetings before what is wrong are no part of it. */
const GREETING = /^(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[^,]*,\s*(?=\S)/i;

/** Finds at most one of each in a turn. */
export function findingsOf(content: string, speaker: "AGENT" | "CUSTOMER"): Findings {
  const sentences = sentencesOf(content);
  if (speaker === "CUSTOMER")
    return { ...NO_FINDINGS, issues: first(sentences, isIssue).map(withoutGreeting).map(offsets) };
  return {
    issues: [],
    outcomes: first(sentences, ({ text }) => DONE.test(text))
      .map(fromClause(DONE))
      .map(offsets),
    actionItems: first(sentences, ({ text }) => WILL.test(text) && !DONE.test(text)).map(offsets),
  };
}

function isIssue({ text }: Sentence): boolean {
  return ASKS.test(text) && sentimentOf(text).label !== "POSITIVE";
}

function first(sentences: readonly Sentence[], wanted: (sentence: Sentence) => boolean): Sentence[] {
  const found = sentences.find(wanted);
  return found ? [found] : [];
}

function withoutGreeting(sentence: Sentence): Sentence {
  const length = GREETING.exec(sentence.text)?.[0].length ?? 0;
  return { text: sentence.text.slice(length), begin: sentence.begin + length };
}

/** The clause in which it is said: from the last comma before it on. */
function fromClause(form: RegExp): (sentence: Sentence) => Sentence {
  return ({ text, begin }) => {
    const at = form.exec(text)?.index ?? 0;
    const comma = text.lastIndexOf(", ", at);
    return comma === -1 ? { text, begin } : { text: text.slice(comma + 2), begin: begin + comma + 2 };
  };
}

function offsets({ text, begin }: Sentence): CharacterOffsets {
  return { BeginOffsetChar: begin, EndOffsetChar: begin + text.length };
}
