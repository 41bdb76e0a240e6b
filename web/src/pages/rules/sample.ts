/** A sample to try a rule on: made of what the rule asks for, so that there is something to change. */
import { formatJson, parseJson } from "../../parts/json-editor.tsx";
import type { Draft } from "./rule-data.tsx";

export function sampleFor({ source, functionText }: Draft): string {
  const conditions = conditionsIn(functionText);
  const words = conditions.flatMap(({ path, operand }) => (/Match\.Transcript$/.test(path) ? wordsOf(operand) : []));
  const facts: Record<string, unknown> = {};
  for (const { path, operand } of conditions) {
    if (!/Match\.|Sentiment|TalkTime|NonTalk|Loudness|Interruptions|ResponseTime|AiAgent/.test(path))
      put(facts, path, operand);
  }
  const said = words.length > 0 ? words : ["What is said."];
  if (/Call(Analysis|Work)|Chat(Analysis|Work)/.test(source)) {
    const turns = [
      { speaker: "AGENT", text: "Good morning, how can I help?" },
      ...said.map((text) => ({ speaker: "CUSTOMER", text })),
    ];
    return formatJson({ turns, facts, tags: {} });
  }
  return formatJson(source === "OnEmailAnalysisAvailable" ? { texts: said, facts, tags: {} } : { facts });
}

interface Condition {
  readonly path: string;
  readonly operand: unknown;
}

function conditionsIn(text: string): readonly Condition[] {
  const parsed = parseJson(text);
  const found: Condition[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { ComparisonValue: path, Operands: operands } = value as { ComparisonValue?: unknown; Operands?: unknown };
    if (typeof path === "string") found.push({ path, operand: Array.isArray(operands) ? operands[0] : undefined });
    for (const member of Object.values(value)) look(member);
  };
  if ("value" in parsed) look(parsed.value);
  return found;
}

/** A phrase as somebody would say it. */
function wordsOf(operand: unknown): readonly string[] {
  if (typeof operand === "string") return [operand];
  if (!Array.isArray(operand)) return [];
  const words = (operand as readonly { Type?: string; Value?: unknown }[]).map(({ Type, Value }) => {
    if (Type === "PLAIN") return String(Value);
    if (Type === "LIST") return String((Value as readonly { Value?: unknown }[])[0]?.Value ?? "");
    return Type === "NUMERICAL" ? "3" : "";
  });
  return [words.join(" ").replaceAll("*", "").replace(/\s+/g, " ").trim()];
}

/** Puts a value at the path of a condition. A key of contact attributes may hold dots. */
function put(facts: Record<string, unknown>, path: string, value: unknown): void {
  const [before = "", key] = path
    .slice("$.".length)
    .split(/(?<=ContactAttribute|UserDefined|CustomAttribute|Fields)\.(.+)/s);
  const steps = [...before.split("."), ...(key ? [key] : [])];
  let at = facts;
  for (const step of steps.slice(0, -1)) {
    const next = Object.hasOwn(at, step) ? at[step] : undefined;
    if (typeof next !== "object" || next === null) Object.defineProperty(at, step, { value: {}, enumerable: true });
    at = at[step] as Record<string, unknown>;
  }
  Object.defineProperty(at, steps.at(-1) ?? "", {
    value: value ?? "",
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
