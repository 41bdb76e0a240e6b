/** All resource types, by name. */
import type { ResourceType } from "../resource-type.ts";
import { apiTypes } from "./apis.ts";
import { connectTypes } from "./connect.ts";
import { customerDataTypes } from "./customer-data.ts";
import { eventTypes } from "./events.ts";
import { functionTypes } from "./functions.ts";
import { identityTypes } from "./identity.ts";
import { messagingTypes } from "./messaging.ts";
import { storageTypes } from "./storage.ts";
import { streamTypes } from "./streams.ts";

/** Accepted with whatever properties they have, and nothing is made. */
const nothing: ResourceType = {
  updatable: [],
  replacing: [],
  required: [],
  create: ({ name }) => Promise.resolve({ physicalId: name }),
  update: () => Promise.resolve(undefined),
  remove: () => Promise.resolve(),
};

const waitConditionHandle: ResourceType = {
  ...nothing,
  create: ({ endpoint, stackName, name }) =>
    Promise.resolve({ physicalId: `${endpoint}/_trunkline/wait-condition/${stackName}/${name}` }),
};

export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::CDK::Metadata": nothing,
  "AWS::CloudFormation::WaitConditionHandle": waitConditionHandle,
  ...apiTypes,
  ...connectTypes,
  ...customerDataTypes,
  ...eventTypes,
  ...functionTypes,
  ...identityTypes,
  ...messagingTypes,
  ...storageTypes,
  ...streamTypes,
};

export function findResourceType(name: string): ResourceType | undefined {
  return Object.hasOwn(resourceTypes, name) ? resourceTypes[name] : undefined;
}
