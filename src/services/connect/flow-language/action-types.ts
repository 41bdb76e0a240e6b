/**
 * All actions of the flow language: which documents may hold them, on which channels they act, what parameters they need, and which
 * branches may lead on from them. From "Actions in the Amazon Connect Flow language" and the page of each action; where exports of
 * the real designer show otherwise, as the live service takes them.
 */
import type { Channel, ContactFlowType } from "@aws-sdk/client-connect";
import { type FlowKind, type JsonObject, OPERATORS, type Operator } from "./flow.ts";
import {
  anything,
  choice,
  choiceInAnyLetters,
  flag,
  forbidden,
  freeData,
  idOf,
  integer,
  integerOrReference,
  isTrue,
  listOf,
  mapOf,
  matching,
  message,
  type ObjectShape,
  object,
  phoneNumber,
  type Rule,
  reference,
  staticOrReference,
  staticText,
  text,
  textOr,
} from "./parameter-rules.ts";
import { analytics, chatBehavior, recording, screenBehavior, voiceBehavior } from "./recording-parameters.ts";

export interface ActionType {
  readonly where: readonly FlowKind[];
  /** Where it acts; on any other channel it takes its error branch. Absent: all. */
  readonly channels?: readonly Channel[];
  readonly parameters?: ObjectShape;
  /** The error branches it may have, and those it must have. Absent: whatever there is. */
  readonly errors?: Readonly<Record<string, "required" | "optional">>;
  /** What its result may be compared with. Absent: it has no result. */
  readonly conditions?: ConditionShape;
  /** `optional`: it ends the flow, or may. */
  readonly next?: "optional";
}

interface ConditionShape {
  readonly operators: readonly Operator[];
  /** What every operand must look like. */
  readonly operand?: RegExp;
  /** Exactly these operands there must be. */
  readonly results?: readonly string[];
}

/** The entry of a type, for the parameters of an action, since some types have forms. `undefined`: the flow language has no such type. */
export function findActionType(type: string, parameters: JsonObject): ActionType | undefined {
  const entry = Object.hasOwn(ACTION_TYPES, type) ? ACTION_TYPES[type] : undefined;
  return typeof entry === "function" ? entry(parameters) : entry;
}

// Where. A module may hold what inbound flows may, since those invoke it, and so may a journey (both our choice).
const INBOUND: readonly FlowKind[] = ["CONTACT_FLOW", "MODULE", "CAMPAIGN"];
const TRANSFER: readonly FlowKind[] = ["AGENT_TRANSFER", "QUEUE_TRANSFER"];
const QUEUE: readonly FlowKind[] = ["CUSTOMER_QUEUE"];
const WHISPER: readonly FlowKind[] = ["CUSTOMER_WHISPER", "AGENT_WHISPER", "OUTBOUND_WHISPER"];
const HOLD: readonly FlowKind[] = ["CUSTOMER_HOLD", "AGENT_HOLD"];
const INBOUND_OR_TRANSFER = [...INBOUND, ...TRANSFER];
const INTERACTIVE = [...INBOUND_OR_TRANSFER, ...QUEUE];
const ANYWHERE = [...INTERACTIVE, ...WHISPER, ...HOLD];

// Branches.
const NO_ERRORS = {} as const;
const ERROR = { NoMatchingError: "optional" } as const;
const ERROR_REQUIRED = { NoMatchingError: "required" } as const;
const NO_MATCH_REQUIRED = { NoMatchingCondition: "required" } as const;
const ANY_RESULT: ConditionShape = { operators: OPERATORS };
const EQUALS: ConditionShape = { operators: ["Equals"] };
const NUMBERS: ConditionShape = {
  operators: ["Equals", "NumberGreaterThan", "NumberGreaterOrEqualTo", "NumberLessThan", "NumberLessOrEqualTo"],
};

// Parameters.
const UNBOUNDED = Number.MAX_SAFE_INTEGER;
const THREE_DAYS_SECONDS = 259_200;
const SIX_DAYS_SECONDS = 518_400;
const SEVEN_DAYS_SECONDS = 604_800;

