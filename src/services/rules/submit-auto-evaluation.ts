import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import {
  attributesOf,
  type Contact,
  contactRecord,
  evaluateAutomatically,
  findContact,
  invalidRequest,
  resourceArn,
} from "../connect/index.ts";
import {
  type ContactAnalysis,
  categoriesOf,
  chatCharacteristics,
  findAnalysis,
  voiceCharacteristics,
} from "../contact-lens/index.ts";
import type { Platform } from "../service.ts";
import { automaticAnswers, type KnownOfContact } from "./automatic-answers.ts";
import type { OwedAction } from "./owed-action.ts";

/** SUBMIT_AUTO_EVALUATION: an evaluation of the contact that answers itself. */
export async function submitAutoEvaluation(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  const { instance, ruleId, about, contactId, action } = owed;
  const formId = action.SubmitAutoEvaluationAction?.EvaluationFormId ?? "";
  const contact = contactId && (await findContact(unit, instance, contactId, platform.clock.now()));
  if (!contact) throw invalidRequest("There is no contact that could be evaluated");
  const measures = await measuresOf(unit, contact);
  const categories = new Set(await categoriesOf(unit, contact));
  await evaluateAutomatically(unit, platform, contact, {
    id: derivedUuid(about, ruleId, "evaluation", formId),
    formId,
    byArn: resourceArn("rule", instance, ruleId),
    answersOf: (content) => automaticAnswers(content, { categories, measures }),
  });
}

const SECOND_MS = 1_000;

async function measuresOf(unit: Unit, contact: Contact): Promise<KnownOfContact["measures"]> {
  const record = contactRecord(contact, await attributesOf(unit, contact)) as unknown as MeasuredRecord;
  const { Agent: agent } = record;
  const endedMs = contact.disconnectMs;
  const analysis = await findAnalysis(unit, contact);
  return {
    CONTACT_DURATION: endedMs === undefined ? undefined : Math.round((endedMs - contact.initiationMs) / SECOND_MS),
    AGENT_INTERACTION_DURATION: agent?.AgentInteractionDuration,
    CUSTOMER_HOLD_TIME: agent?.CustomerHoldDuration,
    LONGEST_HOLD_DURATION: agent?.LongestHoldDuration,
    NUMBER_OF_HOLDS: agent?.NumberOfHolds,
    AGENT_INTERACTION_AND_HOLD_DURATION: agent
      ? agent.AgentInteractionDuration + agent.CustomerHoldDuration
      : undefined,
    ...(analysis && heardMeasures(analysis)),
  };
}

interface MeasuredRecord {
  readonly Agent: {
    readonly AgentInteractionDuration: number;
    readonly CustomerHoldDuration: number;
    readonly LongestHoldDuration: number;
    readonly NumberOfHolds: number;
  } | null;
}

function heardMeasures(analysis: ContactAnalysis): KnownOfContact["measures"] {
  if (analysis.conversation.channel === "CHAT") {
    const { OverallSentiment: overall } = chatCharacteristics(analysis).Sentiment;
    const { CUSTOMER: parts } = overall.DetailsByInteraction.DetailsByParticipantRole;
    return {
      OVERALL_CUSTOMER_SENTIMENT_SCORE: overall.DetailsByParticipantRole.CUSTOMER,
      OVERALL_AGENT_SENTIMENT_SCORE: overall.DetailsByParticipantRole.AGENT,
      CUSTOMER_SENTIMENT_SCORE_WITH_AGENT: parts?.WithAgent,
      CUSTOMER_SENTIMENT_SCORE_WITHOUT_AGENT: parts?.WithoutAgent,
    };
  }
  const { Sentiment, NonTalkTime, Interruptions, TotalConversationDurationMillis } = voiceCharacteristics(analysis);
  const silentMs = NonTalkTime.TotalTimeMillis;
  return {
    OVERALL_CUSTOMER_SENTIMENT_SCORE: Sentiment.OverallSentiment.CUSTOMER,
    OVERALL_AGENT_SENTIMENT_SCORE: Sentiment.OverallSentiment.AGENT,
    NON_TALK_TIME: silentMs / SECOND_MS,
    ...(TotalConversationDurationMillis > 0 && {
      NON_TALK_TIME_PERCENTAGE: (100 * silentMs) / TotalConversationDurationMillis,
    }),
    // As rules count them: "how many times the agent interrupted the customer".
    NUMBER_OF_INTERRUPTIONS: Interruptions.InterruptionsByInterrupter.AGENT?.length ?? 0,
  };
}
