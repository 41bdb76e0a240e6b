/**
 * All sandboxes: which are warm, which must be started, and who waits.
 *
 * Invocations of one version wait in a line of their own. A sandbox that has become idle takes the first of its line; where more wait than
 * sandboxes are starting, another one is started, if there is room. Where there is none, an idle one of another function makes room, and
 * else the lines are served in turn. No function may have more than three quarters of the places, so that one whose handlers hang delays nobody else.
 */
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModeledError } from "../../../models/modeled-error.ts";
import { assumeRoleAsService, type TemporaryKeys } from "../../iam/index.ts";
import type { Platform } from "../../service.ts";
import type { FunctionVersion } from "../function.ts";
import type { FunctionLogs } from "../function-logs.ts";
import { layerVersionKey, layerVersions, parseLayerVersionArn } from "../layer.ts";
import { IDLE_MS_MAX } from "../limits.ts";
import { sandboxesMax } from "../quotas.ts";
import { CodeFolders } from "./code-folders.ts";
import { sdkFolders } from "./environment.ts";
import { findIsolation, type Isolation, PLACES_MAX } from "./isolation.ts";
import { residentBytes } from "./process-memory.ts";
import { Reaper } from "./reaper.ts";
import { type End, type Job, Sandbox } from "./sandbox.ts";

/** The sandboxes of one version as it is configured, and who waits for them. */
interface Lane {
  readonly key: string;
  readonly version: FunctionVersion;
  readonly waiting: Job[];
  readonly sandboxes: Set<Sandbox>;
  starting: number;
  /** Starts that failed for our own reasons, one after the other. */
  failures: number;
}

interface Ground {
  readonly base: string;
  readonly isolation: Isolation;
  readonly reaper: Reaper;
  readonly code: CodeFolders;
  readonly layers: CodeFolders;
}

const SHARE_PER_FUNCTION = 0.75;
/** How often processes are looked at while handlers run. */
const WATCH_MS = 100;
/** Storage takes longer to look through, and to fill. */
const WATCHES_PER_STORAGE_LOOK = 10;
/** A sandbox is not used again when its keys are good for less than this beyond the function's timeout. */
const KEYS_SPARE_MS = 60_000;
/** Starts that fail without any fault of the function: so often in a row until its invocations fail. */
const START_FAILURES_MAX = 3;
const START_FAILURE_PAUSE_MS = 500;
const MIB = 1024 * 1024;

/** Shared by all servers of this process: a place decides on a user id. */
const takenPlaces = new Set<number>();

/** What invocations fail with that the server's stop has overtaken. */
export class ServerStopping extends Error {
  constructor() {
    super("The server is stopping");
  }
}

export class Sandboxes {
  readonly #platform: Platform;
  readonly #logs: FunctionLogs;
  readonly #lanes = new Map<string, Lane>();
  readonly #sandboxes = new Set<Sandbox>();
  #ground: Promise<Ground> | undefined;
  #watch: Disposable | undefined;
  #watches = 0;
  #isClosed = false;
  coldStarts = 0;

  constructor(platform: Platform, logs: FunctionLogs) {
    this.#platform = platform;
    this.#logs = logs;
  }

  get all(): ReadonlySet<Sandbox> {
    return this.#sandboxes;
  }

  /** Has a handler of this version get the job, at once or when there is room. */
  run(version: FunctionVersion, job: Job): void {
    if (this.#isClosed) {
      job.onRefused(new ServerStopping());
      return;
    }
    const key = `${version.functionId} ${version.version} ${version.revisionId}`;
    const lane = this.#lanes.get(key) ?? { key, version, waiting: [], sandboxes: new Set(), starting: 0, failures: 0 };
    this.#lanes.set(key, lane);
    lane.waiting.push(job);
    this.#serve(lane);
  }

