/** What a server is told to listen on, and whom it lets in. */
import { statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { certificateWarnings, readCertificate } from "../../certificate.ts";
import { type Config, ConfigError } from "../../config.ts";
import { credentialsFile, openCredentials } from "../../credentials.ts";
import { askHealth, findHolder } from "../../port-holder.ts";
import type { WallClock } from "../../time/clock.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** Clocks of one machine that are further apart are two clocks. */
const APART_MS = 5000;
/** Before this no version of Trunkline was there: the machine's clock is wrong. */
const EARLIEST_MS = Date.UTC(2025, 0, 1);
const RENEWAL_DAYS = 14;
const DAY_MS = 24 * 3600 * 1000;
/** Bits that let others than the owner in. */
const OTHERS = 0o077;

export async function* checkPort(config: Config, wall: WallClock): AsyncGenerator<Finding> {
  const { host, port } = config;
  const where = `${host}:${port}`;
  const now = wall.now();
  if (now < EARLIEST_MS)
    yield fail("clock", new Date(now).toISOString(), "set the machine's clock; signatures are held against it");
  if (port === 0) return yield ok("port", "any that is free");
  const trouble = await listenTrouble(host, port);
  if (trouble === undefined) {
    yield ok("port", `${where} is free; no server runs there`);
    return yield ok("clock", new Date(now).toISOString());
  }
  if (trouble !== "EADDRINUSE") {
    return yield fail(
      "port",
      `${where} cannot be listened on: ${trouble}`,
      "name another address with --host or --port",
    );
  }
  const health = await askHealth(host, port);
  const holder = await findHolder(host, port);
  if (health === undefined) {
    yield fail(
      "port",
      `${where} is taken${holder === undefined ? "" : ` by ${holder}`}`,
      "end that program, or choose another port with --port",
    );
    return yield ok("clock", new Date(now).toISOString());
  }
  yield ok("port", `${where}: Trunkline ${health.version} answers${holder === undefined ? "" : ` (${holder})`}`);
  yield clock(Date.parse(health.time), wall.now());
}

function clock(domainMs: number, wallMs: number): Finding {
  const apartMs = domainMs - wallMs;
  if (Math.abs(apartMs) <= APART_MS)
    return ok("clock", `the server's and the machine's agree (${new Date(wallMs).toISOString()})`);
  const how = `${Math.round(Math.abs(apartMs) / 1000)} s ${apartMs > 0 ? "ahead of" : "behind"} the machine's`;
  return warn(
    "clock",
    `the server's stands at ${new Date(domainMs).toISOString()}, ${how}`,
    "as it should be with --clock manual; else the machine's clock was put back",
  );
}

/** Node's code for why it cannot be listened on. */
function listenTrouble(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

export function* checkCredentials(config: Config, wall: WallClock): Generator<Finding> {
  try {
    const { accessKeyIds } = openCredentials(config, wall);
    const isDefault = accessKeyIds.length === 1 && accessKeyIds[0] === "test";
    yield ok("access keys", isDefault ? "test, on this machine alone" : `${accessKeyIds.length}`);
  } catch (error) {
    if (!(error instanceof Error) || !(error instanceof ConfigError || error.name === "CredentialsError")) throw error;
    yield fail("access keys", error.message, "trunkline credentials add --account 111122223333");
  }
  const secrets = [
    config.credentialRows === undefined ? credentialsFile(config) : undefined,
    config.data === ":memory:" ? undefined : join(config.data, "secrets.key"),
    config.tls?.keyFile,
  ];
  for (const file of secrets) {
    const mode = file && modeOf(file);
    if (file && mode && process.platform !== "win32") yield permissions(file, mode & 0o777);
  }
}

/** `undefined` for one that is not there, or that this user cannot see: then the server cannot either, which another check tells. */
function modeOf(file: string): number | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false })?.mode;
  } catch {
    return undefined;
  }
}

function permissions(file: string, mode: number): Finding {
  const text = `${file} has mode ${mode.toString(8).padStart(4, "0")}`;
  return (mode & OTHERS) === 0
    ? ok("permissions", text)
    : warn("permissions", text, `others can read it: chmod 600 ${file}`);
}

export function* checkCertificate(config: Config, wall: WallClock): Generator<Finding> {
  if (!config.tls) return;
  try {
    const certificate = readCertificate(config.tls);
    const url = config.publicUrl ?? `https://${config.host.includes(":") ? `[${config.host}]` : config.host}`;
    const warnings = certificateWarnings(certificate, url, wall.now());
    const { leaf } = certificate;
    const days = Math.floor((leaf.validToDate.getTime() - wall.now()) / DAY_MS);
    for (const warning of warnings) yield warn("certificate", warning, "replace it; a running server reads it again");
    if (warnings.length > 0) return;
    const text = `${leaf.subject.replaceAll("\n", ", ")}, valid for ${days} days`;
    yield days >= RENEWAL_DAYS
      ? ok("certificate", text)
      : warn("certificate", text, "renew it; a running server reads it again");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    yield fail("certificate", error.message, "name files in PEM that belong together");
  }
}
