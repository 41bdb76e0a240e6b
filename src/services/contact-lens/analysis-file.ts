/** The analysis file of a contact, as it lies in S3 ("Contact Lens output files", administrator guide), raw or redacted. Pure. */
import type { AnalysedTurn, Analysis } from "./analysis.ts";
import { callDetails, chatDetails, type MatchedCategory } from "./categories.ts";
import { chatCharacteristics } from "./chat-characteristics.ts";
import { isAnalysed } from "./conversation.ts";
import type { CharacterOffsets } from "./findings.ts";
import { TEXT_ENTITY_TYPES } from "./redaction/entity-types.ts";
import type { Masked, Redaction } from "./redaction/mask.ts";
import { spokenSentiment } from "./sentiment.ts";
import { attachmentNameTold, authorTold, redactionTold, textTold } from "./told-texts.ts";
import { voiceCharacteristics } from "./voice-characteristics.ts";

export interface FileHeader {
  readonly accountId: string;
  readonly instanceId: string;
  readonly contactId: string;
  /** `s3://bucket/key` of the recording or chat transcript; absent where there is none. */
  readonly inputS3Uri?: string | undefined;
  /** Those that rules have found; absent: none have run. */
  readonly categories?: readonly MatchedCategory[] | undefined;
  /** What is hidden in the redacted twin: both files tell where it is: of a call when it was said. */
  readonly redaction?: Redaction | undefined;
  /** The flow has switched sentiment off. */
  readonly hidesSentiment?: boolean | undefined;
}

const VOICE_VERSION = "1.1.0";
const CHAT_VERSION = "CHAT-2022-11-30";
const CHAT_TRANSCRIPT_VERSION = "2019-08-26";

/** `redaction`: for the redacted twin. A language without redaction has none: whoever asks for one all the same gets an error. */
export function analysisFile(analysis: Analysis, header: FileHeader, redaction?: Redaction): Record<string, unknown> {
  const { channel, languageCode, participants } = analysis.conversation;
  const common = {
    AccountId: header.accountId,
    Categories: categoriesOf(channel, header.categories ?? [], redaction),
    Channel: channel,
    ContentMetadata: contentMetadata(redaction),
    CustomerMetadata: {
      ...(header.inputS3Uri !== undefined && { InputS3Uri: header.inputS3Uri }),
      ContactId: header.contactId,
      InstanceId: header.instanceId,
    },
    JobStatus: "COMPLETED",
    LanguageCode: languageCode,
  };
  const texts = analysis.turns.map((turn) => textTold(turn, redaction));
  const hidden = header.hidesSentiment ? ["Sentiment"] : [];
  if (channel === "VOICE") {
    return {
      Version: VOICE_VERSION,
      ...common,
      Participants: [...new Set(participants.map(({ role }) => role))].map((role) => ({
        ParticipantId: role,
        ParticipantRole: role,
      })),
      ConversationCharacteristics: without(voiceCharacteristics(analysis), hidden),
      CustomModels: [],
      Transcript: analysis.turns.map((turn, at) =>
        without(spokenTurn(turn, texts[at], redaction ?? header.redaction), hidden),
      ),
    };
  }
  return {
    Version: CHAT_VERSION,
    ChatTranscriptVersion: CHAT_TRANSCRIPT_VERSION,
    ...common,
    Participants: participants.map(({ id, role }) => ({ ParticipantId: id, ParticipantRole: role })),
    ConversationCharacteristics: {
      ContactSummary: { SummaryItemsDetected: [summaryItems(analysis.turns, texts)] },
      ...without(chatCharacteristics(analysis), hidden),
    },
    Transcript: analysis.turns.map((turn, at) =>
      writtenTurn(analysis, turn, {
        text: texts[at]?.text ?? "",
        hidden: textTold(turn, redaction ?? header.redaction),
        redaction,
      }),
    ),
  };
}

function categoriesOf(
  channel: "VOICE" | "CHAT",
  categories: readonly MatchedCategory[],
  redaction: Redaction | undefined,
): object {
  return {
    MatchedCategories: categories.map(({ name }) => name),
    MatchedDetails: channel === "CHAT" ? chatDetails(categories, redaction) : callDetails(categories),
  };
}

