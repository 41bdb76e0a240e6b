/** IAM and STS. */

import { loadModel } from "../../models/catalog.ts";
import { iamResourceArns } from "../iam/index.ts";
import type { ActionTable } from "./action-table.ts";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
export const iamActions = (): ActionTable => ({
  prefix: "iam",
  arn: "arn:aws:iam::{account}:",
  operations: Object.fromEntries(
    Object.keys(loadModel("iam").operations).map((operation) => [
      operation,
      {
        needs: async (input, asking, reader) => {
          const arns = await iamResourceArns(reader, asking, operation, input);
          return arns.map((resourceArn) => ({ action: `iam:${operation}`, resourceArn }));
        },
      },
    ]),
  ),
  conditions: ({ PolicyArn, PermissionsBoundary, AWSServiceName }) => ({
    ...(typeof PolicyArn === "string" && { "iam:PolicyARN": [PolicyArn] }),
    ...(typeof PermissionsBoundary === "string" && { "iam:PermissionsBoundary": [PermissionsBoundary] }),
    ...(typeof AWSServiceName === "string" && { "iam:AWSServiceName": [AWSServiceName] }),
  }),
});

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html */
export const stsActions: ActionTable = {
  prefix: "sts",
  arn: "arn:aws:sts::{account}:",
  oneOf: { Name: "federated-user/{}" },
  operations: {
    // A role's trust policy can let somebody in by itself: the operation decides.
    AssumeRole: { action: false },
    GetAccessKeyInfo: { action: false },
    GetCallerIdentity: { action: false },
    GetSessionToken: { action: false },
  },
};
