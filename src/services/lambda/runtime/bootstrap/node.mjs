/**
 * Runs one function's handler for Node: loads it, gets events one after another, and answers. `channel.ts` says how it speaks with the server.
 *
 * It runs in the handler's own process and is copied beside it, so it imports nothing but Node.
 */
import { existsSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createRequire, registerHooks, syncBuiltinESMExports } from "node:module";
import net from "node:net";
import path from "node:path";
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

// Whether a user of its own can run this at all.
if (process.argv.includes("--probe")) process.exit(0);

const { env } = process;
const taskRoot = env.LAMBDA_TASK_ROOT;
const runtime = env.TRUNKLINE_RUNTIME;
const mark = env.TRUNKLINE_MARK;
for (const name of Object.keys(env)) if (name.startsWith("TRUNKLINE_")) delete env[name];
const isJson = env.AWS_LAMBDA_LOG_FORMAT === "JSON";
const hasCallbacks = runtime === "nodejs20.x" || runtime === "nodejs22.x";

/* --- The server ------------------------------------------------------------------------------------------------------ */

const channel = new net.Socket({ fd: 3, readable: true, writable: true });
const LENGTHS_BYTES = 8;
let received = Buffer.alloc(0);
let onEvent;

channel.on("data", (chunk) => {
  received = received.length > 0 ? Buffer.concat([received, chunk]) : chunk;
  if (received.length < LENGTHS_BYTES) return;
  const bodyAt = LENGTHS_BYTES + received.readUInt32BE(0);
  const end = bodyAt + received.readUInt32BE(4);
  if (received.length < end) return;
  const head = JSON.parse(received.toString("utf8", LENGTHS_BYTES, bodyAt));
  const body = received.toString("utf8", bodyAt, end);
  received = Buffer.alloc(0);
  onEvent({ head, body });
});
// The server is gone, or does not want us any more.
for (const event of ["end", "error", "close"]) channel.on(event, () => process.exit(0));

/** One frame. `done`: it has left the process. */
function send(head, body, done) {
  const text = Buffer.from(JSON.stringify(head));
  const bytes = Buffer.from(body ?? "");
  const lengths = Buffer.allocUnsafe(LENGTHS_BYTES);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(bytes.length, 4);
  channel.write(Buffer.concat([lengths, text, bytes]), done);
}

function sent(head, body) {
  return new Promise((resolve) => send(head, body, resolve));
}

/** While a handler runs, the channel does not keep the process from having nothing to do. */
function nextEvent() {
  channel.ref();
  return new Promise((resolve) => {
    onEvent = (event) => {
      channel.unref();
      resolve(event);
    };
  });
}

/* --- Logging --------------------------------------------------------------------------------------------------------- */

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const least = Math.max(0, LEVELS.indexOf(env.AWS_LAMBDA_LOG_LEVEL ?? "TRACE"));
const writeOut = process.stdout.write.bind(process.stdout);
let requestId;

/** A message is one line; what breaks lines in it is written so that the server can tell. */
function log(level, ...values) {
  if (isJson && LEVELS.indexOf(level) < least) return;
  const timestamp = new Date().toISOString();
  if (!isJson) {
    writeOut(`${timestamp}\t${requestId}\t${level}\t${format(...values).replaceAll("\n", "\r")}\n`);
    return;
  }
  const [only] = values;
  const message =
    values.length === 1 && typeof only === "object" && !(only instanceof Error) ? only : format(...values);
  const error = values.find((value) => value instanceof Error);
  const line = {
    timestamp,
    level,
    ...(requestId !== undefined && { requestId }),
    message,
    ...(error && { errorType: error.name, errorMessage: error.message, stackTrace: (error.stack ?? "").split("\n") }),
  };
  let text;
  try {
    text = JSON.stringify(line);
  } catch {
    text = JSON.stringify({ ...line, message: format(...values) });
  }
  writeOut(`${text}\n`);
}

console.log = (...values) => log("INFO", ...values);
console.info = (...values) => log("INFO", ...values);
console.warn = (...values) => log("WARN", ...values);
console.error = (...values) => log("ERROR", ...values);
console.debug = (...values) => log("DEBUG", ...values);
console.trace = (...values) => log("TRACE", new Error(format(...values)).stack?.replace(/^Error/, "Trace"));
console.fatal = (...values) => log("FATAL", ...values);

/* --- Errors ---------------------------------------------------------------------------------------------------------- */

class RuntimeError extends Error {
  constructor(name, message, cause) {
    super(message);
    this.name = name;
    if (cause?.stack) this.stack = `${name}: ${cause.stack}`;
  }
}

