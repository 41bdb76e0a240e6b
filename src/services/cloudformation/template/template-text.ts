/**
 * The text of a template, JSON or YAML, as plain values: YAML's short forms (`!Ref`, `!GetAtt a.b`) are written out, so that nothing behind
 * this file knows them. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { templateError } from "../errors.ts";

/** Nesting of a template, intrinsics included. */
const DEPTH_MAX = 100;

/** Throws `ValidationError` with the place of what is wrong. */
export function parseTemplateText(text: string): unknown {
  const trimmed = text.trimStart();
  return trimmed.startsWith("{") ? (parseJson(trimmed) ?? parseYaml(text)) : parseYaml(text);
}

/** `undefined`: it is no JSON, but may be YAML, of which JSON is nearly a part. */
function parseJson(text: string): unknown {
  try {
    return withoutDeepNesting(JSON.parse(text), 0);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function withoutDeepNesting(value: unknown, depth: number): unknown {
  if (depth > DEPTH_MAX) throw templateError("The template is nested too deeply.");
  if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) withoutDeepNesting(item, depth + 1);
  }
  return value;
}

function parseYaml(text: string): unknown {
  const lines = new LineCounter();
  // Numbers stay as they are written where they would lose digits, such as account ids that begin with 0.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: "silent",
  });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw templateError(`YAML not well-formed. (line ${line}, column ${col}) ${problem.message}`);
  }
  return plain(document.contents as Node | null, 0);
}

function plain(node: Node | null, depth: number): unknown {
  if (depth > DEPTH_MAX) throw templateError("The template is nested too deeply.");
  if (node === null) return null;
  if (isAlias(node)) throw templateError("YAML aliases are not allowed in CloudFormation templates");
  const value = untagged(node, depth);
  const { tag } = node;
  return tag?.startsWith("!") ? longForm(tag.slice(1), value) : value;
}

function untagged(node: Node, depth: number): unknown {
  if (isScalar(node)) return scalar(node.value, node.source);
  if (isSeq(node)) return node.items.map((item) => plain(item as Node | null, depth + 1));
  if (!isMap(node)) throw templateError("The template holds what is neither a value, a list nor a map.");
  const entries = node.items.map(({ key, value }): [string, unknown] => {
    if (!isScalar(key)) throw templateError("Keys must be strings.");
    return [key.source ?? String(key.value), plain(value as Node | null, depth + 1)];
  });
  return Object.fromEntries(entries);
}

/** `0123` is an account id more often than a number. */
function scalar(value: unknown, source: string | undefined): unknown {
  if (typeof value === "number" && source !== undefined && /^[+-]?0\d/.test(source)) return source;
  if (typeof value === "bigint") return String(value);
  return value;
}

function longForm(name: string, value: unknown): unknown {
  if (name === "Ref" || name === "Condition") return { [name]: value };
  if (name === "GetAtt" && typeof value === "string") {
    const dot = value.indexOf(".");
    return { "Fn::GetAtt": dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)] };
  }
  return { [`Fn::${name}`]: value };
}
