import { isatty } from "node:tty";
import type { App } from "../app.ts";
import { type Config, readConfig } from "../config.ts";
import { SystemWallClock } from "../time/clock.ts";
import { counted } from "./counted.ts";
import { onEnding } from "./ending.ts";

/** `trunkline start`: runs until SIGTERM or SIGINT, then finishes what is in flight; a second signal ends at once. */
export async function start(args: readonly string[]): Promise<number> {
  const config = readConfig(args, process.env);
  const app = await startAwake(config);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  // Before anybody hears that it is ready: whoever ends it then finds it closed properly.
  using _ending = onEnding(new SystemWallClock(), end);
  // Read, so that its end is seen; nothing that comes there means anything.
  if (config.endsWithStdin) process.stdin.once("close", end).resume();
  // Of a terminal it means that it is closed, and the server with it; of whoever runs services, that files are to be read again.
  process.on("SIGHUP", config.tls ? app.renewCertificate : isatty(0) ? end : () => {});
  console.log(banner(app, config));
  await ended;
  // Else it would keep the process alive.
  if (config.endsWithStdin) process.stdin.destroy();
  using _awake = stayAwake();
  await app.close();
  return 0;
}

/** A start that fails over its init file closes what it has begun. */
async function startAwake(config: Config): Promise<App> {
  const { startApp } = await import("../app.ts");
  using _awake = stayAwake();
  return await startApp(config);
}

/** Timers do not keep the process alive; a close that waits for one alone would end it half done. */
function stayAwake(): Disposable {
  const { port1 } = new MessageChannel();
  port1.ref();
  return { [Symbol.dispose]: () => port1.close() };
}

function banner({ url, accessKeyIds, initialized }: App, { data, init, publicUrl = url }: Config): string {
  const isDefault = accessKeyIds.length === 1 && accessKeyIds[0] === "test";
  return `
  Trunkline is ready at ${url}

  data         ${data === ":memory:" ? "in memory, kept until it stops" : data}
  access key   ${isDefault ? "test, secret test (account 000000000000)" : accessKeyIds.join(", ")}${initialized ? `\n  init         ${init?.file}: ${counted(initialized)}` : ""}

  Point any AWS SDK or the AWS CLI at it:

    export AWS_ENDPOINT_URL=${publicUrl} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1${isDefault ? " AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test" : ""}
`;
}
