import { type As, call } from "./model-call.ts";

const SCAN = {
  AllowProfileCreation: true,
  Fields: {
    scan: { Source: "_source.scan", ContentType: "STRING" },
    number: { Source: "_source.number", Target: "_profile.AccountNumber", ContentType: "STRING" },
    note: { Source: "_source.note", Target: "_profile.Attributes.note", ContentType: "STRING" },
    parcel: { Source: "_source.parcel", Target: "_order.Name", ContentType: "STRING" },
  },
  Keys: {
    scanKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["scan"] }],
    shopperKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["number"] }],
    parcelKey: [{ StandardIdentifiers: ["ORDER"], FieldNames: ["parcel"] }],
  },
};

const conditionsOf = (secret: string) => [
  {
    LogicalOperator: "ALL",
    EventTriggerDimensions: [
      { ObjectAttributes: [{ Source: "note", ComparisonOperator: "INCLUSIVE", Values: [secret] }] },
    ],
  },
];

const groupsOf = (secret: string) => ({
  Groups: [
    { Dimensions: [{ ProfileAttributes: { Attributes: { note: { DimensionType: "INCLUSIVE", Values: [secret] } } } }] },
  ],
});

/** A flow whose source nobody has a profile for: it waits for another try. */
const configOf = (streamArn: string, FlowName: string) => ({
  AppflowIntegration: {
    FlowDefinition: {
      FlowName,
      KmsArn: `${streamArn.replace(":kinesis:", ":kms:").replace(/:stream\/.*/, ":key")}/1c6ad4b2-0000-4000-8000-5f2b7c9d0001`,
      SourceFlowConfig: {
        ConnectorProfileName: "nobody",
        ConnectorType: "Marketo",
        SourceConnectorProperties: { Marketo: { Object: "leads" } },
      },
      Tasks: [],
      TriggerConfig: { TriggerType: "OnDemand" },
    },
  },
});

/**
 * A domain with one of everything that Customer Profiles knows: an object type, profiles that match by rules, objects, keys, a stream, a
 * trigger that is tied to a stream, an integration with a bucket, a workflow, a segment with an estimate, a snapshot and a subscription, a calculated attribute. `secret` stands wherever
 * a text can.
 */
