import type { Caller } from "../models/caller.ts";
import { catalog, loadModel } from "../models/catalog.ts";
import type { OperationModel, ServiceModel } from "../models/model.ts";
import { ModeledError } from "../models/modeled-error.ts";
import type { StreamingPayload } from "../models/streaming-payload.ts";
import type { Ids } from "../time/ids.ts";
import { type Address, address, targetPrefix } from "./address.ts";
import type { Trailers } from "./aws-chunked.ts";
import { ClientGone, decodeContent } from "./body.ts";
import { signedCaller, unsignedCaller } from "./caller.ts";
import { parseQuery } from "./canonical.ts";
import { verifyChecksums } from "./checksums.ts";
import { decodeInput, encodeError, encodeOutput } from "./codec.ts";
import type { Head, Headers } from "./exchange.ts";
import { type PayloadRules, streamPayload, wholePayload } from "./payload.ts";
import { formOf } from "./protocols/parameters.ts";
import type { RawRequest, RawResponse } from "./raw-message.ts";
import { distrust, Refusal } from "./refusal.ts";
import { type Match, Routes } from "./routes.ts";
import { isSigned, type Verifier } from "./sigv4.ts";

/** What became of a request: for metrics and the log. */
export interface FinishedRequest {
  /** Of the operation that it was for, if it came that far. */
  readonly model?: string;
  readonly operation?: string;
  readonly account?: string;
  /** Of a request that is for no operation. The path has no query, which may hold a signature. */
  readonly method?: string;
  readonly path?: string;
  /** 499: the client went away first. */
  readonly status: number;
  readonly errorCode?: string;
  /** What a plain handler said of its refusal. */
  readonly refusal?: string;
  /** What was no fault of the caller. */
  readonly error?: unknown;
  /** Of an operation whose input has been read. */
  readonly call?: FinishedInput;
  readonly durationMs: number;
  readonly requestId: string;
}

/** What an operation was called with, for whoever keeps it: large, and with secrets in it. */
export interface FinishedInput {
  readonly caller: Caller;
  readonly input: unknown;
  readonly userAgent: string | undefined;
  /** Why it was refused. */
  message?: string;
}

/** Filled in while a request makes its way. */
export type Trace = { -readonly [K in keyof FinishedRequest]?: FinishedRequest[K] } & { readonly requestId: string };

export type OperationHandler = (input: unknown, caller: Caller) => Promise<unknown>;

export interface DispatchOptions {
  readonly ids: Ids;
  readonly verifier: Verifier;
  readonly baseHosts: readonly string[];
  readonly bodyBytesMax: number;
  findHandler(model: string, operation: string): Promise<OperationHandler | undefined>;
  authorize?(caller: Caller, model: string, operation: string, input: unknown): Promise<void> | undefined;
}

/** One request for an operation of an API model. */
export interface ApiRequest {
  readonly head: Head;
  readonly signal: AbortSignal;
  readonly sourceIp: string | undefined;
  /** `bytesMax`: where that is not what holds for all. */
  body(bytesMax?: number): Promise<Buffer>;
  /** The body while it comes in, instead of `body`. */
  stream(): AsyncIterable<Buffer>;
}

