import { type Bin, type Statistics, total } from "./statistics.ts";

/** What a play has seen, as a table with bars for a terminal. */
export function summary(statistics: Statistics): string {
  const bins = statistics.bins();
  const all = total(bins.map(([, bin]) => bin));
  const busiest = Math.max(...bins.map(([, bin]) => arrivedIn(bin)), 1);
  const days = new Set(bins.map(([beginMs]) => isoDay(beginMs)));
  const rows = bins.map(([beginMs, bin]) => [
    `${days.size > 1 ? `${isoDay(beginMs)} ` : ""}${new Date(beginMs).toISOString().slice(11, 16)}`,
    ...cells(bin),
    `${bar(arrivedIn(bin) / busiest, 12)} ${bar(share(bin.inTime, bin.queued), 10)} ${bar(share(bin.abandoned, bin.queued), 10)} ${bar(share(bin.busyMs, bin.busyMs + bin.freeMs), 10)}`,
  ]);
  const head = [
    "half hour",
    ...COLUMNS,
    `${"arrivals".padEnd(12)} ${"in 20 s".padEnd(10)} ${"abandoned".padEnd(10)} occupancy`,
  ];
  const counts = Object.entries(statistics.counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    table([head, ...rows, ["all", ...cells(all), ""]]),
    "",
    ...counts.map(([what, count]) => `  ${String(count).padStart(7)}  ${what}`),
  ].join("\n");
}

const COLUMNS = ["calls", "chats", "tasks", "e-mails", "answered", "abandoned", "in 20 s", "waited", "occupancy"];

function cells(bin: Bin): string[] {
  const { VOICE, CHAT, TASK, EMAIL } = bin.arrived;
  return [
    ...[VOICE, CHAT, TASK, EMAIL, bin.answered].map(String),
    percent(bin.abandoned, bin.queued),
    percent(bin.inTime, bin.queued),
    bin.answered === 0 ? "" : `${(bin.waitedMs / bin.answered / 1_000).toFixed(1)} s`,
    percent(bin.busyMs, bin.busyMs + bin.freeMs),
  ];
}

/** One line on how far a play is. */
export function progressLine(
  nowMs: number,
  share01: number,
  statistics: Statistics,
  live: { contacts: number; agents: number },
): string {
  const all = total(statistics.bins().map(([, bin]) => bin));
  return [
    `${bar(share01, 20)} ${new Date(nowMs).toISOString().slice(0, 19).replace("T", " ")}`,
    `${arrivedIn(all)} contacts`,
    `${live.contacts} live`,
    `${live.agents} agents`,
    `in 20 s ${percent(all.inTime, all.queued)}`,
    `abandoned ${percent(all.abandoned, all.queued)}`,
  ].join("  ");
}

function arrivedIn({ arrived }: Bin): number {
  return arrived.VOICE + arrived.CHAT + arrived.TASK + arrived.EMAIL;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "" : `${((100 * part) / whole).toFixed(1)} %`;
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of so many characters at most, in eighths of one. */
function bar(share01: number, width: number): string {
  const eighths = Math.round(Math.min(Math.max(share01, 0), 1) * width * 8);
  return `${"█".repeat(eighths >> 3)}${EIGHTHS[eighths & 7]}`.padEnd(width);
}

function isoDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
