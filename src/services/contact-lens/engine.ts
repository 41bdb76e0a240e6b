import type { ParticipantRole } from "./conversation.ts";
import { type Findings, findingsOf, NO_FINDINGS } from "./findings.ts";
import { detectEntities, type Entity } from "./redaction/detect-entities.ts";
import { NEUTRAL, type Sentiment, sentimentOf } from "./sentiment.ts";

/**
 * What understands language. The built-in one is offline, deterministic and small; another one takes its place by having these functions
 * and being given to `followConversations`. It answers at once and asks nobody: turns are analysed in the unit that moves the reader of
 * conversations on. An error of it ends the analysis of that contact.
 */
export interface AnalysisEngine {
  sentiment(text: string, languageCode: string): Sentiment;
  /** What a sentence says of the reason of the contact and what becomes of it. */
  findings(text: string, speaker: ParticipantRole, languageCode: string): Findings;
  /** Whether personal data is known in a language. Where it is not, there is no redacted output. */
  knowsEntities(languageCode: string): boolean;
  /** Personal data, in order; `undefined` where the language is not known. */
  entities(text: string, languageCode: string, context: EntityHints): readonly Entity[] | undefined;
}

export interface EntityHints {
  readonly question?: string | undefined;
  readonly names?: readonly string[] | undefined;
}

/** Languages whose personal data is looked for, as many as the service's guides list and this engine has words for. */
const REDACTED_LANGUAGES = /^(?:en-|es-US$|es-ES$|fr-|de-|it-IT$|pt-)/;

/** English sentiment and findings; personal data in six languages. Everything else is NEUTRAL and has none. */
export const offlineEngine: AnalysisEngine = {
  sentiment: (text, languageCode) => (knowsSentiment(languageCode) ? sentimentOf(text) : NEUTRAL),
  findings: (text, speaker, languageCode) =>
    knowsSentiment(languageCode) && (speaker === "AGENT" || speaker === "CUSTOMER")
      ? findingsOf(text, speaker)
      : NO_FINDINGS,
  knowsEntities: (languageCode) => REDACTED_LANGUAGES.test(languageCode),
  entities: (text, languageCode, context) =>
    REDACTED_LANGUAGES.test(languageCode) ? detectEntities(text, context) : undefined,
};

/** Whether the built-in engine knows sentiment and findings in a language: it reads English alone. */
export function knowsSentiment(languageCode: string): boolean {
  return languageCode.startsWith("en-");
}
