/** The URLs at which custom resources and wait condition handles of stacks are answered: whoever has one may, as with a presigned URL. */
import { parseSignalPath, SIGNAL_BYTES_MAX, takeSignal } from "../services/cloudformation/index.ts";
import type { Platform } from "../services/service.ts";
import type { PlainHandler, PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";

/** Finds who answers a request to such a URL; `undefined` for every other request. */
export function createStackSignals(platform: () => Platform): (request: PlainRequest) => PlainHandler | undefined {
  return ({ path }) => {
    const token = parseSignalPath(path);
    return token === undefined ? undefined : (request) => answer(platform(), token, request);
  };
}

async function answer(platform: Platform, token: string, request: PlainRequest): Promise<PlainResponse> {
  if (request.method !== "PUT") return failure(405, "Stacks are signalled with PUT");
  const isTaken = await takeSignal(platform, token, parseSignal(await request.body()));
  return isTaken ? { status: 200 } : failure(403, "No stack waits for this signal");
}

/** What is no signal is one of a failure: the stack's events say why. */
function parseSignal(body: Buffer): Readonly<Record<string, unknown>> {
  const failed = (Reason: string): Readonly<Record<string, unknown>> => ({ Status: "FAILED", Reason });
  if (body.length > SIGNAL_BYTES_MAX) return failed("Response object is too long.");
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  return failed("Invalid response object: it must be a JSON object");
}
