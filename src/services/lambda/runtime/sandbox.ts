/**
 * A sandbox: one process, with whatever it starts, that runs the handler of one version of a function.
 *
 *     starting ──(asks for an event)──► idle ──(event)──► busy ──(answer)──► settling ──(output read, asks again)──► idle
 *        │                                                  │
 *        └── init error, exit, 10 s ──► ended ◄── exit, timeout, too much memory
 *
 * All its processes are killed together. What they have written until then is read first, and logged.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdir, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { TemporaryKeys } from "../../iam/index.ts";
import type { Platform } from "../../service.ts";
import { type FunctionVersion, functionArn } from "../function.ts";
import type { FunctionLogs } from "../function-logs.ts";
import { ANSWER_BYTES_MAX, INIT_MS_MAX, LOG_BYTES_MAX, STREAMED_BYTES_MAX, TAIL_BYTES } from "../limits.ts";
import { Channel } from "./channel.ts";
import type { GiveEvent, SandboxClient } from "./client.ts";
import { endProcessesOf } from "./end-processes.ts";
import { launchOf } from "./environment.ts";
import type { Isolation } from "./isolation.ts";
import { Output } from "./output.ts";
import { type ProcessSet, peakResidentBytes, processesOf } from "./process-memory.ts";
import type { Reaper } from "./reaper.ts";
import { reportLines, startLine } from "./report.ts";
import { openRuntimeApi, type RuntimeApi } from "./runtime-api.ts";
import { trustOf } from "./trust.ts";

/** One event for a handler. */
export interface Job {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string | Uint8Array;
  readonly invokedArn: string;
  /** JSON, as the handler's context has it. */
  readonly clientContext?: string | undefined;
  /** An answer that is streamed begins. One that is not has none of this. */
  readonly onStream?: ((contentType: string) => void) | undefined;
  /** Where an answer that is streamed goes, piece by piece, while it comes. */
  readonly onPiece?: ((piece: Buffer) => Promise<void> | undefined) | undefined;
  /** Called once: it was answered, or failed as handlers fail. */
  onOutcome(outcome: Outcome): void;
  /** Called once instead: it did not come to a handler. */
  onRefused(error: Error): void;
}

export interface Outcome {
  readonly status: "success" | "error" | "timeout";
  /** The handler's answer or error, JSON; of a streamed one only what was not given to `onPiece`. */
  readonly payload: Buffer;
  /** `Runtime.ExitError`. */
  readonly errorType?: string;
  readonly durationMs: number;
  /** The end of the log, once all of it is there. */
  readonly tail: Promise<string>;
}

/** What a sandbox is made of. */
export interface SandboxParts {
  readonly platform: Platform;
  readonly version: FunctionVersion;
  readonly isolation: Isolation;
  /** Its number among those that there are at one time. */
  readonly place: number;
  readonly base: string;
  readonly codePath: string;
  readonly layersPath: string | undefined;
  readonly keys: TemporaryKeys;
  readonly reaper: Reaper;
  readonly logs: FunctionLogs;
  onIdle(sandbox: Sandbox): void;
  onEnded(sandbox: Sandbox, end: End): void;
}

export interface End {
  /** None of its processes is left, so that its user id may be another's. */
  readonly isClear: boolean;
  /** Its init failed, which is the outcome of whoever waits for it. */
  readonly failInit?: (job: Job) => void;
}

/** How long output that has no mark is waited for: a custom runtime writes none. */
const OUTPUT_GRACE_MS = 50;
/** The same once its processes are dead: what is in the pipe is read at once, unless something has kept it open. */
const DEAD_OUTPUT_GRACE_MS = 300;

/** The least time between two looks at how much memory a process has had at most. */
const PEAK_LOOK_MS = 100;

interface Running {
  readonly job: Job;
  readonly startedMs: number;
  readonly timeout: Disposable;
  readonly tail: { readonly promise: Promise<string>; resolve(text: string): void };
  lines: string[];
  loggedBytes: number;
  /** Of an answer that is streamed: how much has come, and what of it nobody takes piece by piece. */
  streamedBytes: number;
  readonly kept: Buffer[];
}

interface InitFailure {
  readonly payload: object;
  readonly errorType: string;
}

