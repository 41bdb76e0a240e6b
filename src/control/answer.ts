import type { PlainResponse } from "../wire/index.ts";

/** An answer with the value that its body tells. An act of a play is answered with thousands of others: its own body is never made. */
export interface JsonAnswer extends PlainResponse {
  readonly value: unknown;
}

/** The three kinds of answer that endpoints under `/_trunkline/` give. */
export function json(value: unknown, status = 200): JsonAnswer {
  return {
    status,
    headers: { "content-type": "application/json" },
    value,
    get body() {
      return `${JSON.stringify(value)}\n`;
    },
  };
}

export function text(content: string, type: string): PlainResponse {
  return { status: 200, headers: { "content-type": type }, body: content };
}

export function failure(status: number, message: string): JsonAnswer {
  return { ...json({ error: message }, status), refusal: message };
}

/** A JSON body, or what is wrong with it. */
export function parseBody(body: Buffer): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(body.toString("utf8")) };
  } catch (error) {
    return { error: `The body is not JSON: ${(error as Error).message}` };
  }
}