const PROMPT_FORMS = ["Text", "SSML", "PromptId", "Media"];
const PROMPT: Readonly<Record<string, Rule>> = {
  Text: message,
  SSML: message,
  // Prompts cannot be created here, so nobody can say which ones there are.
  PromptId: staticOrReference,
  Media: object({
    members: { Uri: text, SourceType: choice("S3"), MediaType: choice("Audio") },
    required: ["Uri", "SourceType", "MediaType"],
  }),
};

const QUEUE_OR_AGENT: Readonly<Record<string, Rule>> = { QueueId: idOf("queue"), AgentId: idOf("user") };
const CALLER_ID = object({ members: { Name: text, Number: staticOrReference } });

const CASE: Readonly<Record<string, Rule>> = {
  LinkContactToCase: flag,
  CaseTemplateId: staticOrReference,
  CaseId: staticOrReference,
  CustomerId: staticOrReference,
  GetLastUpdatedCase: flag,
  CaseRequestFields: mapOf(text),
  CaseResponseFields: listOf(staticText),
};

/** Actions on customer profiles. The members of their requests are many, and pages disagree about the names of some. */
const PROFILE: ObjectShape = {
  members: { ProfileRequestData: object({ members: {} }), ProfileResponseData: listOf(staticText) },
  required: ["ProfileRequestData"],
};

/** Levels of an expression of routing criteria within others (our choice). */
const EXPRESSION_LEVELS_MAX = 5;

const ROUTING_STEP = object({
  members: {
    Expression: expression(1),
    Expiry: object({ members: { DurationInSeconds: integer(1, UNBOUNDED) }, required: ["DurationInSeconds"] }),
  },
  required: ["Expression"],
});
const ROUTING = object({
  members: { Steps: textOr(listOf(ROUTING_STEP, { min: 1 }), reference) },
  required: ["Steps"],
});

/** An action that exports hold and no page describes, or that has no telephone behind it here: accepted as it is, and not run. */
const UNDESCRIBED: ActionType = { where: ANYWHERE, conditions: ANY_RESULT, next: "optional" };

const UNTAG: ActionType = {
  where: ANYWHERE,
  parameters: { members: { TagKeys: listOf(staticText, { min: 1 }) }, required: ["TagKeys"] },
  errors: ERROR_REQUIRED,
};

/** What may run on each event, by the hook's name. */
export const HOOK_FLOW_TYPES: Readonly<Record<string, readonly ContactFlowType[]>> = {
  CustomerQueue: ["CUSTOMER_QUEUE"],
  CustomerHold: ["CUSTOMER_HOLD"],
  AgentHold: ["AGENT_HOLD"],
  CustomerWhisper: ["CUSTOMER_WHISPER", "OUTBOUND_WHISPER"],
  AgentWhisper: ["AGENT_WHISPER"],
  CustomerRemaining: ["CONTACT_FLOW"],
  DefaultAgentUI: ["CONTACT_FLOW"],
  DisconnectAgentUI: ["CONTACT_FLOW"],
  PauseContact: ["CONTACT_FLOW"],
  ResumeContact: ["CONTACT_FLOW"],
};

