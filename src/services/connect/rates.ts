import { ModeledError } from "../../models/modeled-error.ts";
import { type CallRate, callRateLimits, type RatedCall, takeCall } from "../call-rates.ts";
import type { Handler, Limit, Platform } from "../service.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { QUOTA_PAGE } from "./quotas.ts";

/** Requests of one account in one Region (quota page, "API throttling"). */
const DEFAULT_RATE: CallRate = { perSecond: 2, burst: 5 };
const CONTACT_RATE: CallRate = { perSecond: 10, burst: 15 };
const EVALUATION_RATE: CallRate = { perSecond: 3, burst: 5 };
/** "The default rate is 1 request per second with a burst of 2" (of ListRealtimeContactAnalysisSegments). */
const ANALYSIS_RATE: CallRate = { perSecond: 1, burst: 2 };
const TAG_RATE: CallRate = { perSecond: 20, burst: 25 };

const RATES: Readonly<Record<string, CallRate>> = {
  DescribeContact: CONTACT_RATE,
  UpdateContact: CONTACT_RATE,
  ListContactReferences: CONTACT_RATE,
  SearchContacts: { perSecond: 0.5, burst: 1 },
  GetCurrentMetricData: { perSecond: 5, burst: 8 },
  GetMetricDataV2: { perSecond: 10, burst: 10 },
  TagContact: TAG_RATE,
  UntagContact: TAG_RATE,
  CreateEvaluationForm: EVALUATION_RATE,
  DescribeEvaluationForm: EVALUATION_RATE,
  ListEvaluationForms: EVALUATION_RATE,
  SearchEvaluationForms: EVALUATION_RATE,
  UpdateEvaluationForm: EVALUATION_RATE,
  ListEvaluationFormVersions: EVALUATION_RATE,
  ActivateEvaluationForm: EVALUATION_RATE,
  DeactivateEvaluationForm: EVALUATION_RATE,
  DeleteEvaluationForm: EVALUATION_RATE,
  StartContactEvaluation: EVALUATION_RATE,
  DescribeContactEvaluation: EVALUATION_RATE,
  ListContactEvaluations: EVALUATION_RATE,
  SearchContactEvaluations: EVALUATION_RATE,
  UpdateContactEvaluation: EVALUATION_RATE,
  SubmitContactEvaluation: EVALUATION_RATE,
  DeleteContactEvaluation: EVALUATION_RATE,
  ListRealtimeContactAnalysisSegments: ANALYSIS_RATE,
  ListRealtimeContactAnalysisSegmentsV2: ANALYSIS_RATE,
  ListIntegrationAssociations: { perSecond: 25, burst: 50 },
};

/** Requests of the participants of one instance (quota page, "Participant Service API throttling"; others our choice). */
const PARTICIPANT_RATES: Readonly<Record<string, CallRate>> = {
  CreateParticipantConnection: { perSecond: 6, burst: 9 },
  DisconnectParticipant: { perSecond: 3, burst: 5 },
  GetTranscript: { perSecond: 8, burst: 12 },
  SendEvent: CONTACT_RATE,
  SendMessage: CONTACT_RATE,
  StartAttachmentUpload: DEFAULT_RATE,
  CompleteAttachmentUpload: DEFAULT_RATE,
  GetAttachment: { perSecond: 8, burst: 12 },
  DescribeView: DEFAULT_RATE,
  GetAuthenticationUrl: DEFAULT_RATE,
  CancelParticipantAuthentication: DEFAULT_RATE,
};

/** The error of operations that model no ThrottlingException; `undefined`: they model none that fits and are not throttled. */
const ERRORS: Readonly<Record<string, string | undefined>> = {
  StartOutboundVoiceContact: "LimitExceededException",
  StartChatContact: "LimitExceededException",
  DescribeInstance: undefined,
  ListInstances: undefined,
  DeleteInstance: undefined,
  StopContact: undefined,
  StartContactRecording: undefined,
  StopContactRecording: undefined,
  SuspendContactRecording: undefined,
  ResumeContactRecording: undefined,
  BatchPutContact: "LimitExceededException",
  AssociateSecurityProfiles: undefined,
  DisassociateSecurityProfiles: undefined,
  GetContactAttributes: undefined,
  UpdateContactAttributes: undefined,
};

/** The same handlers; with `--enforce-limits` each refuses what comes faster than its rate. */
export function throttled(operations: Readonly<Record<string, Handler>>): Readonly<Record<string, Handler>> {
  const wrapped = Object.entries(operations).map(([name, handle]): [string, Handler] => {
    const error = errorOf(name);
    if (error === undefined) return [name, handle];
    return [
      name,
      async (input, context) => {
        if (context.limits.enforced && !takeCall(rated(name), `${context.account}/${context.region}`, context)) {
          throw new ModeledError(error, "Rate exceeded");
        }
        return handle(input, context);
      },
    ];
  });
  return Object.fromEntries(wrapped);
}

/** Takes a request of an instance's participants from its rate; false where none is left. */
export function takeInstanceToken(operation: string, instance: InstanceRef, platform: Platform): boolean {
  return takeCall(rated(operation), instanceKey(instance), platform);
}

/** The limits by which the rates of these operations can be changed. */
export function rateLimits(operations: readonly string[]): Limit[] {
  const throttledOnes = operations.filter((name) => errorOf(name) !== undefined).sort();
  return throttledOnes.flatMap((name) =>
    callRateLimits(
      rated(name),
      name in PARTICIPANT_RATES ? "an instance's participants" : "an account in a Region",
      QUOTA_PAGE,
    ),
  );
}

function errorOf(operation: string): string | undefined {
  return operation in ERRORS ? ERRORS[operation] : "ThrottlingException";
}

function rated(operation: string): RatedCall {
  const rate = RATES[operation] ?? PARTICIPANT_RATES[operation] ?? DEFAULT_RATE;
  return { service: "connect", operation, rate };
}
