/** What the server tells of deliveries: `docs/console.md`. */

export interface Reason {
  readonly code: string;
  readonly message: string;
}

export interface Owed {
  readonly id: string;
  readonly target: string;
  readonly rule: string;
  readonly state: string;
  /** When the event was taken in. */
  readonly taken: string;
  readonly due: string;
  readonly attemptsMade: number;
  readonly failure?: Reason;
  readonly event: string;
  /** Where it is not the event itself. */
  readonly sent?: string;
  readonly deadLetterQueue?: string;
}

export interface OwedTarget {
  readonly target: string;
  readonly owed: number;
  readonly isMore: boolean;
  readonly failing: number;
  readonly nextDue: string;
  readonly oldest: string;
  readonly failure?: Reason;
}

export interface Attempt {
  readonly delivery: string;
  readonly target: string;
  readonly rule: string;
  readonly attempt: number;
  readonly outcome: "delivered" | "failed" | "dead-lettered" | "dropped";
  readonly time: string;
  readonly taken?: string;
  readonly durationMs?: number;
  readonly failure?: Reason;
  readonly answer?: { readonly status?: number; readonly body?: string };
}

export const OUTCOMES = ["delivered", "failed", "dead-lettered", "dropped"] as const;
