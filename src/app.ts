import { mkdtempSync, type StatsListener, unwatchFile, watchFile } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Logger, pino } from "pino";
import { type Certificate, type CertificateFiles, certificateWarnings, readCertificate } from "./certificate.ts";
import { type Config, ConfigError, isLoopback, isPrivate, version } from "./config.ts";
import { createConsole } from "./console/index.ts";
import {
  CallLog,
  type CallOperation,
  createApiCalls,
  createChatSockets,
  createControl,
  createFunctionCalls,
  createSimulations,
  createStackSignals,
  createUpstreams,
  resumeClock,
  startOverview,
  warnOfTimeAhead,
} from "./control/index.ts";
import { openCredentials } from "./credentials.ts";
import { createFlow, type Flow, type Metrics } from "./flow/index.ts";
import type { Applied } from "./init/index.ts";
import { logDestination } from "./log-destination.ts";
import { startPlayThread } from "./plays/index.ts";
import { findHolder } from "./port-holder.ts";
import { createAuthorizer, findEndpointDenial, findUpstreamDenial } from "./services/authorization/index.ts";
import { FileSteps } from "./services/file-steps.ts";
import { findKey } from "./services/iam/index.ts";
import { services } from "./services/index.ts";
import { ratesOf } from "./services/rates.ts";
import type { Context, Folder, Handler, Limits, Platform } from "./services/service.ts";
import { openStore } from "./store/index.ts";
import { type Clock, ManualClock, RealClock, SystemWallClock, type WallClock } from "./time/clock.ts";
import { type Ids, RandomIds } from "./time/ids.ts";
import {
  type Caller,
  type Credential,
  callDocument,
  type FinishedRequest,
  type PlainHandler,
  startServer,
  type WireOptions,
} from "./wire/index.ts";

/** A running Trunkline. */
export interface App {
  /** `http://127.0.0.1:4510`, with the port that was really taken. */
  readonly url: string;
  readonly accessKeyIds: readonly string[];
  /** What the init file came to, where there is one. */
  readonly initialized: Applied | undefined;
  /** What the services were given. Another one after each reset. */
  platform(): Platform;
  /** Reads the certificate again, and shows it from now on. One that is of no use is told of in the log, and the one before stays. */
  renewCertificate(): void;
  /** Finishes what is in flight, then lets go of port and data folder. */
  close(): Promise<void>;
}

/** What tests and benchmarks replace. */
export interface Replacements {
  readonly clock?: Clock;
  readonly wall?: WallClock;
  readonly ids?: Ids;
  readonly log?: Logger;
  /** Makes the write-ahead log durable; see `openStore`. */
  readonly sync?: (descriptor: number) => Promise<void>;
  /** Whether calls are kept to be looked at: what that costs is measured. */
  readonly keepsCalls?: boolean;
}

/** How long a stop waits for requests in flight. */
const CLOSE_GRACE_MS = 5000;

/**
 * Builds and starts the whole.
 *
 * Throws `ConfigError`, `CredentialsError`, `DataFolderError` or `InitError`, whose message is for the user; nothing is left running then.
 */
