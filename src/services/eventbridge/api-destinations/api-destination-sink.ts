import type { Sink, SinkFailure, SinkOutcome, SinkRequest, TargetAnswer } from "../../../flow/index.ts";
import { callHttp, type HttpAnswer, type HttpFailure } from "../../http-call.ts";
import { reservePlace } from "../../rate-places.ts";
import type { Platform } from "../../service.ts";
import { type ApiDestination, findApiDestination } from "./api-destination.ts";
import { type ApiRequest, apiRequest } from "./api-request.ts";
import { type AuthParameters, type Connection, findConnection, openAuthParameters } from "./connection.ts";
import { type OAuthToken, oauthToken } from "./oauth-token.ts";

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html: "maximum client execution timeout of 5 seconds" */
export const TIMEOUT_MS = 5_000;

/** Calls API destinations. What they answer, but for its status, and what authorizes the call, is in no failure, attempt or log. */
export function createApiDestinationSink(platform: Platform): Sink {
  return {
    async attempt(arn, request, signal, tell) {
      const destination = await findApiDestination(platform.store, arn);
      if (!destination) return failure("NO_RESOURCE", "The API destination does not exist.");
      if (destination.account !== request.account) {
        return failure("NO_PERMISSIONS", "The API destination belongs to another account.");
      }
      const connection = await findConnection(platform.store, destination.connectionArn);
      // Somebody may authorize it within the time that the event has.
      if (connection?.state !== "AUTHORIZED") return again("NO_PERMISSIONS", "The connection is not authorized.");
      const auth = openAuthParameters(platform, connection);
      if (!auth) return again("NO_PERMISSIONS", "The connection's secrets cannot be read.");
      return invoke(platform, { destination, connection, auth, request, signal, tell });
    },
    async reserve(arn, _request, endMs) {
      const destination = await findApiDestination(platform.store, arn);
      if (!destination) return platform.clock.now();
      return reservePlace(platform, { id: destination.id, perSecond: destination.ratePerSecond, endMs });
    },
  };
}

interface Invocation {
  readonly destination: ApiDestination;
  readonly connection: Connection;
  readonly auth: AuthParameters;
  readonly request: SinkRequest;
  readonly signal: AbortSignal;
  readonly tell: ((answer: TargetAnswer) => void) | undefined;
}

async function invoke(platform: Platform, invocation: Invocation): Promise<SinkOutcome> {
  const { connection, auth } = invocation;
  const oauth = auth.OAuthParameters;
  if (!oauth) return outcomeOf(await call(platform, invocation, undefined), platform);
  const token = await oauthToken(platform, connection, oauth);
  if ("failed" in token) return again("NO_PERMISSIONS", token.failed);
  const answer = await call(platform, invocation, token);
  if (!("status" in answer) || (answer.status !== 401 && answer.status !== 407)) return outcomeOf(answer, platform);
  const fresh = await oauthToken(platform, connection, oauth, token);
  if ("failed" in fresh) return again("NO_PERMISSIONS", fresh.failed);
  return outcomeOf(await call(platform, invocation, fresh), platform);
}

async function call(
  platform: Platform,
  { destination, auth, request, signal, tell }: Invocation,
  token: OAuthToken | undefined,
): Promise<HttpAnswer | HttpFailure> {
  const target = (request.parameters?.HttpParameters ?? {}) as ApiRequest["target"];
  const made = apiRequest({ destination, target, auth, oauthHeader: token?.authorization, body: request.body });
  if ("bad" in made) return { failed: "refused", message: made.bad };
  const timeoutMs = platform.limits.value("events.api-destination-timeout-ms", TIMEOUT_MS);
  const answer = await callHttp(platform, { ...made, timeoutMs }, signal);
  if ("status" in answer) tell?.({ status: answer.status });
  return answer;
}

const UNABLE = "Unable to invoke ApiDestination endpoint:";

/** "Events associated with error codes 429 and 5xx are retried": so are those that get no answer. */
function outcomeOf(answer: HttpAnswer | HttpFailure, { wall }: Platform): SinkOutcome {
  if ("failed" in answer) {
    const text = `${UNABLE} ${answer.message}.`;
    if (answer.failed === "refused") return failure("INVALID_PARAMETER", text);
    return again(answer.failed === "timeout" ? "TIMEOUT" : "CONNECTION_FAILURE", text);
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const text = `${UNABLE} it answered ${status}.`;
  const afterMs = retryAfterMs(answer, wall.now());
  if (status !== 429 && status < 500) return failure("SDK_CLIENT_ERROR", text);
  const code = status === 429 ? "THROTTLING" : "ERROR_FROM_TARGET";
  // "If Retry-After value is negative, EventBridge stops retrying delivery for that event."
  if (afterMs !== undefined && afterMs < 0) return failure(code, text);
  return { ...again(code, text), ...(afterMs !== undefined && { retryAfterMs: afterMs }) };
}

/** `Retry-After` in seconds, or as a date: one that has passed asks for nothing. */
function retryAfterMs({ headers }: HttpAnswer, nowMs: number): number | undefined {
  const text = headers["retry-after"]?.trim() ?? "";
  if (/^-?\d+$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

function failure(code: string, message: string): SinkFailure {
  return { code, message, retryable: false };
}

function again(code: string, message: string): SinkFailure {
  return { code, message, retryable: true };
}
