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

/** What everything that an integration brings is an object of. Throws where that is not said, or is not there. */
export async function requireObjectType(unit: Unit, { domain, integration, input }: PutIntegration): Promise<void> {
  if (integration.eventTrigger !== undefined) {
    throw badRequest("EventTriggerNames: an event trigger sends to a campaign, a stream, a bus, a queue or a webhook");
  }
  if (input.ObjectTypeNames !== undefined) {
    throw badRequest("ObjectTypeNames: all that this integration brings is of one type; give ObjectTypeName");
  }
  if (integration.objectType === undefined) throw badRequest("ObjectTypeName: it is needed");
  await requireType(unit, domain, integration.objectType);
}

export async function requireType(unit: Unit, domain: Domain, name: string): Promise<void> {
  if (!(await findObjectType(unit, domain, name))) throw notFound(`Object type ${name} does not exist`);
}
