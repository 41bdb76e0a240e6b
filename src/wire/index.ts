/** The front door: HTTP in and out, signatures, protocols. It knows API models and no service. */
export type { Caller } from "./caller.ts";
export type { Credential } from "./credentials.ts";
export type { FinishedRequest, OperationHandler } from "./dispatch.ts";
export type { PlainHandler, PlainRequest, PlainResponse } from "./plain.ts";
export { Refusal } from "./refusal.ts";
export { startServer, type WireOptions, type WireServer } from "./server.ts";
