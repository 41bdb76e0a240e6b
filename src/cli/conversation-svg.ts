import type { AnalysedTurn, Analysis, ParticipantRole, SentimentLabel } from "../services/contact-lens/index.ts";

const WIDTH = 1_000;
const LEFT = 110;
const RIGHT = 20;
const TOP = 46;
const LANE = 34;
const GRAPH = 120;
const COLOURS: Readonly<Record<SentimentLabel, string>> = {
  POSITIVE: "#2e8b57",
  NEUTRAL: "#9aa5b1",
  NEGATIVE: "#c0392b",
  MIXED: "#d68910",
};

/** A conversation as an SVG: lanes of who spoke when, and under them the sentiment of each role over time. Holds no words of it. */
export function conversationSvg({ conversation, turns }: Analysis): string {
  const spoken = turns.filter(({ turn }) => turn.kind === "MESSAGE");
  const totalMs = Math.max(1, ...turns.map(({ turn }) => turn.endMs));
  const roles = [...new Set(spoken.map(({ turn }) => turn.participant.role))];
  const x = (ms: number): number => round(LEFT + (ms / totalMs) * (WIDTH - LEFT - RIGHT));
  const graphTop = TOP + roles.length * LANE + 30;
  const height = graphTop + GRAPH + 40;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(
      LEFT,
      26,
      `${conversation.channel === "VOICE" ? "Call" : "Chat"}, ${minutes(totalMs)}, ${turns.length} ${turns.length === 1 ? "turn" : "turns"}`,
      "#1f2933",
      16,
    ),
    ...roles.flatMap((role, at) => lane(spoken, role, TOP + at * LANE, x)),
    ...axis(totalMs, graphTop + GRAPH + 18, x),
    ...graph(spoken, roles, graphTop, x),
    "</svg>",
    "",
  ].join("\n");
}

function lane(turns: readonly AnalysedTurn[], role: ParticipantRole, y: number, x: (ms: number) => number): string[] {
  const bars = turns
    .filter(({ turn }) => turn.participant.role === role)
    .map(({ turn, sentiment }) => {
      const width = Math.max(3, round(x(turn.endMs) - x(turn.beginMs)));
      return `<rect x="${x(turn.beginMs)}" y="${y}" width="${width}" height="${LANE - 12}" rx="3" fill="${COLOURS[sentiment.label]}"/>`;
    });
  return [text(12, y + 16, role, "#52606d", 12), ...bars];
}

/** A line a role: scores of -1 to 1, each carried on until the next turn. */
function graph(
  turns: readonly AnalysedTurn[],
  roles: readonly ParticipantRole[],
  top: number,
  x: (ms: number) => number,
): string[] {
  const y = (score: number): number => round(top + GRAPH / 2 - (score * GRAPH) / 2);
  const dashes = ["", ' stroke-dasharray="6 4"', ' stroke-dasharray="2 3"', ' stroke-dasharray="8 3 2 3"'];
  const lines = roles.map((role, at) => {
    const points = turns
      .filter(({ turn }) => turn.participant.role === role)
      .map(({ turn, sentiment }) => `${x((turn.beginMs + turn.endMs) / 2)},${y(sentiment.score)}`);
    return `<polyline points="${points.join(" ")}" fill="none" stroke="#334e68" stroke-width="2"${dashes[at % dashes.length]}/>`;
  });
  return [
    `<line x1="${LEFT}" y1="${y(0)}" x2="${WIDTH - RIGHT}" y2="${y(0)}" stroke="#cbd2d9"/>`,
    text(12, y(1) + 10, "positive", COLOURS.POSITIVE, 12),
    text(12, y(-1), "negative", COLOURS.NEGATIVE, 12),
    ...lines,
    ...roles.map((role, at) =>
      text(LEFT + at * 130, top - 8, `${["──", "╌╌", "┄┄", "─·"][at % 4]} ${role}`, "#334e68", 12),
    ),
  ];
}

function axis(totalMs: number, y: number, x: (ms: number) => number): string[] {
  const parts = 6;
  return Array.from({ length: parts + 1 }, (_, at) => {
    const ms = (totalMs * at) / parts;
    return text(x(ms), y, minutes(ms), "#7b8794", 11, "middle");
  });
}

function text(x: number, y: number, content: string, fill: string, size: number, anchor = "start"): string {
  return `<text x="${x}" y="${y}" fill="${fill}" font-size="${size}" text-anchor="${anchor}">${content}</text>`;
}

function minutes(ms: number): string {
  const whole = Math.floor(ms / 1_000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
