import { readConfig } from "../config.ts";
import type { Api } from "../simulator/index.ts";
import { connectTo } from "./api.ts";

/** A server in this process, with a manual clock, for a play alone. */
export interface OwnServer extends AsyncDisposable {
  readonly url: string;
  readonly api: Api;
  /** Runs the play: everything of it is durable once its promise is settled, and not before. */
  run<R>(play: () => Promise<R>): Promise<R>;
}

const ACCOUNT = "000000000000";
const PLAY = "/_trunkline/play/";

/**
 * Starts it, on a port of its own, with the key that this machine's clients have. What the people of the play do comes to it as a call
 * instead of a request, and waits for no disk: of a play's time half is spent on those otherwise.
 *
 * Throws what `startApp` throws.
 */
export async function openOwnServer(data: string): Promise<OwnServer> {
  const { AWS_ACCESS_KEY_ID = "test", AWS_SECRET_ACCESS_KEY = "test" } = process.env;
  const config = readConfig(["--port", "0", "--clock", "manual", "--data", data, "--log-level", "warn"], {
    TRUNKLINE_CREDENTIALS: `${AWS_ACCESS_KEY_ID},${AWS_SECRET_ACCESS_KEY},${ACCOUNT}`,
  });
  // Loaded here: whoever plays on another server needs none of it.
  const [{ startApp }, { playHere }] = await Promise.all([import("../app.ts"), import("../control/index.ts")]);
  const app = await startApp(config);
  const target = { url: new URL(app.url), region: "us-east-1", names: [], flags: {} };
  const byRequest = connectTo(target);
  const platform = app.platform();
  const context = {
    ...platform,
    endpoint: app.url,
    account: ACCOUNT,
    region: target.region,
    accessKeyId: AWS_ACCESS_KEY_ID,
    principalArn: `arn:aws:iam::${ACCOUNT}:root`,
    requestId: "play",
    signal: new AbortController().signal,
  };
  return {
    url: app.url,
    api: async (request) => {
      const { method, path, body } = request;
      if (method !== "POST" || !path.startsWith(PLAY)) return byRequest(request);
      return { status: 200, body: await playHere(context, path.slice(PLAY.length), body as Record<string, unknown>) };
    },
    run: (play) =>
      platform.store.durably(
        async () => {
          using _held = platform.store.hold();
          return await play();
        },
        { atOnce: true },
      ),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
