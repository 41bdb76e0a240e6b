import type { PlainResponse } from "../wire/index.ts";

/** The three kinds of answer that endpoints under `/_trunkline/` give. */
export function json(value: unknown, status = 200): PlainResponse {
  return { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(value)}\n` };
}

export function text(content: string, type: string): PlainResponse {
  return { status: 200, headers: { "content-type": type }, body: content };
}

export function failure(status: number, message: string): PlainResponse {
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
