/** Contents of flows that switch analytics on and send the contact to a queue. */

/** `says`: what customers hear first. */
interface Greeting {
  readonly says?: string;
}

/** Of calls: both sides recorded, in real time unless told otherwise. */
export function analysedCalls(queueId: string, analytics: object, greeting: Greeting = {}): string {
  return analysedFlow(queueId, greeting, "VoiceBehavior", {
    VoiceRecordingBehavior: { RecordedParticipants: ["Agent", "Customer"], IVRRecordingBehavior: "Enabled" },
    VoiceAnalyticsBehavior: {
      Enabled: "True",
      AnalyticsLanguage: "en-GB",
      AnalyticsModes: ["RealTime"],
      SentimentConfiguration: { Enabled: "True" },
      ...analytics,
    },
  });
}

export function analysedChats(queueId: string, analytics: object, greeting: Greeting = {}): string {
  return analysedFlow(queueId, greeting, "ChatBehavior", {
    ChatAnalyticsBehavior: {
      Enabled: "True",
      AnalyticsLanguage: "en-US",
      AnalyticsModes: ["ContactLens"],
      ...analytics,
    },
  });
}

function analysedFlow(
  queueId: string,
  { says }: Greeting,
  behavior: "VoiceBehavior" | "ChatBehavior",
  settings: object,
): string {
  const action = (
    Identifier: string,
    Type: string,
    Parameters: object,
    NextAction: string,
    errors: readonly string[],
  ) => ({
    Identifier,
    Type,
    Parameters,
    Transitions: {
      NextAction,
      Errors: errors.map((ErrorType) => ({ ErrorType, NextAction: "end" })),
      Conditions: [],
    },
  });
  return JSON.stringify({
    Version: "2019-10-30",
    StartAction: "analyse",
    Metadata: {},
    Actions: [
      action(
        "analyse",
        "UpdateContactRecordingAndAnalyticsBehavior",
        { [behavior]: settings },
        says === undefined ? "queue" : "greet",
        [
          "NoMatchingError",
          "ChannelMismatch",
          ...(behavior === "ChatBehavior" ? ["InFlightRedactionConfigurationFailed"] : []),
        ],
      ),
      ...(says === undefined
        ? []
        : [action("greet", "MessageParticipant", { Text: says }, "queue", ["NoMatchingError"])]),
      action("queue", "UpdateContactTargetQueue", { QueueId: queueId }, "transfer", ["NoMatchingError"]),
      action("transfer", "TransferContactToQueue", {}, "end", ["QueueAtCapacity", "NoMatchingError"]),
      { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} },
    ],
  });
}
