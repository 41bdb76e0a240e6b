/** Where in a text a refusal of the server belongs, as far as its words tell. */
import type { Range } from "./range.ts";
import { type Node, nodeAt, type Parsed, propertiesOf, rootValue, type Step, stringAt } from "./tree.ts";

/**
 * The services name places in three ways: `at 'actions.1.member.taskAction.name'` (what a model forbids), `RuleFunction.Operands[1]` and
 * `line: 3, column: 7`; and some name what they do not like: `Unsupported ComparisonValue: $.Nothing`.
 */
export function spotOf(parsed: Parsed, message: string): Range | undefined {
  return (
    modeledSpot(parsed, message) ?? lineSpot(parsed, message) ?? pathSpot(parsed, message) ?? valueSpot(parsed, message)
  );
}

/** The place that steps lead to, or the nearest to it that is there. */
export function stepsSpot(parsed: Parsed, steps: readonly Step[]): Range | undefined {
  return rangeOf(parsed, nodeAt(parsed, steps));
}

function modeledSpot(parsed: Parsed, message: string): Range | undefined {
  const path = /at '([^']+)' failed to satisfy/.exec(message)?.[1];
  if (path === undefined) return undefined;
  const parts = path.split(".");
  const steps = parts.flatMap((part, place): Step[] => {
    if (part === "member") return [];
    // Of lists the place is counted from 1; of maps it is a key.
    return parts[place + 1] === "member" && /^\d+$/.test(part) ? [Number(part) - 1] : [part];
  });
  const same = (written: string, step: string): boolean => lowerFirst(written) === lowerFirst(step);
  return rangeOf(parsed, nodeAt(parsed, steps, same));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function lineSpot({ text }: Parsed, message: string): Range | undefined {
  const [, line, column] = /line: (\d+), column: (\d+)/.exec(message) ?? [];
  if (line === undefined || column === undefined) return undefined;
  const lines = text.split("\n");
  if (Number(line) > lines.length) return undefined;
  const start = lines.slice(0, Number(line) - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const from = Math.min(start + Math.max(0, Number(column) - 1), text.length);
  return from === text.length && from > 0
    ? { from: from - 1, to: from }
    : { from, to: Math.min(from + 1, text.length) };
}

/** `RuleFunction.Operands[1].FilterClause`: the first such path whose first step is there. */
function pathSpot(parsed: Parsed, message: string): Range | undefined {
  for (const [path] of message.matchAll(/[A-Za-z_$][\w-]*(?:\[\d+\]|\.[A-Za-z_]\w*)*/g)) {
    const steps = [...path.matchAll(/\[(\d+)\]|([\w$-]+)/g)].map(
      ([, place, name = ""]): Step => (place === undefined ? name : Number(place)),
    );
    const [first] = steps;
    const root = rootValue(parsed);
    const isThere = root !== undefined && propertiesOf(parsed, root).some(({ name }) => name === first);
    if (isThere && (steps.length > 1 || message.startsWith(path))) return rangeOf(parsed, nodeAt(parsed, steps));
  }
  return undefined;
}

function valueSpot(parsed: Parsed, message: string): Range | undefined {
  let found: Range | undefined;
  parsed.tree.iterate({
    enter: ({ node }) => {
      if (found || node.name !== "String") return;
      const value = stringAt(parsed, node);
      if (value.length > 2 && message.endsWith(`: ${value}`)) found = { from: node.from, to: node.to };
    },
  });
  return found;
}

/** Of an object or a list where it begins: the whole of it would be marked else. */
function rangeOf(parsed: Parsed, node: Node | undefined): Range | undefined {
  if (!node || parsed.text.trim() === "") return undefined;
  const isWide = node.name === "Object" || node.name === "Array";
  if (node.parent?.name === "Property" && isWide) {
    const name = node.parent.getChild("PropertyName");
    if (name) return { from: name.from, to: name.to };
  }
  return { from: node.from, to: isWide ? node.from + 1 : node.to };
}
