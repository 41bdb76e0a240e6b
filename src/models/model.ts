/**
 * The compact form of a service's API model: what `scripts/import-models.ts` writes to `src/models/<name>.json`, and the only
 * thing that `wire/` knows of a service. Names are those of botocore's `service-2.json`; prose is dropped.
 */
export interface ServiceModel {
  /** botocore's folder name: `kinesis`, `customer-profiles`. */
  readonly name: string;
  readonly apiVersion: string;
  readonly protocol: "json" | "rest-json" | "rest-xml" | "query";
  /** For `json`: "1.0" or "1.1". */
  readonly jsonVersion?: string;
  readonly targetPrefix?: string;
  /** The service in the SigV4 scope. */
  readonly signingName: string;
  readonly serviceId: string;
  readonly xmlNamespace?: string;
  /** SQS: errors carry `x-amzn-query-error`. */
  readonly queryCompatible?: true;
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export interface OperationModel {
  readonly method: string;
  /** The route with labels, `/rules/{InstanceId}/{RuleId}`, `{Key+}` for a greedy one; may have a fixed query part. */
  readonly uri: string;
  /** Status of a success, where it is not 200. */
  readonly status?: number;
  readonly input?: string;
  readonly output?: string;
  /** The `resultWrapper` of the query protocol. */
  readonly resultWrapper?: string;
  readonly errors?: readonly string[];
  readonly hostPrefix?: string;
  /** `none`: the operation is not signed. */
  readonly auth?: string;
}

export type Shape = StructureShape | ListShape | MapShape | StringShape | NumberShape | PlainShape;

export interface StructureShape {
  readonly type: "structure";
  readonly sensitive?: true;
  readonly members: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  readonly payload?: string;
  /** The root of an answer in XML, where it is not the operation's name and `Result`. */
  readonly xmlName?: string;
  /** That root holds the one member's text, rather than the member. */
  readonly xmlUnwrapped?: true;
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string };
  readonly union?: true;
  readonly eventstream?: true;
  readonly event?: true;
  /** For an exception: its status, its code where that is not the shape's name, and whose fault. */
  readonly exception?: { readonly status: number; readonly code?: string; readonly fault?: "server" };
}

/** A reference to a shape with the member's own traits. */
export interface Member {
  readonly shape: string;
  readonly location?: "uri" | "querystring" | "header" | "headers" | "statusCode";
  readonly locationName?: string;
  readonly idempotencyToken?: true;
  readonly hostLabel?: true;
  readonly timestampFormat?: "iso8601" | "rfc822" | "unixTimestamp";
  readonly streaming?: true;
  readonly flattened?: true;
  readonly xmlAttribute?: true;
  readonly xmlNamespace?: string | { readonly uri: string; readonly prefix?: string };
  readonly eventpayload?: true;
  readonly eventheader?: true;
  readonly jsonvalue?: true;
}

export interface ListShape {
  readonly type: "list";
  readonly member: Member;
  readonly min?: number;
  readonly max?: number;
  readonly flattened?: true;
  /** `null` is a value here. */
  readonly sparse?: true;
  readonly sensitive?: true;
  /** SQS: the name in its older query protocol, whose names the model itself no longer has. */
  readonly queryName?: string;
}

export interface MapShape {
  readonly type: "map";
  readonly key: Member;
  readonly value: Member;
  readonly min?: number;
  readonly max?: number;
  readonly flattened?: true;
  /** `null` is a value here. */
  readonly sparse?: true;
  readonly sensitive?: true;
  /** SQS: the name in its older query protocol, whose names the model itself no longer has. */
  readonly queryName?: string;
}

export interface StringShape {
  readonly type: "string";
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly jsonvalue?: true;
  /** Never shown in messages or logs. */
  readonly sensitive?: true;
}

export interface NumberShape {
  readonly type: "integer" | "long" | "float" | "double";
  readonly sensitive?: true;
  readonly min?: number;
  readonly max?: number;
}

export interface PlainShape {
  readonly type: "boolean" | "timestamp" | "blob";
  readonly timestampFormat?: "iso8601" | "rfc822" | "unixTimestamp";
  readonly min?: number;
  readonly max?: number;
  readonly streaming?: true;
  readonly sensitive?: true;
}
