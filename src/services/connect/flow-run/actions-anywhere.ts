import * as checks from "./checks.ts";
import * as data from "./data.ts";
import { UpdateContactEventHooks } from "./event-hooks.ts";
import * as control from "./flow-control.ts";
import { InvokeLambdaFunction } from "./lambda-function.ts";
import * as messages from "./messages.ts";
import { GetMetricData } from "./metric-data.ts";
import { UpdateContactRecordingAndAnalyticsBehavior, UpdateContactRecordingBehavior } from "./recording.ts";
import type { ActionTable } from "./step.ts";

/**
 * The actions that flows of every type may hold: what whispers and hold flows do. `actions.ts` has the rest, which moves contacts
 * between queues. A type that stands in neither is not built, and takes its error branch.
 */
export const ACTIONS_ANYWHERE: ActionTable = {
  MessageParticipant: messages.MessageParticipant,
  MessageParticipantIteratively: messages.MessageParticipantIteratively,
  UpdateContactTextToSpeechVoice: messages.UpdateContactTextToSpeechVoice,

  UpdateContactAttributes: data.UpdateContactAttributes,
  UpdateContactData: data.UpdateContactData,
  UpdateFlowAttributes: data.UpdateFlowAttributes,
  TagContact: data.TagContact,
  UnTagContact: data.UnTagContact,
  UntagContact: data.UnTagContact,
  UpdateContactEventHooks,
  UpdateContactRecordingBehavior,
  UpdateContactRecordingAndAnalyticsBehavior,

  InvokeLambdaFunction,
  Compare: checks.Compare,
  Loop: checks.Loop,
  GetMetricData,
  Wait: control.Wait,
  InvokeFlowModule: control.InvokeFlowModule,
  EndFlowModuleExecution: control.EndFlowModuleExecution,
  EndFlowExecution: control.EndFlowExecution,
  UpdateFlowLoggingBehavior: control.UpdateFlowLoggingBehavior,
};