export async function startApp(config: Config, replacements: Replacements = {}): Promise<App> {
  const wall = replacements.wall ?? new SystemWallClock();
  const ids = replacements.ids ?? new RandomIds();
  const log = replacements.log ?? pino({ level: config.logLevel }, logDestination(wall));
  for (const slip of config.slips) log.warn(slip);
  const credentials = openCredentials(config, wall, (message) => log.warn(message));
  const enforced = limits(config);
  const handlers = handlerTable();
  const authorizer = createAuthorizer(services);

  const certificate = config.tls && readCertificate(config.tls);

  let url = "";
  const callOperation: CallOperation = (call, caller) => callDocument({ ids, findHandler, authorize }, call, caller);
  let ownUrl = "";
  const open = (): Promise<RunningPlatform> =>
    startPlatform(config, {
      ...replacements,
      wall,
      ids,
      log,
      limits: enforced,
      callOperation,
      endpoint: () => url,
      ownUrl: () => ownUrl,
    });
  let running = await open();
  /** While everything is thrown away: what is asked meanwhile waits for what comes after it. */
  let resetting: Promise<void> | undefined;
  const reset = async (): Promise<void> => {
    await simulations.close();
    callLog.clear();
    const restarted = running.stop().then(open);
    resetting = restarted.then(
      () => {},
      () => {},
    );
    running = await restarted;
    resetting = undefined;
    await applyInit();
  };

  const authorize: NonNullable<WireOptions["authorize"]> = (caller, model, operation, input) =>
    authorizer.authorize(running.platform, caller, model, operation, input);
  /** A read that a reset has cut off is done again. */
  const besideReset =
    (handler: PlainHandler): PlainHandler =>
    async (request) => {
      if (resetting) await resetting;
      const began = running;
      try {
        return await handler(request);
      } catch (error) {
        if (request.method !== "GET" || (running === began && !resetting)) throw error;
        await resetting;
        return handler(request);
      }
    };
  const findHandler = async (model: string, operation: string): Promise<ReturnType<typeof bind>> => {
    if (resetting) await resetting;
    return bind(handlers.get(`${model} ${operation}`), running.platform);
  };
  const findCredential = (id: string): Credential | undefined | Promise<Credential | undefined> =>
    credentials.find(id) ?? findKey(running.platform.store, id);
  const consoleRoute = createConsole({ ids });
  const upstreams = createUpstreams({
    upstreams: config.upstreams ?? [],
    wall,
    findDenial: (caller, action) => findUpstreamDenial(running.platform, caller, action),
  });
  const apiCalls = createApiCalls(() => running.platform);
  const functionCalls = createFunctionCalls(() => running.platform);
  const stackSignals = createStackSignals(() => running.platform);
  let isReady = false;
  const applyInit = async (): Promise<void> => {
    initialized = undefined;
    if (config.init === undefined) return;
    const { applyInitFile } = await import("./start-init.ts");
    const [accessKeyId = ""] = credentials.accessKeyIds;
    const account = credentials.operatorAccount;
    // With a manual clock nothing would pass that is throttled.
    const rates = ratesOf(running.platform.store);
    rates.areOff = true;
    try {
      initialized = await applyInitFile(config.init, { callOperation, ids, accessKeyId, account, log });
    } finally {
      rates.areOff = false;
    }
  };
  let initialized: App["initialized"];
  const begunMs = wall.now();
  const callLog = new CallLog(() => wall.now());
  const simulations = createSimulations({
    platform: () => running.platform,
    findCredential,
    callOperation,
    startPlayThread,
  });
  const control = createControl({
    version: version(),
    platform: () => running.platform,
    isReady: () => isReady,
    findCredential,
    accessKeyIds: credentials.accessKeyIds,
    operatorAccount: () => credentials.operatorAccount,
    isLoopback: isPrivate(config),
    callOperation,
    facts: () => factsOf(config, running.platform, begunMs),
    callLog,
    simulations,
    isBuilt: (model, operation) => handlers.has(`${model} ${operation}`),
    findDenial: (caller, method, path) => findEndpointDenial(running.platform, caller, method, path),
    // Where others can reach us too, we cannot know all the names that they have for this machine.
    isOwnHost: isPrivate(config) ? isLoopback : () => true,
    ...(config.data === ":memory:" && { reset }),
  });

  const server = await startServer({
    host: config.host,
    port: config.port,
    tls: certificate,
    baseHosts: ["localhost", ...(config.publicUrl === undefined ? [] : [new URL(config.publicUrl).hostname])],
    wall,
    ids,
    findCredential,
    authorize,
    findHandler,
    plainRoute: (request) => {
      const handler =
        apiCalls(request) ??
        functionCalls(request) ??
        stackSignals(request) ??
        upstreams(request) ??
        consoleRoute(request) ??
        control(request);
      return handler && besideReset(handler);
    },
    webSocketRoute: createChatSockets(() => running.platform),
    onFinished: (request) => {
      if (replacements.keepsCalls !== false) keep(request, callLog);
      record(request, running.platform);
    },
  }).catch(async (error: NodeJS.ErrnoException) => {
    await running.stop();
    if (error.code === "EADDRINUSE") throw new ConfigError(await occupied(config));
    throw error.syscall === "listen" || error.syscall === "getaddrinfo"
      ? new ConfigError(
          `cannot listen on ${config.host}:${config.port}: ${NO_LISTENING[error.code ?? ""] ?? error.code}`,
        )
      : error;
  });
  url = config.publicUrl ?? server.url;
  ({ ownUrl } = server);
  const warn = (shown: Certificate): void => {
    for (const warning of certificateWarnings(shown, url, wall.now())) log.warn(warning);
  };
  if (certificate) warn(certificate);
  const renewCertificate = (): void => {
    if (!config.tls) return;
    try {
      const renewed = readCertificate(config.tls);
      server.renew(renewed);
      log.info({ validTo: renewed.leaf.validTo }, "certificate read again");
      warn(renewed);
    } catch (error) {
      log.error({ err: error }, "The certificate cannot be used; the one before stays");
    }
  };
  const unwatch = config.tls && watchCertificate(config.tls, renewCertificate);
  const close = async (): Promise<void> => {
    unwatch?.();
    await simulations.close();
    await server.close(CLOSE_GRACE_MS);
    await running.stop();
  };
  await applyInit().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  isReady = true;

  return {
    url: server.url,
    renewCertificate,
    accessKeyIds: credentials.accessKeyIds,
    get initialized() {
      return initialized;
    },
    platform: () => running.platform,
    close,
  };
}

