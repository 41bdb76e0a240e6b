/**
 * Takes what integrations bring, in the unit of whoever sends it: records of flows. What cannot be ingested is told to the domain's dead-letter
 * queue here, and the sender is answered that another attempt changes nothing.
 */
import type { Sink, SinkOutcome, SinkRequest } from "../../../flow/index.ts";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Unit } from "../../../store/store.ts";
import { APPFLOW_PRINCIPAL } from "../../appflow/index.ts";
import type { Platform } from "../../service.ts";
import { tellQueue } from "../dead-letters.ts";
import { type Domain, domainKey, domains } from "../domain.ts";
import { acceptObject, ingestObject } from "../ingest-object.ts";
import { findObjectType, type ObjectType } from "../object-types/object-type.ts";
import { parseIngestArn } from "./ingest-arn.ts";
import { type Integration, integrationKey, integrations } from "./integration.ts";

const NOT_OURS: SinkOutcome = {
  code: "NO_PERMISSIONS",
  message: "It takes what its integration brings.",
  retryable: false,
};
const GONE: SinkOutcome = { code: "NO_RESOURCE", message: "The integration does not exist.", retryable: false };

/** Characters of an object that the dead-letter queue is told: all of one that may be ingested. A message of a queue has 1 MiB. */
const TOLD_CHARACTERS_MAX = 256_000;

export function createIngestSink(platform: Platform): Sink {
  return {
    async append(unit, arn, requests) {
      const destination = await findDestination(unit, arn);
      const outcomes: SinkOutcome[] = [];
      for (const request of requests) {
        outcomes.push(destination ? await take(unit, platform, destination, request) : GONE);
      }
      return outcomes;
    },
  };
}

interface Destination {
  readonly domain: Domain;
  readonly integration: Integration;
  /** `undefined`: it was deleted. */
  readonly type: ObjectType | undefined;
}

/** What all requests of a call have in common is read once. */
async function findDestination(unit: Unit, arn: string): Promise<Destination | undefined> {
  const parsed = parseIngestArn(arn);
  if (!parsed) return undefined;
  const domain = await unit.get(domains, domainKey(parsed, parsed.domainName));
  const integration = domain && (await unit.get(integrations, integrationKey({ uid: domain.uid, uri: parsed.uri })));
  if (!integration) return undefined;
  const { objectType } = integration;
  return {
    domain,
    integration,
    type: objectType === undefined ? undefined : await findObjectType(unit, domain, objectType),
  };
}

async function take(
  unit: Unit,
  platform: Platform,
  destination: Destination,
  request: SinkRequest,
): Promise<SinkOutcome> {
  const { domain, integration } = destination;
  const { account, principal, body } = request;
  if (account !== domain.account || principal !== APPFLOW_PRINCIPAL) return NOT_OURS;
  const reason = await whyRejected(unit, platform, destination, request);
  if (reason === undefined) return undefined;
  await tellQueue(unit, platform, domain, {
    ObjectTypeName: integration.objectType ?? "",
    ErrorMessage: reason,
    Object: body.slice(0, TOLD_CHARACTERS_MAX),
  });
  return { code: "INVALID_PARAMETER", message: reason, retryable: false };
}

/** Ingests an object, or answers why that cannot be. */
async function whyRejected(
  unit: Unit,
  platform: Platform,
  { domain, integration, type }: Destination,
  { body, principal, parameters }: SinkRequest,
): Promise<string | undefined> {
  const unreadable = parameters?.unreadable;
  if (typeof unreadable === "string") return unreadable;
  if (!type) return `Object type ${integration.objectType} does not exist`;
  try {
    const accepted = acceptObject(domain, type, body, { acceptedMs: platform.clock.now(), performedBy: principal });
    const ingestion = await ingestObject(unit, platform, domain, accepted);
    return ingestion.outcome === "rejected" ? ingestion.reason : undefined;
  } catch (error) {
    if (error instanceof ModeledError) return error.message;
    throw error;
  }
}