/** The path of a request for an operation: signature, route, input, handler, output. A streaming payload is read by the handler. */
export class Dispatcher {
  readonly #options: DispatchOptions;
  readonly #routes = new Map<string, Routes>();

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  /** Answers, whatever happens; throws only `ClientGone`. */
  async answer(api: ApiRequest, trace: Trace): Promise<RawResponse> {
    const to = address(api.head, this.#options.baseHosts);
    let request: RawRequest = { ...head(api.head), path: to.path, body: Buffer.alloc(0) };
    let model: ServiceModel | undefined;
    let operation: string | undefined;
    try {
      const { caller, found, headers, body } = await this.#admit(api, to, trace.requestId);
      ({ model, operation } = found);
      trace.model = model.name;
      trace.operation = operation;
      trace.account = caller.account;
      const call = { caller, input: undefined as unknown, userAgent: api.head.headers["user-agent"] };
      trace.call = call;
      request =
        body instanceof Uint8Array
          ? { ...request, headers, body: await this.#decodeBody(found, headers, body) }
          : { ...request, headers, payload: body };

      // Also of what is then refused: whoever looks at the call wants to see what was wrong with it.
      const input = decodeInput(model, operation, found.labels, request, this.#options.ids, (read) => {
        call.input = read;
      });
      const handler = await this.#options.findHandler(model.name, operation);
      if (!handler) {
        throw new Refusal(
          501,
          "NotImplementedException",
          `${model.serviceId} ${operation} is not built in this version of Trunkline.`,
        );
      }
      const asked = this.#options.authorize?.(caller, model.name, operation, input);
      if (asked !== undefined) await asked;
      const output = await handler(input, caller);
      return encodeOutput(model, operation, output, request, trace.requestId);
    } catch (error) {
      if (error instanceof ClientGone) throw error;
      trace.errorCode = error instanceof ModeledError ? error.code : "InternalFailure";
      if (trace.call && error instanceof ModeledError) trace.call.message = error.message;
      if (!(error instanceof ModeledError)) trace.error = error;
      if (!model) {
        trace.method = api.head.method;
        trace.path = api.head.path;
      }
      const [candidate] = to.candidates;
      const speaker = model ?? (candidate && loadModel(candidate.name));
      return encodeError(speaker, operation, error, request, trace.requestId);
    }
  }

  /** Who calls, and what. */
  async #admit(api: ApiRequest, to: Address, requestId: string): Promise<Admitted> {
    const whole = () => api.body(bodyBytesMax(to));
    const by = { requestId, signal: api.signal, sourceIp: api.sourceIp };
    const signed = isSigned(api.head);
    // Where a token proves who calls, no signature counts: clients that have no keys sign with empty ones.
    if (!signed || api.head.headers[BEARER_MEMBER] !== undefined) {
      const missing = distrust("no-credentials", to.protocol, "Missing Authentication Token");
      if (!signed && to.candidates.length === 0) throw missing;
      const body = await whole();
      const found = this.#findUnsigned(to, api.head, body);
      if (found) return { caller: unsignedCaller(by), found, body, headers: api.head.headers };
      if (!signed) throw missing;
    }
    const rules = { protocol: to.protocol, resource: to.path };
    const sender = await this.#options.verifier.verifyHead(api.head, rules, () => whole());
    // However the scope may be garbled: what the signature vouches for is the service that is asked.
    if (sender.service !== to.service) {
      throw distrust("wrong-scope", to.protocol, `Credential should be scoped to correct service: '${to.service}'.`);
    }
    const caller = signedCaller(sender, by);
    const routed = to.protocol.startsWith("rest-") ? this.#findByRoute(to, api.head) : undefined;
    if (routed && hasStreamingPayload(routed)) {
      const headers = wholeHeaders(api.head, to, sender.payload);
      return { caller, found: routed, headers, body: streamPayload(api.stream(), sender.payload, headers) };
    }
    const { body, trailers } = await wholePayload(await whole(), sender.payload);
    const found = routed ?? this.#find(to, api.head, body);
    return { caller, found, body, headers: wholeHeaders(api.head, to, sender.payload, trailers) };
  }

  #findUnsigned(to: Address, head: Head, body: Buffer): Found | undefined {
    try {
      const found = this.#find(to, head, body);
      return isUnsigned(found) ? found : undefined;
    } catch {
      // What the service would say of this request is nothing that an unsigned one is told.
      return undefined;
    }
  }

  /** Throws `Refusal` where there is no such operation. */
  #find(to: Address, head: Head, body: Buffer): Found {
    switch (to.protocol) {
      case "json":
        return findByTarget(to, head) ?? findByAction(to, head, body);
      case "query":
        return findByAction(to, head, body);
      case "rest-json":
      case "rest-xml":
        return this.#findByRoute(to, head);
    }
  }

  #findByRoute(to: Address, head: Head): Found {
    let wrongMethod = false;
    for (const { name } of to.candidates) {
      const model = loadModel(name);
      const match = this.#match(model, { ...head, path: to.path });
      if (typeof match === "object") return { model, ...match };
      wrongMethod ||= match === "wrong-method";
    }
    if (to.candidates.length === 0) throw unknownService(to);
    if (to.protocol === "rest-xml") {
      throw new Refusal(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    }
    throw wrongMethod
      ? new Refusal(405, "UnknownOperationException", `${head.method} is not allowed for this path.`)
      : new Refusal(404, "UnknownOperationException", "No operation has this path.");
  }

  #match(model: ServiceModel, head: Head): ReturnType<Routes["find"]> {
    const routes = this.#routes.get(model.name) ?? new Routes(model);
    this.#routes.set(model.name, routes);
    try {
      return routes.find(head);
    } catch {
      throw new Refusal(400, "InvalidURI", "Couldn't parse the specified URI.");
    }
  }

  /** The body in the operation's own terms: whole, and not compressed. */
  async #decodeBody({ model, operation }: Found, headers: Headers, body: Buffer): Promise<Buffer> {
    if (hasHeaderMember(model, operation, CHECKSUM_MEMBER)) await verifyChecksums(headers, body);
    const encoding = headers["content-encoding"]?.trim().toLowerCase();
    // Where the operation itself has the header, as PutObject does, it speaks of the object and not of the request.
    if (!encoding || encoding === "identity" || hasHeaderMember(model, operation, "content-encoding")) return body;
    return decodeContent(body, encoding, this.#options.bodyBytesMax);
  }
}

/** `undefined`: as much as any service takes. */
function bodyBytesMax({ candidates }: Address): number | undefined {
  return candidates.find((candidate) => candidate.bodyBytesMax !== undefined)?.bodyBytesMax;
}

/** Operations that take checksums have this header; on others `x-amz-checksum-…` speaks of something else than the body. */
const CHECKSUM_MEMBER = "x-amz-sdk-checksum-algorithm";
const BEARER_MEMBER = "x-amz-bearer";

