/**
 * Trunkline's own endpoints, all under `/_trunkline/`. Everything but health, and what has its own token in the URL, takes a signed
 * request, of whatever account; what writes refuses a foreign `Origin` or `Host`, so that no web page elsewhere can reach it.
 */
import type { Context, Platform } from "../services/service.ts";
import { followLink, isLink } from "../services/sns/index.ts";
import type { Caller, PlainHandler, PlainRequest, PlainResponse } from "../wire/index.ts";
import { agentEndpoint } from "./agents.ts";
import { failure, json, text } from "./answer.ts";
import { apiEndpoint, type CallOperation } from "./api.ts";
import { stagesEndpoint } from "./apis.ts";
import { attachmentEndpoint } from "./attachments.ts";
import { startBacktest } from "./backtest.ts";
import { startBackup } from "./backup.ts";
import type { CallLog } from "./call-log.ts";
import { calls } from "./calls.ts";
import { campaignEndpoint } from "./campaigns.ts";
import { caseEndpoint } from "./cases.ts";
import { moveClock, readClock } from "./clock.ts";
import { contactEndpoint } from "./contacts.ts";
import { deadLetterEndpoint } from "./dead-letters.ts";
import { deliveryEndpoint } from "./deliveries.ts";
import { deliveryStreamEndpoint } from "./delivery-streams.ts";
import { sendEvents } from "./events.ts";
import { explain } from "./explain.ts";
import { find } from "./find.ts";
import { flowEndpoint } from "./flows.ts";
import { functionCodeEndpoint } from "./function-code.ts";
import { functionEndpoint } from "./functions.ts";
import { live } from "./live.ts";
import { mailbox, mailboxMail } from "./mailbox.ts";
import { map, mapRates } from "./map.ts";
import { type IsBuilt, modelEndpoint } from "./models.ts";
import { overview } from "./overview.ts";
import { playEndpoint } from "./play.ts";
import { profileDomainEndpoint } from "./profile-domains.ts";
import { profileWebhookEndpoint } from "./profile-webhooks.ts";
import { ruleLanguageEndpoint } from "./rule-languages.ts";
import { createSessions, type SessionOptions } from "./sessions.ts";
import type { Simulations } from "./simulations.ts";
import { sqsEndpoint } from "./sqs-queues.ts";
import { streamEndpoint } from "./streams.ts";
import { timeline } from "./timeline/index.ts";
import { webhookEndpoint, webhookRequest } from "./webhooks.ts";

export type { CallOperation } from "./api.ts";
export { createApiCalls } from "./api-calls.ts";
export { CallLog } from "./call-log.ts";
export { createChatSockets } from "./chat-sockets.ts";
export { resumeClock, warnOfTimeAhead } from "./clock.ts";
export { createFunctionCalls } from "./function-calls.ts";
export { startOverview } from "./overview.ts";
export { playHere } from "./play.ts";
export { createSimulations, type Simulations } from "./simulations.ts";
export { createStackSignals } from "./stack-signals.ts";
export { createUpstreams, type Upstream } from "./upstreams.ts";

export interface ControlOptions extends SessionOptions {
  readonly version: string;
  readonly callOperation: CallOperation;
  readonly isBuilt: IsBuilt;
  /** Why the caller's policies do not let it use an endpoint, a path below `/_trunkline/`; `undefined` where they do. */
  findDenial(caller: Caller, method: string, path: string): Promise<string | undefined>;
  /** Whether a request that names this host means this server. */
  readonly isOwnHost: (hostname: string) => boolean;
  /** What whoever operates the server wants to know of it. */
  readonly facts: () => object;
  readonly simulations: Simulations;
  readonly callLog: CallLog;
  /** Whether all that belongs to the start is done. */
  readonly isReady: () => boolean;
  /** The account of whoever operates the server: it may do and see what concerns all accounts at once. */
  readonly operatorAccount: () => string;
  /** Throws all data away and begins anew. Absent where data is to be kept. */
  readonly reset?: () => Promise<void>;
}

