import type { ActionTable } from "./action-table.ts";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html */
export const cloudFormationActions: ActionTable = {
  prefix: "cloudformation",
  arn: "arn:aws:cloudformation:{region}:{account}:",
  // A change set that is named by its ARN is its stack's business: the ARN does not say which stack that is.
  oneOf: { StackName: "stack/{}/*", ChangeSetName: "changeSet/{}/*" },
  operations: {
    CreateChangeSet: { resources: { StackName: "stack/{}/*" } },
    EstimateTemplateCost: { resources: "*" },
    ListExports: { resources: "*" },
    ListImports: { resources: "*" },
    ListStacks: { resources: "*" },
    ValidateTemplate: { resources: "*" },
  },
  passes: {
    service: "cloudformation.amazonaws.com",
    members: ["RoleARN"],
    operations: ["CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet"],
  },
  conditions: ({ RoleARN, TemplateURL, ChangeSetName }) => ({
    ...(typeof RoleARN === "string" && { "cloudformation:RoleArn": [RoleARN] }),
    ...(typeof TemplateURL === "string" && { "cloudformation:TemplateUrl": [TemplateURL] }),
    ...(typeof ChangeSetName === "string" && { "cloudformation:ChangeSetName": [ChangeSetName] }),
  }),
};
