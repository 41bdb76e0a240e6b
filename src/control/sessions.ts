import { timingSafeEqual } from "node:crypto";
import { isJsonObject } from "../services/json-text.ts";
import { openToken, sealToken } from "../services/sealed-token.ts";
import type { Platform } from "../services/service.ts";
import type { Caller, Credential, PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure, json, parseBody } from "./answer.ts";

/** What sessions of the console are made of. */
export interface SessionOptions {
  readonly platform: () => Platform;
  findCredential(accessKeyId: string): Credential | undefined | Promise<Credential | undefined>;
  readonly accessKeyIds: readonly string[];
  /** Whether only this machine can reach us: then a key's name is enough to sign in. */
  readonly isLoopback: boolean;
}

export interface Sessions {
  /** `/_trunkline/session`: GET tells who is signed in, POST signs in, DELETE signs out. */
  answer(request: PlainRequest): Promise<PlainResponse>;
  /** Who is signed in by the request's cookie. */
  findCaller(request: PlainRequest): Promise<Caller | undefined>;
  /** Who says a key and its secret as user and password: programs that read metrics sign nothing. */
  findByPassword(request: PlainRequest): Promise<Caller | undefined>;
}

const COOKIE = "trunkline_session";
const SESSION_SECONDS = 12 * 3600;
const DEFAULT_REGION = "us-east-1";
/** Sessions belong to no account: their tokens have a key of their own. */
const TOKEN_OWNER = { account: "console", region: "" };
const TOKEN_KIND = "console-session";

/**
 * Sign-in of browsers, which cannot sign requests: a cookie that holds an access key's name and an end, sealed by us. It stands for the
 * key, so it ends with it. The cookie is no other site's to send (`SameSite`), and whoever takes it also checks where the page came from.
 */
export function createSessions({ platform, findCredential, accessKeyIds, isLoopback }: SessionOptions): Sessions {
  const findKey = async (accessKeyId: string): Promise<Credential | undefined> => {
    const found = await findCredential(accessKeyId);
    // Temporary keys prove themselves by their token, with each request.
    return found?.sessionToken === undefined ? found : undefined;
  };

  const findCaller = async (request: PlainRequest): Promise<Caller | undefined> => {
    const token = cookieOf(request);
    if (token === undefined) return undefined;
    const opened = await openToken({ ...platform(), ...TOKEN_OWNER }, TOKEN_KIND, token);
    const [accessKeyId, endsMs] = opened?.fields ?? [];
    if (typeof accessKeyId !== "string" || !(Number(endsMs) > platform().wall.now())) return undefined;
    const credential = await findKey(accessKeyId);
    return credential && callerOf(credential, request);
  };

  const signIn = async (request: PlainRequest): Promise<PlainResponse> => {
    const body = parseBody(await request.body());
    if ("error" in body) return failure(400, body.error);
    const { accessKeyId, secretAccessKey } = isJsonObject(body.value) ? body.value : {};
    const id = accessKeyId ?? (isLoopback ? accessKeyIds[0] : undefined);
    const credential = typeof id === "string" ? await findKey(id) : undefined;
    const mayEnter = isLoopback ? secretAccessKey === undefined : false;
    if (!credential || !(mayEnter || sameText(credential.secretAccessKey, secretAccessKey))) {
      return failure(403, "There is no such access key, or its secret is another");
    }
    const endsMs = platform().wall.now() + SESSION_SECONDS * 1000;
    const scope = { ...platform(), ...TOKEN_OWNER };
    const token = await sealToken(scope, TOKEN_KIND, [credential.accessKeyId, endsMs]);
    return withCookie(json(await described(callerOf(credential, request))), token, SESSION_SECONDS, isSecure());
  };

  const described = async (caller: Caller | undefined): Promise<object> => ({
    ...(caller && {
      account: caller.account,
      region: caller.region,
      accessKeyId: caller.accessKeyId,
      principalArn: caller.principalArn,
    }),
    needsSecret: !isLoopback,
    // Whoever is on this machine may know; elsewhere the names of keys are nobody's business.
    ...(isLoopback && { accessKeys: await Promise.all(accessKeyIds.map(accessKey)) }),
  });

  const isSecure = (): boolean => platform().endpoint.startsWith("https:");

  const accessKey = async (accessKeyId: string): Promise<object> => ({
    accessKeyId,
    account: (await findKey(accessKeyId))?.account,
  });

  const findByPassword = async (request: PlainRequest): Promise<Caller | undefined> => {
    const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "") ?? [];
    if (encoded === undefined) return undefined;
    const [accessKeyId = "", ...secret] = Buffer.from(encoded, "base64").toString().split(":");
    const credential = await findKey(accessKeyId);
    if (!credential || !sameText(credential.secretAccessKey, secret.join(":"))) return undefined;
    return callerOf(credential, request);
  };

  return {
    findCaller,
    findByPassword,
    async answer(request) {
      switch (request.method) {
        case "GET":
          return json(await described(await findCaller(request)));
        case "POST":
          return signIn(request);
        case "DELETE":
          return withCookie(json(await described(undefined)), "", 0, isSecure());
        default:
          return failure(405, "A session is read, begun and ended: GET, POST, DELETE");
      }
    },
  };
}

function callerOf({ account, accessKeyId, principalArn }: Credential, request: PlainRequest): Caller {
  const region = request.headers["x-trunkline-region"] ?? DEFAULT_REGION;
  return {
    account,
    region: /^[a-z0-9-]{1,32}$/.test(region) ? region : DEFAULT_REGION,
    accessKeyId,
    principalArn: principalArn ?? `arn:aws:iam::${account}:root`,
    requestId: request.requestId,
    signal: request.signal,
  };
}

function cookieOf({ headers }: PlainRequest): string | undefined {
  for (const part of (headers.cookie ?? "").split(";")) {
    const [name, value] = part.trim().split("=", 2);
    if (name === COOKIE && value) return Buffer.from(value, "base64url").toString("base64");
  }
  return undefined;
}

function withCookie(response: PlainResponse, token: string, seconds: number, isSecure: boolean): PlainResponse {
  const value = Buffer.from(token, "base64").toString("base64url");
  const cookie = `${COOKIE}=${value}; Path=/_trunkline/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${isSecure ? "; Secure" : ""}`;
  return { ...response, body: response.body ?? "", headers: { ...response.headers, "set-cookie": cookie } };
}

function sameText(wanted: string, given: unknown): boolean {
  if (typeof given !== "string") return false;
  const [left, right] = [Buffer.from(wanted), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