const NO_LISTENING: Readonly<Record<string, string>> = {
  EACCES: "this user may not (EACCES); ports below 1024 are root's as a rule: choose another with --port",
  EADDRNOTAVAIL: "this machine has no such address (EADDRNOTAVAIL)",
  ENOTFOUND: "there is no such name (ENOTFOUND)",
};

/** Who is there, as far as this machine tells. */
async function occupied({ host, port }: Config): Promise<string> {
  const holder = await findHolder(host, port);
  return `cannot listen on ${host}:${port}: it is taken${holder === undefined ? "" : ` by ${holder}`}; choose another with --port, or 0 for any that is free`;
}

/** How often the certificate's files are looked at. */
const CERTIFICATE_CHECK_MS = 2000;

/** Both are replaced in turn: read between the two they do not belong together, and the second change makes it good. */
function watchCertificate({ certFile, keyFile }: CertificateFiles, changed: () => void): () => void {
  const files = [certFile, keyFile];
  const listen: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) changed();
  };
  for (const file of files) watchFile(file, { interval: CERTIFICATE_CHECK_MS, persistent: false }, listen);
  return () => {
    for (const file of files) unwatchFile(file, listen);
  };
}

interface RunningPlatform {
  readonly platform: Platform;
  stop(): Promise<void>;
}

interface Parts {
  readonly wall: WallClock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly limits: Limits;
  readonly callOperation: CallOperation;
  readonly endpoint: () => string;
  readonly ownUrl: () => string;
  readonly clock?: Clock;
  readonly sync?: (descriptor: number) => Promise<void>;
}

/** Opens the store and starts what runs beside requests. */
async function startPlatform(config: Config, parts: Parts): Promise<RunningPlatform> {
  const { wall, ids, log } = parts;
  const clock = parts.clock ?? (config.clock === "manual" ? new ManualClock(wall.now()) : new RealClock(wall));
  const store = await openStore({
    directory: config.data,
    clock,
    wall,
    log,
    runUnitsTwice: config.runUnitsTwice,
    ...(parts.sync && { sync: parts.sync }),
  });
  if (clock instanceof ManualClock) await resumeClock(clock, store);
  else await warnOfTimeAhead(clock, store, log);
  const folder = openFolder(config.data);
  const flow: Flow = createFlow({ store, clock, wall, ids, log });
  describeProcess(flow.metrics, wall);
  const platform: Platform = {
    store,
    clock,
    wall,
    ids,
    flow,
    limits: parts.limits,
    log,
    awsDelivery: config.awsDelivery,
    outsideS3: config.outsideS3,
    mailServer: config.mailServer,
    callOperation: parts.callOperation,
    connectorProfiles: config.connectorProfiles,
    folder,
    // Known only once the server listens, and it may not listen before all of this has started.
    get endpoint() {
      return parts.endpoint();
    },
    get ownUrl() {
      return parts.ownUrl();
    },
    trustFile: config.tls?.certFile,
  };
  for (const service of services) await service.start?.(platform);
  await flow.start();
  const stopOverview = startOverview(platform);
  return {
    platform,
    stop: async () => {
      await stopOverview();
      for (const service of services) await service.stop?.(platform);
      await flow.stop();
      await folder.steps.settled();
      await store.close();
      await folder.remove();
    },
  };
}

function openFolder(data: string): Folder & { remove(): Promise<void> } {
  if (data !== ":memory:")
    return { isKept: true, path: () => resolve(data), steps: new FileSteps(), remove: async () => {} };
  let made: string | undefined;
  return {
    isKept: false,
    steps: new FileSteps(),
    path: () => (made ??= mkdtempSync(join(tmpdir(), "trunkline-"))),
    remove: async () => {
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    },
  };
}

function describeProcess(metrics: Metrics, wall: WallClock): void {
  metrics.describe("trunkline_requests_total", "Requests answered, by service, operation and status.");
  metrics.describe(
    "trunkline_request_seconds_total",
    "Time from a request's head to its answer, by service and operation.",
  );
  metrics.describe("trunkline_account_requests_total", "Requests for operations, by account, service and outcome.");
  metrics.describe("process_resident_memory_bytes", "Resident memory size in bytes.");
  metrics.gauge("process_resident_memory_bytes", () => process.memoryUsage.rss());
  const begunSeconds = wall.now() / 1000 - process.uptime();
  metrics.describe("process_start_time_seconds", "When the process began, in seconds since 1970.");
  metrics.gauge("process_start_time_seconds", () => begunSeconds);
}

