/**
 * Takes what integrations bring, in the unit of whoever sends it: records of flows, and events of EventBridge. What cannot be ingested is told to
 * the domain's dead-letter queue here, and the sender is answered that another attempt changes nothing.
 */
import type { Sink, SinkOutcome, SinkRequest } from "../../../flow/index.ts";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Unit } from "../../../store/store.ts";
import { APPFLOW_PRINCIPAL, findFlow, parseFlowArn } from "../../appflow/index.ts";
import type { Platform } from "../../service.ts";
import { type Domain, domainKey, domains } from "../domain.ts";
import { findObjectType, type ObjectType } from "../object-types/object-type.ts";
import { parseIngestArn } from "./ingest-arn.ts";
import { ingestBrought } from "./ingest-brought.ts";
import { type Integration, integrationKey, integrations } from "./integration.ts";
import type { BroughtEvent } from "./integration-kind.ts";
import { kindOf } from "./integration-kinds.ts";
import { isSeen, rememberSeen } from "./seen-events.ts";

const EVENTS_PRINCIPAL = "events.amazonaws.com";

const NOT_OURS: SinkOutcome = {
  code: "NO_PERMISSIONS",
  message: "It takes what its integration brings.",
  retryable: false,
};
const GONE: SinkOutcome = { code: "NO_RESOURCE", message: "The integration does not exist.", retryable: false };

export function createIngestSink(platform: Platform): Sink {
  return {
    async append(unit, arn, requests) {
      const ingestion = await beginIngestion(unit, platform, arn);
      const outcomes: SinkOutcome[] = [];
      for (const request of requests) outcomes.push(ingestion ? await ingestion.take(request) : GONE);
      return outcomes;
    },
  };
}

async function beginIngestion(unit: Unit, platform: Platform, arn: string): Promise<Ingestion | undefined> {
  const parsed = parseIngestArn(arn);
  if (!parsed) return undefined;
  const domain = await unit.get(domains, domainKey(parsed, parsed.domainName));
  const integration = domain && (await unit.get(integrations, integrationKey({ uid: domain.uid, uri: parsed.uri })));
  if (integration) return new Ingestion(unit, platform, domain, integration);
  // A flow that AppFlow's API has made may say by itself what its records are.
  const ref = parseFlowArn(parsed.uri);
  const flow = domain && ref && ref.account === domain.account ? await findFlow(unit, ref) : undefined;
  return domain && flow?.objectType !== undefined
    ? new Ingestion(unit, platform, domain, { objectType: flow.objectType, uri: parsed.uri })
    : undefined;
}

/** What a flow without an integration brings. */
type Brought = Pick<Integration, "objectType" | "uri">;

/** What an integration brings in one unit: what all of it has in common is read once. */
class Ingestion {
  readonly #unit: Unit;
  readonly #platform: Platform;
  readonly #domain: Domain;
  readonly #integration: Integration | Brought;
  readonly #types = new Map<string, ObjectType | undefined>();

  constructor(unit: Unit, platform: Platform, domain: Domain, integration: Integration | Brought) {
    this.#unit = unit;
    this.#platform = platform;
    this.#domain = domain;
    this.#integration = integration;
  }

  async take(request: SinkRequest): Promise<SinkOutcome> {
    if (request.account !== this.#domain.account) return NOT_OURS;
    if (request.principal === APPFLOW_PRINCIPAL) return this.#takeRecord(request);
    return request.principal === EVENTS_PRINCIPAL ? this.#takeEvent(request) : NOT_OURS;
  }

  #takeRecord({ body, parameters }: SinkRequest): Promise<SinkOutcome> {
    const unreadable = parameters?.unreadable;
    const fault = typeof unreadable === "string" ? unreadable : undefined;
    return this.#ingest(this.#integration.objectType, body, { fault, performedBy: APPFLOW_PRINCIPAL });
  }

  async #takeEvent({ body }: SinkRequest): Promise<SinkOutcome> {
    const integration = this.#integration;
    if (!("uid" in integration)) return NOT_OURS;
    const { readEvent } = kindOf(integration.uri);
    if (!readEvent) return NOT_OURS;
    const event = readOr(() => readEvent(integration, body));
    const performedBy = "app-integrations.amazonaws.com";
    if (typeof event === "string") return this.#ingest(integration.objectType, body, { fault: event, performedBy });
    if (event.type === undefined) return undefined;
    if (await isSeen(this.#unit, this.#platform, integration, event.id)) return undefined;
    // Also what is rejected: it is told of once, though a webhook hands it on before the bus brings it.
    await rememberSeen(this.#unit, this.#platform, integration, event.id);
    return this.#ingest(event.type, event.object, { performedBy });
  }

  async #ingest(
    typeName = "",
    object: string,
    { fault, performedBy }: { readonly fault?: string | undefined; readonly performedBy: string },
  ): Promise<SinkOutcome> {
    const type = fault === undefined ? await this.#typeOf(typeName) : undefined;
    const brought = { typeName, type, object, fault, performedBy };
    const reason = await ingestBrought(this.#unit, this.#platform, this.#domain, brought);
    return reason === undefined ? undefined : { code: "INVALID_PARAMETER", message: reason, retryable: false };
  }

  async #typeOf(name: string): Promise<ObjectType | undefined> {
    if (!this.#types.has(name)) this.#types.set(name, await findObjectType(this.#unit, this.#domain, name));
    return this.#types.get(name);
  }
}

/** What is wrong with an event, where it cannot be read. */
function readOr(read: () => BroughtEvent): BroughtEvent | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof ModeledError) return error.message;
    throw error;
  }
}
