import { rateLimits, throttled } from "../connect/index.ts";
import type { Service } from "../service.ts";
import { declareAnalyses } from "./analyses.ts";
import { followConversations } from "./follow-conversations.ts";
import {
  listRealtimeContactAnalysisSegments,
  listRealtimeContactAnalysisSegmentsV2,
} from "./list-realtime-contact-analysis-segments.ts";
import { writeAnalysisFiles } from "./write-analysis-files.ts";

export { ANALYSES, type AnalysisEntry, type ContactAnalysis, categoriesOf, findAnalysis } from "./analyses.ts";
export type { AnalysedTurn, Analysis } from "./analysis.ts";
export { analyse } from "./analysis.ts";
export { analysisFile } from "./analysis-file.ts";
export type { MatchedCategory } from "./categories.ts";
export { chatCharacteristics } from "./chat-characteristics.ts";
export { ConversationError, isAnalysed, type ParticipantRole } from "./conversation.ts";
export { type AnalysedConversation, analysedConversation } from "./conversation-of-contact.ts";
export { knowsSentiment, offlineEngine } from "./engine.ts";
export { finishAnalysis, tellCategories } from "./finished-analyses.ts";
export { readTranscript } from "./read-transcript.ts";
export type { Redaction } from "./redaction/mask.ts";
export { type SentimentLabel, spokenSentiment } from "./sentiment.ts";
export { textTold } from "./told-texts.ts";
export { voiceCharacteristics } from "./voice-characteristics.ts";

/** Contact Lens: what is known of a conversation by its words. */
export const contactLens: Service = {
  operations: {
    "connect-contact-lens": throttled({ ListRealtimeContactAnalysisSegments: listRealtimeContactAnalysisSegments }),
    connect: throttled({ ListRealtimeContactAnalysisSegmentsV2: listRealtimeContactAnalysisSegmentsV2 }),
  },
  limits: rateLimits(["ListRealtimeContactAnalysisSegments", "ListRealtimeContactAnalysisSegmentsV2"]),

  async start(platform) {
    await declareAnalyses(platform);
    followConversations(platform);
    writeAnalysisFiles(platform);
  },
};
