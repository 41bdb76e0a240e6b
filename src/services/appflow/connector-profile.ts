import type { ConnectorType } from "./flow-plan.ts";

/** Where a source is, and how to get in: from a file or the environment, never from a request. */
export interface ConnectorProfile {
  readonly name: string;
  readonly connector: ConnectorType;
  /** Whose flows may use it. */
  readonly account: string;
  /** What else stands in the file, for the connector to read. Secrets are among it. */
  readonly settings: Readonly<Record<string, unknown>>;
}
