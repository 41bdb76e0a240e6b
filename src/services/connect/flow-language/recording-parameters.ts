/** Parameters of the two actions that set what is recorded, analysed and redacted. The second has replaced the first in the designer. */
import { isJsonObject } from "../../json-text.ts";
import {
  choice,
  flag,
  forbidden,
  isTrue,
  listOf,
  matching,
  object,
  type Rule,
  staticOrReference,
  staticText,
} from "./parameter-rules.ts";

const ENABLED = choice("Enabled", "Disabled");
const MASK_MODE = choice("PII", "EntityType");
const RESULTS = staticOrReference;
/** Absent: all kinds of entities. An empty list would be none. */
const ENTITIES = listOf(staticText, { min: 1 });
const LANGUAGE = matching(/^[A-Za-z]{2,3}-[A-Za-z0-9]{2,4}$/);
const SENTIMENT = object({ members: { Enabled: flag } });

const PARTICIPANTS = listOf(choice("Agent", "Customer"));
const SCREENS = listOf(choice("Agent"));

/** `RecordingBehavior` of the older action. */
export const recording: Rule = object({
  members: { RecordedParticipants: PARTICIPANTS, ScreenRecordedParticipants: SCREENS, IVRRecordingBehavior: ENABLED },
});

/** `AnalyticsBehavior` of the older action. Calls can be analysed only where both sides are recorded; chats need no recording. */
export function analytics(recordingBehavior: unknown): Rule {
  const members = {
    AnalyticsLanguage: LANGUAGE,
    AnalyticsRedactionBehavior: ENABLED,
    AnalyticsRedactionResults: RESULTS,
    AnalyticsRedactionMaskMode: MASK_MODE,
    AnalyticsRedactionEntities: ENTITIES,
    ChannelConfiguration: object({
      members: {
        Voice: modes("AnalyticsModes", "RealTime", "PostContact"),
        Chat: modes("AnalyticsModes", "ContactLens"),
      },
    }),
    SentimentConfiguration: SENTIMENT,
    SummaryConfiguration: modes("SummaryModes", "PostContact"),
  };
  return (value, path, findings) => {
    const asked = isJsonObject(value) ? value : {};
    const ofChats = isJsonObject(asked.ChannelConfiguration) && "Chat" in asked.ChannelConfiguration;
    const unrecorded = isTrue(asked.Enabled) && !ofChats && !recordsBothSides(recordingBehavior);
    object({ members: { ...members, Enabled: unrecorded ? forbidden : flag } })(value, path, findings);
  };
}

function recordsBothSides(recordingBehavior: unknown): boolean {
  const recorded = isJsonObject(recordingBehavior) ? recordingBehavior.RecordedParticipants : undefined;
  return Array.isArray(recorded) && recorded.includes("Agent") && recorded.includes("Customer");
}

/** `VoiceBehavior` of the newer action. */
export const voiceBehavior: Rule = object({
  members: {
    VoiceRecordingBehavior: object({ members: { RecordedParticipants: PARTICIPANTS, IVRRecordingBehavior: ENABLED } }),
    VoiceAnalyticsBehavior: object({
      members: {
        Enabled: flag,
        AnalyticsLanguage: LANGUAGE,
        AnalyticsModes: listOf(choice("RealTime", "PostContact", "AutomatedInteraction")),
        ...conversation(),
      },
    }),
  },
});

/** `ChatBehavior` of the newer action. */
export const chatBehavior: Rule = object({
  members: {
    ChatAnalyticsBehavior: object({
      members: {
        Enabled: flag,
        AnalyticsLanguage: staticOrReference,
        AnalyticsModes: listOf(choice("ContactLens")),
        InFlightChatRedactionConfiguration: object({
          members: {
            Enabled: flag,
            RedactionMaskMode: MASK_MODE,
            RedactionEntities: ENTITIES,
            DeliverUnprocessedMessages: flag,
          },
        }),
        ...conversation(),
      },
    }),
  },
});

export const screenBehavior: Rule = object({ members: { ScreenRecordedParticipants: SCREENS } });

/** What the newer action has for calls and chats alike. */
function conversation(): Readonly<Record<string, Rule>> {
  return {
    ConversationalAnalyticsRedactionConfiguration: object({
      members: { Enabled: flag, RedactionResults: RESULTS, RedactionMaskMode: MASK_MODE, RedactionEntities: ENTITIES },
    }),
    SentimentConfiguration: SENTIMENT,
    SummaryConfiguration: modes("SummaryModes", "PostContact", "AutomatedInteraction"),
  };
}

function modes(member: string, ...values: readonly string[]): Rule {
  return object({ members: { [member]: listOf(choice(...values)) } });
}