function described(error) {
  if (error instanceof Error || (typeof error === "object" && error !== null && "message" in error)) {
    const trace = String(error.stack ?? error.message ?? "").split("\n");
    return { errorType: String(error.name ?? "Error"), errorMessage: String(error.message), trace };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

async function fail(error, title, kind = requestId === undefined ? "initError" : "error") {
  const told = described(error);
  if (isJson) log("ERROR", error instanceof Error ? error : format(error));
  else log("ERROR", `${title} \t${JSON.stringify({ ...told, stack: told.trace, trace: undefined })}`);
  writeOut(`${mark}${requestId}\n`);
  await sent({ kind, requestId, errorType: told.errorType }, JSON.stringify(told));
}

/* --- The handler ----------------------------------------------------------------------------------------------------- */

const require = createRequire(path.join(taskRoot, "_"));
/** Where the AWS SDK is that Trunkline has beside it: after all that the function brings itself. */
const shared = (env.NODE_PATH ?? "").split(":").filter((folder) => folder !== "");

registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      // NODE_PATH is for `require` alone; the real service's runtimes let `import` find what it names too.
      if (error.code !== "ERR_MODULE_NOT_FOUND" || /^[./]|^[a-z]+:/.test(specifier)) throw error;
      for (const folder of shared) {
        try {
          return next(specifier, { ...context, parentURL: pathToFileURL(path.join(path.dirname(folder), "_")).href });
        } catch {
          // Then in the next one.
        }
      }
      throw error;
    }
  },
});

function findFile(name) {
  const file = path.resolve(taskRoot, name);
  if (existsSync(file) && path.extname(file) !== "") return file;
  for (const extension of [".js", ".mjs", ".cjs"]) if (existsSync(file + extension)) return file + extension;
  try {
    return require.resolve(`./${name}`);
  } catch {
    try {
      return require.resolve(name);
    } catch (error) {
      throw new RuntimeError(
        "Runtime.ImportModuleError",
        `Error: Cannot find module '${path.basename(name)}'\nRequire stack:\n- ${taskRoot}`,
        error,
      );
    }
  }
}

