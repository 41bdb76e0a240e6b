import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { shownDuration } from "./time.tsx";
import { type Entry, LANES, shownSentiment, spanOf } from "./timeline-data.ts";

const LABELS = 104;
const TOP = 22;
const LEVEL = 11;
const LEVELS = 3;
/** On a narrow screen a lane's name stands above what is in it. */
const NAME = 11;
/** Marks are at least so wide, so that each can be seen and hit. */
const MARK = 9;

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Mark {
  readonly entry: Entry;
  readonly x: number;
  readonly width: number;
  readonly level: number;
  readonly lane: number;
}

/** All entries on one axis, a lane for each thing that they are about. What is chosen here is chosen in the list below. */
export function Axis({
  entries,
  whole,
  shown,
  nowMs,
  chosen,
  onChoose,
  onWindow,
}: {
  readonly entries: readonly Entry[];
  /** All that there is. */
  readonly whole: Window;
  readonly shown: Window;
  readonly nowMs: number;
  readonly chosen: string | undefined;
  onChoose(entry: Entry): void;
  onWindow(window: Window | undefined): void;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(900);
  const drag = useSignal<{ readonly from: number; readonly to: number } | undefined>(undefined);
  useEffect(() => {
    const look = (): void => {
      width.value = Math.max(240, box.current?.clientWidth ?? 900);
    };
    const resized = new ResizeObserver(look);
    if (box.current) resized.observe(box.current);
    look();
    return () => resized.disconnect();
  }, []);
  const labels = width.value < 500 ? 0 : LABELS;
  const above = labels > 0 ? 0 : NAME;
  const inner = width.value - labels - MARK;
  const lanes = useMemo(() => LANES.filter(({ has }) => entries.some(has)), [entries]);
  const xOf = (ms: number): number => labels + ((ms - shown.fromMs) / (shown.toMs - shown.fromMs)) * inner;
  const msOf = (x: number): number => shown.fromMs + ((x - labels) / inner) * (shown.toMs - shown.fromMs);
  const marks = useMemo(
    () => placed({ entries, lanes, shown, nowMs, chosen, left: labels }, xOf),
    [entries, lanes, shown.fromMs, shown.toMs, Math.round(xOf(nowMs)), width.value, chosen],
  );
  const tops = topsOf(lanes.length, marks, above);
  const height = tops.at(-1) ?? TOP;
  const inReach = marks.find(({ entry }) => entry.id === chosen) ?? marks[0];

  const place = (event: PointerEvent): number => {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    return Math.min(labels + inner, Math.max(labels, event.clientX - left));
  };
  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0 || event.pointerType === "touch" || (event.target as Element).closest(".tl-mark")) return;
    const x = place(event);
    drag.value = { from: x, to: x };
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  };
  const onUp = (): void => {
    const { from = 0, to = 0 } = drag.value ?? {};
    drag.value = undefined;
    if (Math.abs(to - from) > 6) onWindow({ fromMs: msOf(Math.min(from, to)), toMs: msOf(Math.max(from, to)) });
  };
  const zoom = (factor: number): void => onWindow(zoomed(shown, whole, factor, centreOf(inReach, shown, nowMs)));
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "+" || event.key === "=") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else if (event.key === "0") onWindow(undefined);
    else if (step !== undefined) move(entries, chosen, step, onChoose);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      moveLane(marks, inReach, event.key === "ArrowDown" ? 1 : -1, onChoose);
    } else return;
    event.preventDefault();
    requestAnimationFrame(() => box.current?.querySelector<SVGElement>(".tl-mark[tabindex='0']")?.focus());
  };
  return (
    <div class="tl-axis">
      <div class="buttons tl-zoom">
        <button type="button" onClick={() => zoom(0.5)} aria-label="Zoom in">
          +
        </button>
        <button type="button" onClick={() => zoom(2)} aria-label="Zoom out">
          −
        </button>
        <button type="button" onClick={() => onWindow(undefined)}>
          Fit
        </button>
        <span class="faint">
          {shownDuration(shown.toMs - shown.fromMs)} shown; drag over the axis to see a part of it
        </span>
      </div>
      <div ref={box} class="tl-box">
        {/* biome-ignore lint/a11y/useSemanticElements: there is no element for a group of marks in a drawing. */}
        <svg
          role="group"
          aria-label="Axis of time; arrows go from entry to entry, + and − zoom, 0 shows all"
          width={width.value}
          height={height}
          onPointerDown={onDown}
          onPointerMove={(event) => {
            if (drag.value) drag.value = { ...drag.value, to: place(event) };
          }}
          onPointerUp={onUp}
          onPointerCancel={() => (drag.value = undefined)}
          onKeyDown={onKey}
        >
          <Ticks shown={shown} xOf={xOf} height={height} originMs={whole.fromMs} room={inner} />
          {lanes.map(({ title }, lane) => (
            <g key={title} class="tl-lane">
              <line x1={0} x2={width.value} y1={tops[lane]} y2={tops[lane]} />
              <text x={2} y={(tops[lane] ?? 0) + (labels > 0 ? 15 : 10)} class={labels > 0 ? "" : "small"}>
                {title}
              </text>
            </g>
          ))}
          {nowMs >= shown.fromMs && nowMs <= shown.toMs && (
            <line class="tl-now" x1={xOf(nowMs)} x2={xOf(nowMs)} y1={TOP} y2={height} />
          )}
          {marks.map((mark) => (
            <MarkShape
              key={mark.entry.id}
              mark={mark}
              top={(tops[mark.lane] ?? 0) + above + 5}
              isChosen={mark.entry.id === chosen}
              isInReach={mark === inReach}
              onChoose={onChoose}
            />
          ))}
          {drag.value && (
            <rect
              class="tl-drag"
              x={Math.min(drag.value.from, drag.value.to)}
              y={TOP}
              width={Math.abs(drag.value.to - drag.value.from)}
              height={height - TOP}
            />
          )}
        </svg>
      </div>
    </div>
  );
}