const ACTION_TYPES: Readonly<Record<string, ActionType | ((parameters: JsonObject) => ActionType)>> = {
  // Participant actions.
  MessageParticipant: {
    where: [...INTERACTIVE, ...WHISPER],
    parameters: { members: PROMPT, exactlyOneOf: PROMPT_FORMS },
    errors: ERROR,
  },
  MessageParticipantIteratively: {
    where: [...QUEUE, ...HOLD],
    channels: ["VOICE", "TASK", "EMAIL"],
    parameters: {
      members: {
        Messages: listOf(object({ members: PROMPT, exactlyOneOf: PROMPT_FORMS }), { min: 1 }),
        InterruptFrequencySeconds: integer(1, UNBOUNDED),
      },
      required: ["Messages"],
    },
    errors: ERROR,
    conditions: { operators: ["Equals"], operand: /^MessagesInterrupted$/ },
    next: "optional",
  },
  GetParticipantInput: (parameters) => (isTrue(parameters.StoreInput) ? storedInput(parameters) : MENU),
  ConnectParticipantWithLexBot: {
    where: INTERACTIVE,
    parameters: {
      members: {
        ...PROMPT,
        LexV2Bot: object({ members: { AliasArn: staticOrReference }, required: ["AliasArn"] }),
        LexBot: object({
          members: { Name: staticOrReference, Region: staticOrReference, Alias: staticOrReference },
          required: ["Name", "Region", "Alias"],
        }),
        LexSessionAttributes: mapOf(text),
        LexInitializationData: object({ members: { InitialMessage: text } }),
        LexTimeoutSeconds: object({ members: { Text: integer(1, UNBOUNDED) } }),
      },
      exactlyOneOf: ["LexV2Bot", "LexBot"],
      atMostOneOf: PROMPT_FORMS,
    },
    errors: { ...ERROR_REQUIRED, NoMatchingCondition: "optional", InputTimeLimitExceeded: "optional" },
    conditions: EQUALS,
  },
  ShowView: {
    where: [...INBOUND, ...QUEUE],
    channels: ["CHAT"],
    parameters: {
      members: {
        ViewResource: object({ members: { Id: staticOrReference, Version: staticOrReference }, required: ["Id"] }),
        InvocationTimeLimitSeconds: integer(1, UNBOUNDED),
        ViewData: freeData,
        SensitiveDataConfiguration: object({ members: { HideResponseOn: listOf(choice("TRANSCRIPT")) } }),
      },
      required: ["ViewResource"],
    },
    errors: { ...ERROR_REQUIRED, ...NO_MATCH_REQUIRED, TimeLimitExceeded: "required" },
    conditions: ANY_RESULT,
  },
  DisconnectParticipant: { where: INTERACTIVE, errors: NO_ERRORS, next: "optional" },

  // Contact actions.
  UpdateContactTargetQueue: {
    where: INBOUND_OR_TRANSFER,
    parameters: { members: QUEUE_OR_AGENT, exactlyOneOf: ["QueueId", "AgentId"] },
    errors: ERROR_REQUIRED,
  },
  TransferContactToQueue: {
    where: INBOUND_OR_TRANSFER,
    errors: { QueueAtCapacity: "required", ...ERROR_REQUIRED },
  },
  DequeueContactAndTransferToQueue: {
    where: QUEUE,
    parameters: { members: QUEUE_OR_AGENT, atMostOneOf: ["QueueId", "AgentId"] },
    errors: { QueueAtCapacity: "required", ...ERROR_REQUIRED },
  },
  TransferContactToAgent: { where: TRANSFER, channels: ["VOICE"], errors: NO_ERRORS, next: "optional" },
  TransferParticipantToThirdParty: ({ ContinueFlowExecution: continues = true }) => ({
    where: INBOUND_OR_TRANSFER,
    channels: ["VOICE"],
    parameters: {
      members: {
        ThirdPartyPhoneNumber: phoneNumber,
        ThirdPartyConnectionTimeLimitSeconds: integerOrReference(1, 600),
        ContinueFlowExecution: flag,
        CallerId: CALLER_ID,
        ThirdPartyDTMFDigits: staticOrReference,
      },
      required: ["ThirdPartyPhoneNumber"],
    },
    ...(isTrue(continues) ? CONTINUING_TRANSFER : ENDING_TRANSFER),
  }),
  UpdateContactAttributes: {
    where: ANYWHERE,
    parameters: {
      members: { Attributes: mapOf(text), TargetContact: choice("Current", "Related") },
      required: ["Attributes"],
    },
    errors: ERROR_REQUIRED,
  },
  UpdateContactData: {
    where: ANYWHERE,
    parameters: {
      members: {
        Name: text,
        Description: text,
        LanguageCode: staticOrReference,
        CustomerId: staticOrReference,
        References: mapOf(object({ members: { Type: staticOrReference, Value: text }, required: ["Type", "Value"] })),
        WisdomSessionArn: staticOrReference,
        IsVoiceIdStreamingEnabled: flag,
        IsVoiceAuthenticationEnabled: flag,
        IsFraudDetectionEnabled: flag,
        VoiceAuthenticationThreshold: integerOrReference(0, 100),
        FraudDetectionThreshold: integerOrReference(0, 100),
        VoiceAuthenticationResponseTime: integerOrReference(5, 10),
        WatchlistId: staticOrReference,
        TargetContact: choice("Current", "Related"),
      },
      required: ["TargetContact"],
    },
    errors: ERROR_REQUIRED,
  },
  UpdateContactEventHooks: {
    where: ANYWHERE,
    parameters: {
      members: {
        EventHooks: object({
          members: Object.fromEntries(
            Object.entries(HOOK_FLOW_TYPES).map(([hook, types]) => [hook, idOf("contactFlow", types)]),
          ),
          exactlyOneOf: Object.keys(HOOK_FLOW_TYPES),
        }),
      },
      required: ["EventHooks"],
    },
    errors: ERROR_REQUIRED,
  },
  UpdateContactRecordingBehavior: ({ RecordingBehavior }) => ({
    where: [...INTERACTIVE, "OUTBOUND_WHISPER"],
    parameters: {
      members: { RecordingBehavior: recording, AnalyticsBehavior: analytics(RecordingBehavior) },
      required: ["RecordingBehavior"],
    },
    errors: NO_ERRORS,
  }),
  UpdateContactRecordingAndAnalyticsBehavior: ({ ChatBehavior }) => ({
    where: ANYWHERE.filter((kind) => kind !== "CAMPAIGN"),
    channels: ["VOICE", "CHAT", "TASK"],
    parameters: {
      members: { VoiceBehavior: voiceBehavior, ChatBehavior: chatBehavior, ScreenRecordingBehavior: screenBehavior },
      atLeastOneOf: ["VoiceBehavior", "ChatBehavior", "ScreenRecordingBehavior"],
      atMostOneOf: ["VoiceBehavior", "ChatBehavior"],
    },
    errors: {
      ...ERROR_REQUIRED,
      ChannelMismatch: "required",
      InFlightRedactionConfigurationFailed: ChatBehavior === undefined ? "optional" : "required",
    },
  }),
  UpdateContactMediaProcessing: {
    where: ANYWHERE,
    channels: ["CHAT"],
    parameters: {
      members: {
        ChatProcessor: object({
          members: {
            ProcessingEnabled: flag,
            LambdaProcessorARN: staticOrReference,
            ChatProcessorSettings: object({ members: { DeliverUnprocessedMessages: flag } }),
          },
        }),
      },
      required: ["ChatProcessor"],
    },
    errors: { ...ERROR_REQUIRED, ChannelMismatch: "required" },
  },
  UpdateContactMediaStreamingBehavior: {
    where: [...INTERACTIVE, ...WHISPER],
    channels: ["VOICE"],
    parameters: {
      members: {
        MediaStreamingState: choice("Enabled", "Disabled"),
        Participants: listOf(
          object({
            members: { ParticipantType: choice("Customer"), MediaDirections: listOf(choice("From", "To"), { min: 1 }) },
            required: ["ParticipantType", "MediaDirections"],
          }),
        ),
        MediaStreamType: choice("Audio"),
      },
      required: ["MediaStreamingState"],
    },
    errors: ERROR,
  },
  UpdateContactRoutingBehavior: {
    where: INTERACTIVE,
    parameters: {
      members: {
        QueuePriority: integer(1, 2n ** 63n - 1n),
        QueueTimeAdjustmentSeconds: integer(-UNBOUNDED, UNBOUNDED),
      },
      exactlyOneOf: ["QueuePriority", "QueueTimeAdjustmentSeconds"],
    },
    errors: NO_ERRORS,
  },
  UpdateContactCallbackNumber: {
    where: INTERACTIVE,
    channels: ["VOICE"],
    parameters: { members: { CallbackNumber: reference }, required: ["CallbackNumber"] },
    errors: { InvalidCallbackNumber: "required", CallbackNumberNotDialable: "required" },
  },
  UpdateContactTextToSpeechVoice: {
    where: ANYWHERE,
    parameters: {
      members: {
        TextToSpeechVoice: staticOrReference,
        TextToSpeechEngine: choiceInAnyLetters("Standard", "Neural", "Generative"),
        TextToSpeechStyle: choiceInAnyLetters("None", "Conversational", "Newscaster"),
      },
      required: ["TextToSpeechVoice"],
    },
    errors: ERROR,
  },
  UpdatePreviousContactParticipantState: {
    where: INBOUND_OR_TRANSFER,
    channels: ["VOICE"],
    parameters: {
      members: { PreviousContactParticipantState: choice("AgentOnHold", "CustomerOnHold", "OffHold") },
      required: ["PreviousContactParticipantState"],
    },
    errors: ERROR,
  },
  CompleteOutboundCall: {
    where: ["OUTBOUND_WHISPER", "CAMPAIGN"],
    channels: ["VOICE"],
    parameters: {
      members: {
        CallerId: CALLER_ID,
        VoiceConnector: object({ members: {} }),
        ConnectionTimeLimitSeconds: integerOrReference(1, 600),
      },
    },
    errors: NO_ERRORS,
  },
  TagContact: {
    where: ANYWHERE,
    parameters: { members: { Tags: mapOf(text, { max: 6, key: /^(?!aws:)/ }) }, required: ["Tags"] },
    errors: ERROR_REQUIRED,
  },
  UnTagContact: UNTAG,
  UntagContact: UNTAG,
  CreateTask: {
    where: ANYWHERE,
    parameters: {
      members: {
        ContactFlowId: idOf("contactFlow"),
        TaskTemplateId: staticText,
        Name: text,
        Description: text,
        Attributes: mapOf(text),
        References: mapOf(object({ members: { Type: staticOrReference, Value: text }, required: ["Type", "Value"] })),
        DelaySeconds: integerOrReference(1, SIX_DAYS_SECONDS),
        ScheduledTime: anything,
      },
      required: ["Name"],
      atLeastOneOf: ["ContactFlowId", "TaskTemplateId"],
      atMostOneOf: ["DelaySeconds", "ScheduledTime"],
    },
    errors: ERROR,
  },
  CreateCase: {
    where: ANYWHERE,
    parameters: {
      members: { ...CASE, CaseRequestFields: mapOf(text, { min: 1 }) },
      required: ["CaseTemplateId", "CaseRequestFields"],
    },
    errors: { ...ERROR, ContactNotLinked: "optional" },
  },
  GetCase: ({ CustomerId }) => ({
    where: ANYWHERE,
    parameters: {
      members: { ...CASE, CaseRequestFields: mapOf(text, { min: CustomerId === undefined ? 1 : 0 }) },
      atLeastOneOf: ["CustomerId", "CaseRequestFields"],
    },
    errors: { ...ERROR, ContactNotLinked: "optional", MultipleFound: "optional", NoneFound: "optional" },
  }),
  UpdateCase: {
    where: ANYWHERE,
    parameters: { members: CASE, required: ["CaseId"] },
    errors: { ...ERROR, ContactNotLinked: "optional" },
  },
  CreateWisdomSession: {
    where: ANYWHERE,
    parameters: { members: { WisdomAssistantArn: staticOrReference }, required: ["WisdomAssistantArn"] },
    errors: ERROR,
  },
  StartOutboundChatContact: {
    where: ANYWHERE,
    parameters: {
      members: {
        SourceEndpoint: object({
          members: { Address: text, Type: choice("CONNECT_PHONENUMBER_ARN") },
          required: ["Address", "Type"],
        }),
        DestinationEndpoint: object({
          members: { Address: text, Type: choice("TELEPHONE_NUMBER") },
          required: ["Address", "Type"],
        }),
        ContactFlowArn: idOf("contactFlow"),
        ContactSubtype: choice("connect:SMS"),
        InitialSystemMessage: object({ members: { Content: text }, required: ["Content"] }),
        RelatedContact: choice("CURRENT"),
      },
      required: ["SourceEndpoint", "DestinationEndpoint", "ContactFlowArn"],
    },
    errors: ERROR,
  },
  CreatePersistentContactAssociation: {
    where: ANYWHERE,
    channels: ["CHAT"],
    parameters: {
      members: {
        RehydrationType: choice("ENTIRE_PAST_SESSION", "FROM_SEGMENT"),
        SourceContactId: staticOrReference,
      },
      required: ["RehydrationType", "SourceContactId"],
    },
    errors: ERROR,
  },
  ResumeContact: { where: ANYWHERE, channels: ["TASK"], errors: ERROR },
  InvokeFlowModule: {
    where: ANYWHERE,
    parameters: { members: { FlowModuleId: idOf("contactFlowModule") }, required: ["FlowModuleId"] },
    errors: ERROR,
  },
  EndFlowModuleExecution: { where: ["MODULE"], errors: NO_ERRORS, next: "optional" },

  // Flow control actions.
  CheckHoursOfOperation: {
    where: INTERACTIVE,
    parameters: { members: { HoursOfOperationId: idOf("hoursOfOperation") } },
    errors: ERROR_REQUIRED,
    conditions: { operators: ["Equals"], results: ["True", "False"] },
  },
  CheckMetricData: ({ MetricType }) => ({
    where: INTERACTIVE,
    parameters: {
      members: { MetricType: choice(...AGENT_COUNTS, ...QUEUE_NUMBERS), ...QUEUE_OR_AGENT },
      required: ["MetricType"],
      atMostOneOf: ["QueueId", "AgentId"],
    },
    errors: { ...ERROR_REQUIRED, ...NO_MATCH_REQUIRED },
    conditions: AGENT_COUNTS.includes(MetricType as string)
      ? { operators: ["NumberGreaterThan"], operand: /^0$/ }
      : NUMBERS,
  }),
  GetMetricData: {
    where: ANYWHERE,
    parameters: {
      members: { ...QUEUE_OR_AGENT, QueueChannel: choice("Voice", "Chat") },
      atMostOneOf: ["QueueId", "AgentId"],
    },
    errors: ERROR,
  },
  Compare: {
    where: ANYWHERE,
    parameters: { members: { ComparisonValue: reference }, required: ["ComparisonValue"] },
    errors: NO_MATCH_REQUIRED,
    conditions: ANY_RESULT,
  },
  DistributeByPercentage: {
    where: INTERACTIVE,
    errors: NO_MATCH_REQUIRED,
    conditions: { operators: ["NumberLessThan"], operand: /^\d{1,3}$/ },
  },
  Loop: {
    where: ANYWHERE,
    parameters: { members: { LoopCount: integerOrReference(0, 100) }, required: ["LoopCount"] },
    errors: ERROR,
    conditions: { operators: ["Equals"], results: ["ContinueLooping", "DoneLooping"] },
  },
  Wait: ({ Events: events }) => ({
    where: ANYWHERE,
    parameters: {
      members: {
        // Exports write the first, the page the second.
        TimeLimitSeconds: integerOrReference(1, SEVEN_DAYS_SECONDS),
        TimeoutSeconds: integerOrReference(1, SEVEN_DAYS_SECONDS),
        Events: listOf(choice("CustomerReturned", "BotParticipantDisconnected")),
      },
      exactlyOneOf: ["TimeLimitSeconds", "TimeoutSeconds"],
    },
    errors: { ...ERROR_REQUIRED, ParticipantNotFound: "optional" },
    conditions: {
      operators: ["Equals"],
      results: ["WaitCompleted", ...namedIn(events)],
    },
  }),
  TransferToFlow: {
    where: INBOUND_OR_TRANSFER,
    parameters: { members: { ContactFlowId: idOf("contactFlow") }, required: ["ContactFlowId"] },
    errors: ERROR_REQUIRED,
    next: "optional",
  },
  EndFlowExecution: { where: ANYWHERE, errors: NO_ERRORS, next: "optional" },
  UpdateFlowAttributes: {
    where: ANYWHERE,
    parameters: {
      members: {
        // The page does not say which of the two forms a value has.
        FlowAttributes: mapOf(textOr(object({ members: { Value: text }, required: ["Value"] }), text), {
          key: /^[^$.]+$/,
        }),
      },
      required: ["FlowAttributes"],
    },
    errors: ERROR_REQUIRED,
  },
  UpdateFlowLoggingBehavior: {
    where: ANYWHERE,
    parameters: {
      members: { FlowLoggingBehavior: choice("Enabled", "Disabled") },
      required: ["FlowLoggingBehavior"],
    },
    errors: NO_ERRORS,
  },
  UpdateRoutingCriteria: {
    where: INTERACTIVE,
    parameters: {
      members: { RoutingCriteria: textOr(ROUTING, reference) },
      required: ["RoutingCriteria"],
    },
    errors: ERROR,
  },
  CheckOutboundCallStatus: { where: INBOUND, channels: ["VOICE"], errors: ERROR, conditions: EQUALS },
  CheckVoiceId: UNDESCRIBED,
  StartVoiceIdStream: UNDESCRIBED,

  // Interactions.
  InvokeLambdaFunction: ({ InvocationType }) => ({
    where: ANYWHERE,
    parameters: {
      members: {
        LambdaFunctionARN: text,
        InvocationTimeLimitSeconds: integer(1, InvocationType === "ASYNCHRONOUS" ? 60 : 8),
        InvocationType: choice("SYNCHRONOUS", "ASYNCHRONOUS"),
        LambdaInvocationAttributes: mapOf(text),
        ResponseValidation: object({ members: { ResponseType: choice("STRING_MAP", "JSON") } }),
      },
      required: ["LambdaFunctionARN", "InvocationTimeLimitSeconds"],
    },
    errors: ERROR_REQUIRED,
  }),
  CreateCallbackContact: {
    where: INTERACTIVE,
    parameters: {
      members: {
        ...QUEUE_OR_AGENT,
        InitialCallDelaySeconds: integer(1, THREE_DAYS_SECONDS),
        MaximumConnectionAttempts: integer(1, UNBOUNDED),
        RetryDelaySeconds: integer(1, THREE_DAYS_SECONDS),
        ContactFlowId: idOf("contactFlow"),
        CallerId: CALLER_ID,
      },
      atMostOneOf: ["QueueId", "AgentId"],
    },
    errors: ERROR_REQUIRED,
  },
  GetCustomerProfile: {
    where: ANYWHERE,
    parameters: PROFILE,
    errors: { ...ERROR, MultipleFoundError: "optional", NoneFoundError: "optional" },
  },
  GetCustomerProfileObject: {
    where: ANYWHERE,
    parameters: PROFILE,
    errors: { ...ERROR, NoneFoundError: "optional" },
  },
  GetCalculatedAttributesForCustomerProfile: {
    where: ANYWHERE,
    parameters: PROFILE,
    errors: { ...ERROR, NoneFoundError: "optional" },
  },
  CreateCustomerProfile: { where: ANYWHERE, parameters: PROFILE, errors: ERROR },
  UpdateCustomerProfile: { where: ANYWHERE, parameters: PROFILE, errors: ERROR },
  AssociateContactToCustomerProfile: { where: ANYWHERE, parameters: PROFILE, errors: ERROR },

  // What exports contain and no page lists.
  AuthenticateParticipant: UNDESCRIBED,
  CheckSegmentMembership: UNDESCRIBED,
  ConnectParticipantWithAgenticCX: UNDESCRIBED,
  EvaluateDataTableValues: UNDESCRIBED,
  ListDataTableValues: UNDESCRIBED,
  UpsertDataTableValues: UNDESCRIBED,
  LoadContactContent: UNDESCRIBED,
  RouteContactToAgent: UNDESCRIBED,
  UpdateWisdomSession: UNDESCRIBED,
};

