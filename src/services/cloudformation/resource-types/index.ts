/** All resource types, by name. */
import type { ResourceType } from "../resource-type.ts";
import { apiTypes } from "./apis.ts";
import { connectTypes } from "./connect.ts";
import { customerDataTypes } from "./customer-data.ts";
import { eventTypes } from "./events.ts";
import { functionTypes } from "./functions.ts";
import { identityTypes } from "./identity.ts";
import { messagingTypes } from "./messaging.ts";
import { stackTypes } from "./stacks.ts";
import { storageTypes } from "./storage.ts";
import { streamTypes } from "./streams.ts";

export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  ...stackTypes,
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

/** `Custom::` and any name is a custom resource's. */
const CUSTOM = /^Custom::[\w@-]{1,52}$/;

export function findResourceType(name: string): ResourceType | undefined {
  if (CUSTOM.test(name)) return resourceTypes["AWS::CloudFormation::CustomResource"];
  return Object.hasOwn(resourceTypes, name) ? resourceTypes[name] : undefined;
}
