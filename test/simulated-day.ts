/** A simulated play under test: it against a server, and everything that the centre has told in its course. */
import { connectTo } from "../src/cli/api.ts";
import type { AgentEvent } from "../src/services/connect/agent-events.ts";
import { ask } from "../src/simulator/api.ts";
import { type Api, type Outcome, Statistics, simulate, withChanges } from "../src/simulator/index.ts";
import { sleep } from "../src/time/sleep.ts";
import type { BusEvent, ContactRecord, Streams } from "./contact-invariants.ts";

export interface Played {
  readonly outcome: Outcome;
  readonly statistics: Statistics;
  readonly api: Api;
}

export interface Scenario {
  readonly seed: string;
  readonly alias: string;
  readonly beginHour: number;
  readonly hours: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly streams?: boolean;
  readonly signal?: AbortSignal;
  /** Is called when a step of the play has been asked for, and not yet answered. */
  readonly whileAsking?: () => Promise<void>;
}

/** `watch` is called behind each step of the play, while the clock stands still. */
export async function playScenario(
  url: string,
  { parameters, signal = new AbortController().signal, whileAsking, ...scenario }: Scenario,
  watch?: (instanceId: string) => Promise<void>,
): Promise<Played> {
  const api = apiOf(url);
  const statistics = new Statistics();
  const watched: Api = async (request) => {
    const [, instanceId] = /^\/_trunkline\/play\/(.+)$/.exec(request.path) ?? [];
    const asked = api(request);
    // Else a connection that breaks meanwhile would be nobody's business.
    asked.catch(() => undefined);
    if (whileAsking && instanceId !== undefined) await whileAsking();
    const answer = await asked;
    if (watch && instanceId !== undefined) await watch(instanceId);
    return answer;
  };
  const outcome = await simulate(watched, {
    streams: true,
    ...scenario,
    parameters: withChanges(parameters),
    speed: undefined,
    monotonicMs: () => performance.now(),
    sleep,
    signal,
    statistics,
  });
  return { outcome, statistics, api };
}

export function apiOf(url: string): Api {
  return connectTo({ url: new URL(url), region: "us-east-1", names: [], flags: {} });
}

/** Everything that the streams of an alias hold, as it was written. Each read goes on where the last one ended. */
export class StreamReader {
  readonly #api: Api;
  /** The last sequence number of each stream. */
  readonly #last = new Map<string, string>();
  readonly #alias: string;
  readonly texts: { readonly [Name in keyof Streams]: string[] } = { contactEvents: [], agentEvents: [], records: [] };
  readonly #streams: {
    readonly contactEvents: BusEvent[];
    readonly agentEvents: AgentEvent[];
    readonly records: ContactRecord[];
  } = {
    contactEvents: [],
    agentEvents: [],
    records: [],
  };

  constructor(api: Api, alias: string) {
    this.#api = api;
    this.#alias = alias;
  }

  async read(): Promise<Streams> {
    const { contactEvents, agentEvents, records } = this.#streams;
    for (const text of await this.#readOn("contactEvents", "contact-events")) contactEvents.push(JSON.parse(text));
    for (const text of await this.#readOn("agentEvents", "agent-events")) agentEvents.push(JSON.parse(text));
    for (const text of await this.#readOn("records", "contact-records")) records.push(JSON.parse(text));
    return this.#streams;
  }

  async #readOn(name: keyof Streams, stream: string): Promise<readonly string[]> {
    const last = this.#last.get(stream);
    const from = {
      StreamName: `${this.#alias}-${stream}`,
      ShardId: "shardId-000000000000",
      ...(last === undefined
        ? { ShardIteratorType: "TRIM_HORIZON" }
        : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: last }),
    };
    let iterator = (await this.#call("GetShardIterator", from)).ShardIterator;
    const found: string[] = [];
    for (let isBehind = true; isBehind; ) {
      const page = await this.#call("GetRecords", { ShardIterator: iterator });
      for (const { Data, SequenceNumber } of page.Records) {
        found.push(Buffer.from(Data, "base64").toString());
        this.#last.set(stream, SequenceNumber);
      }
      iterator = page.NextShardIterator;
      isBehind = page.MillisBehindLatest > 0;
    }
    this.texts[name].push(...found);
    return found;
  }

  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what the answer is.
  async #call(operation: string, body: object): Promise<any> {
    const headers = { "x-amz-target": `Kinesis_20131202.${operation}`, "content-type": "application/x-amz-json-1.1" };
    return ask(this.#api, { service: "kinesis", method: "POST", path: "/", headers, body });
  }
}