/** TransferParticipantToThirdParty: whether the flow goes on after the third party has hung up. */
const CONTINUING_TRANSFER: Pick<ActionType, "errors"> = {
  errors: { ...ERROR, CallFailed: "optional", ConnectionTimeLimitExceeded: "optional" },
};
const ENDING_TRANSFER: Pick<ActionType, "errors" | "next"> = { errors: NO_ERRORS, next: "optional" };

/** The events that a Wait names, each once. */
function namedIn(events: unknown): readonly string[] {
  return Array.isArray(events) ? [...new Set(events.filter((event) => typeof event === "string"))] : [];
}

/** Metrics of which only "more than none" can be asked. */
const AGENT_COUNTS: readonly string[] = ["NumberOfAgentsAvailable", "NumberOfAgentsStaffed", "NumberOfAgentsOnline"];
const QUEUE_NUMBERS: readonly string[] = ["NumberOfContactsInQueue", "OldestContactInQueueAgeSeconds"];

/** GetParticipantInput for one key, on which conditions branch. */
const MENU: ActionType = {
  where: INTERACTIVE,
  channels: ["VOICE"],
  parameters: {
    members: {
      ...PROMPT,
      StoreInput: flag,
      InputTimeLimitSeconds: integer(1, UNBOUNDED),
      InputValidation: forbidden,
      InputEncryption: forbidden,
      DTMFConfiguration: forbidden,
    },
    required: ["InputTimeLimitSeconds"],
    atMostOneOf: PROMPT_FORMS,
  },
  errors: { ...ERROR_REQUIRED, ...NO_MATCH_REQUIRED, InputTimeLimitExceeded: "optional" },
  conditions: { operators: ["Equals"], operand: /^[0-9*#]$/ },
};

/** GetParticipantInput for a text of keys, which is stored. */
function storedInput({ InputValidation: validation }: JsonObject): ActionType {
  const phone = typeof validation === "object" && validation !== null && "PhoneNumberValidation" in validation;
  return {
    where: INTERACTIVE,
    channels: ["VOICE"],
    parameters: {
      members: {
        ...PROMPT,
        StoreInput: flag,
        InputTimeLimitSeconds: integer(1, UNBOUNDED),
        InputValidation: object({
          members: {
            PhoneNumberValidation: PHONE_NUMBER_VALIDATION,
            CustomValidation: object({
              members: { MaximumLength: integer(1, UNBOUNDED) },
              required: ["MaximumLength"],
            }),
          },
          exactlyOneOf: ["PhoneNumberValidation", "CustomValidation"],
        }),
        InputEncryption: phone
          ? forbidden
          : object({ members: { EncryptionKeyId: staticText, Key: staticText }, required: ["EncryptionKeyId", "Key"] }),
        DTMFConfiguration: object({
          members: {
            InputTerminationSequence: matching(/^[0-9*#]{1,5}$/),
            DisableCancelKey: flag,
            InterdigitTimeLimitSeconds: integer(1, 20),
          },
        }),
      },
      required: ["InputTimeLimitSeconds", "InputValidation"],
      atMostOneOf: PROMPT_FORMS,
    },
    errors: { ...ERROR_REQUIRED, ...(phone && { InvalidPhoneNumber: "optional" }) },
  };
}

const PHONE_NUMBER_VALIDATION: Rule = (value, path, findings) => {
  const local =
    typeof value === "object" && value !== null && "NumberFormat" in value && value.NumberFormat === "Local";
  const required = local ? ["NumberFormat", "CountryCode"] : ["NumberFormat"];
  const members = { NumberFormat: choice("Local", "E164"), CountryCode: matching(/^[A-Z]{2}$/) };
  object({ members, required })(value, path, findings);
};

/** Who may get a contact. Levels count from 1; what lies deeper than the last one is refused. */
function expression(level: number): Rule {
  const attribute = object({
    members: {
      Name: staticOrReference,
      Value: staticOrReference,
      ProficiencyLevel: integerOrReference(1, 5),
      ComparisonOperator: staticText,
      Range: object({
        members: { MinProficiencyLevel: integer(1, 5), MaxProficiencyLevel: integer(1, 5) },
        required: ["MinProficiencyLevel", "MaxProficiencyLevel"],
      }),
      MatchCriteria: object({
        members: {
          AgentsCriteria: object({ members: { AgentIds: listOf(idOf("user"), { min: 1 }) }, required: ["AgentIds"] }),
        },
        required: ["AgentsCriteria"],
      }),
    },
  });
  const inner = level < EXPRESSION_LEVELS_MAX ? listOf(expression(level + 1), { min: 1 }) : forbidden;
  const members = {
    AttributeCondition: attribute,
    NotAttributeCondition: attribute,
    AndExpression: inner,
    OrExpression: inner,
  };
  return object({ members, exactlyOneOf: Object.keys(members) });
}
