import type { Channel } from "./arrivals.ts";
import type { Parameters } from "./parameters.ts";
import type { Planned } from "./schedule.ts";
import type { Centre } from "./set-up.ts";
import type { Statistics } from "./statistics.ts";

/** What the server tells that has happened; see `docs/contact-control.md`. */
export interface Happening {
  readonly at: string;
  readonly contactId: string;
  readonly channel: Channel;
  readonly initiationMethod: string;
  readonly userId?: string;
  readonly state: string;
}

/** What the people of a play have in common. */
export interface Stage {
  readonly seed: string;
  readonly parameters: Parameters;
  readonly centre: Centre;
  readonly statistics: Statistics;
  /** When the play begins and ends: nobody arrives after it. */
  readonly beginMs: number;
  readonly endMs: number;
  /** Added to a time, it gives the centre's time of day. */
  readonly offsetMs: number;
  plan(planned: Planned): void;
}
