/** A request to the server, to be signed and sent. */
export interface ApiRequest {
  /** In the signature's scope. */
  readonly service: "connect" | "kinesis" | "events" | "profile";
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what the answer is.
  readonly body: any;
}

/** Sends a request. Rejects where nobody answers. */
export type Api = (request: ApiRequest) => Promise<ApiAnswer>;

/** The server refused what the simulator cannot do without. The message says what. */
export class RefusedError extends Error {
  override readonly name: string = "RefusedError";
}

/** The answer of a request that must succeed. Throws `RefusedError`. */
// biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what the answer is.
export async function ask(api: Api, request: ApiRequest): Promise<any> {
  const { status, body } = await api(request);
  if (status >= 200 && status < 300) return body;
  throw new RefusedError(`${request.method} ${request.path} was answered ${status}: ${JSON.stringify(body)}`);
}