async function loadHandler(text) {
  const base = path.basename(text);
  const [, module, exported] = /^([^.]*)\.(.*)$/.exec(base) ?? [];
  if (text.includes(".."))
    throw new RuntimeError(
      "Runtime.MalformedHandlerName",
      `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  if (!module || !exported) throw new RuntimeError("Runtime.MalformedHandlerName", "Bad handler");
  const file = findFile(path.join(text.slice(0, text.length - base.length), module));
  let loaded;
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError("Runtime.UserCodeSyntaxError", String(error), error);
    if (["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code)) {
      throw new RuntimeError("Runtime.ImportModuleError", String(error), error);
    }
    throw error;
  }
  // A CommonJS module's exports are its default; which names they have is only guessed by the import.
  const candidates = [loaded.default, loaded].filter((one) => one !== undefined && one !== null);
  const found = candidates.map((from) => exported.split(".").reduce((at, name) => at?.[name], from));
  const handler = found.find((one) => typeof one === "function");
  if (handler) return handler;
  const isThere = found.some((one) => one !== undefined);
  throw new RuntimeError(
    "Runtime.HandlerNotFound",
    `${text} is ${isThere ? "not a function" : "undefined or not exported"}`,
  );
}

/* --- Answers of custom resources ------------------------------------------------------------------------------------- */

let responseUrl;
const requestByHttps = https.request;

/**
 * A custom resource's function answers at the `ResponseURL` of its event, and the usual libraries take only hostname and path of it, for
 * HTTPS at port 443, where it always is in the cloud. What they mean is this URL, wherever it is.
 */
https.request = (...given) => {
  const [options] = given;
  const isMeant =
    responseUrl !== undefined &&
    typeof options === "object" &&
    !(options instanceof URL) &&
    options.port === undefined &&
    (options.hostname ?? options.host) === responseUrl.hostname &&
    options.path === responseUrl.pathname;
  if (!isMeant) return requestByHttps(...given);
  const { protocol: _protocol, agent: _agent, ...rest } = options;
  const { request } = responseUrl.protocol === "http:" ? http : { request: requestByHttps };
  return request({ ...rest, ...(responseUrl.port !== "" && { port: responseUrl.port }) }, ...given.slice(1));
};
syncBuiltinESMExports();

function parseEvent(body) {
  const event = JSON.parse(body);
  const text = event?.ResponseURL;
  if (typeof text === "string" && URL.canParse(text)) responseUrl = new URL(text);
  return event;
}

/* --- Streamed answers ------------------------------------------------------------------------------------------------ */

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const PRELUDE_END = Buffer.alloc(8);

globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMING] = true;
    return handler;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream.write(JSON.stringify(prelude));
      stream.write(PRELUDE_END);
      return stream;
    },
  },
};

/** No frame is larger. */
const PIECE_BYTES = 65_536;

/** What the handler writes goes out as it comes. Its end is the invocation's. */
async function runStreaming(handler, event, context) {
  let contentType = "application/octet-stream";
  let hasBegun = false;
  const begin = () => {
    if (!hasBegun) send({ kind: "stream", requestId, contentType });
    hasBegun = true;
  };
  const sendPieces = (bytes, done) => {
    begin();
    const rest = bytes.subarray(PIECE_BYTES);
    send({ kind: "piece", requestId }, bytes.subarray(0, PIECE_BYTES), (error) => {
      if (error || rest.length === 0) done(error);
      else sendPieces(rest, done);
    });
  };
  const stream = new Writable({
    highWaterMark: PIECE_BYTES,
    write: (chunk, _encoding, done) => sendPieces(chunk, done),
    // What has been written while a piece was on its way goes out as one.
    writev: (chunks, done) => sendPieces(Buffer.concat(chunks.map(({ chunk }) => chunk)), done),
  });
  const ended = new Promise((resolve, reject) => stream.on("finish", resolve).on("error", reject));
  // Who waits for it hears of it.
  ended.catch(() => {});
  stream.setContentType = (type) => {
    if (!hasBegun) contentType = type;
  };
  try {
    await handler(event, stream, context);
    if (!stream.writableEnded) stream.end();
    await ended;
    writeOut(`${mark}${requestId}\n`);
    begin();
    await sent({ kind: "streamed", requestId });
  } catch (error) {
    if (!hasBegun) return fail(error, "Invoke Error");
    // What it has written by then goes out first.
    if (!stream.writableEnded) stream.end();
    if (!stream.destroyed) await ended.catch(() => {});
    const told = described(error);
    log("ERROR", `Invoke Error \t${JSON.stringify(told)}`);
    writeOut(`${mark}${requestId}\n`);
    await sent({ kind: "streamed", requestId, errorType: told.errorType }, JSON.stringify(told));
  }
}

/* --- Invocations ----------------------------------------------------------------------------------------------------- */

/** Ends the invocation in progress where nothing else will: there is nothing left to wait for. */
let onIdle;
process.on("beforeExit", () => onIdle?.());

function run(handler, event, context) {
  const { promise, resolve, reject } = Promise.withResolvers();
  let outcome;
  const settle = () => (outcome?.error !== undefined ? reject(outcome.error) : resolve(outcome?.result ?? null));
  onIdle = settle;
  const callback = (error, result) => {
    if (outcome) return;
    outcome = error === undefined || error === null ? { result } : { error };
    // `callbackWaitsForEmptyEventLoop`: what the handler has begun is waited for.
    if (!context.callbackWaitsForEmptyEventLoop) setImmediate(settle);
  };
  if (hasCallbacks) {
    context.done = (error, result) => callback(error, result);
    context.succeed = (result) => {
      context.callbackWaitsForEmptyEventLoop = false;
      callback(null, result);
    };
    context.fail = (error) => {
      context.callbackWaitsForEmptyEventLoop = false;
      callback(error ?? "handled");
    };
  }
  let result;
  try {
    result = hasCallbacks ? handler(event, context, callback) : handler(event, context);
  } catch (error) {
    reject(error);
    return promise;
  }
  if (typeof result?.then === "function") result.then(resolve, reject);
  else if (result !== undefined || !hasCallbacks) resolve(result);
  return promise;
}

function contextOf({ deadlineMs, clientContext, invokedArn, requestId: awsRequestId }) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext === undefined ? undefined : JSON.parse(clientContext),
    identity: undefined,
    invokedFunctionArn: invokedArn,
    awsRequestId,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

/** As the real service: what is thrown where nobody catches it ends the process. */
async function die(error, title, status) {
  try {
    await fail(error, title, requestId === undefined ? "initError" : "crash");
  } finally {
    process.exit(status);
  }
}

process.on("uncaughtException", (error) => void die(error, "Uncaught Exception", 129));
process.on("unhandledRejection", (reason) => {
  const error = new RuntimeError("Runtime.UnhandledPromiseRejection", String(reason), reason);
  void die(error, "Unhandled Promise Rejection", 128);
});

let handler;
try {
  handler = await loadHandler(env._HANDLER);
  if (!hasCallbacks && handler.length > 2 && !handler[STREAMING]) {
    throw new RuntimeError(
      "Runtime.CallbackHandlerDeprecated",
      "ERROR: AWS Lambda does not support callback-based function handlers when using Node.js 24 or later. To use Node.js 24 or later, update your function to use an async handler.",
    );
  }
} catch (error) {
  try {
    await fail(error, "Uncaught Exception");
  } finally {
    process.exit(1);
  }
}

send({ kind: "ready" });
for (;;) {
  const { head, body } = await nextEvent();
  requestId = head.requestId;
  env._X_AMZN_TRACE_ID = head.traceId;
  const context = contextOf(head);
  try {
    if (handler[STREAMING]) {
      await runStreaming(handler, parseEvent(body), context);
    } else {
      const result = await run(handler, parseEvent(body), context);
      // What cannot be told as JSON is an error of the handler.
      const answer = JSON.stringify(result === undefined ? null : result) ?? "null";
      writeOut(`${mark}${requestId}\n`);
      send({ kind: "response", requestId }, answer);
    }
  } catch (error) {
    await fail(error, "Invoke Error");
  }
  onIdle = undefined;
  requestId = undefined;
}
