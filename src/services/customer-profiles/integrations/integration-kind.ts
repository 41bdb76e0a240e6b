import type { PutIntegrationRequest } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import type { Unit } from "../../../store/store.ts";
import type { FlowPlan } from "../../appflow/index.ts";
import type { Context, Platform } from "../../service.ts";
import type { Domain } from "../domain.ts";
import { badRequest, notFound } from "../errors.ts";
import { findObjectType } from "../object-types/object-type.ts";
import type { Integration } from "./integration.ts";

/** What integrations with one kind of outside need beyond the document that each has. */
export interface IntegrationKind {
  /** Begins one, or changes it. Throws `BadRequestException` or `ResourceNotFoundException` for what it cannot be. */
  begin(unit: Unit, context: Context, put: PutIntegration): Promise<void>;
  /** Ends one: nothing comes of it from now on. Its domain may be gone. */
  end(unit: Unit, platform: Platform, integration: Integration): Promise<void>;
  /** Those that take events of EventBridge: what one is to the integration. Throws `BadRequestException` for what is none. Pure. */
  readonly readEvent?: (integration: Integration, text: string) => BroughtEvent;
}

/** An event that an integration has brought. */
export interface BroughtEvent {
  /** The same each time that it is brought. */
  readonly id: string;
  /** The type of which it is an object. `undefined`: the integration does not want it. */
  readonly type: string | undefined;
  /** What is ingested, as JSON. */
  readonly object: string;
}

/** An integration as it is put: what is written, what it takes the place of, and what was asked for. */
export interface PutIntegration {
  readonly domain: Domain;
  readonly integration: Integration;
  readonly old: Integration | undefined;
  readonly input: Validated<PutIntegrationRequest>;
  /** Of `FlowDefinition`. */
  readonly flow: FlowPlan | undefined;
}

/** For kinds whose objects are all of one type: it is given, and is there. */
export async function requireObjectType(unit: Unit, { domain, integration }: PutIntegration): Promise<void> {
  refuseTrigger(integration);
  const { objectType, objectTypes } = integration;
  if (objectTypes !== undefined) {
    throw badRequest("ObjectTypeNames: all that this integration brings is of one type; give ObjectTypeName");
  }
  if (objectType === undefined) throw badRequest("ObjectTypeName: it is needed");
  await requireTypes(unit, domain, [objectType]);
}

/** For kinds whose objects may be of a type by the kind of event: one or several are given, and are there. */
export async function requireObjectTypes(unit: Unit, { domain, integration }: PutIntegration): Promise<void> {
  refuseTrigger(integration);
  const { objectType, objectTypes = {} } = integration;
  const names = objectType === undefined ? Object.values(objectTypes) : [objectType];
  if (names.length === 0) throw badRequest("ObjectTypeName, ObjectTypeNames: one of them is needed");
  await requireTypes(unit, domain, names);
}

function refuseTrigger({ eventTrigger }: Integration): void {
  if (eventTrigger === undefined) return;
  throw badRequest("EventTriggerNames: an event trigger sends to a campaign, a stream, a bus, a queue or a webhook");
}

export async function requireTypes(unit: Unit, domain: Domain, names: readonly string[]): Promise<void> {
  for (const name of new Set(names)) {
    if (!(await findObjectType(unit, domain, name))) throw notFound(`Object type ${name} does not exist`);
  }
}

/** What an ARN names, where it is of the domain's account and Region. Throws `BadRequestException` where it is not. */
export function requireOwn(uri: string, { account, region }: Domain): string {
  const [, , , ofRegion, ofAccount, ...resource] = uri.split(":");
  if (ofRegion === region && ofAccount === account) return resource.join(":");
  throw badRequest(`Uri: ${uri} is in another account or Region than the domain`);
}
