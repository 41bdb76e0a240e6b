import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { CertificateFiles } from "./certificate.ts";
import type { Upstream } from "./control/index.ts";
import { ConfigError, type Flag, type Flags, readFlags } from "./flags.ts";
import { catalog } from "./models/catalog.ts";
import { nearest } from "./models/nearest.ts";
import type { ConnectorProfile } from "./services/appflow/index.ts";
import { ConnectorProfilesError, parseConnectorProfiles } from "./services/appflow/profile-file.ts";
import type { MailServer } from "./services/rules/index.ts";
import type { OutsideS3 } from "./services/s3/index.ts";

export { ConfigError };

/** Everything a start can be told. Flags win over the environment, the environment over the defaults. */
export interface Config {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The data folder, or ":memory:", which keeps nothing. */
  readonly data: string;
  readonly clock: "real" | "manual";
  /** A file of credentials, or its rows themselves. Without either: `credentials` in the data folder, if it is there. */
  readonly credentialsFile?: string;
  readonly credentialRows?: string;
  readonly enforceLimits: boolean;
  /** Limits that were set by name. */
  readonly limits: Readonly<Record<string, number>>;
  /** Delivers late, out of order and at times twice, as this seed decides. Absent: in order, at once. */
  readonly awsDelivery?: { readonly seed: string };
  /** Takes the files that services write, instead of our own buckets. */
  readonly outsideS3?: OutsideS3;
  /** Takes the mails that rules send, instead of our own mailbox. */
  readonly mailServer?: MailServer;
  /** Where flows read from. */
  readonly connectorProfiles?: readonly ConnectorProfile[];
  /** Endpoints of services that Trunkline does not host. */
  readonly upstreams?: readonly Upstream[];
  /** What a file says is made before the server is ready. */
  readonly init?: { readonly file: string; readonly region: string };
  /** Takes HTTPS instead of HTTP. */
  readonly tls?: CertificateFiles;
  /** What others reach us by, where it is not where we listen: without a slash at its end. */
  readonly publicUrl?: string;
  readonly logLevel: LogLevel;
  /** What is not wrong, and most likely not meant: a line each. */
  readonly slips: readonly string[];
  /** Ends with what holds the other end of its standard input, however that ends. */
  readonly endsWithStdin: boolean;
  /** Runs every unit of work twice, the first run rolled back: shows units that have effects outside. For the test suite. */
  readonly runUnitsTwice: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
const TLS = ["implicit", "required", "offered", "none"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const FLAGS = {
  host: {
    takes: "HOST",
    says: "address to listen on; one that others can reach needs access keys",
    environment: ["TRUNKLINE_HOST"],
    default: "127.0.0.1",
  },
  port: {
    takes: "PORT",
    says: "port to listen on; 0 is any that is free",
    environment: ["TRUNKLINE_PORT"],
    default: "4510",
  },
  data: {
    takes: "DIR",
    names: "folder",
    says: "data folder; :memory: keeps nothing",
    environment: ["TRUNKLINE_DATA"],
    default: ".trunkline",
  },
  database: { takes: "URL", says: "is not built", isHidden: true },
  clock: {
    choices: ["real", "manual"],
    says: "manual: stands still until POST /_trunkline/clock moves it",
    default: "real",
  },
  credentials: {
    takes: "FILE",
    names: "file",
    says: "access keys: key, secret, account, one row each; the variable takes the rows themselves, too",
    environment: ["TRUNKLINE_CREDENTIALS"],
    otherwise: "credentials in the data folder",
  },
  connectors: {
    takes: "FILE",
    names: "file",
    says: "where flows read from, and how to get in (docs/connectors.md); the variable takes the JSON itself, too",
    environment: ["TRUNKLINE_CONNECTORS"],
  },
  "enforce-limits": { says: "apply the real service's quotas and rates" },
  limit: {
    takes: "NAME=VALUE",
    says: "change one of them (docs/limits.md), e.g. events.rules-per-bus=1000",
    repeats: true,
  },
  "deliver-like-aws": {
    says: "contact events late, out of order and at times twice, contact records a minute later",
  },
  seed: { takes: "TEXT", says: "what decides that; the same seed decides the same", otherwise: "1" },
  "s3-endpoint": {
    takes: "URL",
    says: "put transcripts and analyses there instead of into our own buckets",
    environment: ["TRUNKLINE_S3_ENDPOINT"],
  },
  "s3-region": {
    takes: "REGION",
    says: "what to sign for there",
    environment: ["TRUNKLINE_S3_REGION"],
    otherwise: "us-east-1",
  },
  "s3-addressing": {
    choices: ["path", "host"],
    says: "where to name the bucket",
    environment: ["TRUNKLINE_S3_ADDRESSING"],
    otherwise: "path",
  },
  "smtp-server": {
    takes: "HOST:PORT",
    says: "send mails of rules there instead of into our own mailbox",
    environment: ["TRUNKLINE_SMTP_SERVER"],
  },
  "smtp-from": {
    takes: "ADDRESS",
    says: "whom they are from",
    environment: ["TRUNKLINE_SMTP_FROM"],
    otherwise: "no-reply@trunkline.invalid",
  },
  upstream: {
    takes: "SERVICE=URL",
    says: "hand calls of a service that is not hosted here to another endpoint; the variable takes several, by commas",
    environment: ["TRUNKLINE_UPSTREAMS"],
    repeats: true,
  },
  init: {
    takes: "FILE",
    names: "file",
    says: "make what this file says, by name, before the server is ready (docs/init.md)",
    environment: ["TRUNKLINE_INIT"],
  },
  "tls-cert": {
    takes: "FILE",
    names: "file",
    says: "take HTTPS, with this certificate and what leads to its authority (PEM); read again when it changes, and at SIGHUP",
    environment: ["TRUNKLINE_TLS_CERT"],
  },
  "tls-key": {
    takes: "FILE",
    names: "file",
    says: "its private key (PEM, without a passphrase)",
    environment: ["TRUNKLINE_TLS_KEY"],
  },
  "public-url": {
    takes: "URL",
    says: "what others reach this server by, behind a proxy or by the name of its certificate: URLs in answers begin with it",
    environment: ["TRUNKLINE_PUBLIC_URL"],
  },
  "log-level": {
    choices: LOG_LEVELS,
    says: "what to write on standard error, a JSON line each",
    environment: ["TRUNKLINE_LOG_LEVEL"],
    default: "info",
  },
  "until-stdin-ends": {
    says: "end when standard input does: with the program that holds its other end, even if that is killed",
  },
} as const satisfies Flags;

/** The flags of `trunkline start`. */
export const START_FLAGS: Flags = FLAGS;

/** What it can be told by the environment alone, since others see flags. */
export const START_VARIABLES: Readonly<Record<string, string>> = {
  TRUNKLINE_S3_ACCESS_KEY_ID: "the key for --s3-endpoint",
  TRUNKLINE_S3_SECRET_ACCESS_KEY: "its secret",
  TRUNKLINE_S3_SESSION_TOKEN: "its session token, where it has one",
  TRUNKLINE_SMTP_USER: "whom to log in as at --smtp-server",
  TRUNKLINE_SMTP_PASSWORD: "the password",
  TRUNKLINE_SMTP_TLS: `${TLS.join(", ")} (default required with a user, else offered)`,
};

/**
 * Reads the flags of `trunkline start` and the environment.
 *
 * Throws `ConfigError` with one line that names the flag or variable and what is wrong with it.
 */
export function readConfig(args: readonly string[], environment: Environment): Config {
  try {
    return configOf(args, environment);
  } catch (error) {
    throw error instanceof ConfigError ? namedAsSaid(error, args, environment) : error;
  }
}

/** Whoever said something by a variable looks for that. */
function namedAsSaid(error: ConfigError, args: readonly string[], environment: Environment): ConfigError {
  const [, name = "", what = ""] = /^--([a-z0-9-]+)(: .*)$/s.exec(error.message) ?? [];
  const { environment: names = [] }: Flag = START_FLAGS[name] ?? { says: "" };
  const variable = names.find((each) => environment[each]);
  const isFlag = args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  return variable === undefined || isFlag ? error : new ConfigError(variable + what, { cause: error });
}

function configOf(args: readonly string[], environment: Environment): Config {
  const { values: flags } = readFlags("start", FLAGS, args, { environment });
  if (flags.database !== undefined || environment.TRUNKLINE_DATABASE) {
    throw new ConfigError(
      "--database: PostgreSQL is not built in this version; leave it out to use the embedded store",
    );
  }
  const credentials = credentialsSource(flags.credentials, environment.TRUNKLINE_CREDENTIALS);
  return {
    host: flags.host,
    port: port(flags.port),
    data: data(flags.data),
    clock: oneOf("--clock", flags.clock, ["real", "manual"]),
    ...credentials,
    ...connectorProfiles(flags.connectors, environment),
    enforceLimits: flags["enforce-limits"],
    limits: Object.fromEntries((flags.limit ?? []).map(limit)),
    ...awsDelivery(flags["deliver-like-aws"], flags.seed),
    ...outsideS3(flags, environment),
    ...mailServer(flags, environment),
    ...init(flags.init, environment),
    ...upstreams(flags.upstream ?? environment.TRUNKLINE_UPSTREAMS?.split(",").filter((text) => text !== "") ?? []),
    ...tls(flags["tls-cert"] ?? environment.TRUNKLINE_TLS_CERT, flags["tls-key"] ?? environment.TRUNKLINE_TLS_KEY),
    ...publicUrl(flags["public-url"] ?? environment.TRUNKLINE_PUBLIC_URL),
    logLevel: oneOf("--log-level", flags["log-level"], LOG_LEVELS),
    slips: misspelt(environment),
    endsWithStdin: flags["until-stdin-ends"],
    runUnitsTwice: environment.TRUNKLINE_UNITS_TWICE === "1",
  };
}

/** Variables that say nothing, and differ by a letter or two from one that would. Others may be somebody else's. */
function misspelt(environment: Environment): readonly string[] {
  const known = Object.values(START_FLAGS).flatMap((flag) => flag.environment ?? []);
  const bare = [...known, ...Object.keys(START_VARIABLES)].map((name) => name.replace(PREFIX, ""));
  return Object.keys(environment).flatMap((name) => {
    const given = name.replace(PREFIX, "");
    if (given === name || bare.includes(given) || NOT_STARTS.includes(given)) return [];
    const meant = nearest(given, bare);
    return meant === undefined ? [] : [`The variable ${name} says nothing here; did you mean TRUNKLINE_${meant}?`];
  });
}

const PREFIX = /^TRUNKLINE_/;
/** Those of other commands and of tests. */
const NOT_STARTS: readonly string[] = ["URL", "UNITS_TWICE", "DATABASE"];

function init(flag: string | undefined, environment: Environment): Pick<Config, "init"> {
  const file = flag ?? environment.TRUNKLINE_INIT;
  if (flag === "") throw new ConfigError("--init: an empty name is no file");
  if (!file) return {};
  return { init: { file, region: environment.AWS_REGION || environment.AWS_DEFAULT_REGION || "us-east-1" } };
}

function tls(certFile: string | undefined, keyFile: string | undefined): Pick<Config, "tls"> {
  if (certFile && keyFile) return { tls: { certFile, keyFile } };
  if (certFile || keyFile)
    throw new ConfigError(`--tls-${certFile ? "cert" : "key"}: goes with --tls-${certFile ? "key" : "cert"}`);
  return {};
}

/** Without a path: what is signed is the path that we see. */
function publicUrl(text: string | undefined): Pick<Config, "publicUrl"> {
  if (!text) return {};
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search || url.hash || url.username) {
    throw new ConfigError(`--public-url: ${text} is not a URL without a path, such as https://trunkline.example.com`);
  }
  return { publicUrl: url.origin };
}

function awsDelivery(isWanted: boolean, seed: string | undefined): Pick<Config, "awsDelivery"> {
  if (isWanted) return { awsDelivery: { seed: seed ?? "1" } };
  if (seed !== undefined) throw new ConfigError("--seed: decides nothing without --deliver-like-aws");
  return {};
}

/** Its secrets come by the environment alone, since others see flags. */
function outsideS3(
  flags: { readonly [name in `s3-${"endpoint" | "region" | "addressing"}`]?: string | undefined },
  environment: Environment,
): Pick<Config, "outsideS3"> {
  const address = flags["s3-endpoint"] ?? environment.TRUNKLINE_S3_ENDPOINT;
  if (!address) {
    const alone = (["s3-region", "s3-addressing"] as const).find((name) => flags[name] !== undefined);
    if (alone) throw new ConfigError(`--${alone}: says nothing without --s3-endpoint`);
    return {};
  }
  const endpoint = URL.canParse(address) ? new URL(address) : undefined;
  if (!endpoint || !/^https?:$/.test(endpoint.protocol) || endpoint.search || endpoint.hash || endpoint.username) {
    throw new ConfigError(`--s3-endpoint: ${address} is no endpoint such as https://s3.example.com`);
  }
  const asked = flags["s3-addressing"] ?? environment.TRUNKLINE_S3_ADDRESSING ?? "path";
  const addressing = oneOf("--s3-addressing", asked, ["path", "host"]);
  if (addressing === "host" && isIP(endpoint.hostname.replace(/^\[|\]$/g, ""))) {
    throw new ConfigError(`--s3-addressing: no bucket can be named before the address ${endpoint.hostname}; use path`);
  }
  const { TRUNKLINE_S3_ACCESS_KEY_ID: accessKeyId, TRUNKLINE_S3_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (!accessKeyId || !secretAccessKey) {
    throw new ConfigError("--s3-endpoint: needs TRUNKLINE_S3_ACCESS_KEY_ID and TRUNKLINE_S3_SECRET_ACCESS_KEY");
  }
  return {
    outsideS3: {
      endpoint,
      region: flags["s3-region"] ?? environment.TRUNKLINE_S3_REGION ?? "us-east-1",
      addressing,
      credentials: {
        accessKeyId,
        secretAccessKey,
        ...(environment.TRUNKLINE_S3_SESSION_TOKEN && { sessionToken: environment.TRUNKLINE_S3_SESSION_TOKEN }),
      },
    },
  };
}

const SMTP_SERVER = /^(\[[0-9a-fA-F:]+\]|[^\s:/@]+):(\d{1,5})$/;
const ADDRESS = /^[^\s<>@",;:]+@[^\s<>@",;:]+$/;

/** A password goes out under TLS unless that is switched off by name. */
function mailServer(
  flags: { readonly [name in `smtp-${"server" | "from"}`]?: string | undefined },
  environment: Environment,
): Pick<Config, "mailServer"> {
  const address = flags["smtp-server"] ?? environment.TRUNKLINE_SMTP_SERVER;
  if (!address) {
    if (flags["smtp-from"] !== undefined) throw new ConfigError("--smtp-from: says nothing without --smtp-server");
    return {};
  }
  const [, host = "", portText = ""] = SMTP_SERVER.exec(address) ?? [];
  if (host === "" || Number(portText) > 65535) {
    throw new ConfigError(`--smtp-server: ${address} is not HOST:PORT, such as mail.example.com:587`);
  }
  const sender = flags["smtp-from"] ?? environment.TRUNKLINE_SMTP_FROM ?? "no-reply@trunkline.invalid";
  if (!ADDRESS.test(sender)) throw new ConfigError(`--smtp-from: ${sender} is no e-mail address`);
  const { TRUNKLINE_SMTP_USER: user, TRUNKLINE_SMTP_PASSWORD: password } = environment;
  if (!user !== !password) {
    throw new ConfigError("--smtp-server: TRUNKLINE_SMTP_USER and TRUNKLINE_SMTP_PASSWORD go together");
  }
  const credentials = user && password ? { credentials: { user, password } } : {};
  const tls = environment.TRUNKLINE_SMTP_TLS || (user ? "required" : "offered");
  return {
    mailServer: {
      host: host.replace(/^\[|\]$/g, ""),
      port: Number(portText),
      sender,
      tls: oneOf("TRUNKLINE_SMTP_TLS", tls, TLS),
      ...credentials,
    },
  };
}

function upstreams(given: readonly string[]): Pick<Config, "upstreams"> {
  return given.length === 0 ? {} : { upstreams: given.map(upstream) };
}

function upstream(text: string): Upstream {
  const [, service = "", address = ""] = /^\s*([\w.-]{1,64})=(https?:\/\/[^\s@]+?)\/?\s*$/.exec(text) ?? [];
  const endpoint = URL.canParse(address) ? new URL(address) : undefined;
  if (endpoint === undefined || endpoint.pathname !== "/" || endpoint.search !== "" || endpoint.hash !== "") {
    throw new ConfigError(`--upstream: ${text} is not SERVICE=URL, such as dynamodb=http://127.0.0.1:8000`);
  }
  if (catalog.some(({ signingName, targetPrefix }) => signingName === service || targetPrefix === service)) {
    throw new ConfigError(`--upstream: Trunkline hosts ${service} itself`);
  }
  return { service, endpoint: endpoint.origin };
}

function credentialsSource(
  flag: string | undefined,
  variable: string | undefined,
): Pick<Config, "credentialsFile" | "credentialRows"> {
  if (flag !== undefined) return { credentialsFile: flag };
  if (!variable) return {};
  return existsSync(variable) || !/[\s,]/.test(variable.trim())
    ? { credentialsFile: variable }
    : { credentialRows: variable };
}

/** What is wrong is told without what stands there, or was given as a name: it may be a secret. */
function connectorProfiles(flag: string | undefined, environment: Environment): Pick<Config, "connectorProfiles"> {
  const given = flag ?? environment.TRUNKLINE_CONNECTORS?.trim() ?? "";
  if (given === "" && flag === undefined) return {};
  const source = flag === undefined ? "TRUNKLINE_CONNECTORS" : "--connectors";
  try {
    const text = flag === undefined && given.startsWith("{") ? given : readFileSync(given, "utf8");
    return { connectorProfiles: parseConnectorProfiles(text, environment) };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const what = error instanceof ConnectorProfilesError ? error.message : `the file cannot be read: ${code}`;
    throw new ConfigError(`${source}: ${what}`);
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535) throw new ConfigError(`--port: ${text} is not a port (0 to 65535)`);
  return value;
}

function data(text: string): string {
  if (text === "") throw new ConfigError("--data: an empty name is no folder");
  return text;
}

function limit(text: string): [string, number] {
  const [, name, value] = /^([a-z][a-z0-9.-]*)=(\d+)$/.exec(text) ?? [];
  if (!name || !value) throw new ConfigError(`--limit: ${text} is not NAME=VALUE with a whole number`);
  return [name, Number(value)];
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new ConfigError(`${name}: ${text} is not one of ${allowed.join(", ")}`);
  return found;
}

/** Whether only this machine can reach an address to listen on. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Whether only this machine reaches a server: then the key `test` may be there, and a browser needs no secret. */
export function isPrivate({ host, publicUrl }: Pick<Config, "host" | "publicUrl">): boolean {
  return (
    isLoopback(host) && (publicUrl === undefined || isLoopback(new URL(publicUrl).hostname.replace(/^\[|\]$/g, "")))
  );
}

/** The package's version, as `trunkline version` and health print it. */
export function version(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}
