import type { Reader } from "../../store/store.ts";
import { type ConversationContact, conversationFiles } from "../connect/index.ts";
import { type AnalysedContact, findAnalysedContact } from "./analysed-contacts.ts";
import { analysisOf } from "./analyses.ts";
import type { AnalysedTurn } from "./analysis.ts";
import type { ToldCategory } from "./categories.ts";
import { analysisFileKeys } from "./write-analysis-files.ts";

/** What is known of a contact by its words, until two days after its end. */
export interface AnalysedConversation {
  readonly status: AnalysedContact["status"];
  readonly isRealTime: boolean;
  readonly languageCode: string;
  /** Offsets count from here. */
  readonly beganMs: number;
  readonly endedMs?: number | undefined;
  readonly turns: readonly AnalysedTurn[];
  readonly categories: readonly ToldCategory[];
  readonly hidesSentiment: boolean;
  /** Where its files lie, or will. */
  readonly files: readonly { readonly bucket: string; readonly key: string }[];
}

/** `undefined`: it is not analysed, or that is too long ago. */
export async function analysedConversation(
  reader: Reader,
  contact: Omit<ConversationContact, "channel">,
): Promise<AnalysedConversation | undefined> {
  const found = await findAnalysedContact(reader, contact);
  if (!found) return undefined;
  const { status, isRealTime, languageCode, beganMs, endedMs, categories, analytics } = found;
  const folder = await conversationFiles(reader, found);
  return {
    status,
    isRealTime,
    languageCode,
    beganMs,
    endedMs,
    turns: (await analysisOf(reader, found)).turns,
    categories,
    hidesSentiment: analytics.SentimentConfiguration.Behavior === "Disable",
    files: folder
      ? analysisFileKeys(found).map((key) => ({ bucket: folder.bucket, key: `${folder.prefix}${key}` }))
      : [],
  };
}
