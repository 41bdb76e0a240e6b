import { instanceKey } from "../arns.ts";
import { updateContactData } from "../contact-transitions.ts";
import type { Analytics, Recording } from "../contacts.ts";
import { prepareAnalysis } from "../conversation-log.ts";
import type { JsonObject } from "../flow-language/flow.ts";
import { isTrue } from "../flow-language/parameter-rules.ts";
import { instances } from "../instances.ts";
import { type ActionCode, NEXT, objectAt, type Result, type Step } from "./step.ts";

/**
 * What of a contact is recorded and analysed. Contact Lens runs only where the flow has switched it on, of a call for both sides
 * recorded, and the instance allows it (`CONTACT_LENS`): then `Enabled` of what is kept is true.
 */

/** The older of the two actions. It has settings for calls, with a mode for chats. */
export const UpdateContactRecordingBehavior: ActionCode = {
  begin: async (step) => {
    const recorded = objectAt(step.parameters, "RecordingBehavior");
    const asked = objectAt(step.parameters, "AnalyticsBehavior");
    const modesOf = (channel: string, modes: string) =>
      textsAt(objectAt(objectAt(asked, "ChannelConfiguration"), channel), modes);
    const isChat = step.contact.channel === "CHAT";
    const recording = recordingOf(recorded, recorded);
    const isOn = isTrue(asked.Enabled) && (isChat || recordsBoth(recording));
    const isRedacting = asked.AnalyticsRedactionBehavior === "Enabled";
    return keep(step, recording, {
      Enabled: isOn,
      ChannelConfiguration: {
        AnalyticsModes: isChat ? modesOf("Chat", "AnalyticsModes") : voiceModes(modesOf("Voice", "AnalyticsModes")),
      },
      LanguageLocale: languageOf(step, asked.AnalyticsLanguage),
      RedactionConfiguration: redactionOf(isRedacting, {
        results: asked.AnalyticsRedactionResults,
        entities: asked.AnalyticsRedactionEntities,
        maskMode: asked.AnalyticsRedactionMaskMode,
      }),
      // Without a word about it, the older action analyses sentiment, and the newer one does not (our choice).
      SentimentConfiguration: enabling(objectAt(asked, "SentimentConfiguration").Enabled ?? true),
      SummaryConfiguration: { SummaryModes: textsAt(objectAt(asked, "SummaryConfiguration"), "SummaryModes") },
    });
  },
};

/** The newer one: of a call, of a chat, or of the agent's screen. */
export const UpdateContactRecordingAndAnalyticsBehavior: ActionCode = {
  begin: async (step): Promise<Result> => {
    const { parameters, contact } = step;
    const { channel } = contact;
    if (
      ("VoiceBehavior" in parameters && channel !== "VOICE") ||
      ("ChatBehavior" in parameters && channel !== "CHAT")
    ) {
      return { error: "ChannelMismatch" };
    }
    const voice = objectAt(parameters, "VoiceBehavior");
    const screens = objectAt(parameters, "ScreenRecordingBehavior");
    const recording = recordingOf(objectAt(voice, "VoiceRecordingBehavior"), screens);
    if (!("VoiceBehavior" in parameters) && !("ChatBehavior" in parameters)) return keep(step, recording, undefined);

    const isChat = channel === "CHAT";
    const asked = isChat
      ? objectAt(objectAt(parameters, "ChatBehavior"), "ChatAnalyticsBehavior")
      : objectAt(voice, "VoiceAnalyticsBehavior");
    const redaction = objectAt(asked, "ConversationalAnalyticsRedactionConfiguration");
    const modes = textsAt(asked, "AnalyticsModes");
    return keep(step, recording, {
      Enabled: isTrue(asked.Enabled) && (isChat || recordsBoth(recording)),
      ChannelConfiguration: { AnalyticsModes: isChat ? modes : voiceModes(modes) },
      LanguageLocale: languageOf(step, asked.AnalyticsLanguage),
      RedactionConfiguration: redactionOf(isTrue(redaction.Enabled), {
        results: redaction.RedactionResults,
        entities: redaction.RedactionEntities,
        maskMode: redaction.RedactionMaskMode,
      }),
      SentimentConfiguration: enabling(objectAt(asked, "SentimentConfiguration").Enabled ?? false),
      SummaryConfiguration: { SummaryModes: textsAt(objectAt(asked, "SummaryConfiguration"), "SummaryModes") },
    });
  },
};

/** Keeps both on the contact; only a change of the analysis is told. */
async function keep(step: Step, recording: Recording, asked: Analytics | undefined): Promise<Result> {
  const { unit, platform, contact } = step;
  step.changeContact({ recording });
  if (asked === undefined) return NEXT;
  const instance = await unit.get(instances, instanceKey(contact));
  const analytics = { ...asked, Enabled: asked.Enabled && instance?.attributes.CONTACT_LENS === "true" };
  const before = contact.analytics;
  const isChange = before ? JSON.stringify(before) !== JSON.stringify(analytics) : analytics.Enabled;
  if (!isChange) return NEXT;
  const changed = { ...step.contact, analytics };
  const updated = await updateContactData(unit, platform, changed, [
    "ContactLens.ConversationalAnalytics.Configuration",
  ]);
  prepareAnalysis(unit, updated);
  step.contactIs(updated);
  return NEXT;
}

function recordingOf(voice: JsonObject, screens: JsonObject): Recording {
  return {
    participants: textsAt(voice, "RecordedParticipants"),
    screens: textsAt(screens, "ScreenRecordedParticipants"),
    isAutomatedPartRecorded: voice.IVRRecordingBehavior === "Enabled",
  };
}

function recordsBoth({ participants }: Recording): boolean {
  return participants.includes("Agent") && participants.includes("Customer");
}

/** Analysis after the call is what "on" means where no mode is named (our choice). */
function voiceModes(modes: readonly string[]): readonly string[] {
  return modes.length > 0 ? modes : ["PostContact"];
}

function redactionOf(
  isOn: boolean,
  {
    results,
    entities,
    maskMode,
  }: { readonly results: unknown; readonly entities: unknown; readonly maskMode: unknown },
): Analytics["RedactionConfiguration"] {
  if (!isOn) return { Behavior: "Disable", Policy: "None", Entities: null, MaskMode: null };
  return {
    Behavior: "Enable",
    Policy: typeof results === "string" ? results : "RedactedOnly",
    Entities: Array.isArray(entities) ? entities.map(String) : null,
    MaskMode: typeof maskMode === "string" ? maskMode : "PII",
  };
}

/** The language of the action, or else of the contact. */
function languageOf({ contact }: Step, named: unknown): string | null {
  return typeof named === "string" ? named : (contact.languageCode ?? null);
}

function enabling(isOn: unknown): { readonly Behavior: "Enable" | "Disable" } {
  return { Behavior: isTrue(isOn) ? "Enable" : "Disable" };
}

function textsAt(parameters: JsonObject, name: string): readonly string[] {
  const value = parameters[name];
  return Array.isArray(value) ? value.map(String) : [];
}
