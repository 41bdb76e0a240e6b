/** Reads text that must be a JSON object; `undefined` for every other text. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Not JSON: the caller says so in its service's words.
    return undefined;
  }
}

/** Whether a value of `JSON.parse` is an object. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether text is JSON, of whatever type. */
export function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Not JSON is what the caller asks about.
    return false;
  }
}

/** What Node 24 has of the proposal "JSON.parse source text access", and TypeScript does not declare yet. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  readonly rawJSON: (text: string) => object;
  readonly isRawJSON: (value: unknown) => value is { readonly rawJSON: string };
};

/**
 * JSON in which every number stays as it was written when `JSON.stringify` writes it again: one that a double would change is an object
 * here that stands for its text. Throws `SyntaxError`.
 */
export function parseKeepingNumbers(text: string): unknown {
  const keep = (_name: string, value: unknown, { source }: { readonly source?: string }): unknown =>
    typeof value === "number" && source !== undefined && source !== String(value) ? rawJSON(source) : value;
  return JSON.parse(text, keep as (name: string, value: unknown) => unknown);
}

/** The text of a number that `parseKeepingNumbers` has kept as it was written; `undefined` for every other value. */
export function keptNumber(value: unknown): string | undefined {
  return isRawJSON(value) ? value.rawJSON : undefined;
}
