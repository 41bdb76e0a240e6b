/**
 * Connector profiles as an operator writes them down: a JSON object of names, each with the members of its connector. A value that is a text may
 * be `{"env": "NAME"}` in its place, so that secrets can stay in the environment.
 */
import { resolve } from "node:path";
import type {
  ConnectorProfile,
  MarketoSettings,
  OutsideBucket,
  S3Settings,
  SalesforceSettings,
  ServiceNowSettings,
  ZendeskSettings,
} from "./connector-profile.ts";
import { Secret } from "./secret.ts";

/** What is wrong with profiles: one line that names the place, and never shows what stands there, since that may be a secret. */
export class ConnectorProfilesError extends Error {
  override readonly name: string = "ConnectorProfilesError";
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As the model has it for `ConnectorProfileName`. */
const NAME = /^[\w/!@#+=.-]{1,256}$/;
const DEFAULT_ACCOUNT = "000000000000";
/** Of Spring '24: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest.htm */
const SALESFORCE_VERSION = "v60.0";
/** Salesforce advises bulk above 2,000 records; a query of REST stays quicker for some pages of that. */
const SALESFORCE_BULK_ABOVE = 20_000;

/** Marketo is no older. */
const MARKETO_SINCE_MS = Date.parse("2007-01-01");

/** Reads profiles. Throws `ConnectorProfilesError`. */
export function parseConnectorProfiles(text: string, environment: Environment): readonly ConnectorProfile[] {
  const profiles = objectOf(parseJson(text), "the text");
  return Object.entries(profiles).map(([name, value]) => {
    if (!NAME.test(name)) {
      throw new ConnectorProfilesError("the name of a profile is not 1 to 256 letters, digits or _/!@#+=.-");
    }
    return profileOf(name, new Members(name, objectOf(value, name), environment));
  });
}

function profileOf(name: string, members: Members): ConnectorProfile {
  const connector = members.oneOf("connectorType", [
    "Salesforce",
    "Zendesk",
    "Marketo",
    "Servicenow",
    "ServiceNow",
    "S3",
  ]);
  const account = members.textIfAny("account") ?? DEFAULT_ACCOUNT;
  if (!/^\d{12}$/.test(account)) members.refuse("account", "is not 12 digits");
  const named = { name, account };
  const profile = ((): ConnectorProfile => {
    switch (connector) {
      case "Salesforce":
        return { ...named, connector, settings: salesforce(members) };
      case "Zendesk":
        return { ...named, connector, settings: zendesk(members) };
      case "Marketo":
        return { ...named, connector, settings: marketo(members) };
      case "Servicenow":
      case "ServiceNow":
        return { ...named, connector: "Servicenow", settings: serviceNow(members) };
      case "S3":
        return { ...named, connector, settings: s3(members) };
    }
  })();
  members.end();
  return profile;
}

function salesforce(members: Members): SalesforceSettings {
  const apiVersion = members.textIfAny("apiVersion") ?? SALESFORCE_VERSION;
  if (!/^v\d{2,3}\.0$/.test(apiVersion)) members.refuse("apiVersion", "is not a version such as v60.0");
  return {
    instanceUrl: members.url("instanceUrl"),
    ...oAuthClient(members),
    apiVersion,
    bulkAbove: members.countIfAny("bulkAbove") ?? SALESFORCE_BULK_ABOVE,
  };
}

function zendesk(members: Members): ZendeskSettings {
  const baseUrl = members.url("baseUrl");
  switch (members.onlyOneOf(["apiToken", "accessToken", "clientId"])) {
    case "apiToken": {
      const email = members.userName("email");
      return { baseUrl, access: { kind: "api token", email, apiToken: members.secret("apiToken") } };
    }
    case "accessToken":
      return { baseUrl, access: { kind: "access token", accessToken: accessToken(members) } };
    case "clientId":
      return {
        baseUrl,
        // Zendesk's refresh tokens are good for one time: one in a file would be used up.
        access: { kind: "client", clientId: members.text("clientId"), clientSecret: members.secret("clientSecret") },
      };
  }
}

function accessToken(members: Members): Secret {
  const token = members.text("accessToken");
  return /^[\x21-\x7e]+$/.test(token) ? new Secret(token) : members.refuse("accessToken", "is no token");
}

function marketo(members: Members): MarketoSettings {
  return {
    baseUrl: members.url("baseUrl"),
    clientId: members.text("clientId"),
    clientSecret: members.secret("clientSecret"),
    leadsSinceMs: members.dateIfAny("leadsSince") ?? MARKETO_SINCE_MS,
  };
}

function serviceNow(members: Members): ServiceNowSettings {
  const baseUrl = members.url("baseUrl");
  if (!members.has("clientId")) {
    return { baseUrl, access: { kind: "basic", user: members.userName("user"), password: members.secret("password") } };
  }
  const user = members.has("user") ? members.userName("user") : undefined;
  const password = user === undefined ? undefined : members.secret("password");
  return { baseUrl, access: { kind: "client", ...oAuthClient(members), user, password } };
}

function oAuthClient(members: Members): Pick<SalesforceSettings, "clientId" | "clientSecret" | "refreshToken"> {
  return {
    clientId: members.text("clientId"),
    clientSecret: members.secret("clientSecret"),
    refreshToken: members.secretIfAny("refreshToken"),
  };
}

function s3(members: Members): S3Settings {
  const buckets = new Map<string, OutsideBucket>();
  for (const [name, bucket] of members.each("buckets")) {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) bucket.refuse(undefined, "is no name of a bucket");
    buckets.set(name, outsideBucket(bucket));
    bucket.end();
  }
  return { buckets };
}

function outsideBucket(members: Members): OutsideBucket {
  if (members.onlyOneOf(["folder", "endpoint"]) === "folder") return { folder: resolve(members.text("folder")) };
  return {
    endpoint: members.url("endpoint"),
    region: members.textIfAny("region") ?? "us-east-1",
    accessKeyId: members.text("accessKeyId"),
    secretAccessKey: members.secret("secretAccessKey"),
    sessionToken: members.secretIfAny("sessionToken"),
    addressing: members.has("addressing") ? members.oneOf("addressing", ["path", "host"]) : "path",
  };
}

/** The members of an object as they are read one by one: what is left in the end is not known. */
class Members {
  readonly #place: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #environment: Environment;
  readonly #read = new Set<string>();

