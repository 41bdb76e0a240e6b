/** What a flow does, as its definition says: checked, with all defaults. */
export interface FlowPlan {
  readonly description?: string | undefined;
  /** Absent: a key of AppFlow's own. */
  readonly kmsArn?: string | undefined;
  readonly source: FlowSource;
  readonly tasks: readonly FlowTask[];
  readonly trigger: FlowTrigger;
}

export type ConnectorType = "Salesforce" | "Marketo" | "Zendesk" | "Servicenow" | "S3";

export interface FlowSource {
  readonly connector: ConnectorType;
  /** Absent: the connector needs none. */
  readonly profileName?: string | undefined;
  /** Of `SourceConnectorProperties`, those of the connector. */
  readonly properties: SourceProperties;
  /** What the source's records are younger or older by. */
  readonly datetimeField?: string | undefined;
}

export interface SourceProperties {
  /** All connectors but S3: what is read. */
  readonly Object?: string | undefined;
  /** Salesforce. */
  readonly EnableDynamicFieldUpdate?: boolean | undefined;
  readonly IncludeDeletedRecords?: boolean | undefined;
  /** S3. */
  readonly BucketName?: string | undefined;
  readonly BucketPrefix?: string | undefined;
}

export interface FlowTask {
  readonly type: "Arithmetic" | "Filter" | "Map" | "Mask" | "Merge" | "Truncate" | "Validate";
  readonly operator: string;
  /** It was not said: there is one that goes without saying. */
  readonly isOperatorImplied?: true | undefined;
  readonly fields: readonly string[];
  readonly destination?: string | undefined;
  readonly properties: Readonly<Record<string, string>>;
}

export type FlowTrigger =
  | { readonly type: "OnDemand" }
  | { readonly type: "Event" }
  | {
      readonly type: "Scheduled";
      readonly expression: string;
      readonly mode: "Incremental" | "Complete";
      readonly startMs?: number | undefined;
      readonly endMs?: number | undefined;
      /** IANA name. Absent: UTC. */
      readonly timezone?: string | undefined;
      readonly offsetMs: number;
      readonly firstFromMs?: number | undefined;
    };

/** What is wrong with a definition; the message begins with the member. */
export class FlowDefinitionError extends Error {
  override readonly name: string = "FlowDefinitionError";
}
