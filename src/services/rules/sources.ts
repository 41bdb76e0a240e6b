import type { EventSourceName } from "@aws-sdk/client-connect";

interface Source {
  /** What triggers its rules is a contact, or about one: its tags can be asked for. */
  readonly hasContact: boolean;
}

const OF_CONTACTS: Source = { hasContact: true };
const OF_OTHERS: Source = { hasContact: false };

/** The event sources whose rules run. */
export type BuiltSource = Extract<
  EventSourceName,
  | "OnPostCallAnalysisAvailable"
  | "OnRealTimeCallAnalysisAvailable"
  | "OnRealTimeChatAnalysisAvailable"
  | "OnPostChatAnalysisAvailable"
  | "OnAfterCallWorkAvailable"
  | "OnAfterChatWorkAvailable"
  | "OnEmailAnalysisAvailable"
  | "OnContactEvaluationSubmit"
  | "OnMetricDataUpdate"
  | "OnZendeskTicketCreate"
  | "OnZendeskTicketStatusUpdate"
  | "OnSalesforceCaseCreate"
  | "OnCaseCreate"
  | "OnCaseUpdate"
  | "OnSlaBreach"
>;

const SOURCES: Readonly<Record<BuiltSource, Source>> = {
  OnPostCallAnalysisAvailable: OF_CONTACTS,
  OnRealTimeCallAnalysisAvailable: OF_CONTACTS,
  OnRealTimeChatAnalysisAvailable: OF_CONTACTS,
  OnPostChatAnalysisAvailable: OF_CONTACTS,
  OnAfterCallWorkAvailable: OF_CONTACTS,
  OnAfterChatWorkAvailable: OF_CONTACTS,
  OnEmailAnalysisAvailable: OF_CONTACTS,
  OnContactEvaluationSubmit: OF_CONTACTS,
  OnMetricDataUpdate: OF_OTHERS,
  OnZendeskTicketCreate: OF_OTHERS,
  OnZendeskTicketStatusUpdate: OF_OTHERS,
  OnSalesforceCaseCreate: OF_OTHERS,
  OnCaseCreate: OF_OTHERS,
  OnCaseUpdate: OF_OTHERS,
  OnSlaBreach: OF_OTHERS,
};

export function isBuilt(source: EventSourceName): source is BuiltSource {
  return Object.hasOwn(SOURCES, source);
}

export function hasContact(source: EventSourceName): boolean {
  return isBuilt(source) && SOURCES[source].hasContact;
}
