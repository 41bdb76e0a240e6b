import type { OperationModel, ServiceModel } from "../../models/model.ts";
import type { EventFormat } from "../event-stream.ts";
import type { RawRequest, RawResponse } from "../raw-message.ts";
import type { WireError } from "./errors.ts";

/** An operation, and what surrounds one request or answer. */
export interface Call {
  readonly model: ServiceModel;
  readonly name: string;
  readonly operation: OperationModel;
  readonly request: RawRequest;
}

/** A way to write requests, answers and errors. The model says what; a protocol says how. */
export interface Protocol {
  /** Throws `Malformed`. Constraints are not its business. */
  decodeInput(call: Call, labels: Readonly<Record<string, string>>): Record<string, unknown>;
  encodeOutput(call: Call, output: Record<string, unknown>, requestId: string): RawResponse;
  /** `model` is absent for a request whose service could not be told. */
  encodeError(model: ServiceModel | undefined, error: WireError, request: RawRequest, requestId: string): RawResponse;
  /** How this protocol writes events; absent where it has none. */
  readonly events?: {
    format(call: Call): EventFormat;
    /** Whether the output's other members are the first frame, rather than in the answer's head. */
    readonly startsWithInitialResponse: boolean;
  };
}
