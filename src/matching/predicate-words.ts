import type { Address, AddressBlock } from "./address.ts";
import type { Decimal } from "./decimal.ts";
import type { Bound, Predicate, Scalar } from "./predicate.ts";

/** How much is told of a list, and of a text. */
const ITEMS_MAX = 5;
const CHARACTERS_MAX = 60;

/**
 * What predicates ask of a field, of which it need meet but one, in words that follow its path: `is "CONNECTED"`, `is one of "A", "B"`,
 * `is absent, or is a number above 5`. Texts stand as in JSON; long texts and lists are shortened.
 */
export function describe(predicates: readonly Predicate[]): string {
  const asked = predicates.some(({ kind }) => kind === "absent") ? ["is absent"] : [];
  for (const { before, after, items } of grouped(predicates.filter(({ kind }) => kind !== "absent"))) {
    asked.push(items.length === 0 ? before : `${before} ${oneOf(items)}${after}`);
  }
  return listed(asked, ", or ");
}

/** A value as JSON writes it; a long text shortened. */
export function valueText(value: Scalar): string {
  return typeof value === "string" ? JSON.stringify(shortened(value)) : String(value);
}

/** Values in a row, of many the first; `more` are those that are not even given. */
export function valuesText(values: readonly Scalar[], more: number): string {
  if (more === 0) return listed(values.map(valueText), ", ");
  return `${values.slice(0, ITEMS_MAX).map(valueText).join(", ")} and ${values.length - ITEMS_MAX + more} more`;
}

/** Items with a separator between them, and another one before the last; of many the first, and how many more there are. */
export function listed(items: readonly string[], separator: string, lastSeparator: string = separator): string {
  if (items.length > ITEMS_MAX)
    return `${items.slice(0, ITEMS_MAX).join(separator)} and ${items.length - ITEMS_MAX} more`;
  const last = items.at(-1) ?? "";
  return items.length > 1 ? `${items.slice(0, -1).join(separator)}${lastSeparator}${last}` : last;
}

function oneOf(items: readonly string[]): string {
  return items.length > 1 ? `one of ${listed(items, ", ")}` : String(items[0]);
}

