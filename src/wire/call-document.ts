import { Readable } from "node:stream";
import type { Caller } from "../models/caller.ts";
import { catalog, loadModel } from "../models/catalog.ts";
import { ModeledError } from "../models/modeled-error.ts";
import { decodeDocument, encodeDocument } from "./codec.ts";
import type { DispatchOptions } from "./dispatch.ts";
import { eventStreamMember } from "./event-stream.ts";
import { streamPayload } from "./payload.ts";
import { wireError } from "./protocols/errors.ts";
import { Refusal } from "./refusal.ts";

/** What came of a call, ready to be shown. */
export interface DocumentAnswer {
  readonly status: number;
  /** The output, or `{"code": …, "message": …}` with the error's other members. */
  readonly document: unknown;
}

/** An operation of an API, by the names of its model. */
export interface DocumentCall {
  readonly model: string;
  readonly operation: string;
  /** Parsed JSON: the input with all members under their own names. */
  readonly input: unknown;
}

/**
 * Calls an operation with one JSON document and answers with one, whatever its protocol: validated, authorized and answered like a
 * request that came signed. Bytes of an object that go in are base64, as other blobs are; what streams out (an object's bytes, a subscription)
 * is refused: that is for an SDK.
 */
export async function callDocument(
  { ids, findHandler, authorize }: Pick<DispatchOptions, "ids" | "findHandler" | "authorize">,
  { model: name, operation, input: document }: DocumentCall,
  caller: Caller,
): Promise<DocumentAnswer> {
  const known = catalog.some((entry) => entry.name === name);
  const model = known ? loadModel(name) : undefined;
  if (!model || !Object.hasOwn(model.operations, operation)) {
    return refused(new Refusal(404, "UnknownOperationException", `There is no operation ${name} ${operation}.`));
  }
  try {
    if (streams(model, operation)) {
      throw new Refusal(400, "InvalidRequest", `${operation} streams, which this endpoint does not; use an SDK.`);
    }
    const input = withPayload(model, operation, decodeDocument(model, operation, document, ids));
    const handler = await findHandler(model.name, operation);
    if (!handler) {
      const message = `${model.serviceId} ${operation} is not built in this version of Trunkline.`;
      throw new Refusal(501, "NotImplementedException", message);
    }
    await authorize?.(caller, model.name, operation, input);
    return { status: 200, document: encodeDocument(model, operation, (await handler(input, caller)) ?? {}) };
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    return refused(error, model);
  }
}

function refused(error: ModeledError, model?: ReturnType<typeof loadModel>): DocumentAnswer {
  const { status, name: code, message, members } = wireError(model, error);
  return { status, document: { ...members, code, message } };
}

/** Whether an operation gives what no document holds: the bytes of an object, a subscription. */
export function streams(model: ReturnType<typeof loadModel>, operation: string): boolean {
  const { output } = model.operations[operation] ?? {};
  if (output === undefined) return false;
  return eventStreamMember(model, output) !== undefined || streamingMember(model, output) !== undefined;
}

function streamingMember(model: ReturnType<typeof loadModel>, shapeName: string): string | undefined {
  const shape = model.shapes[shapeName];
  if (shape?.type !== "structure" || shape.payload === undefined) return undefined;
  return shape.members[shape.payload]?.streaming === true ? shape.payload : undefined;
}

/** A handler reads a streaming payload as it comes in; this one is there already. */
function withPayload(model: ReturnType<typeof loadModel>, operation: string, input: unknown): unknown {
  const member = streamingMember(model, model.operations[operation]?.input ?? "");
  if (member === undefined) return input;
  const { [member]: given = new Uint8Array(), ...others } = input as Record<string, unknown>;
  const bytes = Buffer.from(given as Uint8Array);
  const payload = streamPayload(Readable.from([bytes]), { protocol: model.protocol }, {});
  return { ...others, [member]: payload, ContentLength: bytes.length };
}