  constructor(place: string, values: object, environment: Environment) {
    this.#place = place;
    this.#values = new Map(Object.entries(values));
    this.#environment = environment;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string {
    return this.textIfAny(name) ?? this.refuse(name, "is missing");
  }

  textIfAny(name: string): string | undefined {
    this.#read.add(name);
    if (!this.has(name)) return undefined;
    const value = this.#values.get(name);
    const text = isReference(value) ? this.#environment[value.env] : value;
    if (isReference(value) && !text) return this.refuse(name, "names a variable that the environment does not have");
    if (typeof text !== "string") return this.refuse(name, 'is neither a text nor {"env": "NAME"}');
    // What is in a header of HTTP ends with a line; and no secret begins with a blank but by mistake.
    if (text === "" || text !== text.trim() || /\p{Cc}/u.test(text)) {
      return this.refuse(name, "is empty, begins or ends with a blank, or has a control character");
    }
    return text;
  }

  /** One that stands before a colon, as basic authentication has it. */
  userName(name: string): string {
    const text = this.text(name);
    return text.includes(":") ? this.refuse(name, "has a colon") : text;
  }

  secret(name: string): Secret {
    return new Secret(this.text(name));
  }

  secretIfAny(name: string): Secret | undefined {
    const text = this.textIfAny(name);
    return text === undefined ? undefined : new Secret(text);
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const text = this.text(name);
    return allowed.find((value) => value === text) ?? this.refuse(name, `is not one of ${allowed.join(", ")}`);
  }

  countIfAny(name: string): number | undefined {
    this.#read.add(name);
    if (!this.has(name)) return undefined;
    const value = this.#values.get(name);
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.refuse(name, "is not a whole number");
  }

  dateIfAny(name: string): number | undefined {
    const text = this.textIfAny(name);
    if (text === undefined) return undefined;
    const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(ms) ? this.refuse(name, "is no date such as 2020-01-31") : ms;
  }

  /** Without a slash at its end. */
  url(name: string): string {
    const text = this.text(name);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
      return this.refuse(name, "is no URL such as https://example.com");
    }
    if (!isSafe(url)) return this.refuse(name, "needs https: only this machine may be asked without");
    return url.href.replace(/\/+$/, "");
  }

  /** Which of some members is there, of which exactly one has to be. */
  onlyOneOf<T extends string>(names: readonly T[]): T {
    const [found, other] = names.filter((name) => this.has(name));
    if (found === undefined) return this.refuse(undefined, `needs one of ${names.join(", ")}`);
    return other === undefined ? found : this.refuse(undefined, `has both ${found} and ${other}`);
  }

  /** The members of a member, each an object itself. */
  *each(name: string): Iterable<[string, Members]> {
    this.#read.add(name);
    const place = `${this.#place}.${name}`;
    if (!this.has(name)) return this.refuse(name, "is missing");
    for (const [key, value] of Object.entries(objectOf(this.#values.get(name), place))) {
      yield [key, new Members(`${place}.${key}`, objectOf(value, `${place}.${key}`), this.#environment)];
    }
  }

  refuse(name: string | undefined, what: string): never {
    throw new ConnectorProfilesError(`${name === undefined ? this.#place : `${this.#place}.${name}`} ${what}`);
  }

  end(): void {
    const unknown = [...this.#values.keys()].find((name) => !this.#read.has(name));
    if (unknown !== undefined) this.refuse(unknown, "is not known here");
  }
}

/** Whether nobody but this machine and its owner can read on the way what is sent to a URL. */
export function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(hostname);
}

function isReference(value: unknown): value is { readonly env: string } {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return false;
  return "env" in value && typeof value.env === "string";
}

function objectOf(value: unknown, place: string): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new ConnectorProfilesError(`${place} is no JSON object`);
}

/** What the parser says of a text that is no JSON shows a part of it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConnectorProfilesError("the text is no JSON");
  }
}
