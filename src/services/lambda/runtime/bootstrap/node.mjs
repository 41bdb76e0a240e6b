/**
 * Runs one function's handler for Node: loads it, asks the Runtime API for events one after another, and answers.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 *
 * It runs in the handler's own process and is copied beside it, so it imports nothing but Node.
 */
import { existsSync } from "node:fs";
import http from "node:http";
import { createRequire, registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

// Whether a user of its own can run this at all.
if (process.argv.includes("--probe")) process.exit(0);

const { env } = process;
const api = env.AWS_LAMBDA_RUNTIME_API;
const taskRoot = env.LAMBDA_TASK_ROOT;
const runtime = env.TRUNKLINE_RUNTIME;
const mark = env.TRUNKLINE_MARK;
for (const name of Object.keys(env)) if (name.startsWith("TRUNKLINE_")) delete env[name];
const isJson = env.AWS_LAMBDA_LOG_FORMAT === "JSON";
const hasCallbacks = runtime === "nodejs20.x" || runtime === "nodejs22.x";

/* --- The Runtime API ------------------------------------------------------------------------------------------------- */

const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
const host = /^([^:/]+):(\d+)(\/.*)?$/.exec(api);

function call(method, what, body, headers = {}) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const request = http.request(
    {
      agent,
      host: host[1],
      port: Number(host[2]),
      path: `${host[3] ?? ""}/2018-06-01/runtime/${what}`,
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
    },
    (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    },
  );
  request.on("error", reject);
  request.end(body);
  return promise;
}

/** The server is gone, or does not want us any more. */
function giveUp() {
  process.exit(0);
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

async function fail(what, error, title) {
  const told = described(error);
  if (isJson) log("ERROR", error instanceof Error ? error : format(error));
  else log("ERROR", `${title} \t${JSON.stringify({ ...told, stack: told.trace, trace: undefined })}`);
  writeOut(`${mark}${requestId}\n`);
  await call("POST", what, JSON.stringify(told), { "lambda-runtime-function-error-type": told.errorType });
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

/** What the handler writes goes out as it comes. Its end is the invocation's. */
async function runStreaming(handler, event, context, id) {
  const { promise: ended, resolve, reject } = Promise.withResolvers();
  const headers = {
    "transfer-encoding": "chunked",
    "lambda-runtime-function-response-mode": "streaming",
    "content-type": "application/octet-stream",
    trailer: "lambda-runtime-function-error-type, lambda-runtime-function-error-body",
  };
  const stream = http.request(
    {
      agent,
      host: host[1],
      port: Number(host[2]),
      path: `${host[3] ?? ""}/2018-06-01/runtime/invocation/${id}/response`,
      method: "POST",
      headers,
    },
    (response) => response.resume().on("end", resolve),
  );
  stream.on("error", reject);
  stream.setContentType = (type) => stream.headersSent || stream.setHeader("content-type", type);
  try {
    await handler(event, stream, context);
    writeOut(`${mark}${requestId}\n`);
    if (!stream.writableEnded) stream.end();
  } catch (error) {
    const told = described(error);
    log("ERROR", `Invoke Error \t${JSON.stringify(told)}`);
    writeOut(`${mark}${requestId}\n`);
    if (!stream.headersSent) {
      stream.destroy();
      stream.on("error", () => {});
      await call("POST", `invocation/${id}/error`, JSON.stringify(told), {
        "lambda-runtime-function-error-type": told.errorType,
      });
      return;
    }
    stream.addTrailers({
      "lambda-runtime-function-error-type": told.errorType,
      "lambda-runtime-function-error-body": Buffer.from(JSON.stringify(told)).toString("base64"),
    });
    stream.end();
  }
  await ended;
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

function contextOf(headers) {
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
  const parsed = (name) => (headers[name] === undefined ? undefined : JSON.parse(headers[name]));
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed("lambda-runtime-client-context"),
    identity: parsed("lambda-runtime-cognito-identity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

/** As the real service: what is thrown where nobody catches it ends the process. */
async function die(error, title, status) {
  const what = requestId === undefined ? "init/error" : `invocation/${requestId}/error`;
  try {
    await fail(what, error, title);
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
    await fail("init/error", error, "Uncaught Exception");
  } finally {
    process.exit(1);
  }
}

for (;;) {
  const { headers, text } = await call("GET", "invocation/next").catch(giveUp);
  requestId = headers["lambda-runtime-aws-request-id"];
  if (requestId === undefined) giveUp();
  env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  const context = contextOf(headers);
  try {
    if (handler[STREAMING]) {
      await runStreaming(handler, JSON.parse(text), context, requestId);
    } else {
      const result = await run(handler, JSON.parse(text), context);
      // What cannot be told as JSON is an error of the handler.
      const answer = JSON.stringify(result === undefined ? null : result) ?? "null";
      writeOut(`${mark}${requestId}\n`);
      await call("POST", `invocation/${requestId}/response`, answer).catch(giveUp);
    }
  } catch (error) {
    await fail(`invocation/${requestId}/error`, error, "Invoke Error").catch(giveUp);
  }
  onIdle = undefined;
  requestId = undefined;
}
