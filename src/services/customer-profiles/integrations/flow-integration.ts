import type { FlowDefinition } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import {
  createFlow,
  deleteFlow,
  FlowDefinitionError,
  type FlowPlan,
  findFlow,
  flowArn,
  parseFlowArn,
  planFlow,
  runFlow,
} from "../../appflow/index.ts";
import type { Owner } from "../domain.ts";
import { badRequest } from "../errors.ts";
import { ingestArn } from "./ingest-arn.ts";
import { type IntegrationKind, requireObjectType } from "./integration-kind.ts";

/** Brings the records that a flow of AppFlow reads. The flow is made with the integration and goes with it, or was made by AppFlow's API before. */
export const flowIntegration: IntegrationKind = {
  async begin(unit, context, put) {
    const { integration, old, flow: plan } = put;
    await requireObjectType(unit, put);
    if (plan === undefined) {
      if (old) return;
      const known = await findFlow(unit, requireFlow(integration.uri));
      if (!known) {
        throw badRequest(`Uri: ${integration.uri} does not exist; a flow is made by FlowDefinition, or by AppFlow`);
      }
      if (known.destinationArn !== ingestArn(integration)) {
        throw badRequest(`Uri: ${integration.uri} does not lead to domain ${integration.domainName}`);
      }
      return;
    }
    const ref = requireFlow(integration.uri);
    const flow = await createFlow(unit, context, {
      ...ref,
      plan,
      destinationArn: ingestArn(integration),
      createdBy: context.principalArn,
    });
    if (!flow) throw badRequest(`Flow with name ${ref.name} already exists.`);
    if (plan.trigger.type === "OnDemand") await runFlow(unit, context, flow);
  },

  async end(unit, platform, { uri }) {
    const ref = requireFlow(uri);
    if (!(await findFlow(unit, ref))?.isOwn) await deleteFlow(unit, platform, ref);
  },
};

function requireFlow(uri: string): NonNullable<ReturnType<typeof parseFlowArn>> {
  const ref = parseFlowArn(uri);
  if (!ref) throw badRequest(`Uri: ${uri} is no flow`);
  return ref;
}

/** What a definition says. Throws `BadRequestException`, which names the member. */
export function plannedFlow(definition: Validated<FlowDefinition>, owner: Owner): FlowPlan {
  requireOwnKey(definition.KmsArn, owner);
  requireShortName(definition.FlowName, owner);
  try {
    return planFlow(definition);
  } catch (error) {
    if (error instanceof FlowDefinitionError) throw badRequest(`FlowDefinition.${error.message}`);
    throw error;
  }
}

/** Of a `Uri`, as all operations have it. */
const URI_LENGTH_MAX = 255;

/** An integration with a longer `Uri` could be neither asked for nor deleted. */
function requireShortName(name: string, { account, region }: Owner): void {
  if (flowArn({ account, region, name }).length <= URI_LENGTH_MAX) return;
  throw badRequest(
    `FlowDefinition.FlowName: the flow's ARN, which is the Uri, has more than ${URI_LENGTH_MAX} characters`,
  );
}

function requireOwnKey(arn: string, { account, region }: Owner): void {
  const [, , , keyRegion, keyAccount] = arn.split(":");
  if (keyAccount === account && keyRegion === region) return;
  throw badRequest(`FlowDefinition.KmsArn: ${arn} is of another account or Region`);
}
