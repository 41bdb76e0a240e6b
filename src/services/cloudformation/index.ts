/**
 * CloudFormation: stacks of resources that a template describes. What a resource is made with are the operations of its own service, through the
 * front door.
 *
 * Built: templates in JSON and YAML, create, update, delete and change sets of the types in `resource-types/`, among them nested stacks and
 * custom resources. Not: transforms, stack sets, drift, imports of resources, stack policies.
 */
import type { Service } from "../service.ts";
import {
  createChangeSet,
  deleteChangeSet,
  describeChangeSet,
  executeChangeSet,
  listChangeSets,
} from "./change-sets.ts";
import { startEngine } from "./engine.ts";
import { listExports, listImports } from "./exports.ts";
import {
  describeStackEvents,
  describeStackResource,
  describeStackResources,
  listStackResources,
} from "./stack-resources.ts";
import {
  createStack,
  deleteStack,
  describeStacks,
  listStacks,
  updateStack,
  updateTerminationProtection,
} from "./stacks.ts";
import { getTemplate, getTemplateSummary, validateTemplate } from "./templates.ts";

export { parseSignalPath, SIGNAL_BYTES_MAX, takeSignal } from "./signals.ts";

export const cloudFormation: Service = {
  operations: {
    cloudformation: {
      CreateStack: createStack,
      UpdateStack: updateStack,
      DeleteStack: deleteStack,
      DescribeStacks: describeStacks,
      ListStacks: listStacks,
      UpdateTerminationProtection: updateTerminationProtection,
      DescribeStackEvents: describeStackEvents,
      DescribeStackResource: describeStackResource,
      DescribeStackResources: describeStackResources,
      ListStackResources: listStackResources,
      GetTemplate: getTemplate,
      GetTemplateSummary: getTemplateSummary,
      ValidateTemplate: validateTemplate,
      CreateChangeSet: createChangeSet,
      DescribeChangeSet: describeChangeSet,
      ExecuteChangeSet: executeChangeSet,
      DeleteChangeSet: deleteChangeSet,
      ListChangeSets: listChangeSets,
      ListExports: listExports,
      ListImports: listImports,
    },
  },
  start: (platform) => {
    startEngine(platform);
    return Promise.resolve();
  },
};