function MarkShape({
  mark: { entry, x, width, level },
  top,
  isChosen,
  isInReach,
  onChoose,
}: {
  readonly mark: Mark;
  readonly top: number;
  readonly isChosen: boolean;
  readonly isInReach: boolean;
  onChoose(entry: Entry): void;
}): JSX.Element {
  const y = top + level * LEVEL;
  const sentiment = shownSentiment(entry);
  const names = [
    "tl-mark",
    `kind-${entry.kind}`,
    entry.tone && `tone-${entry.tone}`,
    sentiment && `mood-${sentiment.word}`,
    isChosen && "chosen",
  ];
  const name = [entry.title.slice(0, 120), sentiment?.word, entry.detail?.slice(0, 120), timeOf(entry)].filter(Boolean);
  const spans = entry.until !== undefined && width > MARK;
  const label = spans ? fitting(entry.kind === "transcript" ? (sentiment?.sign ?? "") : entry.title, width) : "";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing has no buttons of HTML.
    <g
      role="button"
      // In a drawing names of attributes keep their case.
      tabindex={isInReach ? 0 : -1}
      class={names.filter(Boolean).join(" ")}
      aria-label={name.join(", ")}
      aria-pressed={isChosen}
      onClick={() => onChoose(entry)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onChoose(entry);
      }}
    >
      <title>{name.join("\n")}</title>
      {spans ? (
        <>
          <rect x={x} y={y} width={width} height={LEVEL - 1} rx={2} />
          {label !== "" && (
            <text x={x + 3} y={y + 8}>
              {label}
            </text>
          )}
        </>
      ) : (
        <path d={shapeOf(entry, x + MARK / 2, y + LEVEL / 2 - 1)} />
      )}
    </g>
  );
}

