import { ACTIONS_ANYWHERE } from "./actions-anywhere.ts";
import * as checks from "./checks.ts";
import * as control from "./flow-control.ts";
import { CheckMetricData } from "./metric-data.ts";
import * as newContacts from "./new-contacts.ts";
import { GetParticipantInput } from "./participant-input.ts";
import * as queueActions from "./queue-actions.ts";
import * as routingActions from "./routing-actions.ts";
import type { ActionTable } from "./step.ts";

/** Every action that is built. */
export const ACTIONS: ActionTable = {
  ...ACTIONS_ANYWHERE,

  GetParticipantInput,
  DisconnectParticipant: control.DisconnectParticipant,
  TransferToFlow: control.TransferToFlow,

  CheckHoursOfOperation: checks.CheckHoursOfOperation,
  CheckMetricData,
  CheckOutboundCallStatus: checks.CheckOutboundCallStatus,
  DistributeByPercentage: checks.DistributeByPercentage,

  UpdateContactTargetQueue: queueActions.UpdateContactTargetQueue,
  TransferContactToQueue: queueActions.TransferContactToQueue,
  DequeueContactAndTransferToQueue: queueActions.DequeueContactAndTransferToQueue,
  TransferContactToAgent: queueActions.TransferContactToAgent,
  UpdateContactRoutingBehavior: routingActions.UpdateContactRoutingBehavior,
  UpdateRoutingCriteria: routingActions.UpdateRoutingCriteria,
  ResumeContact: routingActions.ResumeContact,

  UpdateContactCallbackNumber: newContacts.UpdateContactCallbackNumber,
  CreateCallbackContact: newContacts.CreateCallbackContact,
  CreateTask: newContacts.CreateTask,
};
