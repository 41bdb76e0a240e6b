/** The flow of a centre that is given none: analytics on, whatever the channel, and on to the contact's queue. */
export function welcomeFlow(AnalyticsLanguage: string): string {
  const analytics = { Enabled: "True", AnalyticsLanguage, SentimentConfiguration: { Enabled: "True" } };
  const voice = {
    VoiceRecordingBehavior: { RecordedParticipants: ["Agent", "Customer"], IVRRecordingBehavior: "Enabled" },
    VoiceAnalyticsBehavior: { ...analytics, AnalyticsModes: ["RealTime", "PostContact"] },
  };
  const chat = { ChatAnalyticsBehavior: { ...analytics, AnalyticsModes: ["ContactLens"] } };
  return JSON.stringify({
    Version: "2019-10-30",
    StartAction: "voice",
    Metadata: {},
    Actions: [
      analyse("voice", { VoiceBehavior: voice }, "chat", []),
      analyse("chat", { ChatBehavior: chat }, "transfer", ["InFlightRedactionConfigurationFailed"]),
      {
        Identifier: "transfer",
        Type: "TransferContactToQueue",
        Parameters: {},
        Transitions: { NextAction: "end", Errors: errors(["NoMatchingError", "QueueAtCapacity"], "end") },
      },
      { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} },
    ],
  });
}

/** What is of another channel goes on without. */
function analyse(Identifier: string, Parameters: object, NextAction: string, more: readonly string[]): object {
  const Errors = errors(["NoMatchingError", "ChannelMismatch", ...more], NextAction);
  return {
    Identifier,
    Type: "UpdateContactRecordingAndAnalyticsBehavior",
    Parameters,
    Transitions: { NextAction, Errors },
  };
}

function errors(types: readonly string[], NextAction: string): readonly object[] {
  return types.map((ErrorType) => ({ ErrorType, NextAction }));
}