export class Sandbox implements SandboxClient {
  readonly version: FunctionVersion;
  readonly place: number;
  readonly startedMs: number;
  state: "starting" | "idle" | "busy" | "settling" | "ended" = "starting";
  idleSinceMs = 0;
  invocations = 0;
  /** When nothing is left of it. */
  readonly over: Promise<void>;
  /** It takes no more events, and ends when it has answered the one that it has. */
  isRetired = false;
  maxBytes = 0;
  readonly #parts: SandboxParts;
  readonly #mark: string;
  readonly #stream: string;
  readonly #workFolder: string;
  #child: ChildProcess | undefined;
  /** Of a custom runtime. */
  #api: RuntimeApi | undefined;
  #give: GiveEvent | undefined;
  #running: Running | undefined;
  /** Of an invocation that is answered, and whose output is still read. */
  #closing: { readonly running: Running; close(): void } | undefined;
  /** Which invocation's output has wholly been read. */
  #marked = "";
  #initMs: number | undefined;
  #initTimer: Disposable | undefined;
  #failure: InitFailure | undefined;
  #killedFor: string | undefined;
  #peakLookMs = Number.NEGATIVE_INFINITY;
  readonly #setOver: () => void;

  constructor(parts: SandboxParts) {
    const { promise: over, resolve: setOver } = Promise.withResolvers<void>();
    this.over = over;
    this.#setOver = setOver;
    const { platform, version } = parts;
    this.#parts = parts;
    this.version = version;
    this.place = parts.place;
    this.startedMs = platform.wall.monotonicMs();
    const hex = (): string => Buffer.from(platform.ids.bytes(16)).toString("hex");
    this.#mark = hex();
    this.#workFolder = join(parts.base, "work", hex());
    const day = new Date(platform.clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
    this.#stream = `${day}/[${version.version}]${hex()}`;
  }

  /** Its user id, where it has one of its own. */
  get user(): number | undefined {
    const { isolation, place } = this.#parts;
    return isolation.kind === "own-user" ? isolation.firstUser + place : undefined;
  }

  get processes(): ProcessSet | undefined {
    const group = this.#child?.pid;
    return group === undefined ? undefined : { group, user: this.user };
  }

  get temporaryFolder(): string {
    return this.#workFolder;
  }

  get keys(): TemporaryKeys {
    return this.#parts.keys;
  }

  /** Throws where the process cannot be started; then it is over. */
  async start(): Promise<void> {
    const { platform, isolation, reaper } = this.#parts;
    if (this.version.runtime.startsWith("provided")) this.#api = await openRuntimeApi(this, this.user);
    await mkdir(this.#workFolder, { recursive: true, mode: 0o700 });
    if (this.user !== undefined) await chown(this.#workFolder, this.user, this.user);
    const { command, environment } = launchOf({
      ...this.#parts,
      address: this.#api?.address,
      endpoint: platform.endpoint,
      trust: await trustOf(this.#parts.base, platform.trustFile),
      mark: this.#mark,
      stream: this.#stream,
      workFolder: this.#workFolder,
    });
    this.#log(`INIT_START Runtime Version: ${this.version.runtime.replace(/(\.x|\.al2023)$/, "")}`);
    const limits = [String(this.version.ephemeralMb * BLOCKS_PER_MB), this.user === undefined ? "" : "own-user"];
    const child = spawn("/bin/sh", ["-c", WRAPPER, "sh", ...limits, ...command], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore", ...(this.#api ? [] : ["pipe" as const])],
      env: environment,
      cwd: this.#parts.codePath,
      ...(isolation.kind === "own-user" && { uid: this.user, gid: this.user }),
    });
    this.#child = child;
    const { promise: spawned, resolve, reject } = Promise.withResolvers<void>();
    child.once("spawn", resolve).once("error", reject);
    await spawned;
    reaper.began(child.pid as number, this.user);
    if (this.#killedFor !== undefined) this.#killProcesses();
    child.on("error", () => {});
    child.unref();
    if (!this.#api) new Channel(child.stdio[3] as Socket, this);
    const output = new Output(child.stdout as NonNullable<typeof child.stdout>, {
      mark: this.#mark,
      onLine: (line) => this.#onLine(line),
      onMark: (requestId) => this.#onMark(requestId),
    });
    child.once("exit", (status, signal) => this.#onExit(child, output, status, signal));
    this.#initTimer = platform.wall.after(INIT_MS_MAX, () => {
      const payload = {
        errorType: "Sandbox.Timedout",
        errorMessage: `Error: Task timed out after ${(INIT_MS_MAX / 1000).toFixed(2)} seconds`,
      };
      this.#failure ??= { payload, errorType: "Sandbox.Timedout" };
      this.kill("timeout");
    });
  }

  /** Gives it an event. It is idle. */
  run(job: Job): void {
    const { platform } = this.#parts;
    const give = this.#give as GiveEvent;
    this.#give = undefined;
    this.state = "busy";
    this.invocations++;
    const timeoutMs = this.version.timeoutSeconds * 1000;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#running = {
      job,
      startedMs: platform.wall.monotonicMs(),
      timeout: platform.wall.after(timeoutMs, () => this.#onTimeout(job)),
      tail: { promise, resolve },
      lines: [],
      loggedBytes: 0,
      streamedBytes: 0,
      kept: [],
    };
    this.#log(startLine(this.version, job.requestId, platform.wall.now()));
    give({
      requestId: job.requestId,
      deadlineMs: Math.floor(platform.wall.now() + timeoutMs),
      invokedArn: job.invokedArn,
      traceId: this.#traceId(),
      clientContext: job.clientContext,
      payload: typeof job.payload === "string" ? Buffer.from(job.payload) : job.payload,
    });
  }

  /** Kills all its processes. `why`: what is told of it, where that is not the handler's doing. */
  kill(why: "timeout" | "memory" | "storage" | "over"): void {
    if (this.state === "ended") return;
    this.#killedFor ??= why;
    this.#killProcesses();
  }

  onReady(give: GiveEvent): void {
    this.#give = give;
    if (this.state === "starting") {
      this.#initTimer?.[Symbol.dispose]();
      this.#initMs = this.#parts.platform.wall.monotonicMs() - this.startedMs;
      this.#becomeIdle();
    } else if (this.state === "settling" && !this.#closing) this.#becomeIdle();
  }

  onUnready(give: GiveEvent): void {
    if (this.#give === give) this.#give = undefined;
  }

  isCurrent(requestId: string): boolean {
    return this.#running?.job.requestId === requestId;
  }

  onResponse(body: Buffer | undefined): void {
    if (body) {
      this.#finish({ status: "success", payload: body });
      return;
    }
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${ANSWER_BYTES_MAX} bytes).`;
    this.#finishWith("Function.ResponseSizeTooLarge", errorMessage);
  }

  onStream(contentType: string): void {
    this.#running?.job.onStream?.(contentType);
  }

  onPiece(piece: Buffer): Promise<void> | undefined {
    const running = this.#running as Running;
    running.streamedBytes += piece.length;
    if (running.streamedBytes > streamedMax(running)) return undefined;
    if (running.job.onPiece) return running.job.onPiece(piece);
    running.kept.push(piece);
    return undefined;
  }

  onStreamed(error?: { readonly body: Buffer; readonly errorType: string }): void {
    const running = this.#running as Running;
    if (running.streamedBytes > streamedMax(running)) this.onResponse(undefined);
    else if (error) this.onError(error.body, error.errorType);
    else this.#finish({ status: "success", payload: Buffer.concat(running.kept) });
  }

  onError(body: Buffer, errorType: string): void {
    this.#finish({ status: "error", payload: body, errorType });
  }

  onInitError(body: Buffer, errorType: string): void {
    this.#failure = { payload: parsed(body), errorType };
  }

  #becomeIdle(): void {
    this.state = "idle";
    this.idleSinceMs = this.#parts.platform.wall.monotonicMs();
    if (this.isRetired) this.kill("over");
    else this.#parts.onIdle(this);
  }

  #onTimeout({ requestId }: Job): void {
    const { platform } = this.#parts;
    const text = `Task timed out after ${this.version.timeoutSeconds.toFixed(2)} seconds`;
    this.kill("timeout");
    this.#log(`${new Date(platform.wall.now()).toISOString()} ${requestId} ${text}`);
    const payload = { errorType: "Sandbox.Timedout", errorMessage: `RequestId: ${requestId} Error: ${text}` };
    this.#finish({ status: "timeout", payload: encoded(payload), errorType: "Sandbox.Timedout" });
  }

  #finishWith(errorType: string, errorMessage: string): void {
    this.#finish({ status: "error", payload: encoded({ errorType, errorMessage }), errorType });
  }

  /** Tells the outcome at once; its last lines are logged when all that the handler has written is read. */
  #finish(result: { status: Outcome["status"]; payload: Buffer; errorType?: string }): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.timeout[Symbol.dispose]();
    const { platform } = this.#parts;
    const durationMs = platform.wall.monotonicMs() - running.startedMs;
    this.#lookAtPeak(platform.wall.monotonicMs());
    const initMs = this.invocations === 1 ? this.#initMs : undefined;
    const { lines } = running;
    let timer: Disposable | undefined;
    const close = (): void => {
      if (this.#closing?.running !== running) return;
      this.#closing = undefined;
      timer?.[Symbol.dispose]();
      const about = { ...result, requestId: running.job.requestId, durationMs, initMs, maxBytes: this.maxBytes };
      for (const line of reportLines(this.version, about, platform.wall.now())) this.#log(line, lines);
      running.tail.resolve(tailOf(lines));
      if (this.state === "settling" && this.#give) this.#becomeIdle();
    };
    this.#closing = { running, close };
    if (this.state !== "ended") this.state = "settling";
    const isDead = this.#killedFor !== undefined || this.#child?.exitCode !== null;
    timer = platform.wall.after(isDead ? DEAD_OUTPUT_GRACE_MS : OUTPUT_GRACE_MS, close);
    if (this.#marked === running.job.requestId) close();
    running.job.onOutcome({ ...result, durationMs, tail: running.tail.promise });
  }

  /** The system keeps the most that a process has had: asking for it every now and then is enough. */
  #lookAtPeak(nowMs: number): void {
    if (this.#child?.pid === undefined || nowMs - this.#peakLookMs < PEAK_LOOK_MS) return;
    this.#peakLookMs = nowMs;
    this.maxBytes = Math.max(this.maxBytes, peakResidentBytes(this.#child.pid));
  }

  #onExit(child: ChildProcess, output: Output, status: number | null, signal: NodeJS.Signals | null): void {
    const { platform } = this.#parts;
    this.#killProcesses();
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      timer[Symbol.dispose]();
      output.end();
      this.#end(status, signal);
    };
    const timer = platform.wall.after(DEAD_OUTPUT_GRACE_MS, over);
    if (child.stdout?.readableEnded || child.stdout?.destroyed) over();
    else child.stdout?.once("close", over);
  }

  #end(status: number | null, signal: NodeJS.Signals | null): void {
    const { reaper, onEnded } = this.#parts;
    const wasStarting = this.state === "starting";
    this.#initTimer?.[Symbol.dispose]();
    const running = this.#running;
    if (running) {
      const message = `RequestId: ${running.job.requestId} Error: ${exitText(status, signal)}`;
      this.state = "ended";
      this.#finishWith("Runtime.ExitError", message);
    }
    this.state = "ended";
    this.#closing?.close();
    this.#api?.close();
    this.#failure ??= {
      payload: { errorMessage: `Error: ${exitText(status, signal)}` },
      errorType: "Runtime.ExitError",
    };
    void this.#clear().then((isClear) => {
      if (isClear) reaper.ended(this.#child?.pid as number);
      this.#setOver();
      onEnded(this, {
        isClear,
        ...(wasStarting && this.#killedFor !== "over" && { failInit: (job) => this.#failInit(job) }),
      });
    });
  }

  /** Ends what is left of its processes, then removes their folder: while one of them lives, whoever gets their user id next is not safe from it. */
  async #clear(): Promise<boolean> {
    const isClear = this.user === undefined || (await endProcessesOf(this.user, this.#parts.platform.wall));
    await rm(this.#workFolder, { recursive: true, force: true }).catch(() => {
      // It goes with all the others at the stop.
    });
    return isClear;
  }

  /** The outcome of an invocation for which no handler came to be. */
  #failInit(job: Job): void {
    const { platform } = this.#parts;
    const { payload, errorType } = this.#failure as InitFailure;
    const told = payload as { errorMessage?: string };
    const isOurs = errorType === "Runtime.ExitError" || errorType === "Sandbox.Timedout";
    const body = isOurs
      ? { errorType, errorMessage: `RequestId: ${job.requestId} ${told.errorMessage}` }
      : { errorType, ...payload };
    const initMs = platform.wall.monotonicMs() - this.startedMs;
    const status = errorType === "Sandbox.Timedout" ? "timeout" : "error";
    const lines: string[] = [];
    const phase = `INIT_REPORT Init Duration: ${initMs.toFixed(2)} ms\tPhase: init\tStatus: ${status}\tError Type: ${errorType}`;
    this.#log(phase, lines);
    this.#log(startLine(this.version, job.requestId, platform.wall.now()), lines);
    const about = { status, errorType, requestId: job.requestId, durationMs: initMs, maxBytes: this.maxBytes } as const;
    for (const line of reportLines(this.version, about, platform.wall.now())) this.#log(line, lines);
    const tail = Promise.resolve(tailOf(lines));
    job.onOutcome({ status, payload: encoded(body), errorType, durationMs: initMs, tail });
  }

  #killProcesses(): void {
    const { pid } = this.#child ?? {};
    if (pid !== undefined) killGroup(pid);
    // What has left the group has kept the user. The group first: it may be what starts others.
    if (this.user !== undefined) for (const other of processesOf(this.user)) killProcess(other);
  }

  #onMark(requestId: string): void {
    this.#marked = requestId;
    if (this.#closing?.running.job.requestId === requestId) this.#closing.close();
  }

  #onLine(line: string): void {
    const running = this.#logged;
    if (running) {
      running.loggedBytes += line.length;
      if (running.loggedBytes > LOG_BYTES_MAX) {
        if (running.loggedBytes - line.length <= LOG_BYTES_MAX) {
          this.#log(`[trunkline] What an invocation logs beyond ${LOG_BYTES_MAX} bytes is left out`);
        }
        return;
      }
    }
    this.#log(line.replaceAll("\r", "\n"));
  }

  /** The invocation that output belongs to. */
  get #logged(): Running | undefined {
    return this.#closing?.running ?? this.#running;
  }

  /** `lines`: of the invocation that it belongs to, where that is not the one in progress. */
  #log(line: string | undefined, lines = this.#logged?.lines): void {
    if (line === undefined || line === "") return;
    lines?.push(line);
    if (lines && lines.length > 2 * TAIL_LINES_MAX) lines.splice(0, TAIL_LINES_MAX);
    this.#parts.logs.append({ ref: this.version, group: this.version.logging.group, stream: this.#stream }, line);
  }

  #traceId(): string {
    const { ids, wall } = this.#parts.platform;
    const hex = (bytes: number): string => Buffer.from(ids.bytes(bytes)).toString("hex");
    const seconds = Math.floor(wall.now() / 1000).toString(16);
    return `Root=1-${seconds}-${hex(12)};Parent=${hex(8)};Sampled=0`;
  }

  /** For those who look: its function's ARN. */
  get arn(): string {
    return functionArn(this.version, this.version.version);
  }
}

function streamedMax({ job }: Running): number {
  return job.onPiece ? STREAMED_BYTES_MAX : ANSWER_BYTES_MAX;
}

/** As many lines as can matter for the tail of a log, each of which has at least a byte and its end. */
const TAIL_LINES_MAX: number = TAIL_BYTES / 2;

/** What `ulimit -f` counts in. */
const BLOCKS_PER_MB = 2048;

/**
 * The limits that the system itself keeps: no core files, files of at most the storage that the function has, open files, processes, and the one
 * that the system ends first when memory is short. Errors go where output goes, so that they stay in order.
 */
const WRAPPER = `
ulimit -c 0
ulimit -n 1024 2>/dev/null
ulimit -f "$1" 2>/dev/null
[ "$2" = own-user ] && ulimit -p 1024 2>/dev/null
[ -w /proc/self/oom_score_adj ] && echo 1000 > /proc/self/oom_score_adj
shift 2
exec "$@" 2>&1
`;

function killGroup(group: number): void {
  killProcess(-group);
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

function exitText(status: number | null, signal: NodeJS.Signals | null): string {
  if (signal === "SIGKILL") return "Runtime exited with error: signal: killed";
  if (signal === "SIGABRT") return "Runtime exited with error: signal: aborted";
  if (signal === "SIGSEGV") return "Runtime exited with error: signal: segmentation fault";
  if (signal !== null) return `Runtime exited with error: signal: ${signal.slice(3).toLowerCase()}`;
  return status === 0
    ? "Runtime exited without providing a reason"
    : `Runtime exited with error: exit status ${status}`;
}

function parsed(body: Buffer): object {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    // A custom runtime may say what it likes.
    return {};
  }
}

function encoded(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function tailOf(lines: readonly string[]): string {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  return bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES)).toString("base64");
}
