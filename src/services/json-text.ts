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
