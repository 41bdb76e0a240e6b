/** The one way to the server: sign-in by cookie, operations as JSON documents, own endpoints. Nothing else in here calls `fetch`. */
import { batch, signal } from "@preact/signals";

/** Who is signed in. */
export interface Session {
  readonly account?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly principalArn?: string;
  /** Whether a secret is asked for: on loopback a key's name is enough. */
  readonly needsSecret: boolean;
  readonly accessKeys?: readonly { readonly accessKeyId: string; readonly account?: string }[];
}

/** `undefined`: not asked yet. */
export const session = signal<Session | undefined>(undefined);

/** Whether the server answers. Views show it, and what follows the server tries again by itself. */
export const connected = signal(true);

/** Goes up when the server is there again after it was away, and when somebody has signed in again: what is shown is loaded anew. */
export const comebacks = signal(0);

/** What the server says of a request that it refuses. */
export class ServerError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "ServerError";
    this.status = status;
    this.code = code;
  }
}

const BASE = "/_trunkline/";
const REGION_KEY = "trunkline.region";

export const region = signal(localStorage.getItem(REGION_KEY) ?? "us-east-1");
region.subscribe((value) => localStorage.setItem(REGION_KEY, value));

/** Calls an operation of an API, named as in its model: `call("connect", "ListUsers", { InstanceId })`. Throws `ServerError`. */
export function call<T>(model: string, operation: string, input: object = {}, signal?: AbortSignal): Promise<T> {
  return request<T>("POST", `api/${model}/${operation}`, input, signal);
}

/** Reads one of Trunkline's own endpoints. Throws `ServerError`. */
export function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>("GET", path, undefined, signal);
}

export function post<T>(path: string, body: object = {}, signal?: AbortSignal): Promise<T> {
  return request<T>("POST", path, body, signal);
}

/** Removes what an endpoint has. Throws `ServerError`. */
export function remove(path: string): Promise<void> {
  return request<void>("DELETE", path);
}

/**
 * Reads what an endpoint pushes, a JSON document a line, until the signal aborts; what has come at once is given at once, at most once a
 * frame: until then nothing more is read, so that a fast source waits for a slow reader. A connection that breaks is opened again, after a
 * pause that grows to 5 s; `onOpen` says that what follows begins anew.
 */
export async function follow<T>(
  path: string,
  onItems: (items: readonly T[]) => void,
  signal: AbortSignal,
  onOpen: () => void = () => {},
): Promise<void> {
  let pauseMs = 250;
  while (!signal.aborted) {
    try {
      const response = await answered("GET", path, undefined, signal);
      onOpen();
      pauseMs = 250;
      for await (const lines of linesOf(response)) {
        onItems(lines.map((line) => JSON.parse(line) as T));
        await nextFrame();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ServerError && error.status >= 400 && error.status < 500) throw error;
    }
    await pause(pauseMs, signal);
    pauseMs = Math.min(5000, pauseMs * 2);
  }
}

/** Sends a document and reads what is answered, a JSON document a line, to its end or until the signal aborts. Throws `ServerError`. */
export async function stream<T>(
  path: string,
  body: object,
  onItems: (items: readonly T[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await answered("POST", path, body, signal);
  for await (const lines of linesOf(response)) {
    onItems(lines.map((line) => JSON.parse(line) as T));
    await nextFrame();
  }
}

export async function loadSession(): Promise<void> {
  const found = await request<Session>("GET", "session");
  // On this machine nobody is asked for anything.
  if (found.account === undefined && !found.needsSecret) await signIn();
  else session.value = found;
}

/** Whether the session of who is signed in has ended, and its page waits for them to sign in again. */
export const hasExpired = signal(false);

let isRenewing = false;

/** A session ends with its time, and with the server that made it. What is on the page stays there: somebody may have written in it. */
async function renewSession(): Promise<void> {
  if (isRenewing || hasExpired.value || session.value?.account === undefined) return;
  isRenewing = true;
  try {
    const found = await request<Session>("GET", "session");
    if (found.account !== undefined) {
      session.value = found;
      comebacks.value++;
    } else await signInAgain(found);
  } catch {
    // The server is away. The next request finds it again.
  }
  isRenewing = false;
}

async function signInAgain({ needsSecret }: Session): Promise<void> {
  if (needsSecret) hasExpired.value = true;
  else await signIn(session.value?.accessKeyId);
}

export async function signIn(accessKeyId?: string, secretAccessKey?: string): Promise<void> {
  const found = await request<Session>("POST", "session", { accessKeyId, secretAccessKey });
  batch(() => {
    session.value = found;
    hasExpired.value = false;
    comebacks.value++;
  });
}

export async function signOut(): Promise<void> {
  session.value = await request<Session>("DELETE", "session");
}

/** Whether the server has another console by now than the one that runs here: parts of this one that come later are not there any more. */
export const isOutdated = signal(false);

/** Looks whether it has. A page that is not answered says nothing of it. */
export async function lookForNewerConsole(): Promise<void> {
  const own = document.querySelector<HTMLScriptElement>("script[type=module]")?.getAttribute("src");
  const response = await fetch(`${BASE}console/`).catch(() => undefined);
  if (!own || !response?.ok) return;
  const [, served] = /<script type="module" src="([^"]+)"/.exec(await response.text()) ?? [];
  isOutdated.value = served !== undefined && served !== own;
}

/** How often a page that asks for nothing itself looks whether the server is there. */
const LOOK_MS = 3000;
/** How often it looks for one that is away. */
const LOOK_FOR_MS = 1000;
const ANSWER_MS = 15_000;

/** Looks after the connection until what it answers is called: notices that it is lost where nothing else does, and that it is back. */
export function watchConnection(): () => void {
  const abort = new AbortController();
  let wasAway = false;
  const unsubscribe = connected.subscribe((isThere) => {
    if (isThere && wasAway) comebacks.value++;
    wasAway = !isThere;
  });
  const watch = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      await pause(connected.value ? LOOK_MS : LOOK_FOR_MS, abort.signal);
      if (!document.hidden) await look(abort.signal).catch(() => {});
    }
  };
  void watch();
  return () => {
    abort.abort();
    unsubscribe();
  };
}

async function look(signal: AbortSignal): Promise<void> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const { account } = await request<Session>("GET", "session", undefined, inTime);
  if (account === undefined) await renewSession();
}

async function request<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
  const response = await answered(method, path, body, signal);
  return (await response.json()) as T;
}

async function answered(method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers: { "x-trunkline-region": region.value, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    // What has waited for too long is as good as away.
    if (!signal?.aborted || signal.reason?.name === "TimeoutError") connected.value = false;
    throw error;
  }
  connected.value = true;
  if (response.ok) return response;
  const text = await response.text();
  const told = parsed(text);
  if (response.status === 403 && told.code === "MissingAuthenticationTokenException") void renewSession();
  throw new ServerError(response.status, told.code ?? "", told.message ?? told.error ?? response.statusText);
}

function parsed(text: string): { readonly code?: string; readonly message?: string; readonly error?: string } {
  try {
    return JSON.parse(text) as object;
  } catch {
    return { message: text.slice(0, 500) };
  }
}

async function* linesOf(response: Response): AsyncGenerator<readonly string[]> {
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    const whole = lines.filter((line) => line !== "");
    if (whole.length > 0) yield whole;
  }
}

/** A page that is not looked at has no frames: it goes on by a timer. */
function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) setTimeout(resolve, 100);
    else requestAnimationFrame(() => resolve());
  });
}

/** Leaves nothing behind at the signal, which lasts as long as the page: a page is open for days. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