function without(members: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

function contentMetadata(redaction: Redaction | undefined): Record<string, unknown> {
  if (!redaction) return { Output: "Raw" };
  const { mode, types } = redaction;
  return {
    Output: "Redacted",
    RedactionTypes: ["PII"],
    RedactionTypesMetadata: {
      PII: {
        RedactionEntitiesRequested: types ? [...types] : [...TEXT_ENTITY_TYPES],
        RedactionMaskMode: mode === "PII" ? "PII" : "ENTITY_TYPE",
      },
    },
  };
}

function spokenTurn(
  { turn, sentiment, findings, entities = [] }: AnalysedTurn,
  text: Masked | undefined,
  redaction: Redaction | undefined,
): object {
  const hidden = redaction ? entities.filter(({ type }) => redaction.types?.has(type) ?? true) : [];
  const length = Math.max(turn.content.length, 1);
  const timeAt = (offset: number): number => turn.beginMs + Math.round(((turn.endMs - turn.beginMs) * offset) / length);
  const told = (found: readonly CharacterOffsets[]): object[] =>
    found.map((offsets) => {
      const { begin, end } = text?.moved({ begin: offsets.BeginOffsetChar, end: offsets.EndOffsetChar }) ?? noSpan;
      return {
        CharacterOffsets: { BeginOffsetChar: begin, EndOffsetChar: end },
        Text: text?.text.slice(begin, end) ?? "",
      };
    });
  return {
    BeginOffsetMillis: turn.beginMs,
    Content: text?.text ?? "",
    EndOffsetMillis: turn.endMs,
    Id: turn.id,
    ParticipantId: turn.participant.role,
    Sentiment: spokenSentiment(sentiment.label),
    ...(turn.loudness && { LoudnessScore: turn.loudness }),
    ...(hidden.length > 0 && {
      Redaction: {
        RedactedTimestamps: hidden.map(({ begin, end }) => ({
          BeginOffsetMillis: timeAt(begin),
          EndOffsetMillis: timeAt(end),
        })),
      },
    }),
    ...(findings.issues.length > 0 && { IssuesDetected: told(findings.issues) }),
    ...(findings.outcomes.length > 0 && { OutcomesDetected: told(findings.outcomes) }),
    ...(findings.actionItems.length > 0 && { ActionItemsDetected: told(findings.actionItems) }),
  };
}

const noSpan = { begin: 0, end: 0 };

/** `hidden`: its text as the redacted file has it, whose offsets both files tell. */
function writtenTurn(
  { conversation }: Analysis,
  { turn }: AnalysedTurn,
  {
    text,
    hidden,
    redaction,
  }: { readonly text: string; readonly hidden: Masked; readonly redaction: Redaction | undefined },
): object {
  return {
    AbsoluteTime: new Date(conversation.startMs + turn.beginMs).toISOString(),
    ...(turn.kind === "MESSAGE" && { Content: text }),
    ...(turn.kind === "ATTACHMENT" && { AttachmentName: attachmentNameTold(turn, redaction) }),
    ContentType: turn.contentType,
    Id: turn.id,
    ...authorTold(turn, redaction),
    ...redactionTold(hidden),
    Type: turn.kind,
  };
}

/** Issues, outcomes and action items of a chat lie together, each with where it stands. `text/plain` only. */
function summaryItems(turns: readonly AnalysedTurn[], texts: readonly Masked[]): object {
  const itemsOf = (found: (turn: AnalysedTurn) => readonly CharacterOffsets[]): object[] =>
    turns.flatMap((analysed, at) =>
      isAnalysed(analysed.turn) && analysed.turn.contentType === "text/plain"
        ? found(analysed).map(({ BeginOffsetChar, EndOffsetChar }) => {
            const { begin, end } = texts[at]?.moved({ begin: BeginOffsetChar, end: EndOffsetChar }) ?? noSpan;
            const offsets = { BeginOffsetChar: begin, EndOffsetChar: end };
            return { TranscriptItems: [{ CharacterOffsets: offsets, Id: analysed.turn.id }] };
          })
        : [],
    );
  return {
    ActionItemsDetected: itemsOf(({ findings }) => findings.actionItems),
    IssuesDetected: itemsOf(({ findings }) => findings.issues),
    OutcomesDetected: itemsOf(({ findings }) => findings.outcomes),
  };
}
