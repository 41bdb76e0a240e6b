/** The front door: HTTP in and out, signatures, protocols. It knows API models and no service. */
export type { Caller } from "../models/caller.ts";
export { callDocument, type DocumentAnswer, type DocumentCall, streams } from "./call-document.ts";
export { decodeInput } from "./codec.ts";
export type { Credential } from "./credentials.ts";
export type { FinishedRequest } from "./dispatch.ts";
export type { Head } from "./exchange.ts";
export type { PlainHandler, PlainRequest, PlainResponse } from "./plain.ts";
export { Refusal } from "./refusal.ts";
export { startServer, type WireOptions, type WireServer } from "./server.ts";
export { scopeService } from "./sigv4.ts";
export { patternText } from "./validate-pattern.ts";
export type { WebSocketHandler } from "./web-socket.ts";