interface Found extends Match {
  readonly model: ServiceModel;
}

interface Admitted {
  readonly caller: Caller;
  readonly found: Found;
  readonly headers: Headers;
  readonly body: Buffer | StreamingPayload;
}

function head({ method, path, query, headers }: Head): Head {
  return { method, path, query, headers };
}

/** `undefined`: a request in the query protocol, which SQS takes too. */
function findByTarget(to: Address, { method, headers }: Head): Found | undefined {
  const target = headers["x-amz-target"];
  const prefix = targetPrefix(target);
  const entry = to.candidates.find((candidate) => candidate.targetPrefix === prefix);
  const other = prefix === undefined ? undefined : catalog.find((candidate) => candidate.targetPrefix === prefix);
  if (!entry && other && to.service !== undefined) {
    throw distrust("wrong-scope", "json", `Credential should be scoped to correct service: '${other.signingName}'.`);
  }
  const [candidate] = to.candidates;
  if (!candidate) throw unknownService(to);
  if (target === undefined && loadModel(candidate.name).queryCompatible) return undefined;
  if (!entry || method !== "POST") throw unknownOperation();
  const operation = target?.slice(target.lastIndexOf(".") + 1) ?? "";
  const model = loadModel(entry.name);
  if (!Object.hasOwn(model.operations, operation)) throw unknownOperation();
  return { model, operation, labels: {} };
}

/** Like the real one it has no text. */
function unknownOperation(): Refusal {
  return new Refusal(400, "UnknownOperationException", "");
}

function findByAction(to: Address, { query }: Head, body: Buffer): Found {
  const form = new URLSearchParams(formOf({ query, body }));
  const operation = form.get("Action");
  const version = form.get("Version");
  if (!operation) {
    throw new Refusal(400, "MissingAction", "The request is missing an action or a required parameter.");
  }
  for (const { name } of to.candidates) {
    const model = loadModel(name);
    const isOfVersion = version === null || version === model.apiVersion;
    if (isOfVersion && Object.hasOwn(model.operations, operation)) return { model, operation, labels: {} };
  }
  if (to.candidates.length === 0) throw unknownService(to);
  throw new Refusal(
    400,
    "InvalidAction",
    `Could not find operation ${operation} for version ${version ?? "NO_VERSION_SPECIFIED"}`,
  );
}

function unknownService({ service }: Address): Refusal {
  return new Refusal(
    501,
    "NotImplementedException",
    `The service ${service} is not built in this version of Trunkline.`,
  );
}

/** Whether an operation is called without a signature, or with a token that the service has given out. */
function isUnsigned({ model, operation }: Found): boolean {
  return operationOf(model, operation).auth === "none" || hasHeaderMember(model, operation, BEARER_MEMBER);
}

function hasStreamingPayload({ model, operation }: Found): boolean {
  const { input } = operationOf(model, operation);
  const shape = input === undefined ? undefined : model.shapes[input];
  if (shape?.type !== "structure" || shape.payload === undefined) return false;
  return shape.members[shape.payload]?.streaming ?? false;
}

function hasHeaderMember(model: ServiceModel, operation: string, header: string): boolean {
  if (!model.protocol.startsWith("rest-")) return false;
  const { input } = operationOf(model, operation);
  const shape = input === undefined ? undefined : model.shapes[input];
  if (shape?.type !== "structure") return false;
  return Object.values(shape.members).some(
    ({ location, locationName }) => location === "header" && locationName?.toLowerCase() === header,
  );
}

function operationOf(model: ServiceModel, operation: string): OperationModel {
  return model.operations[operation] as OperationModel;
}

/**
 * A URL is made before there is a body: the JavaScript SDK puts the checksum of an empty one into it. The service does not look at these.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
 */
const CHECKSUM_PARAMETER = /^x-amz-(sdk-)?checksum-/;

/** Headers, with what came in their stead: in the query of a presigned S3 URL, or as trailers of a body. */
function wholeHeaders(
  { headers, query }: Head,
  { protocol }: Address,
  { framing }: PayloadRules,
  trailers: Trailers = {},
): Headers {
  if (framing) return { ...unframed(headers), ...trailers };
  if (protocol !== "rest-xml" || headers.authorization !== undefined) return headers;
  const moved = parseQuery(query).filter(([name]) => name.startsWith("x-amz-") && !CHECKSUM_PARAMETER.test(name));
  return { ...Object.fromEntries(moved), ...headers };
}

/** Headers as if the body had come without its `aws-chunked` framing. */
function unframed(headers: Headers): Headers {
  const { "content-encoding": encoding = "", "content-length": _framedLength, ...rest } = headers;
  const encodings = encoding.split(/[,\s]+/).filter((name) => name !== "" && name !== "aws-chunked");
  const length = headers["x-amz-decoded-content-length"];
  return {
    ...rest,
    ...(encodings.length > 0 && { "content-encoding": encodings.join(",") }),
    ...(length !== undefined && { "content-length": length }),
  };
}
