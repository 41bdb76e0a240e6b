import type { Secret } from "./secret.ts";

/** Where a source is, and how to get in: from a file or the environment, never from a request (`docs/connectors.md`). */
export type ConnectorProfile =
  | SalesforceProfile
  | ZendeskProfile
  | MarketoProfile
  | ServiceNowProfile
  | Named<"S3", S3Settings>;

export type SalesforceProfile = Named<"Salesforce", SalesforceSettings>;
export type ZendeskProfile = Named<"Zendesk", ZendeskSettings>;
export type MarketoProfile = Named<"Marketo", MarketoSettings>;
export type ServiceNowProfile = Named<"Servicenow", ServiceNowSettings>;

interface Named<Connector extends string, Settings> {
  readonly name: string;
  readonly connector: Connector;
  /** Whose flows may use it. */
  readonly account: string;
  readonly settings: Settings;
}

/** OAuth 2.0 by client credentials, or by a refresh token where there is one. */
interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly refreshToken?: Secret | undefined;
}

/** URLs have no slash at their end. */
export interface SalesforceSettings extends OAuthClient {
  readonly instanceUrl: string;
  /** `v60.0`. */
  readonly apiVersion: string;
  /** With more records than these a job of Bulk API 2.0 reads them. */
  readonly bulkAbove: number;
}

export interface ZendeskSettings {
  readonly baseUrl: string;
  readonly access:
    | { readonly kind: "api token"; readonly email: string; readonly apiToken: Secret }
    | { readonly kind: "access token"; readonly accessToken: Secret }
    | { readonly kind: "client"; readonly clientId: string; readonly clientSecret: Secret };
}

export interface MarketoSettings {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Before it no lead was created: where a run that reads all begins. */
  readonly leadsSinceMs: number;
}

export interface ServiceNowSettings {
  readonly baseUrl: string;
  readonly access:
    | { readonly kind: "basic"; readonly user: string; readonly password: Secret }
    /** `user`: by their password. */
    | ({
        readonly kind: "client";
        readonly user?: string | undefined;
        readonly password?: Secret | undefined;
      } & OAuthClient);
}

export interface S3Settings {
  readonly buckets: ReadonlyMap<string, OutsideBucket>;
}

/** A bucket that is not here: a folder of this machine (its path is absolute), or at another endpoint. */
export type OutsideBucket =
  | { readonly folder: string }
  | {
      readonly endpoint: string;
      readonly region: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: Secret;
      readonly sessionToken?: Secret | undefined;
      readonly addressing: "path" | "host";
    };