/** A triangle for a category, one up or down for what was meant well or badly, a cross for what is not so, a circle for all else. */
function shapeOf(entry: Entry, x: number, y: number): string {
  const { kind, tone } = entry;
  const mood = shownSentiment(entry)?.word;
  if (kind === "category" || mood === "positive") return `M${x} ${y - 5}l5 9h-10z`;
  if (mood === "negative") return `M${x} ${y + 5}l5 -9h-10z`;
  if (mood === "mixed") return `M${x} ${y - 5}l5 5 -5 5 -5 -5z`;
  if (tone === "bad") return `M${x - 4} ${y - 2}l2 -2 2 2 2 -2 2 2 -2 2 2 2 -2 2 -2 -2 -2 2 -2 -2 2 -2z`;
  if (tone === "warn") return `M${x} ${y - 5}l5 5 -5 5 -5 -5z`;
  return `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`;
}

/** About so many pixels a letter. */
const LETTER = 5.6;

function fitting(text: string, width: number): string {
  return text.length * LETTER + 6 <= width ? text : "";
}

function timeOf({ at }: Entry): string {
  return new Date(at).toLocaleTimeString(undefined, { hour12: false });
}

interface Placing {
  readonly entries: readonly Entry[];
  readonly lanes: typeof LANES;
  readonly shown: Window;
  readonly nowMs: number;
  /** It has a place in any case. */
  readonly chosen: string | undefined;
  readonly left: number;
}

/** Entries that are drawn at most: what finds no place is in the list alone. */
const MARKS_MAX = 1_500;

/**
 * Where marks stand. What lasts takes its place first, so that a state is seen however much happens at its beginning; what would lie over
 * another one goes a level down.
 */
function placed({ entries, lanes, shown, nowMs, chosen, left }: Placing, xOf: (ms: number) => number): readonly Mark[] {
  const { fromMs, toMs } = shown;
  const wanted: Omit<Mark, "level">[] = [];
  for (const entry of entries) {
    const [beginMs, endMs] = spanOf(entry, nowMs);
    if (endMs < fromMs || beginMs > toMs) continue;
    const lane = lanes.findIndex(({ has }) => has(entry));
    const x = Math.max(left, xOf(beginMs));
    const width = Math.max(MARK, xOf(Math.min(endMs, toMs)) - x);
    if (lane >= 0) wanted.push({ entry, x, width: width > MARK ? width - 1 : width, lane });
  }
  const rank = ({ entry, width }: (typeof wanted)[number]): number => (entry.id === chosen ? 0 : width > MARK ? 1 : 2);
  const order = wanted.toSorted((one, other) => rank(one) - rank(other));
  const taken = lanes.map(() => Array.from({ length: LEVELS }, () => new Set<number>()));
  const marks: Mark[] = [];
  for (const mark of order) {
    const cells = cellsOf(mark);
    const level = taken[mark.lane]?.findIndex((level) => cells.every((cell) => !level.has(cell))) ?? -1;
    if (level < 0 || marks.length >= MARKS_MAX) continue;
    for (const cell of cells) taken[mark.lane]?.[level]?.add(cell);
    marks.push({ ...mark, level });
  }
  // In the order of time, which is that of the keys.
  return marks.sort((one, other) => one.x - other.x || one.lane - other.lane || one.level - other.level);
}

/** Where each lane begins, and the last one ends: it is as high as what lies in it. */
function topsOf(lanes: number, marks: readonly Mark[], above: number): readonly number[] {
  const levels = new Array<number>(lanes).fill(1);
  for (const { lane, level } of marks) levels[lane] = Math.max(levels[lane] ?? 1, level + 1);
  const tops = [TOP];
  for (const count of levels) tops.push((tops.at(-1) ?? TOP) + Math.max(count * LEVEL, 12) + 9 + above);
  return tops;
}

/** The places of some pixels each that a mark covers. */
const CELL = 3;