type Endpoint = (request: PlainRequest, caller: Caller) => Promise<PlainResponse>;

type CentreEndpoint = (
  context: Context,
  method: string,
  path: readonly string[],
  body: Buffer,
  query: URLSearchParams,
) => Promise<PlainResponse | undefined>;

const PREFIX = "/_trunkline/";

/** Finds the handler of a path under `/_trunkline/`; `undefined` for every other path. */
export function createControl({
  version,
  isOwnHost,
  reset,
  callOperation,
  isBuilt,
  findDenial,
  simulations,
  callLog,
  facts,
  isReady,
  operatorAccount,
  ...sessionOptions
}: ControlOptions): (request: PlainRequest) => PlainHandler | undefined {
  const { platform } = sessionOptions;
  const sessions = createSessions(sessionOptions);
  const isOperators = ({ account }: Caller): boolean => account === operatorAccount();
  const contextOf = (caller: Caller): Context => ({ ...platform(), endpoint: platform().endpoint, ...caller });
  const endpoints: Readonly<Record<string, Endpoint>> = {
    "GET metrics": async (_request, caller) => {
      const account = isOperators(caller) ? undefined : caller.account;
      return text(platform().flow.metrics.text(account), "text/plain; version=0.0.4; charset=utf-8");
    },
    "GET clock": async () => readClock(platform()),
    "POST clock": async (request) => moveClock(platform(), await request.body()),
    "POST reset": async () => {
      if (reset === undefined) return failure(409, "Data is kept; start with --data :memory: to be able to reset");
      await reset();
      return json({ status: "ok" });
    },
    "POST events": async (request, caller) => sendEvents(contextOf(caller), await request.body()),
    "POST explain": async (request, caller) => explain(contextOf(caller), await request.body()),
    "POST find": async (request, caller) => find(contextOf(caller), await request.body()),
    "POST backup": async (request, caller) =>
      isOperators(caller) && caller.principalArn.endsWith(":root")
        ? startBackup(platform(), version, request)
        : failure(403, "A backup is for the keys of the operator's account, the first of the credentials file, alone"),
    "POST backtest": (request, caller) => startBacktest(contextOf(caller), request),
    "GET overview": (request, caller) => overview(platform(), callOperation, caller, request),
    "GET map": (request, caller) => map(platform(), caller, request),
    "GET map/rates": async (request, caller) => mapRates(platform, caller, request),
    "GET live": (request, caller) => live(platform(), caller, request),
    "GET mailbox": (request, caller) => mailbox(contextOf(caller), request),
    "GET server": async () => json({ version, canReset: reset !== undefined, ...facts() }),
    "GET calls": async (request, caller) => calls(platform(), callLog, caller, request),
    "GET simulator": async (_request, caller) => simulations.readSimulator(caller),
    "POST simulator": (request, caller) => simulations.steerSimulator(caller, request),
    "GET demo": (_request, caller) => simulations.readDemo(caller),
    "POST demo": (request, caller) => simulations.buildDemo(caller, request),
  };

  /** What a contact centre's customers and agents do, under a path of their own. */
  const centres: Readonly<Record<string, CentreEndpoint>> = {
    contacts: contactEndpoint,
    agents: agentEndpoint,
    play: playEndpoint,
    webhooks: webhookEndpoint,
    campaigns: campaignEndpoint,
    cases: caseEndpoint,
    "dead-letters": deadLetterEndpoint,
    deliveries: deliveryEndpoint,
    sqs: sqsEndpoint,
    streams: streamEndpoint,
    flows: flowEndpoint,
    "delivery-streams": deliveryStreamEndpoint,
    functions: functionEndpoint,
    apis: stagesEndpoint,
    "profile-domains": profileDomainEndpoint,
    "profile-webhooks": profileWebhookEndpoint,
  };

  return ({ path, method, query, headers }) => {
    // Links of SNS's messages look as those of the real service. They are good without a signature; with one they are its operations.
    if (method === "GET" && headers.authorization === undefined && isLink(path, query)) {
      return async ({ requestId }) => {
        const follow = () => followLink(platform(), path, query, requestId);
        const { status, contentType, body } = await platform().store.durably(follow);
        return { status, headers: { "content-type": contentType }, body };
      };
    }
    if (!path.startsWith(PREFIX)) return undefined;
    const name = path.slice(PREFIX.length);
    if (name === "health") return async () => health(version, platform(), reset !== undefined, isReady());
    // The token in the URL says who may, also to web pages.
    if (name === "attachments") return (request) => attachmentEndpoint(platform(), request);
    if (name === "function-code") return (request) => functionCodeEndpoint(platform(), request);
    // So does what signs it, which comes from elsewhere by its nature.
    const [, webhook] = /^webhooks\/([^/]+)$/.exec(name) ?? [];
    if (webhook !== undefined && method === "POST") return (request) => webhookRequest(platform(), webhook, request);
    return async (request) => {
      const isRead = request.method === "GET" && request.headers.cookie === undefined;
      if (!isRead && isForeign(request, isOwnHost)) return failure(403, "This comes from another site");
      if (name === "session") return sessions.answer(request);
      const isScrape = request.method === "GET" && name === "metrics";
      const caller =
        (await sessions.findCaller(request)) ??
        (isScrape ? await sessions.findByPassword(request) : undefined) ??
        (await request.verify());
      const [room = "", ...rest] = name.split("/").map(decodedText);
      // Who calls an operation is asked for that operation's permissions.
      // Of what is meant, however it is spelt.
      const asked = [room, ...rest].join("/");
      const denial = room === "api" ? undefined : await findDenial(caller, request.method, asked);
      if (denial !== undefined) return failure(403, denial);
      const [mail, ...others] = room === "mailbox" && request.method === "GET" ? rest : [];
      if (mail && others.length === 0) return mailboxMail(contextOf(caller), mail);
      if (room === "api" && request.method === "POST") {
        const answer = await apiEndpoint({ callOperation, callLog, wall: platform().wall }, caller, rest, request);
        if (answer) return answer;
      }
      if (room === "timeline" && request.method === "GET") {
        const answer = await timeline({ context: contextOf(caller), callOperation }, request, rest);
        if (answer) return answer;
      }
      const model = room === "models" ? await modelEndpoint(isBuilt, request, rest) : undefined;
      if (model) return model;
      const language = room === "rule-languages" ? ruleLanguageEndpoint(request, rest) : undefined;
      if (language) return language;
      const centre = Object.hasOwn(centres, room) ? centres[room] : undefined;
      if (centre) {
        const body = request.method === "GET" ? Buffer.alloc(0) : await request.body();
        const answer = await centre(contextOf(caller), request.method, rest, body, new URLSearchParams(request.query));
        return answer ?? failure(404, `There is no ${request.method} ${path}`);
      }
      const endpoint = Object.hasOwn(endpoints, `${request.method} ${name}`)
        ? endpoints[`${request.method} ${name}`]
        : undefined;
      return endpoint ? endpoint(request, caller) : failure(404, `There is no ${request.method} ${path}`);
    };
  };
}

/** A part of a path, as it was before it was made part of one. */
function decodedText(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Whatever that is, it names nothing.
    return "";
  }
}

/** `canReset`: whether `POST /_trunkline/reset` does anything. */
function health(version: string, { clock }: Platform, canReset: boolean, isReady: boolean): PlainResponse {
  const time = new Date(clock.now()).toISOString();
  return json({ status: isReady ? "ok" : "starting", version, time, canReset }, isReady ? 200 : 503);
}

/**
 * A browser tells where a page came from; it must be us. Clients that are no browsers send no `Origin`. A page elsewhere whose name
 * was made to point here is given away by the `Host`.
 */
function isForeign({ headers }: PlainRequest, isOwnHost: (hostname: string) => boolean): boolean {
  const { origin, host = "" } = headers;
  const hostname = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  if (!isOwnHost(hostname.toLowerCase())) return true;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}
