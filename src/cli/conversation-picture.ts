import {
  type AnalysedTurn,
  type Analysis,
  chatCharacteristics,
  knowsSentiment,
  type ParticipantRole,
  type Redaction,
  type SentimentLabel,
  textTold,
  voiceCharacteristics,
} from "../services/contact-lens/index.ts";
import { printable } from "./printable.ts";

export interface PictureOptions {
  readonly redaction: Redaction | undefined;
  readonly isColoured: boolean;
}

/** Columns of the axis. */
const WIDTH = 72;
const LABEL_WIDTH = 10;

const MARKS: Readonly<Record<SentimentLabel, string>> = { POSITIVE: "+", NEUTRAL: "·", NEGATIVE: "−", MIXED: "±" };
const COLOURS: Readonly<Record<SentimentLabel, number>> = { POSITIVE: 32, NEUTRAL: 37, NEGATIVE: 31, MIXED: 33 };
/** More of a feeling wins where several turns share a column. */
const STRENGTH: readonly SentimentLabel[] = ["NEUTRAL", "MIXED", "POSITIVE", "NEGATIVE"];

/** A conversation in lines for a terminal: lanes on one axis of time, its figures, and the transcript with what was found in it. */
export function conversationPicture(analysis: Analysis, options: PictureOptions): string[] {
  const { channel, languageCode } = analysis.conversation;
  const isCall = channel === "VOICE";
  return [
    `${isCall ? "Call" : "Chat"}, ${languageCode}, ${analysis.turns.length} ${analysis.turns.length === 1 ? "turn" : "turns"}, ${clock(lengthMs(analysis))}`,
    ...(knowsSentiment(languageCode) ? [] : [`Sentiment and findings are not known in ${languageCode}.`]),
    "",
    ...lanes(analysis, options),
    "",
    ...(isCall ? callFigures(analysis) : chatFigures(analysis)),
    "",
    ...analysis.turns.flatMap((turn) => transcriptLines(turn, options)),
  ];
}

/** A lane for each role: a mark where somebody speaks, of the sentiment with which they do. */
function lanes(analysis: Analysis, { isColoured }: PictureOptions): string[] {
  const totalMs = Math.max(lengthMs(analysis), 1);
  const roles = [...new Set(analysis.turns.map(({ turn }) => turn.participant.role))];
  const lines = roles.map((role) => {
    const cells = Array<SentimentLabel | undefined>(WIDTH).fill(undefined);
    for (const { turn, sentiment } of analysis.turns) {
      if (turn.participant.role !== role || turn.kind !== "MESSAGE") continue;
      const first = column(turn.beginMs, totalMs);
      const last = Math.max(first, column(turn.endMs, totalMs));
      for (let at = first; at <= last; at += 1) cells[at] = stronger(cells[at], sentiment.label);
    }
    const drawn = cells
      .map((label) => (label === undefined ? " " : coloured(MARKS[label], label, isColoured)))
      .join("");
    return `${role.padEnd(LABEL_WIDTH)}${drawn}`.trimEnd();
  });
  const end = clock(totalMs);
  return [...lines, `${" ".repeat(LABEL_WIDTH)}0:00${end.padStart(WIDTH - 4)}`];
}

function column(atMs: number, totalMs: number): number {
  return Math.min(WIDTH - 1, Math.floor((atMs / totalMs) * WIDTH));
}

function stronger(one: SentimentLabel | undefined, other: SentimentLabel): SentimentLabel {
  return one !== undefined && STRENGTH.indexOf(one) >= STRENGTH.indexOf(other) ? one : other;
}

function callFigures(analysis: Analysis): string[] {
  const { Sentiment, Interruptions, NonTalkTime, TalkSpeed, TalkTime } = voiceCharacteristics(analysis);
  const rows = (["AGENT", "CUSTOMER"] as const).flatMap((role) => {
    const score = Sentiment.OverallSentiment[role];
    if (score === undefined) return [];
    const quarters = Sentiment.SentimentByPeriod.QUARTER[role]?.map(({ Score }) => signed(Score)).join("  ");
    const talkMs = TalkTime.DetailsByParticipant[role]?.TotalTimeMillis ?? 0;
    const speed = TalkSpeed.DetailsByParticipant[role]?.AverageWordsPerMinute ?? 0;
    return [
      `${role.padEnd(LABEL_WIDTH)}sentiment ${signed(score)} (by quarter ${quarters}), talks ${seconds(talkMs)} at ${speed} words/min`,
    ];
  });
  return [
    ...rows,
    `silence   ${seconds(NonTalkTime.TotalTimeMillis)} in ${NonTalkTime.Instances.length} ${NonTalkTime.Instances.length === 1 ? "stretch" : "stretches"}; interruptions ${Interruptions.TotalCount}, ${seconds(Interruptions.TotalTimeMillis)}`,
  ];
}

function chatFigures(analysis: Analysis): string[] {
  const { ResponseTime, Sentiment } = chatCharacteristics(analysis);
  const greeting = ResponseTime.AgentGreetingTimeMillis;
  const rows = (["AGENT", "CUSTOMER"] as const).flatMap((role) => {
    const score = Sentiment.OverallSentiment.DetailsByParticipantRole[role];
    if (score === undefined) return [];
    const shift = Sentiment.SentimentShift.DetailsByParticipantRole[role];
    const times = ResponseTime.DetailsByParticipantRole[role];
    const responds = times
      ? `, responds in ${seconds(times.Average.ValueMillis)} (longest ${seconds(times.Maximum.ValueMillis)})`
      : "";
    return [
      `${role.padEnd(LABEL_WIDTH)}sentiment ${signed(score)} (from ${signed(shift?.BeginScore ?? 0)} to ${signed(shift?.EndScore ?? 0)})${responds}`,
    ];
  });
  return [...rows, ...(greeting === undefined ? [] : [`greeting  ${seconds(greeting)} after the agent joined`])];
}

function transcriptLines(analysed: AnalysedTurn, { redaction, isColoured }: PictureOptions): string[] {
  const { turn, sentiment, findings } = analysed;
  const masked = textTold(analysed, redaction);
  const mark = coloured(MARKS[sentiment.label], sentiment.label, isColoured);
  const found = [
    ...findings.issues.map((offsets) => ["issue", offsets] as const),
    ...findings.outcomes.map((offsets) => ["outcome", offsets] as const),
    ...findings.actionItems.map((offsets) => ["action item", offsets] as const),
  ].map(([what, { BeginOffsetChar, EndOffsetChar }]) => {
    const { begin, end } = masked.moved({ begin: BeginOffsetChar, end: EndOffsetChar });
    return `${" ".repeat(9 + LABEL_WIDTH)}${what}: ${printable(masked.text.slice(begin, end))}`;
  });
  const said = turn.kind === "MESSAGE" ? masked.text : `(${turn.contentType})`;
  return [`${clock(turn.beginMs).padStart(6)} ${mark} ${roleName(turn.participant.role)}${printable(said)}`, ...found];
}

function roleName(role: ParticipantRole): string {
  return role.padEnd(LABEL_WIDTH);
}

function coloured(text: string, label: SentimentLabel, isColoured: boolean): string {
  return isColoured ? `\u001b[${COLOURS[label]}m${text}\u001b[0m` : text;
}

function lengthMs({ turns }: Analysis): number {
  return Math.max(0, ...turns.map(({ turn }) => turn.endMs));
}

function clock(ms: number): string {
  const whole = Math.floor(ms / 1_000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function signed(score: number): string {
  const text = score.toFixed(1);
  return score > 0 ? `+${text}` : text;
}