  /** Ends the sandboxes of a function's version that are not of this revision any more: its code or configuration has changed, or it is gone. */
  retire(functionId: string, keep: (version: FunctionVersion) => boolean): void {
    for (const sandbox of this.#sandboxes) {
      if (sandbox.version.functionId !== functionId || keep(sandbox.version)) continue;
      sandbox.isRetired = true;
      if (sandbox.state === "idle") sandbox.kill("over");
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch?.[Symbol.dispose]();
    for (const lane of this.#lanes.values()) {
      for (const job of lane.waiting.splice(0)) job.onRefused(new ServerStopping());
    }
    for (const sandbox of this.#sandboxes) sandbox.kill("over");
    // Before their folders are removed: a handler that is still there could put a link where a folder was.
    await Promise.all([...this.#sandboxes].filter(({ processes }) => processes).map(({ over }) => over));
    const ground = await this.#ground?.catch(() => undefined);
    ground?.reaper.close();
    if (!ground) return;
    await Promise.all([ground.code.settled(), ground.layers.settled()]);
    // A sandbox that was about to start may still put something there.
    await rm(ground.base, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Gives idle sandboxes of a lane their jobs, and starts those that it lacks. */
  #serve(lane: Lane): void {
    for (const sandbox of lane.sandboxes) {
      if (lane.waiting.length === 0) break;
      if (sandbox.state !== "idle") continue;
      if (this.#isStale(sandbox)) sandbox.kill("over");
      else sandbox.run(lane.waiting.shift() as Job);
    }
    const most = Math.max(1, Math.floor(sandboxesMax(this.#platform) * SHARE_PER_FUNCTION));
    while (lane.waiting.length > lane.starting && lane.sandboxes.size + lane.starting < most) {
      const place = this.#takePlace(lane);
      if (place === undefined) break;
      void this.#start(lane, place);
    }
    this.#watchProcesses();
    if (lane.waiting.length === 0 && lane.starting === 0 && lane.sandboxes.size === 0) this.#lanes.delete(lane.key);
  }

  #isStale(sandbox: Sandbox): boolean {
    const { wall } = this.#platform;
    const spareMs = sandbox.version.timeoutSeconds * 1000 + KEYS_SPARE_MS;
    return sandbox.isRetired || sandbox.keys.expiresAtMs - wall.now() < spareMs;
  }

  /** Room for one more, if need be that of an idle one of another lane; `undefined`: there is none. */
  #takePlace(lane: Lane): number | undefined {
    const max = Math.min(sandboxesMax(this.#platform), PLACES_MAX);
    const used = [...this.#lanes.values()].reduce((sum, { sandboxes, starting }) => sum + sandboxes.size + starting, 0);
    if (used >= max) {
      const idle = [...this.#sandboxes].filter(({ state, version }) => state === "idle" && version !== lane.version);
      const [oldest] = idle.sort((a, b) => a.idleSinceMs - b.idleSinceMs);
      // Its end serves those who wait.
      oldest?.kill("over");
      return undefined;
    }
    for (let place = 0; place < PLACES_MAX; place++) {
      if (takenPlaces.has(place)) continue;
      takenPlaces.add(place);
      return place;
    }
    return undefined;
  }

  async #start(lane: Lane, place: number): Promise<void> {
    lane.starting++;
    const { version } = lane;
    let release = (): void => {};
    try {
      this.#ground ??= this.#prepare();
      const ground = await this.#ground;
      const keys = await this.#assumeRole(version);
      const codePath = await ground.code.use([version.code]);
      release = () => ground.code.release([version.code]);
      const layers = await this.#layerCode(version);
      const layersPath = layers.length > 0 ? await ground.layers.use(layers) : undefined;
      release = () => {
        ground.code.release([version.code]);
        if (layers.length > 0) ground.layers.release(layers);
      };
      if (this.#isClosed) throw new ServerStopping();
      const { base, isolation, reaper } = ground;
      const sandbox: Sandbox = new Sandbox({
        ...{ platform: this.#platform, version, isolation, place, base, codePath, layersPath, keys, reaper },
        logs: this.#logs,
        onIdle: () => this.#onIdle(lane, sandbox),
        onEnded: (_ended, end) => {
          release();
          this.#onEnded(lane, sandbox, end);
        },
      });
      this.#sandboxes.add(sandbox);
      try {
        await sandbox.start();
      } catch (error) {
        this.#sandboxes.delete(sandbox);
        throw error;
      }
      this.coldStarts++;
      lane.failures = 0;
      this.#platform.flow.metrics.count("trunkline_function_cold_starts_total", {
        account: version.account,
        region: version.region,
        function: version.name,
      });
      this.#watchProcesses();
    } catch (error) {
      release();
      takenPlaces.delete(place);
      lane.starting--;
      await this.#onStartFailed(lane, error as Error);
    }
  }

  /** Its role, or its code, is not as it must be: then the invocation is refused. What is wrong with this machine may pass. */
  async #onStartFailed(lane: Lane, error: Error): Promise<void> {
    if (error instanceof ModeledError) lane.waiting.shift()?.onRefused(error);
    else if (!this.#isClosed) {
      lane.failures++;
      this.#platform.log.error({ err: error, function: lane.version.name }, "A sandbox could not be started");
      if (lane.failures >= START_FAILURES_MAX) lane.waiting.shift()?.onRefused(error);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#platform.wall.after(START_FAILURE_PAUSE_MS, resolve);
      await promise;
    }
    this.#serveAll();
  }

  async #assumeRole({ role, name }: FunctionVersion): Promise<TemporaryKeys> {
    try {
      return await assumeRoleAsService(this.#platform, {
        roleArn: role,
        service: "lambda.amazonaws.com",
        sessionName: name,
      });
    } catch (error) {
      if (!(error instanceof ModeledError)) throw error;
      throw new ModeledError("AccessDeniedException", "The role defined for the function cannot be assumed by Lambda.");
    }
  }

  async #layerCode({ layers }: FunctionVersion): Promise<readonly string[]> {
    const zips: string[] = [];
    for (const arn of layers) {
      const ref = parseLayerVersionArn(arn);
      const layer = ref && (await this.#platform.store.get(layerVersions, layerVersionKey(ref)));
      if (layer) zips.push(layer.code);
    }
    return zips;
  }

  #onIdle(lane: Lane, sandbox: Sandbox): void {
    if (sandbox.invocations === 0) {
      lane.starting--;
      lane.sandboxes.add(sandbox);
      this.#endWhenIdle(sandbox, IDLE_MS_MAX);
    }
    this.#serve(lane);
    if (sandbox.state !== "idle") return;
    // One that is idle may make room for who waits elsewhere.
    if ([...this.#lanes.values()].some((other) => other !== lane && other.waiting.length > other.starting))
      this.#serveAll();
  }

  /** One timer for a sandbox, which looks when it was used last: not one for each invocation. */
  #endWhenIdle(sandbox: Sandbox, inMs: number): void {
    const { wall } = this.#platform;
    wall.after(inMs, () => {
      if (sandbox.state === "ended") return;
      const idleMs = sandbox.state === "idle" ? wall.monotonicMs() - sandbox.idleSinceMs : 0;
      if (idleMs >= IDLE_MS_MAX) sandbox.kill("over");
      else this.#endWhenIdle(sandbox, IDLE_MS_MAX - idleMs);
    });
  }

  #onEnded(lane: Lane, sandbox: Sandbox, { isClear, failInit }: End): void {
    if (!lane.sandboxes.delete(sandbox)) lane.starting--;
    this.#sandboxes.delete(sandbox);
    if (isClear) takenPlaces.delete(sandbox.place);
    else this.#platform.log.error({ sandbox: sandbox.arn }, "Processes of a sandbox do not end: its place stays taken");
    const [job] = failInit ? lane.waiting.splice(0, 1) : [];
    if (job) failInit?.(job);
    this.#serveAll();
  }

  /** Each lane in turn: who was served last comes last. */
  #serveAll(): void {
    if (this.#isClosed) return;
    for (const lane of [...this.#lanes.values()]) {
      const before = lane.waiting.length - lane.starting;
      this.#serve(lane);
      if (lane.waiting.length - lane.starting < before && this.#lanes.delete(lane.key)) this.#lanes.set(lane.key, lane);
    }
  }

  #watchProcesses(): void {
    if (this.#watch || this.#isClosed) return;
    if (![...this.#sandboxes].some(({ state }) => state === "busy" || state === "starting" || state === "settling"))
      return;
    this.#watch = this.#platform.wall.after(WATCH_MS, () => {
      this.#watch = undefined;
      this.#checkMemory();
      if (++this.#watches % WATCHES_PER_STORAGE_LOOK === 0) void this.#checkStorage();
      this.#watchProcesses();
    });
  }

  #checkMemory(): void {
    const watched = [...this.#sandboxes].flatMap((sandbox) => {
      const { processes } = sandbox;
      return processes && sandbox.state !== "ended" ? [{ sandbox, processes }] : [];
    });
    const bytes = residentBytes(watched.map(({ processes }) => processes));
    for (const [place, { sandbox }] of watched.entries()) {
      sandbox.maxBytes = Math.max(sandbox.maxBytes, bytes[place] ?? 0);
      if ((bytes[place] ?? 0) > sandbox.version.memoryMb * MIB) sandbox.kill("memory");
    }
  }

  async #checkStorage(): Promise<void> {
    for (const sandbox of this.#sandboxes) {
      if (sandbox.state !== "busy") continue;
      const bytes = await folderBytes(sandbox.temporaryFolder, sandbox.version.ephemeralMb * MIB);
      if (bytes > sandbox.version.ephemeralMb * MIB) sandbox.kill("storage");
    }
  }

  /** What all sandboxes share, made at the first of them. */
  async #prepare(): Promise<Ground> {
    const base = await realpath(await mkdtemp(join(tmpdir(), "trunkline-functions-")));
    // Others may go through it and not look around.
    await chmod(base, 0o711);
    const runtime = join(base, "runtime");
    await cp(join(import.meta.dirname, "bootstrap"), runtime, { recursive: true });
    await linkSdk(join(runtime, "node_modules"));
    for (const folder of ["code", "layers", "work"]) await mkdir(join(base, folder), { mode: 0o711 });
    return {
      base,
      isolation: await findIsolation(join(runtime, "node.mjs"), this.#platform.log),
      reaper: new Reaper(base),
      code: new CodeFolders(this.#platform, join(base, "code")),
      layers: new CodeFolders(this.#platform, join(base, "layers")),
    };
  }
}

/** Handlers find these of the packages that are installed beside us, and no others. */
const SHARED_SCOPES = ["@aws-sdk", "@smithy"];

async function linkSdk(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const [found] = sdkFolders();
  if (found === undefined) return;
  for (const scope of SHARED_SCOPES) await symlink(join(found, scope), join(folder, scope));
}

/** Up to a number that is too much. */
async function folderBytes(folder: string, most: number): Promise<number> {
  let bytes = 0;
  try {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).blocks * 512;
      if (bytes > most) break;
    }
  } catch {
    // Something of it has just been removed: then it is looked at again.
  }
  return bytes;
}
