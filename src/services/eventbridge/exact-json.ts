/** What Node 24 has of https://github.com/tc39/proposal-json-parse-with-source, and TypeScript does not know yet. */
interface JsonWithSource {
  parse(text: string, revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(source: string): object;
  isRawJSON(value: unknown): boolean;
}

const { parse, rawJSON, isRawJSON } = JSON as unknown as JsonWithSource;

/**
 * Parses JSON such that `JSON.stringify` writes each number as it was written: `1.0` stays `1.0`, and an id of 64 bits keeps its last
 * digits. A number that JavaScript would write differently is an object that stands for its text, of no use for calculations.
 */
export function parseExactly(text: string): unknown {
  return parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? rawJSON(source) : value,
  );
}

/** Whether a value is such an object. */
export function isRawNumber(value: unknown): boolean {
  return isRawJSON(value);
}
