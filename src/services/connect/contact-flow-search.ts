import type {
  ContactFlowAttributeAndCondition,
  ContactFlowModuleSearchCriteria,
  ContactFlowSearchCriteria,
  ContactFlowTypeCondition,
  SearchContactFlowModulesRequest,
  SearchContactFlowModulesResponse,
  SearchContactFlowsRequest,
  SearchContactFlowsResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { type ContactFlowModule, contactFlowModules, describeModule } from "./contact-flow-modules.ts";
import { type ContactFlow, contactFlows, describeFlow } from "./contact-flows.ts";
import type { InstanceResource } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import {
  attributeMatch,
  criteriaMatch,
  type Leaf,
  searchResources,
  stringLeaf,
  tagMatch,
  valueLeaf,
} from "./search.ts";

/** Flows that match, without their contents: a page of those could be as large as 25 MB (our choice). */
export async function searchContactFlows(
  input: Validated<SearchContactFlowsRequest>,
  context: Context,
): Promise<SearchContactFlowsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const ofType: Leaf<ContactFlow, ContactFlowTypeCondition> = ({ ContactFlowType: type }) => {
    return (flow) => type === undefined || flow.type === type;
  };
  const page = await searchResources(context.store, contactFlows, instance, {
    operation: "SearchContactFlows",
    input,
    match: [
      criteriaMatch<ContactFlow, ContactFlowSearchCriteria>(input.SearchCriteria, {
        StringCondition: namedLeaf(),
        TypeCondition: valueLeaf((flow) => flow.type),
        StateCondition: valueLeaf((flow) => flow.state),
        StatusCondition: valueLeaf((flow) => flow.status),
      }),
      tagMatch(input.SearchFilter?.TagFilter),
      attributeMatch<ContactFlow, ContactFlowAttributeAndCondition>(input.SearchFilter?.FlowAttributeFilter, {
        ContactFlowTypeCondition: ofType,
      }),
    ],
  });
  return {
    ContactFlows: page.items.map(describeFlow),
    NextToken: page.nextToken,
    ApproximateTotalCount: page.total,
  };
}

/** The same for modules. */
export async function searchContactFlowModules(
  input: Validated<SearchContactFlowModulesRequest>,
  context: Context,
): Promise<SearchContactFlowModulesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await searchResources(context.store, contactFlowModules, instance, {
    operation: "SearchContactFlowModules",
    input,
    match: [
      criteriaMatch<ContactFlowModule, ContactFlowModuleSearchCriteria>(input.SearchCriteria, {
        StringCondition: namedLeaf(),
        StateCondition: valueLeaf((module) => module.state),
        StatusCondition: (status) => () => status === "PUBLISHED",
      }),
      tagMatch(input.SearchFilter?.TagFilter),
    ],
  });
  return {
    ContactFlowModules: page.items.map(describeModule),
    NextToken: page.nextToken,
    ApproximateTotalCount: page.total,
  };
}

function namedLeaf<T extends InstanceResource>() {
  return stringLeaf<T>({
    name: ({ name }) => name,
    description: ({ description }) => description,
    resourceID: ({ id }) => id,
  });
}
