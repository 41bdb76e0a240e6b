/** What tells of one invocation to whoever runs a handler. */
export interface HandlerEvent {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly invokedArn: string;
  readonly traceId: string;
  /** JSON. */
  readonly clientContext: string | undefined;
  readonly payload: Uint8Array;
}

/** A process that waits for an event; it is given one at most. */
export type GiveEvent = (event: HandlerEvent) => void;

/** A sandbox as its process sees it, whichever way they speak. */
export interface SandboxClient {
  /** The process is ready for an event: the first one, or the next. */
  onReady(give: GiveEvent): void;
  /** It has broken off before it got one. */
  onUnready(give: GiveEvent): void;
  /** Whether this is the invocation in progress. */
  isCurrent(requestId: string): boolean;
  /** The answer, whole; `undefined` where it is too big. */
  onResponse(body: Buffer | undefined): void;
  /** An answer begins that is streamed. */
  onStream(contentType: string): void;
  /** A piece of an answer that is streamed. No more are read until that is done. */
  onPiece(piece: Buffer): Promise<void> | undefined;
  /** What is streamed is over; `error`: because the handler has failed. */
  onStreamed(error?: { readonly body: Buffer; readonly errorType: string }): void;
  onError(body: Buffer, errorType: string): void;
  onInitError(body: Buffer, errorType: string): void;
}
