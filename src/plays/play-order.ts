/** What a thread is told to play, and what it tells of it. Plain data: it goes from thread to thread. */
export interface PlayOrder {
  readonly url: string;
  readonly account: string;
  readonly region: string;
  /** Of whoever asked for the play: it may do what they may. */
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** Makes a demo centre first, and plays in it. */
  readonly demo?: { readonly name: string };
  readonly settings: PlaySettings;
}

export interface PlaySettings {
  readonly seed: string;
  readonly agents: number;
  /** Calls an hour at the busiest time; chats and the rest come beside them. */
  readonly callsPerHour: number;
  /** The instance that it is played in, by id or alias; without it the one with `alias`, which is made where there is none. */
  readonly instance?: string;
  readonly alias: string;
  /** The centre's hour of the day at which it begins. */
  readonly begin: number;
  /** How long contacts arrive; without it one day follows the other until it is stopped. */
  readonly hours?: number;
  /** Simulated seconds a second, where the clock can be moved. `max`: as fast as the server can. */
  readonly speed: number | "max";
}

/** What a play has come to so far. */
export interface PlayFigures {
  readonly contacts: number;
  readonly calls: number;
  readonly chats: number;
  readonly tasks: number;
  readonly emails: number;
  readonly queued: number;
  readonly answered: number;
  readonly abandoned: number;
  /** Left the queue within 20 seconds. */
  readonly inTime: number;
  readonly waitedSeconds: number;
  /** Now. */
  readonly liveContacts: number;
  readonly liveAgents: number;
}

export type PlayNews =
  | { readonly kind: "step"; readonly step: string; readonly taken: number; readonly of: number }
  | { readonly kind: "built"; readonly instanceId: string }
  | { readonly kind: "progress"; readonly nowMs: number; readonly figures: PlayFigures }
  | { readonly kind: "ended"; readonly instanceId?: string }
  | { readonly kind: "failed"; readonly error: string };

export type PlayCommand = { readonly kind: "stop" } | { readonly kind: "speed"; readonly speed: number | "max" };