function shortened(text: string): string {
  if (text.length <= CHARACTERS_MAX) return text;
  // Not between the two halves of a character.
  return `${text.slice(0, CHARACTERS_MAX - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** `before ITEM after`, or `before` alone where there is nothing to name. */
interface Words {
  readonly before: string;
  readonly item?: string;
  readonly after?: string;
}

interface Group {
  readonly before: string;
  readonly after: string;
  readonly items: string[];
}

/** Predicates that differ in an item only, together: `begins with` and all the beginnings. */
function grouped(predicates: readonly Predicate[]): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const predicate of predicates) {
    const { before, item, after = "" } = wordsOf(predicate);
    const name = JSON.stringify([before, after]);
    const group = groups.get(name) ?? { before, after, items: [] };
    groups.set(name, group);
    if (item !== undefined) group.items.push(item);
  }
  return groups.values();
}

function wordsOf(predicate: Predicate): Words {
  switch (predicate.kind) {
    case "equals":
      return { before: "is", item: valueText(predicate.value) };
    case "equals-ignore-case":
      return { before: "is", item: valueText(predicate.text), after: " in any case" };
    case "prefix":
    case "suffix":
      return {
        before: predicate.kind === "prefix" ? "begins with" : "ends with",
        item: valueText(predicate.text),
        ...(predicate.ignoreCase && { after: " in any case" }),
      };
    case "wildcard":
      return wildcardWords(predicate.pieces);
    case "cidr":
      return blockWords(predicate.block);
    case "range":
      return { before: numberWords(predicate, String) };
    case "decimal-range":
      return { before: numberWords(predicate, decimalText) };
    case "instant-range":
      return { before: timeWords(predicate) };
    case "anything-but":
      return { before: `is anything but ${exceptions(predicate.values, predicate.predicates)}` };
    case "as-text": {
      const words = wordsOf(predicate.predicate);
      return { ...words, before: `as text ${words.before}` };
    }
    case "list-with":
      return { before: "is a list with", item: listed(predicate.items.map(valueText), ", ", " and ") };
    case "named":
      return { before: `tells that ${predicate.meaning}` };
    case "exists":
      return { before: "is present" };
    case "absent":
      return { before: "is absent" };
  }
}

function wildcardWords(pieces: readonly string[]): Words {
  const [first, inner = "", last] = pieces;
  if (pieces.length === 3 && first === "" && last === "") return { before: "contains", item: valueText(inner) };
  return { before: "matches", item: valueText(pieces.map((piece) => piece.replace(/[\\*]/g, "\\$&")).join("*")) };
}

function exceptions(values: ReadonlySet<Scalar>, predicates: readonly Predicate[]): string {
  const texts = values.size > 0 ? [oneOf([...values].map(valueText))] : [];
  if (predicates.length > 0) texts.push(`what ${describe(predicates)}`);
  return texts.join(" or ");
}

interface Range<T> {
  readonly bottom?: Bound<T>;
  readonly top?: Bound<T>;
}

function numberWords<T>({ bottom, top }: Range<T>, text: (value: T) => string): string {
  const least = bottom && text(bottom.value);
  const most = top && text(top.value);
  if (bottom?.inclusive && top?.inclusive && least === most) return `is the number ${shortened(text(top.value))}`;
  const bounds = [
    ...(least === undefined ? [] : [`${bottom?.inclusive ? "of at least" : "above"} ${shortened(least)}`]),
    ...(most === undefined ? [] : [`${top?.inclusive ? "up to" : "below"} ${shortened(most)}`]),
  ];
  return ["is a number", ...(bounds.length > 0 ? [bounds.join(" and ")] : [])].join(" ");
}

function timeWords({ bottom, top }: Range<number>): string {
  if (bottom?.inclusive && top?.inclusive && bottom.value === top.value) return `is the time ${timeText(top.value)}`;
  const bounds = [
    ...(bottom ? [`${bottom.inclusive ? "at or after" : "after"} ${timeText(bottom.value)}`] : []),
    ...(top ? [`${top.inclusive ? "at or before" : "before"} ${timeText(top.value)}`] : []),
  ];
  return ["is a time", ...(bounds.length > 0 ? [bounds.join(" and ")] : [])].join(" ");
}

function timeText(instantMs: number): string {
  const time = new Date(instantMs);
  return Number.isNaN(time.getTime()) ? String(instantMs) : time.toISOString().replace(".000Z", "Z");
}

/** Zeros that a number may have beside its digits before it is written with a power of ten. */
const ZEROS_MAX = 20;

function decimalText({ negative, digits, exponent }: Decimal): string {
  if (digits === "") return "0";
  const sign = negative ? "-" : "";
  const zerosBefore = Math.max(-exponent, 0);
  const zerosBehind = Math.max(exponent - digits.length, 0);
  if (zerosBefore + zerosBehind > ZEROS_MAX) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits[0]}${fraction}e${exponent - 1}`;
  }
  const whole = digits.slice(0, Math.max(exponent, 0)) + "0".repeat(zerosBehind);
  const fraction = "0".repeat(zerosBefore) + digits.slice(Math.max(exponent, 0));
  return `${sign}${whole || "0"}${fraction && `.${fraction}`}`;
}

/** A block of one address is what a literal address in an event pattern means. */
function blockWords({ base, maskBits }: AddressBlock): Words {
  const text = base.family === 4 ? v4Text(base.bits) : v6Text(base);
  const isOneAddress = maskBits === (base.family === 4 ? 32 : 128);
  return isOneAddress
    ? { before: "is the IP address", item: text }
    : { before: "is an IP address within", item: `${text}/${maskBits}` };
}

function v4Text(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join(".");
}

/** As RFC 5952 writes it: the longest run of groups of 0 is left out. */
function v6Text({ bits }: Address): string {
  const groups = bits.toString(16).padStart(32, "0").match(/.{4}/g) ?? [];
  const text = groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort(([one], [other]) => other.length - one.length);
  const [longest] = runs;
  if (longest === undefined) return text;
  const [before, behind] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)];
  return `${before.replace(/:$/, "")}::${behind.replace(/^:/, "")}`;
}
