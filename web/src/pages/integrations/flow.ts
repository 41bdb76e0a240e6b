/** Flows and their runs, as `GET /_trunkline/flows` tells them. */

export interface FlowStatus {
  readonly name: string;
  readonly connector: string;
  readonly object?: string;
  readonly trigger: "OnDemand" | "Scheduled" | "Event";
  readonly schedule?: string;
  /** A domain of Customer Profiles. */
  readonly destination: string;
  readonly status: string;
  readonly health: "HEALTHY" | "UNHEALTHY";
  readonly message?: string;
  readonly isHidden?: true;
  readonly nextRun?: string;
  readonly lastRun?: RunStatus;
}

export interface RunStatus {
  readonly id: string;
  readonly cause: string;
  readonly status: string;
  readonly started: string;
  readonly ended?: string;
  readonly durationMs: number;
  readonly from?: string;
  readonly to?: string;
  readonly progress?: string;
  readonly message?: string;
  readonly read: number;
  readonly filtered: number;
  readonly dropped: number;
  readonly failed: number;
  readonly ingested: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** What moves: it is looked at more often. */
export function isGoing({ status }: RunStatus): boolean {
  return status === "InProgress" || status === "Waiting" || status === "CancelStarted";
}

export function toneOf(status: string): string {
  if (status === "Successful" || status === "Active" || status === "COMPLETE") return "good";
  if (status === "Error" || status === "Errored" || status === "FAILED") return "bad";
  return "warn";
}

export function flowPath(name: string): string {
  return `flows/${encodeURIComponent(name)}`;
}
