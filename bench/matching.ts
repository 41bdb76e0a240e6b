/**
 * The matcher: 100,000 contact-centre events against 1 to 100,000 rules, and lots of a city as GeoJSON, beside `JSON.parse` alone, each
 * rule evaluated in turn, json-rules-engine and aws/event-ruler on the same files; memory, and how fast rules come and go.
 *
 * Sides see fewer of the events where they would take too long. All must find the same matches.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CITY_LOT_RULES, cityLots } from "./matching/city-lots.ts";
import { contactEvents } from "./matching/contact-events.ts";
import { contactRules } from "./matching/contact-rules.ts";
import { CHUNK_EVENTS, type Outcome } from "./matching/passes.ts";
import { fetchEventRuler, runEventRuler, runNode } from "./matching/processes.ts";
import { type Figures, median, printBudget, printTable, rounds, SECONDS, type Side, spread } from "./measure.ts";

const EVENTS = 100_000;
const LOTS = 20_000;
const RULES_MAX = 1_000_000;
const SIZES = [1, 10, 100, 1_000, 10_000, 100_000];
/** Characters of a file that is written. */
const WRITTEN_AT_ONCE = 1 << 20;
/** Of how many rules, and how many events they see. */
const IN_TURN_EVENTS = new Map([
  [1, EVENTS],
  [10, EVENTS],
  [100, 20_000],
  [1_000, 2_000],
  [10_000, 200],
]);
const JSON_RULES_ENGINE_EVENTS = new Map([
  [1, 4_000],
  [10, 2_000],
  [100, 200],
]);
/** Likewise, with the options that made it fastest at this number of rules, and the budget. */
const EVENT_RULER = new Map([
  [1, { seen: EVENTS, options: "steps-and-reuse", timesAtLeast: 1.5 }],
  [1_000, { seen: EVENTS, options: "default", timesAtLeast: 5 }],
  [10_000, { seen: 20_000, options: "default", timesAtLeast: 8 }],
]);

