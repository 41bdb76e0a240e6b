import type {
  EventBridgeConfiguration,
  GetCaseEventConfigurationRequest,
  GetCaseEventConfigurationResponse,
  PutCaseEventConfigurationRequest,
  PutCaseEventConfigurationResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type Domain, domainKey, domains, type EventConfiguration, getDomain } from "./domain.ts";
import { liveFieldIds, requireFields } from "./field.ts";

/** Fields that are deleted by now are left out. */
export async function getCaseEventConfiguration(
  input: Validated<GetCaseEventConfigurationRequest>,
  context: Context,
): Promise<GetCaseEventConfigurationResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  return { eventBridge: await described(context.store, domain) };
}

/** Takes the place of the whole configuration. */
export async function putCaseEventConfiguration(
  input: Validated<PutCaseEventConfigurationRequest>,
  context: Context,
): Promise<PutCaseEventConfigurationResponse> {
  const { enabled, includedData } = input.eventBridge;
  const { caseData, relatedItemData }: IncludedData = includedData ?? {};
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const ids = caseData?.fields.map(({ id }) => id);
    await requireFields(unit, domain, ids ?? [], "includedData.caseData.fields");
    const events: EventConfiguration = {
      enabled,
      ...(ids && { fields: [...new Set(ids)] }),
      ...(caseData?.autoIncludeFields && { autoIncludes: caseData.autoIncludeFields }),
      ...(relatedItemData && { includesContent: relatedItemData.includeContent }),
    };
    unit.put(domains, domainKey(domain, domain.domainId), { ...domain, events });
  });
  return {};
}

type SentData = NonNullable<Validated<EventBridgeConfiguration>["includedData"]>;

/** With a member that the model has and the client that can be had has not. */
type IncludedData = Omit<SentData, "caseData"> & {
  readonly caseData?:
    | (NonNullable<SentData["caseData"]> & { readonly autoIncludeFields?: EventConfiguration["autoIncludes"] })
    | undefined;
};

async function described(reader: Reader, domain: Domain): Promise<EventBridgeConfiguration> {
  const { enabled, fields, autoIncludes, includesContent } = domain.events;
  if (fields === undefined && includesContent === undefined) return { enabled };
  const live = await liveFieldIds(reader, domain, fields ?? []);
  const caseData = {
    fields: [...live].map((id) => ({ id })),
    ...(autoIncludes && { autoIncludeFields: autoIncludes }),
  };
  return {
    enabled,
    includedData: {
      ...(fields && { caseData }),
      ...(includesContent !== undefined && { relatedItemData: { includeContent: includesContent } }),
    },
  };
}
