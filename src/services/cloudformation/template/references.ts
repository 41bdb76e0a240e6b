/** What a value of a template refers to, without resolving anything. */
export interface References {
  /** Names in `Ref`, and those in `Fn::Sub` without a dot: of resources, parameters and pseudo parameters. */
  readonly refs: ReadonlySet<string>;
  /** Logical ids in `Fn::GetAtt`, and those in `Fn::Sub` with a dot. */
  readonly attributesOf: ReadonlySet<string>;
  readonly conditions: ReadonlySet<string>;
  readonly mappings: ReadonlySet<string>;
}

export function listReferences(value: unknown): References {
  const found = {
    refs: new Set<string>(),
    attributesOf: new Set<string>(),
    conditions: new Set<string>(),
    mappings: new Set<string>(),
  };
  visit(value, found);
  return found;
}

type Found = { readonly [K in keyof References]: Set<string> };

function visit(value: unknown, found: Found): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) visit(item, found);
    return;
  }
  const entries = Object.entries(value);
  const [[name, argument] = ["", undefined]] = entries;
  if (entries.length === 1 && visitFunction(name, argument, found)) return;
  for (const [, item] of entries) visit(item, found);
}

/** Whether it was a function that names something; what is in its arguments is visited too. */
function visitFunction(name: string, argument: unknown, found: Found): boolean {
  const [first, ...rest] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
  switch (name) {
    case "Ref":
      if (typeof argument === "string") found.refs.add(argument);
      return true;
    case "Condition":
      // A property may have this name too, with a map in it.
      if (typeof argument !== "string") return false;
      found.conditions.add(argument);
      return true;
    case "Fn::GetAtt":
      if (typeof first === "string")
        found.attributesOf.add(Array.isArray(argument) ? first : (first.split(".")[0] ?? ""));
      visit(rest, found);
      return true;
    case "Fn::If":
      if (typeof first === "string") found.conditions.add(first);
      visit(rest, found);
      return true;
    case "Fn::FindInMap":
      if (typeof first === "string") found.mappings.add(first);
      visit(argument, found);
      return true;
    case "Fn::Sub":
      if (typeof first === "string") visitPlaceholders(first, rest[0], found);
      visit(rest, found);
      return true;
    default:
      return false;
  }
}

const PLACEHOLDER = /\$\{(!?)([^{}]*)\}/g;

/** A text with each `${Name}` and `${Name.Attribute}` replaced. `${!Literal}` is `${Literal}`. */
export function replacePlaceholders(text: string, textOf: (name: string) => string): string {
  return text.replaceAll(PLACEHOLDER, (_whole, literal: string, name: string) =>
    literal === "!" ? `\${${name}}` : textOf(name.trim()),
  );
}

function visitPlaceholders(text: string, own: unknown, found: Found): void {
  const names = typeof own === "object" && own !== null ? Object.keys(own) : [];
  for (const [, literal, inside = ""] of text.matchAll(PLACEHOLDER)) {
    const name = inside.trim();
    if (literal === "!" || names.includes(name)) continue;
    const dot = name.indexOf(".");
    if (dot < 0) found.refs.add(name);
    else found.attributesOf.add(name.slice(0, dot));
  }
}
