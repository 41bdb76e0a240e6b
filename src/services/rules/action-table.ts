import type { ActionType, EventSourceName, NotificationRecipientType } from "@aws-sdk/client-connect";

/** The SDK's types lag behind the model by two. */
export type RuleActionType = ActionType | "END_ASSOCIATED_EMAILS" | "SEND_IN_APP_NOTIFICATION";

/** The member of SEND_IN_APP_NOTIFICATION. */
export interface InAppNotification {
  readonly Content: Readonly<Record<string, string>>;
  readonly Recipient?: NotificationRecipientType;
  readonly Exclusion?: NotificationRecipientType;
  readonly Priority?: "HIGH" | "LOW";
}

/** The member of an action that says more about it. */
export const ACTION_MEMBERS: Readonly<Record<RuleActionType, string>> = {
  CREATE_TASK: "TaskAction",
  ASSIGN_CONTACT_CATEGORY: "AssignContactCategoryAction",
  GENERATE_EVENTBRIDGE_EVENT: "EventBridgeAction",
  SEND_NOTIFICATION: "SendNotificationAction",
  CREATE_CASE: "CreateCaseAction",
  UPDATE_CASE: "UpdateCaseAction",
  ASSIGN_SLA: "AssignSlaAction",
  END_ASSOCIATED_TASKS: "EndAssociatedTasksAction",
  END_ASSOCIATED_EMAILS: "EndAssociatedEmailsAction",
  SUBMIT_AUTO_EVALUATION: "SubmitAutoEvaluationAction",
  EXTRACT_INFORMATION: "ExtractInformationAction",
  SEND_IN_APP_NOTIFICATION: "SendInAppNotificationAction",
};

/** Which actions a rule of an event source may have, and which one it must have. */
interface SourceActions {
  readonly required?: RuleActionType;
  readonly allowed: readonly RuleActionType[];
}

const REAL_TIME_CHAT: readonly RuleActionType[] = [
  "ASSIGN_CONTACT_CATEGORY",
  "GENERATE_EVENTBRIDGE_EVENT",
  "SEND_NOTIFICATION",
  "SEND_IN_APP_NOTIFICATION",
];
const REAL_TIME_CALL: readonly RuleActionType[] = [...REAL_TIME_CHAT, "CREATE_TASK"];
const POST_CONTACT: readonly RuleActionType[] = [
  ...REAL_TIME_CALL,
  "CREATE_CASE",
  "SUBMIT_AUTO_EVALUATION",
  "EXTRACT_INFORMATION",
];
const CASE_CREATE: readonly RuleActionType[] = [
  "CREATE_TASK",
  "SEND_NOTIFICATION",
  "UPDATE_CASE",
  "ASSIGN_SLA",
  "SEND_IN_APP_NOTIFICATION",
];
const THIRD_PARTY: SourceActions = { required: "CREATE_TASK", allowed: ["CREATE_TASK", "ASSIGN_CONTACT_CATEGORY"] };
const SCHEDULE: SourceActions = { allowed: ["SEND_IN_APP_NOTIFICATION"] };

/**
 * The API reference says which action goes with which source for most pairs, the administrator guide for others. Our choice: what follows
 * after-contact work, categories and notifications of mails, extraction, and END_ASSOCIATED_EMAILS, which goes where its relative for tasks does.
 */
export const SOURCE_ACTIONS: Readonly<Record<EventSourceName, SourceActions>> = {
  OnPostCallAnalysisAvailable: { required: "ASSIGN_CONTACT_CATEGORY", allowed: POST_CONTACT },
  OnPostChatAnalysisAvailable: { required: "ASSIGN_CONTACT_CATEGORY", allowed: POST_CONTACT },
  OnRealTimeCallAnalysisAvailable: { required: "ASSIGN_CONTACT_CATEGORY", allowed: REAL_TIME_CALL },
  OnRealTimeChatAnalysisAvailable: { required: "ASSIGN_CONTACT_CATEGORY", allowed: REAL_TIME_CHAT },
  OnAfterCallWorkAvailable: { allowed: REAL_TIME_CALL },
  OnAfterChatWorkAvailable: { allowed: REAL_TIME_CALL },
  OnEmailAnalysisAvailable: { allowed: [...REAL_TIME_CALL, "CREATE_CASE", "EXTRACT_INFORMATION"] },
  OnContactEvaluationSubmit: {
    allowed: [
      "CREATE_TASK",
      "GENERATE_EVENTBRIDGE_EVENT",
      "SEND_NOTIFICATION",
      "SUBMIT_AUTO_EVALUATION",
      "SEND_IN_APP_NOTIFICATION",
    ],
  },
  OnMetricDataUpdate: { allowed: ["CREATE_TASK", "GENERATE_EVENTBRIDGE_EVENT", "SEND_NOTIFICATION"] },
  OnCaseCreate: { allowed: CASE_CREATE },
  OnCaseUpdate: { allowed: [...CASE_CREATE, "END_ASSOCIATED_TASKS", "END_ASSOCIATED_EMAILS"] },
  OnSlaBreach: { allowed: ["CREATE_TASK", "SEND_NOTIFICATION", "SEND_IN_APP_NOTIFICATION"] },
  OnZendeskTicketCreate: THIRD_PARTY,
  OnZendeskTicketStatusUpdate: THIRD_PARTY,
  OnSalesforceCaseCreate: THIRD_PARTY,
  OnAlertUpdate: { allowed: [] },
  OnSchedulePublish: SCHEDULE,
  OnScheduleUpdate: SCHEDULE,
  OnScheduleTimeOffRequestActivity: SCHEDULE,
};