function cellsOf({ x, width }: Pick<Mark, "x" | "width">): readonly number[] {
  const first = Math.round(x / CELL);
  return Array.from({ length: Math.max(1, Math.floor(width / CELL)) }, (_, place) => first + place);
}

function Ticks({
  shown,
  xOf,
  height,
  originMs,
  room,
}: {
  readonly shown: Window;
  xOf(ms: number): number;
  readonly height: number;
  readonly originMs: number;
  readonly room: number;
}): JSX.Element {
  const stepMs = stepFor((shown.toMs - shown.fromMs) / Math.max(2, room / 90));
  const ticks: number[] = [];
  const first = originMs + Math.ceil((shown.fromMs - originMs) / stepMs) * stepMs;
  for (let ms = first; ms <= shown.toMs && ticks.length < 40; ms += stepMs) ticks.push(ms);
  return (
    <g class="tl-ticks">
      {ticks.map((ms) => (
        <g key={ms}>
          <line x1={xOf(ms)} x2={xOf(ms)} y1={TOP} y2={height} />
          <text x={xOf(ms) + 3} y={14}>
            {offsetText(ms - originMs)}
          </text>
        </g>
      ))}
    </g>
  );
}

const STEPS_S = [0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];
const DAY_S = 86_400;

function stepFor(leastMs: number): number {
  const found = STEPS_S.find((seconds) => seconds * 1000 >= leastMs);
  return found === undefined ? Math.ceil(leastMs / 1000 / DAY_S) * DAY_S * 1000 : found * 1000;
}

/** Since the beginning: `+1:05`, `+2 d 3 h`. */
export function offsetText(ms: number): string {
  const sign = ms < 0 ? "−" : "+";
  const seconds = Math.abs(ms) / 1000;
  if (seconds >= DAY_S) return sign + shownDuration(Math.abs(ms));
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  const shownRest = (Number.isInteger(rest) ? String(rest) : rest.toFixed(1)).padStart(
    Number.isInteger(rest) ? 2 : 4,
    "0",
  );
  if (minutes < 60) return `${sign}${minutes}:${shownRest}`;
  return `${sign}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${shownRest}`;
}

function centreOf(mark: Mark | undefined, { fromMs, toMs }: Window, nowMs: number): number {
  const [ms] = mark ? spanOf(mark.entry, nowMs) : [];
  return ms !== undefined && ms >= fromMs && ms <= toMs ? ms : (fromMs + toMs) / 2;
}

/** The shortest part that is shown. */
const LEAST_MS = 100;

function zoomed(shown: Window, whole: Window, factor: number, centreMs: number): Window | undefined {
  const lengthMs = Math.max(LEAST_MS, (shown.toMs - shown.fromMs) * factor);
  if (lengthMs >= whole.toMs - whole.fromMs) return undefined;
  const fromMs = Math.max(whole.fromMs, Math.min(centreMs - lengthMs / 2, whole.toMs - lengthMs));
  return { fromMs, toMs: fromMs + lengthMs };
}

/** Goes to the entry after or before the chosen one. */
export function move(
  entries: readonly Entry[],
  chosen: string | undefined,
  step: number,
  onChoose: (entry: Entry) => void,
): void {
  const place = entries.findIndex(({ id }) => id === chosen);
  const next = entries[place < 0 ? 0 : Math.max(0, Math.min(entries.length - 1, place + step))];
  if (next) onChoose(next);
}

/** Goes to the nearest mark of the next lane. */
function moveLane(
  marks: readonly Mark[],
  from: Mark | undefined,
  step: number,
  onChoose: (entry: Entry) => void,
): void {
  if (!from) return;
  const lanes = [...new Set(marks.map(({ lane }) => lane))].sort((one, other) => one - other);
  const lane = lanes[lanes.indexOf(from.lane) + step];
  const [nearest] = marks
    .filter((mark) => mark.lane === lane)
    .sort((one, other) => Math.abs(one.x - from.x) - Math.abs(other.x - from.x));
  if (nearest) onChoose(nearest.entry);
}
