import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../models/sha256.ts";

/** Who asks: an access key that the server knows, and a Region. */
export interface Caller {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** The server refused a request of the test kit. The message says which, and why. */
export class RefusedError extends Error {
  override readonly name: string = "RefusedError";
  readonly status: number;
  /** The modelled error of an operation: `ResourceNotFoundException`. */
  readonly code: string | undefined;

  constructor(message: string, status: number, code: string | undefined) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Signs requests to the server's own endpoints, and sends them. */
export class Connection {
  readonly url: string;
  readonly #caller: Caller;
  readonly #signer: SignatureV4;

  constructor(url: string, caller: Caller) {
    this.url = url;
    this.#caller = caller;
    const { region, ...credentials } = caller;
    this.#signer = new SignatureV4({ service: "trunkline", region, credentials, sha256: Sha256 });
  }

  /** The same server, as somebody else. */
  as(caller: Partial<Caller>): Connection {
    return new Connection(this.url, { ...this.#caller, ...caller });
  }

  /** An endpoint below `/_trunkline/`. Throws `RefusedError`. */
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what the answer is.
  async ask(method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<any> {
    const response = await this.#send(method, path, body);
    const text = await response.text();
    if (!response.ok) throw refused(`${method} /_trunkline/${path}`, response.status, text);
    return text === "" ? {} : JSON.parse(text);
  }

  /** An operation of an API, without its SDK: `call("connect", "ListUsers", {…})`. Throws `RefusedError`. */
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what the answer is.
  async call(model: string, operation: string, input: object = {}): Promise<any> {
    const response = await this.#send("POST", `api/${model}/${operation}`, input);
    const text = await response.text();
    if (!response.ok) throw refused(operation, response.status, text);
    return JSON.parse(text);
  }

  /** The lines of an answer, as they come. */
  async *lines(path: string): AsyncGenerator<string> {
    const response = await this.#send("GET", path);
    if (!response.ok || response.body === null) {
      throw refused(`GET /_trunkline/${path}`, response.status, await response.text());
    }
    let rest = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  }

  async #send(method: string, path: string, body?: object): Promise<Response> {
    const url = new URL(`/_trunkline/${path}`, this.url);
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const { headers } = await this.#signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, "content-type": "application/json" },
      ...content,
    });
    // `fetch` writes it itself, and refuses to be told.
    const { host: _, ...rest } = headers;
    try {
      return await fetch(url, { method, headers: rest, ...content });
    } catch (error) {
      throw new Error(`${this.url} does not answer ${method} ${url.pathname}: has the server been closed?`, {
        cause: error,
      });
    }
  }
}

function refused(what: string, status: number, text: string): RefusedError {
  try {
    const { error, message, code } = JSON.parse(text);
    return new RefusedError(`${what}: ${code === undefined ? "" : `${code}: `}${error ?? message}`, status, code);
  } catch {
    return new RefusedError(`${what} was answered ${status}: ${text}`, status, undefined);
  }
}
