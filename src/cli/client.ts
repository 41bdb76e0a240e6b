import { SignatureV4 } from "@smithy/signature-v4";
import { type AnyValue, ConfigError, readFlags } from "../flags.ts";
import { Sha256 } from "../models/sha256.ts";
import { flagsOf } from "./commands.ts";

/** Where the commands that talk to a server find it, from flags and environment. */
export interface Target {
  readonly url: URL;
  readonly region: string;
  /** Arguments that are not flags. */
  readonly names: readonly string[];
  /** The command's own flags. */
  readonly flags: Readonly<Record<string, AnyValue>>;
}

/** Reads the arguments of a command that talks to a server. Throws `ConfigError`. */
export function readTarget(command: string, args: readonly string[]): Target {
  const { values, names } = readFlags(command, flagsOf(command), args, { environment: process.env, takesNames: true });
  return { url: serverUrl(String(values.url)), region: String(values.region), names, flags: values };
}

function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new ConfigError(`${text} is no server's URL: give one such as http://127.0.0.1:4510 (--url, TRUNKLINE_URL)`);
}

/**
 * Sends a signed request to one of the server's own endpoints.
 *
 * Throws `ConfigError` where nobody answers, or the answer is an error: its message is what to tell the user.
 */
export async function request(target: Target, method: string, pathAndQuery: string, body?: string): Promise<Response> {
  const response = await send(target, method, pathAndQuery, body);
  if (!response.ok) {
    throw new ConfigError(`${target.url.origin} answered ${response.status}: ${refusal(await response.text())}`);
  }
  return response;
}

/** The same for who reads errors too. Throws `ConfigError` where nobody answers. */
export async function send(target: Target, method: string, pathAndQuery: string, body?: string): Promise<Response> {
  const url = new URL(pathAndQuery, target.url);
  const signed = await signer(target.region, "trunkline").sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, "content-type": "application/json" },
    ...(body !== undefined && { body }),
  });
  return await fetch(url, {
    method,
    headers: withoutHost(signed.headers),
    ...(body !== undefined && { body }),
  }).catch((error: Error) => {
    throw new ConfigError(
      `no answer from ${target.url.origin}: ${(error.cause as Error | undefined)?.message ?? error.message}`,
    );
  });
}

/** What an answer tells a line at a time, without the blank ones that keep a quiet connection open. Throws where the server goes away. */
export async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
}

/** What an answer says is wrong: our endpoints say it as `error`, the front door as `message`. Another server's answer, as one line. */
export function refusal(body: string): string {
  try {
    const { error, message } = JSON.parse(body) as { error?: unknown; message?: unknown };
    return String(error ?? message ?? body);
  } catch {
    return body.replace(/\s+/g, " ").trim();
  }
}

/** Signs with the keys of the environment. */
export function signer(region: string, service: string): SignatureV4 {
  const { AWS_ACCESS_KEY_ID = "test", AWS_SECRET_ACCESS_KEY = "test", AWS_SESSION_TOKEN } = process.env;
  return new SignatureV4({
    service,
    region,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    },
    sha256: Sha256,
  });
}

/** `fetch` writes `host` itself and refuses to be told. */
function withoutHost({ host: _, ...rest }: Record<string, string>): Record<string, string> {
  return rest;
}