/** Throws `ConfigError` for a limit that there is not: it would change nothing, and nobody would notice. */
function limits(config: Config): Limits {
  const known = new Set(services.flatMap(({ limits = [] }) => limits).map(({ name }) => name));
  const unknown = Object.keys(config.limits).find((name) => !known.has(name));
  if (unknown !== undefined) throw new ConfigError(`--limit: there is no limit ${unknown}; docs/limits.md lists them`);
  return {
    enforced: config.enforceLimits,
    value: (name, fallback) => config.limits[name] ?? fallback,
  };
}

/** All handlers by "model Operation". Two services that claim the same operation are a defect that stops the start. */
function handlerTable(): ReadonlyMap<string, Handler> {
  const table = new Map<string, Handler>();
  for (const service of services) {
    for (const [model, operations] of Object.entries(service.operations)) {
      for (const [operation, handler] of Object.entries(operations)) {
        const name = `${model} ${operation}`;
        if (table.has(name)) throw new Error(`Two services have a handler for ${name}`);
        table.set(name, handler);
      }
    }
  }
  return table;
}

/**
 * A handler with the platform it works on. Whatever it answers or throws leaves only when all that was committed by then is
 * durable: what it read may be what somebody else has just written.
 */
function bind(
  handler: Handler | undefined,
  platform: Platform,
): ((input: unknown, caller: Caller) => Promise<unknown>) | undefined {
  if (!handler) return undefined;
  return (input, caller) => platform.store.durably(() => handler(input, contextOf(platform, caller)));
}

/** Member by member: this is done for each request, and spreading two objects costs several times as much. */
function contextOf(platform: Platform, caller: Caller): Context {
  return {
    store: platform.store,
    clock: platform.clock,
    wall: platform.wall,
    ids: platform.ids,
    flow: platform.flow,
    limits: platform.limits,
    log: platform.log,
    awsDelivery: platform.awsDelivery,
    outsideS3: platform.outsideS3,
    mailServer: platform.mailServer,
    callOperation: platform.callOperation,
    connectorProfiles: platform.connectorProfiles,
    folder: platform.folder,
    endpoint: platform.endpoint,
    ownUrl: platform.ownUrl,
    trustFile: platform.trustFile,
    account: caller.account,
    region: caller.region,
    accessKeyId: caller.accessKeyId,
    principalArn: caller.principalArn,
    sourceIp: caller.sourceIp,
    requestId: caller.requestId,
    signal: caller.signal,
  };
}

/** How the server was started, without anything secret. */
function factsOf(config: Config, { clock, wall, endpoint }: Platform, begunMs: number): object {
  return {
    url: endpoint,
    begun: new Date(begunMs).toISOString(),
    upSeconds: Math.round((wall.now() - begunMs) / 1000),
    now: new Date(clock.now()).toISOString(),
    clock: config.clock,
    data: config.data === ":memory:" ? { kind: "memory" } : { kind: "folder", folder: config.data },
    store: "sqlite",
    limits: { enforced: config.enforceLimits, changed: config.limits },
    delivery: config.awsDelivery ? "like-aws" : "at-once",
    mails: config.mailServer ? "mail-server" : "mailbox",
    files: config.outsideS3 ? "outside-s3" : "own-buckets",
    node: process.version,
    memoryBytes: process.memoryUsage.rss(),
  };
}

/** Keeps a call of an operation, to be looked at. */
function keep(request: FinishedRequest, log: CallLog): void {
  const { call, model, operation, status, errorCode, durationMs, requestId } = request;
  if (call === undefined || model === undefined || operation === undefined) return;
  const { caller, input, userAgent, message } = call;
  log.add({
    caller,
    service: model,
    operation,
    input,
    status,
    code: errorCode,
    message,
    durationMs,
    requestId,
    userAgent,
    via: "api",
  });
}

function record(request: FinishedRequest, { flow, log }: Platform): void {
  // What it was called with is for nobody's log lines: it may be large, and secret.
  const { model, operation = "none", status, error, call: _, ...rest } = request;
  const service = model ?? (request.path?.startsWith("/_trunkline/") ? "trunkline" : "none");
  flow.metrics.count("trunkline_requests_total", { service, operation, status: String(status) });
  flow.metrics.count("trunkline_request_seconds_total", { service, operation }, rest.durationMs / 1000);
  const { account } = request;
  if (model !== undefined && account !== undefined) {
    const outcome = status >= 500 ? "failed" : status >= 400 ? "refused" : "answered";
    flow.metrics.count("trunkline_account_requests_total", { account, service, outcome });
  }
  const line = { service, operation, status, ...rest };
  // What a deployed API answers is its author's: it says so by a refusal.
  const isStarting = status === 503 && request.path === "/_trunkline/health";
  const isOurs = status >= 500 && status !== 501 && request.refusal === undefined && !isStarting;
  if (isOurs) log.error({ ...line, err: error }, "request failed");
  else if (status >= 400) log.info(line, "request refused");
  else log.debug(line, "request answered");
}
