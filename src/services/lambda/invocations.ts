/** What every way to invoke a function comes to: its version is found, its concurrency is counted, a sandbox runs it. */
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";
import { Concurrency } from "./concurrency.ts";
import type { Target } from "./find-function.ts";
import { FunctionLogs } from "./function-logs.ts";
import { RecentInvocations } from "./recent-invocations.ts";
import type { Outcome } from "./runtime/sandbox.ts";
import { Sandboxes } from "./runtime/sandboxes.ts";

/** What a running server has of functions beside their documents. */
export interface Running {
  readonly logs: FunctionLogs;
  readonly sandboxes: Sandboxes;
  readonly concurrency: Concurrency;
  /** Set once it has started. */
  events?: { wake(functionId: string): void; stop(): void };
  /** By function id: the last few failures, the youngest first. */
  readonly failures: Map<string, readonly Failure[]>;
  readonly recent: RecentInvocations;
}

export interface Failure {
  readonly timeMs: number;
  readonly requestId: string;
  readonly version: string;
  readonly errorType: string;
  readonly errorMessage: string;
}

const runningOf = perStore<{ running?: Running }>(() => ({}));

export function startRunning(platform: Platform): Running {
  const logs = new FunctionLogs(platform);
  const running: Running = {
    logs,
    sandboxes: new Sandboxes(platform, logs),
    concurrency: new Concurrency(platform),
    failures: new Map(),
    recent: new RecentInvocations(),
  };
  runningOf(platform.store).running = running;
  const { metrics } = platform.flow;
  metrics.describe(
    "trunkline_function_invocations_total",
    "Invocations that came to a handler, by function and status.",
  );
  metrics.describe(
    "trunkline_function_throttles_total",
    "Invocations that were refused for want of concurrency, by function.",
  );
  metrics.describe("trunkline_function_cold_starts_total", "Sandboxes that were started, by function.");
  metrics.describe("trunkline_function_seconds_total", "Time that handlers took, by function.");
  metrics.describe("trunkline_function_concurrent_executions", "Invocations that run or wait for a sandbox.");
  metrics.gauge("trunkline_function_concurrent_executions", () => running.concurrency.running);
  metrics.describe("trunkline_function_sandboxes", "Processes that run handlers, or wait for events.");
  metrics.gauge("trunkline_function_sandboxes", () => running.sandboxes.all.size);
  return running;
}

export function runningFunctions({ store }: Pick<Platform, "store">): Running {
  const { running } = runningOf(store);
  if (running === undefined) throw new Error("Lambda has not started");
  return running;
}

export interface Call {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string | Uint8Array;
  readonly clientContext?: string | undefined;
  readonly onStream?: (contentType: string) => void;
  readonly onPiece?: (piece: Buffer) => Promise<void> | undefined;
}

/**
 * Runs a version's handler once. Throws `ModeledError` `TooManyRequestsException`, or `AccessDeniedException` where the function's role is not as
 * it must be; what the handler does wrong is an outcome.
 */
export async function runInvocation(platform: Platform, target: Target, call: Call): Promise<Outcome> {
  const { concurrency, sandboxes, recent } = runningFunctions(platform);
  const { metrics } = platform.flow;
  const { account, region, name } = target.version;
  const labels = { account, region, function: name };
  let giveBack: () => void;
  try {
    giveBack = await concurrency.take(target.function);
  } catch (error) {
    metrics.count("trunkline_function_throttles_total", labels);
    throw error;
  }
  try {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    sandboxes.run(target.version, { ...call, invokedArn: target.invokedArn, onOutcome: resolve, onRefused: reject });
    const outcome = await promise;
    metrics.count("trunkline_function_invocations_total", { ...labels, status: outcome.status });
    metrics.count("trunkline_function_seconds_total", labels, outcome.durationMs / 1000);
    recent.note(platform, target, call, outcome);
    if (outcome.status !== "success") noteFailure(platform, target, call.requestId, outcome);
    return outcome;
  } finally {
    giveBack();
  }
}

const FAILURES_KEPT = 5;
const MESSAGE_CHARACTERS = 500;

function noteFailure(
  platform: Platform,
  target: Target,
  requestId: string,
  { payload, errorType = "" }: Outcome,
): void {
  const { failures } = runningFunctions(platform);
  const { id } = target.function;
  const failure: Failure = {
    timeMs: platform.clock.now(),
    requestId,
    version: target.version.version,
    errorType,
    errorMessage: messageOf(payload).slice(0, MESSAGE_CHARACTERS),
  };
  failures.set(id, [failure, ...(failures.get(id) ?? [])].slice(0, FAILURES_KEPT));
}

function messageOf(payload: Buffer): string {
  if (payload.length > 65_536) return "";
  try {
    return String(JSON.parse(payload.toString())?.errorMessage ?? "");
  } catch {
    // A custom runtime may say what it likes.
    return "";
  }
}
