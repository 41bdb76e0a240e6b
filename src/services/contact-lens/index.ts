import { rateLimits, throttled } from "../connect/index.ts";
import type { Service } from "../service.ts";
import {
  listRealtimeContactAnalysisSegments,
  listRealtimeContactAnalysisSegmentsV2,
} from "./list-realtime-contact-analysis-segments.ts";
import { followConversations } from "./live-analysis.ts";

export type { AnalysedTurn, Analysis } from "./analysis.ts";
export { analyse } from "./analysis.ts";
export { analysisFile, type Redaction } from "./analysis-file.ts";
export { chatCharacteristics } from "./chat-characteristics.ts";
export { ConversationError, type ParticipantRole } from "./conversation.ts";
export { offlineEngine } from "./engine.ts";
export { readTranscript } from "./read-transcript.ts";
export { mask } from "./redaction/mask.ts";
export type { SentimentLabel } from "./sentiment.ts";
export { voiceCharacteristics } from "./voice-characteristics.ts";

/** Contact Lens: what is known of a conversation by its words. */
export const contactLens: Service = {
  operations: {
    "connect-contact-lens": throttled({ ListRealtimeContactAnalysisSegments: listRealtimeContactAnalysisSegments }),
    connect: throttled({ ListRealtimeContactAnalysisSegmentsV2: listRealtimeContactAnalysisSegmentsV2 }),
  },
  limits: rateLimits(["ListRealtimeContactAnalysisSegments", "ListRealtimeContactAnalysisSegmentsV2"]),

  async start(platform) {
    followConversations(platform);
  },
};