/** aws/event-ruler's jars, if they could be had. */
type Ruler = { readonly jars: string } | undefined;

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-matching-"));
  try {
    const ruler = await fetchEventRuler(folder);
    if ("missing" in ruler) console.log(`\n  skipped aws/event-ruler: ${ruler.missing}`);
    const jars = "missing" in ruler ? undefined : ruler;
    const events = writeLines(join(folder, "events"), contactEvents(EVENTS, 1));
    const rules = writeLines(join(folder, "rules"), contactRules(RULES_MAX + 10_000, 2));
    await contactEventsBySize(events, rules, jars);
    await lotsOfACity(folder, jars);
    await memoryAndChange(rules);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function contactEventsBySize(events: string, rules: string, ruler: Ruler): Promise<void> {
  const found = new Map<number, readonly number[]>();
  const files = (size: number, seen = EVENTS): readonly (string | number)[] => [events, seen, rules, size, SECONDS];
  const node = (matcher: string, size: number, seen?: number): Side => ({
    name: `${matcher} ${size}`,
    run: async () => checked(found, size, matcher, await runNode("matching", [matcher, ...files(size, seen)])),
  });
  const figures = await rounds([
    {
      name: "json-parse",
      run: async () => figuresOf(await runNode<Outcome>("matching", ["json-parse", ...files(0)])),
    },
    ...SIZES.map((size) => node("trunkline", size)),
    ...[...IN_TURN_EVENTS].map(([size, seen]) => node("in-turn", size, seen)),
    ...[...JSON_RULES_ENGINE_EVENTS].map(([size, seen]) => ({
      name: `json-rules-engine ${size}`,
      run: async () => checked(found, size, "json-rules-engine", await runNode("json-rules-engine", files(size, seen))),
    })),
    ...[...(ruler ? EVENT_RULER : [])].map(([size, { seen, options }]) => ({
      name: `event-ruler ${size}`,
      run: async () =>
        checked(found, size, "event-ruler", await runEventRuler(ruler?.jars ?? "", [...files(size, seen), options])),
    })),
  ]);

  const floor = median(figures.get("json-parse"), "perSecond");
  const ours = (size: number, figure: string): number => median(figures.get(`trunkline ${size}`), figure);
  printTable(
    `${EVENTS.toLocaleString("en")} contact-centre events, of ${averageBytes(events, EVENTS)} bytes on average`,
    [
      ["rules", "matches an event", "events/s, parsing included", "of JSON.parse alone", "events/s, parsed already"],
      ["JSON.parse alone", "", spread(figures.get("json-parse"), "perSecond"), "1.00", ""],
      ...SIZES.map((size) => [
        size.toLocaleString("en"),
        ours(size, "matchesPerEvent").toFixed(2),
        spread(figures.get(`trunkline ${size}`), "perSecond"),
        (ours(size, "perSecond") / floor).toFixed(2),
        spread(figures.get(`trunkline ${size}`), "parsedPerSecond"),
      ]),
    ],
  );
  const against = (other: string, size: number): string => {
    const theirs = figures.get(`${other} ${size}`);
    if (theirs === undefined) return "";
    const ratio = ours(size, "perSecond") / median(theirs, "perSecond");
    return `${spread(theirs, "perSecond")}: ${ratio.toFixed(ratio < 10 ? 2 : 0)} x`;
  };
  printTable("The same of others, parsing included, and how many times as many events Trunkline matches", [
    ["rules", "each rule in turn", "json-rules-engine", "aws/event-ruler"],
    ...SIZES.map((size) => [
      size.toLocaleString("en"),
      ...["in-turn", "json-rules-engine", "event-ruler"].map((other) => against(other, size)),
    ]),
  ]);
  for (const [size, { timesAtLeast }] of ruler ? EVENT_RULER : []) {
    const ratio = ours(size, "perSecond") / median(figures.get(`event-ruler ${size}`), "perSecond");
    printBudget(`${size.toLocaleString("en")} rules against aws/event-ruler`, ratio, { atLeast: timesAtLeast });
  }
  printBudget("1,000 rules against JSON.parse alone", ours(1_000, "perSecond") / floor, { atLeast: 0.6 });
  const growth = ours(100, "parsedPerSecond") / ours(100_000, "parsedPerSecond");
  printBudget("growth of the cost of a match from 100 to 100,000 rules", growth, { atMost: 2 });
}

/** Rules about exact values, numbers, anything-but, and arrays in arrays of numbers: five of each kind, and all of them. */
async function lotsOfACity(folder: string, ruler: Ruler): Promise<void> {
  const lots = writeLines(join(folder, "lots"), cityLots(LOTS, 3));
  const kinds = { ...CITY_LOT_RULES, all: Object.values(CITY_LOT_RULES).flat() };
  const found = new Map<string, readonly number[]>();
  const sides = Object.entries(kinds).map(([kind, patterns]) => {
    const rules = writeLines(
      join(folder, `lot-rules-${kind}`),
      patterns.map((pattern) => JSON.stringify(pattern)),
    );
    return { kind, files: [lots, LOTS, rules, patterns.length, SECONDS / 2] };
  });
  const figures = await rounds([
    {
      name: "json-parse",
      run: async () => figuresOf(await runNode<Outcome>("matching", ["json-parse", ...(sides[0]?.files ?? [])])),
    },
    ...sides.map(({ kind, files }) => ({
      name: `trunkline ${kind}`,
      run: async () => checked(found, kind, "trunkline", await runNode("matching", ["trunkline", ...files])),
    })),
    ...sides
      .filter(({ kind }) => ruler && kind === "all")
      .map(({ kind, files }) => ({
        name: `event-ruler ${kind}`,
        run: async () =>
          checked(found, kind, "event-ruler", await runEventRuler(ruler?.jars ?? "", [...files, "default"])),
      })),
  ]);
  const floor = median(figures.get("json-parse"), "perSecond");
  printTable(`${LOTS.toLocaleString("en")} lots of a city, of ${averageBytes(lots, LOTS)} bytes on average`, [
    [
      "rules",
      "matches an event",
      "events/s, parsing included",
      "of JSON.parse alone",
      "events/s, parsed already",
      "aws/event-ruler",
    ],
    ["JSON.parse alone", "", spread(figures.get("json-parse"), "perSecond"), "1.00", ""],
    ...sides.map(({ kind, files }) => {
      const ours = figures.get(`trunkline ${kind}`);
      const theirs = figures.get(`event-ruler ${kind}`);
      return [
        `${files[3]} ${kind}`,
        median(ours, "matchesPerEvent").toFixed(2),
        spread(ours, "perSecond"),
        (median(ours, "perSecond") / floor).toFixed(2),
        spread(ours, "parsedPerSecond"),
        theirs
          ? `${spread(theirs, "perSecond")}: ${(median(ours, "perSecond") / median(theirs, "perSecond")).toFixed(2)} x`
          : "",
      ];
    }),
  ]);
}

async function memoryAndChange(rules: string): Promise<void> {
  const rows: string[][] = [["rules", "bytes a rule", "parsed and added/s while it grows", "adds/s", "removes/s"]];
  for (const size of [1_000, 100_000, RULES_MAX]) {
    const { bytesPerRule, builtPerSecond, repetitions } = await runNode<{
      bytesPerRule: number;
      builtPerSecond: number;
      repetitions: readonly Figures[];
    }>("machine-growth", [rules, size], ["--expose-gc", "--max-old-space-size=12288"]);
    rows.push([
      size.toLocaleString("en"),
      bytesPerRule.toFixed(0),
      builtPerSecond.toLocaleString("en", { maximumFractionDigits: 0 }),
      spread(repetitions, "addsPerSecond"),
      spread(repetitions, "removesPerSecond"),
    ]);
  }
  printTable("One machine of many rules: memory, and rules that come and go", rows);
}

/** Throws when a side finds other matches than the sides before it, in the events that both saw. */
function checked<Key>(found: Map<Key, readonly number[]>, rules: Key, side: string, outcome: Outcome): Figures {
  const before = found.get(rules);
  const shared = Math.min(before?.length ?? 0, outcome.matches.length);
  for (let chunk = 0; chunk < shared; chunk++) {
    if (before?.[chunk] === outcome.matches[chunk]) continue;
    throw new Error(
      `${side} finds ${outcome.matches[chunk]} matches where others find ${before?.[chunk]}: ${rules} rules, chunk ${chunk}`,
    );
  }
  if (before === undefined || before.length < outcome.matches.length) found.set(rules, outcome.matches);
  return figuresOf(outcome);
}

function figuresOf({ perSecond, parsedPerSecond, matches }: Outcome): Figures {
  const sum = matches.reduce((total, count) => total + count, 0);
  return {
    perSecond,
    parsedPerSecond: parsedPerSecond ?? Number.NaN,
    matchesPerEvent: sum / (matches.length * CHUNK_EVENTS),
  };
}

function writeLines(file: string, lines: Iterable<string>): string {
  const descriptor = openSync(file, "w");
  let text = "";
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < WRITTEN_AT_ONCE) continue;
    writeSync(descriptor, text);
    text = "";
  }
  writeSync(descriptor, text);
  closeSync(descriptor);
  return file;
}

function averageBytes(file: string, count: number): string {
  return (statSync(file).size / count).toFixed(0);
}