export async function populateProfiles(
  url: string,
  name: string,
  as: As,
  { streamArn, bucket, secret }: { readonly streamArn: string; readonly bucket: string; readonly secret: string },
): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const profiles = (operation: string, input: object) =>
    call(url, "customer-profiles", operation, { DomainName: name, ...input }, as);
  const role = `arn:aws:iam::${streamArn.split(":")[4]}:role/profiles`;
  const Tags = { note: secret };
  await profiles("CreateDomain", {
    DefaultExpirationDays: 366,
    RuleBasedMatching: { Enabled: true, MatchingRules: [{ Rule: ["LastName"] }] },
    Tags,
  });
  await profiles("PutProfileObjectType", { ObjectTypeName: "Scan", Description: secret, ...SCAN, Tags });
  const { EventStreamArn } = await profiles("CreateEventStream", { EventStreamName: name, Uri: streamArn, Tags });
  const { CalculatedAttributeName } = await profiles("CreateCalculatedAttributeDefinition", {
    CalculatedAttributeName: "scans",
    Description: secret,
    AttributeDetails: { Attributes: [{ Name: "parcel" }], Expression: "{Scan.parcel}" },
    Statistic: "COUNT",
    Tags,
  });
  const segment = { SegmentDefinitionName: "noted" };
  const { SegmentDefinitionArn } = await profiles("CreateSegmentDefinition", {
    ...segment,
    DisplayName: "noted",
    Description: secret,
    SegmentGroups: groupsOf(secret),
    Tags,
  });
  await profiles("AssociateStreamForSegments", { DestinationArn: streamArn, DestinationRoleArn: role });
  await profiles("PutSegmentSubscription", { ...segment, ScheduleConfiguration: { Interval: 1, Unit: "HOURLY" } });
  await profiles("CreateEventTrigger", {
    EventTriggerName: "noted",
    ObjectTypeName: "Scan",
    Description: secret,
    EventTriggerConditions: conditionsOf(secret),
    Tags,
  });
  await profiles("PutIntegration", { Uri: streamArn, EventTriggerNames: ["noted"], RoleArn: role, Tags });

  const bucketUri = `arn:aws:s3:::${bucket}/${name}/`;
  await profiles("PutIntegration", { Uri: bucketUri, ObjectTypeName: "Scan", Tags });
  const IntegrationConfig = configOf(streamArn, `flow-${name}`);
  const workflow = { WorkflowType: "APPFLOW_INTEGRATION", IntegrationConfig, ObjectTypeName: "Scan", RoleArn: role };
  const { WorkflowId } = await profiles("CreateIntegrationWorkflow", { ...workflow, Tags });

  const object = (scan: string) => JSON.stringify({ scan, number: "40017", note: secret, parcel: "p-1" });
  const { ProfileObjectUniqueKey } = await profiles("PutProfileObject", {
    ObjectTypeName: "Scan",
    Object: object("s-1"),
  });
  const byHand = { LastName: "Möller", AdditionalInformation: secret, EmailAddress: "ina@example.com" };
  const { ProfileId: other } = await profiles("CreateProfile", byHand);
  const { ProfileId: third } = await profiles("CreateProfile", { ...byHand, FirstName: secret });
  const { Items } = await profiles("SearchProfiles", { KeyName: "shopperKey", Values: ["40017"] });
  const ProfileId = Items[0].ProfileId;
  await profiles("UpdateProfile", { ProfileId, LastName: "Möller" });
  await profiles("AddProfileKey", { ProfileId, KeyName: "_account", Values: ["40018"] });
  const { ProfileHistoryRecords: history } = await profiles("ListProfileHistoryRecords", { ProfileId });
  const { EstimateId } = await profiles("CreateSegmentEstimate", { SegmentQuery: groupsOf(secret) });
  const DestinationUri = `s3://${bucket}/segments/`;
  const { SnapshotId } = await profiles("CreateSegmentSnapshot", { ...segment, DataFormat: "JSONL", DestinationUri });
  const arn = (path: string): string => SegmentDefinitionArn.replace(/domains\/.*/, `domains/${name}${path}`);
  return {
    DomainName: [name],
    ObjectTypeName: ["Scan", "_order"],
    ProfileId: [ProfileId, other],
    ProfileIds: [[ProfileId], [ProfileId, other, third]],
    MainProfileId: [ProfileId],
    ProfileIdsToBeMerged: [[other]],
    ProfileObjectUniqueKey: [ProfileObjectUniqueKey],
    Object: [object("s-1"), object("s-2"), object("s-3")],
    KeyName: ["shopperKey", "_account", "_email"],
    Values: [["40017"], ["40018"], ["ina@example.com"]],
    ObjectFilter: [{ KeyName: "scanKey", Values: ["s-1"] }],
    SearchKey: ["_account"],
    SearchValue: ["40018"],
    MatchType: ["RULE_BASED_MATCHING"],
    Id: history.map(({ Id }: { Id: string }) => Id),
    AttributeName: ["note", "Attributes.note"],
    EventStreamName: [name],
    Uri: [streamArn, bucketUri],
    WorkflowId: [WorkflowId],
    IntegrationConfig: [IntegrationConfig],
    DestinationArn: [streamArn],
    DestinationUri: [DestinationUri],
    RoleArn: [role],
    EventTriggerName: ["noted"],
    EventTriggerNames: [["noted"]],
    EventTriggerConditions: [conditionsOf(secret)],
    CalculatedAttributeName: [CalculatedAttributeName, "scans"],
    SegmentDefinitionName: ["noted"],
    SegmentGroups: [groupsOf(secret)],
    SegmentQuery: [groupsOf(secret)],
    SegmentFilter: ["noted"],
    EstimateId: [EstimateId],
    SnapshotId: [SnapshotId],
    TemplateId: ["Segment-Customer", "CTR"],
    Fields: [SCAN.Fields],
    Keys: [SCAN.Keys],
    resourceArn: [
      EventStreamArn,
      SegmentDefinitionArn,
      arn(""),
      arn("/object-types/Scan"),
      arn("/event-triggers/noted"),
    ],
    tags: [{ note: "mine" }],
    tagKeys: [["note"]],
  };
}
