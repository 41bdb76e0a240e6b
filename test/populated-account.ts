import { type As, call, send } from "./model-call.ts";
import { populateHttpApis, populateRestApis } from "./populated-apis.ts";
import { populateCases } from "./populated-cases.ts";
import { populateFunctions } from "./populated-functions.ts";
import { populateIam } from "./populated-iam.ts";
import { populateProfiles } from "./populated-profiles.ts";

/** What stands in texts and data of a populated account, and may show up in no other account's answers. */
export const SECRET = "nobody-elses-business";

/** Values that an account's resources go by: model → member of an input → what may stand there. */
export type KnownValues = Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;

/**
 * Fills the account `test` (or the one given) with one of everything: streams with records, consumers and tags, queues with messages, a log
 * group with events, a bucket with an object and an upload, buses with rules and targets, an instance with flows, queues and contacts,
 * a domain with profiles, a campaign, a Cases domain. `name` tells several fillings apart.
 */
export async function populate(url: string, name: string = "orders", as: As = {}): Promise<KnownValues> {
  const kinesis = await populateKinesis(url, name, as);
  const EventSourceArn = String(kinesis.StreamARN[0]);
  const known = {
    kinesis,
    sqs: await populateSqs(url, name, as),
    logs: await populateLogs(url, name, as),
    s3: await populateS3(url, name, as),
    firehose: await populateFirehose(url, name, as),
    lambda: await populateFunctions(url, name, as, { secret: SECRET, EventSourceArn }),
    connect: await populateConnect(url, name, as),
  };
  const profiles = await populateProfiles(url, name, as, {
    streamArn: String(known.kinesis.StreamARN[0]),
    bucket: String(known.s3.Bucket[0]),
    secret: SECRET,
  });
  const chat = await populateChat(url, name, as, known.connect);
  return {
    ...known,
    connectparticipant: chat,
    "customer-profiles": profiles,
    connectcampaignsv2: await populateCampaigns(url, name, as, {
      domainArn: String(profiles.resourceArn?.[2]),
      profileId: String(profiles.ProfileId?.[0]),
      connectInstanceId: String(known.connect.InstanceId[0]),
    }),
    connectcases: await populateCases(url, name, as, {
      contactArn: `${known.connect.InstanceId[1]}/contact/${known.connect.ContactId[0]}`,
      secret: SECRET,
    }),
    events: await populateEvents(url, name, as),
    sns: await populateSns(url, name, as, String(known.sqs.QueueUrl[0])),
    appintegrations: await populateIntegrations(url, name, as),
    ssm: await populateParameters(url, name, as),
    apigateway: await populateRestApis(url, name, as, { secret: SECRET }),
    apigatewayv2: await populateHttpApis(url, name, as, { secret: SECRET }),
    ...(await populateIam(url, name, as, SECRET)),
  };
}

/** The same of one service alone, where that needs no other; `undefined` for those that do. */
export async function populateAlone(
  url: string,
  model: string,
  name: string,
): Promise<KnownValues[string] | undefined> {
  switch (model) {
    case "apigateway":
      return populateRestApis(url, name, {}, { secret: SECRET });
    case "apigatewayv2":
      return populateHttpApis(url, name, {}, { secret: SECRET });
    case "appintegrations":
      return populateIntegrations(url, name, {});
    case "events":
      return populateEvents(url, name, {});
    case "iam":
      return (await populateIam(url, name, {}, SECRET)).iam;
    case "kinesis":
      return populateKinesis(url, name, {});
    case "logs":
      return populateLogs(url, name, {});
    case "s3":
      return populateS3(url, name, {});
    case "sqs":
      return populateSqs(url, name, {});
    default:
      return undefined;
  }
}

async function populateCampaigns(
  url: string,
  name: string,
  as: As,
  {
    domainArn,
    profileId,
    connectInstanceId,
  }: Readonly<Record<"domainArn" | "profileId" | "connectInstanceId", string>>,
) {
  const campaigns = (operation: string, input: object) => call(url, "connectcampaignsv2", operation, { ...input }, as);
  const source = { eventTrigger: { customerProfilesDomainArn: domainArn } };
  const { id } = await campaigns("CreateCampaign", { name, connectInstanceId, source, tags: { note: SECRET } });
  const profileOutboundRequests = [{ clientToken: SECRET, profileId }];
  await campaigns("PutProfileOutboundRequestBatch", { id, profileOutboundRequests });
  return {
    id: [id],
    name: [name],
    connectInstanceId: [connectInstanceId],
    source: [source],
    profileOutboundRequests: [[{ clientToken: "mine", profileId }]],
  };
}

async function populateParameters(url: string, name: string, as: As) {
  const Tags = [{ Key: "note", Value: SECRET }];
  await call(url, "ssm", "PutParameter", { Name: `/${name}/one`, Type: "SecureString", Value: SECRET, Tags }, as);
  return {
    Name: [`/${name}/one`],
    Names: [[`/${name}/one`]],
    Path: [`/${name}`],
    ResourceId: [`/${name}/one`],
    ResourceType: ["Parameter"],
  };
}

async function populateIntegrations(url: string, name: string, as: As) {
  const { EventIntegrationArn } = await call(
    url,
    "appintegrations",
    "CreateEventIntegration",
    {
      Name: name,
      Description: SECRET,
      EventFilter: { Source: "aws.partner/example.com/orders" },
      EventBridgeBus: "default",
      Tags: { note: SECRET },
    },
    as,
  );
  return {
    Name: [name],
    EventIntegrationName: [name],
    resourceArn: [EventIntegrationArn],
    tags: [{ note: "mine" }],
    tagKeys: [["note"]],
  };
}

async function populateSns(url: string, name: string, as: As, queueUrl: string) {
  const sns = async (operation: string, input: object): Promise<string> => {
    const { status, body } = await send(url, "sns", operation, { ...input }, as);
    if (status >= 300) throw new Error(`sns ${operation} ${JSON.stringify(input)}: ${status} ${body}`);
    return body.toString();
  };
  const created = await sns("CreateTopic", {
    Name: name,
    Attributes: { DisplayName: SECRET.slice(0, 20) },
    Tags: [{ Key: "note", Value: SECRET }],
  });
  const [, TopicArn = ""] = /<TopicArn>([^<]+)</.exec(created) ?? [];
  const Endpoint = TopicArn.replace(":sns:", ":sqs:").replace(/[^:]+$/, queueUrl.split("/").at(-1) ?? "");
  const subscribed = await sns("Subscribe", { TopicArn, Protocol: "sqs", Endpoint });
  const [, SubscriptionArn] = /<SubscriptionArn>([^<]+)</.exec(subscribed) ?? [];
  await sns("AddPermission", { TopicArn, Label: "let", AWSAccountId: ["999988887777"], ActionName: ["Publish"] });
  await sns("Publish", { TopicArn, Message: SECRET });
  return {
    Name: [name],
    TopicArn: [TopicArn],
    TargetArn: [TopicArn],
    ResourceArn: [TopicArn],
    SubscriptionArn: [SubscriptionArn],
    Protocol: ["sqs"],
    Endpoint: [Endpoint],
    Label: ["let"],
    AWSAccountId: [["111122223333"]],
    ActionName: [["Publish"]],
    AttributeName: ["DisplayName", "RawMessageDelivery"],
    AttributeValue: ["true"],
    Attributes: [{}],
    MessageStructure: [undefined],
    PublishBatchRequestEntries: [[{ Id: "one", Message: "hello" }]],
    Message: ["hello"],
    Subject: ["hello"],
    TagKeys: [["note"]],
  };
}

async function populateKinesis(url: string, name: string, as: As) {
  const kinesis = (operation: string, input: object) => call(url, "kinesis", operation, { ...input }, as);
  const stream = { StreamName: name };
  await kinesis("CreateStream", { ...stream, ShardCount: 2, Tags: { note: SECRET } });
  const { StreamDescriptionSummary: summary } = await kinesis("DescribeStreamSummary", stream);
  const { StreamARN } = summary;
  const { Consumer } = await kinesis("RegisterStreamConsumer", { StreamARN, ConsumerName: `${name}-reader` });
  const { ShardId, SequenceNumber } = await kinesis("PutRecord", {
    ...stream,
    Data: Buffer.from(SECRET),
    PartitionKey: "key",
  });
  const { ShardIterator } = await kinesis("GetShardIterator", {
    ...stream,
    ShardId,
    ShardIteratorType: "TRIM_HORIZON",
  });
  return {
    StreamName: [name],
    StreamARN: [StreamARN],
    ConsumerName: [Consumer.ConsumerName],
    ConsumerARN: [Consumer.ConsumerARN],
    ResourceARN: [StreamARN, Consumer.ConsumerARN],
    ShardId: [ShardId],
    ShardToSplit: ["shardId-000000000000"],
    ShardToMerge: ["shardId-000000000000"],
    AdjacentShardToMerge: ["shardId-000000000001"],
    NewStartingHashKey: ["1000"],
    ShardIterator: [ShardIterator],
    StartingSequenceNumber: [SequenceNumber],
    StartingPosition: [{ Type: "TRIM_HORIZON" }],
    TagKeys: [["note"]],
  };
}

async function populateSqs(url: string, name: string, as: As) {
  const sqs = (operation: string, input: object) => call(url, "sqs", operation, { ...input }, as);
  const deadLetters = await sqs("CreateQueue", { QueueName: `${name}-failed` });
  const { Attributes: found } = await sqs("GetQueueAttributes", { ...deadLetters, AttributeNames: ["QueueArn"] });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: found.QueueArn, maxReceiveCount: 5 });
  const { QueueUrl } = await sqs("CreateQueue", {
    QueueName: name,
    Attributes: { RedrivePolicy },
    tags: { note: SECRET },
  });
  for (let number = 0; number < 3; number++) await sqs("SendMessage", { QueueUrl, MessageBody: SECRET });
  const { Messages } = await sqs("ReceiveMessage", { QueueUrl });
  const [{ ReceiptHandle }] = Messages;
  return {
    QueueUrl: [QueueUrl, deadLetters.QueueUrl],
    QueueName: [name],
    QueueNamePrefix: [name],
    QueueOwnerAWSAccountId: [found.QueueArn.split(":")[4]],
    ReceiptHandle: [ReceiptHandle],
    TagKeys: [["note"]],
    Label: ["let"],
    AWSAccountIds: [["999988887777"]],
    Actions: [["SendMessage"]],
    // A long poll of an empty queue would take its time.
    WaitTimeSeconds: [0],
  };
}

async function populateLogs(url: string, name: string, as: As) {
  const logs = (operation: string, input: object) => call(url, "logs", operation, { ...input }, as);
  const logGroupName = `/${name}`;
  const logStreamName = "today";
  await logs("CreateLogGroup", { logGroupName, tags: { note: SECRET } });
  await logs("CreateLogStream", { logGroupName, logStreamName });
  await logs("PutRetentionPolicy", { logGroupName, retentionInDays: 30 });
  const { logGroups } = await logs("DescribeLogGroups", { logGroupNamePrefix: logGroupName });
  const [{ creationTime: timestamp, logGroupArn, arn }] = logGroups;
  await logs("PutLogEvents", { logGroupName, logStreamName, logEvents: [{ timestamp, message: SECRET }] });
  const metricTransformations = [{ metricName: "errors", metricNamespace: SECRET, metricValue: "1" }];
  const filter = { logGroupName, filterName: name, filterPattern: "ERROR" };
  await logs("PutMetricFilter", { ...filter, metricTransformations });
  const policyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [], Id: SECRET });
  await logs("PutResourcePolicy", { policyName: name, policyDocument });
  return {
    logGroupName: [logGroupName],
    logGroupNamePrefix: [logGroupName],
    logStreamName: [logStreamName],
    logStreamNamePrefix: [logStreamName],
    filterName: [name],
    filterNamePrefix: [name],
    filterPattern: ["ERROR", "{ $.a = 1 }", "[a, b = 2]"],
    metricTransformations: [metricTransformations],
    logGroupIdentifier: [logGroupArn, logGroupName],
    logGroupIdentifiers: [[logGroupArn]],
    resourceArn: [logGroupArn, arn],
    policyName: [name],
    tagKeys: [["note"]],
  };
}

async function populateFirehose(url: string, name: string, as: As) {
  const firehose = (operation: string, input: object) => call(url, "firehose", operation, { ...input }, as);
  const { accessKeyId = "test", region = "us-east-1" } = as;
  const stream = { DeliveryStreamName: name };
  const BucketARN = `arn:aws:s3:::${name}-${accessKeyId}-${region}`;
  const S3DestinationConfiguration = { RoleARN: "arn:aws:iam::000000000000:role/firehose", BucketARN };
  const Tags = [{ Key: "note", Value: SECRET }];
  const { DeliveryStreamARN } = await firehose("CreateDeliveryStream", { ...stream, S3DestinationConfiguration, Tags });
  await firehose("PutRecord", { ...stream, Record: { Data: Buffer.from(SECRET) } });
  return {
    DeliveryStreamName: [name],
    DeliveryStreamARN: [DeliveryStreamARN],
    DestinationId: ["destinationId-000000000001"],
    CurrentDeliveryStreamVersionId: ["1"],
    S3DestinationConfiguration: [S3DestinationConfiguration],
    S3DestinationUpdate: [{ Prefix: "x/" }],
    TagKeys: [["note"]],
  };
}

async function populateS3(url: string, name: string, as: As) {
  const s3 = async (operation: string, input: object): Promise<string> => {
    const { status, body } = await send(url, "s3", operation, { ...input }, as);
    if (status >= 300) throw new Error(`s3 ${operation} ${JSON.stringify(input)}: ${status} ${body}`);
    return body.toString();
  };
  // Names of buckets are shared by all accounts and Regions.
  const { accessKeyId = "test", region = "us-east-1" } = as;
  const Bucket = `${name}-${accessKeyId}-${region}`;
  const CreateBucketConfiguration = region === "us-east-1" ? undefined : { LocationConstraint: region };
  await s3("CreateBucket", { Bucket, CreateBucketConfiguration });
  const Body = Buffer.from(SECRET);
  await s3("PutObject", { Bucket, Key: "a/b.txt", Body, Metadata: { note: SECRET }, Tagging: `note=${SECRET}` });
  const begun = await s3("CreateMultipartUpload", { Bucket, Key: "a/b.txt", Metadata: { note: SECRET } });
  const [, UploadId] = /<UploadId>(\w+)</.exec(begun) ?? [];
  await s3("UploadPart", { Bucket, Key: "a/b.txt", UploadId, PartNumber: 1, Body });
  return {
    Bucket: [Bucket],
    Key: ["a/b.txt"],
    UploadId: [UploadId],
    PartNumber: [1],
    Prefix: ["a/"],
    CopySource: [`${Bucket}/a/b.txt`],
  };
}

async function populateConnect(url: string, name: string, as: As) {
  const connect = (operation: string, input: object) => call(url, "connect", operation, { ...input }, as);
  const created = await connect("CreateInstance", {
    IdentityManagementType: "CONNECT_MANAGED",
    InstanceAlias: name,
    InboundCallsEnabled: true,
    OutboundCallsEnabled: true,
    Tags: { note: SECRET },
  });
  const instance = { InstanceId: created.Id };
  const { HoursOfOperationSummaryList: hours } = await connect("ListHoursOfOperations", instance);
  const HoursOfOperationId = hours[0].Id;
  const queue = await connect("CreateQueue", { ...instance, Name: name, Description: SECRET, HoursOfOperationId });
  const Actions = [{ Identifier: "end", Type: "EndFlowExecution", Parameters: {}, Transitions: {} }];
  const Content = JSON.stringify({ Version: "2019-10-30", StartAction: "end", Actions, Metadata: { SECRET } });
  const flow = await connect("CreateContactFlow", { ...instance, Name: name, Type: "CONTACT_FLOW", Content });
  const { ContactFlowId } = flow;
  const Attributes = { note: SECRET };
  const phoned = await connect("StartOutboundVoiceContact", {
    ...instance,
    ContactFlowId,
    Attributes,
    DestinationPhoneNumber: "+12065550103",
    SourcePhoneNumber: "+12065550000",
  });
  const task = await connect("StartTaskContact", { ...instance, ContactFlowId, Attributes, Name: SECRET });
  const flows = await populateFlows(connect, instance, { ContactFlowId, Content, name });
  const people = await populatePeople(connect, instance, name);
  const routing = await populateRouting(connect, { ...instance, HoursOfOperationId }, queue.QueueId);
  const evaluations = await populateEvaluations(connect, { ...instance, ContactId: task.ContactId });
  const rules = await populateRules(connect, created.Id);
  return {
    ...people,
    ...routing,
    ...flows,
    ...evaluations,
    ...rules,
    InstanceId: [created.Id, created.Arn],
    InstanceAlias: [name],
    HoursOfOperationId: [HoursOfOperationId],
    QueueId: [queue.QueueId],
    ContactFlowId: [ContactFlowId],
    ContactId: [phoned.ContactId, task.ContactId],
    InitialContactId: [phoned.ContactId],
    RelatedContactId: [task.ContactId],
    PreviousContactId: [task.ContactId],
    DestinationPhoneNumber: ["+12065550102"],
    SourcePhoneNumber: ["+12065550000"],
    resourceArn: [
      created.Arn,
      queue.QueueArn,
      flow.ContactFlowArn,
      ...flows.resourceArn,
      ...people.resourceArn,
      ...routing.resourceArn,
      ...evaluations.resourceArn,
      ...rules.resourceArn,
    ],
    TagKeys: [["note"]],
    tagKeys: [["note"]],
  };
}

/** A chat whose customer is connected, has written something and is about to give it a file. */
async function populateChat(
  url: string,
  name: string,
  as: As,
  known: { readonly InstanceId: readonly string[]; readonly ContactFlowId: readonly string[] },
) {
  const connect = (operation: string, input: object) => call(url, "connect", operation, { ...input }, as);
  const participant = (operation: string, input: object) => call(url, "connectparticipant", operation, { ...input });
  const [InstanceId] = known.InstanceId;
  const { ContactFlowSummaryList: flows } = await connect("ListContactFlows", {
    InstanceId,
    ContactFlowTypes: ["CONTACT_FLOW"],
  });
  // The flow of our own ends at once; in the default one the customer waits for an agent.
  const ContactFlowId = flows.find(({ Id }: { Id: string }) => !known.ContactFlowId.includes(Id)).Id;
  const StorageConfig = { StorageType: "S3", S3Config: { BucketName: SECRET, BucketPrefix: SECRET } };
  await connect("AssociateInstanceStorageConfig", { InstanceId, ResourceType: "ATTACHMENTS", StorageConfig });
  const { ContactId, ParticipantToken } = await connect("StartChatContact", {
    InstanceId,
    ContactFlowId,
    ParticipantDetails: { DisplayName: SECRET },
    InitialMessage: { ContentType: "text/plain", Content: SECRET },
  });
  const connection = { Type: ["CONNECTION_CREDENTIALS"], ParticipantToken };
  const { ConnectionCredentials } = await participant("CreateParticipantConnection", connection);
  const { ConnectionToken } = ConnectionCredentials;
  const { Id } = await participant("SendMessage", { ConnectionToken, ContentType: "text/plain", Content: SECRET });
  const { AttachmentId } = await participant("StartAttachmentUpload", {
    ConnectionToken,
    AttachmentName: `${name}.txt`,
    ContentType: "text/plain",
    AttachmentSizeInBytes: 1,
  });
  return {
    ParticipantToken: [ParticipantToken],
    ConnectionToken: [ConnectionToken],
    ContactId: [ContactId],
    ContentType: ["text/plain", "application/vnd.amazonaws.connect.event.typing"],
    StartPosition: [{ Id }, { MostRecent: 2 }],
    AttachmentId: [AttachmentId],
    AttachmentIds: [[AttachmentId]],
    AttachmentName: [`${name}.txt`],
  };
}

async function populatePeople(
  // biome-ignore lint/suspicious/noExplicitAny: answers of any operation.
  connect: (operation: string, input: object) => Promise<any>,
  instance: { readonly InstanceId: string },
  name: string,
) {
  const Tags = { note: SECRET };
  const HierarchyStructure = { LevelOne: { Name: SECRET }, LevelTwo: { Name: SECRET } };
  await connect("UpdateUserHierarchyStructure", { ...instance, HierarchyStructure });
  const group = await connect("CreateUserHierarchyGroup", { ...instance, Name: name, Tags });
  const profile = await connect("CreateSecurityProfile", {
    ...instance,
    SecurityProfileName: name,
    Description: SECRET,
    Tags,
  });
  const Values = { StringList: [SECRET] };
  await connect("CreatePredefinedAttribute", { ...instance, Name: name, Values, Purposes: [SECRET] });
  const { RoutingProfileSummaryList: routingProfiles } = await connect("ListRoutingProfiles", instance);
  const RoutingProfileId = routingProfiles[0].Id;
  const user = await connect("CreateUser", {
    ...instance,
    Username: name.slice(0, 20),
    Password: "Nobody-else-1",
    IdentityInfo: { FirstName: SECRET, LastName: SECRET, Email: `${SECRET}@example.com` },
    SecurityProfileIds: [profile.SecurityProfileId],
    HierarchyGroupId: group.HierarchyGroupId,
    RoutingProfileId,
    Tags,
  });
  const UserProficiencies = [{ AttributeName: name, AttributeValue: SECRET, Level: 3 }];
  await connect("AssociateUserProficiencies", { ...instance, UserId: user.UserId, UserProficiencies });
  return {
    UserId: [user.UserId],
    HierarchyGroupId: [group.HierarchyGroupId],
    ParentGroupId: [group.HierarchyGroupId],
    AllowedAccessControlHierarchyGroupId: [group.HierarchyGroupId],
    SecurityProfileId: [profile.SecurityProfileId],
    SecurityProfileIds: [[profile.SecurityProfileId]],
    resourceArn: [group.HierarchyGroupArn, profile.SecurityProfileArn, user.UserArn],
  };
}

/** A module with a version and an alias, a version of the flow, a number that leads to it, and a bucket for transcripts. */
async function populateFlows(
  // biome-ignore lint/suspicious/noExplicitAny: answers of any operation.
  connect: (operation: string, input: object) => Promise<any>,
  instance: { readonly InstanceId: string },
  flow: { readonly ContactFlowId: string; readonly Content: string; readonly name: string },
) {
  const { ContactFlowId, Content, name: Name } = flow;
  const Tags = { note: SECRET };
  const created = { Name, Description: SECRET, Content, Settings: JSON.stringify({ SECRET }), Tags };
  const module = await connect("CreateContactFlowModule", { ...instance, ...created });
  const inModule = { ...instance, ContactFlowModuleId: module.Id, Description: SECRET };
  await connect("CreateContactFlowModuleVersion", inModule);
  const named = { AliasName: "live", ContactFlowModuleVersion: 1 };
  const alias = await connect("CreateContactFlowModuleAlias", { ...inModule, ...named });
  await connect("CreateContactFlowVersion", { ...instance, ContactFlowId, Description: SECRET });
  const wanted = { ...instance, PhoneNumberCountryCode: "US", PhoneNumberType: "DID", MaxResults: 1 };
  const { AvailableNumbersList: numbers } = await connect("SearchAvailablePhoneNumbers", wanted);
  const PhoneNumber = numbers[0].PhoneNumber;
  const claimed = { ...instance, PhoneNumber, PhoneNumberDescription: SECRET, Tags };
  const { PhoneNumberId, PhoneNumberArn } = await connect("ClaimPhoneNumber", claimed);
  await connect("AssociatePhoneNumberContactFlow", { ...instance, PhoneNumberId, ContactFlowId });
  const StorageConfig = { StorageType: "S3", S3Config: { BucketName: SECRET, BucketPrefix: SECRET } };
  const storage = { ...instance, ResourceType: "CHAT_TRANSCRIPTS", StorageConfig };
  const { AssociationId } = await connect("AssociateInstanceStorageConfig", storage);
  return {
    ContactFlowModuleId: [module.Id, module.Arn],
    ContactFlowModuleVersion: [1],
    ContactFlowVersion: [1],
    AliasId: [alias.Id],
    PhoneNumberId: [PhoneNumberId, PhoneNumberArn],
    PhoneNumber: [PhoneNumber],
    AssociationId: [AssociationId],
    resourceArn: [module.Arn, PhoneNumberArn],
  };
}

async function populateRouting(
  // biome-ignore lint/suspicious/noExplicitAny: answers of any operation.
  connect: (operation: string, input: object) => Promise<any>,
  hours: { readonly InstanceId: string; readonly HoursOfOperationId: string },
  QueueId: string,
) {
  const { InstanceId, HoursOfOperationId } = hours;
  const described = { InstanceId, Name: SECRET, Description: SECRET };
  const Tags = { note: SECRET };
  const EffectiveFrom = "2026-12-24";
  const override = await connect("CreateHoursOfOperationOverride", {
    ...described,
    HoursOfOperationId,
    EffectiveFrom,
    EffectiveTill: EffectiveFrom,
    Config: [],
  });
  const { ContactFlowSummaryList: flows } = await connect("ListContactFlows", {
    InstanceId,
    ContactFlowTypes: ["QUEUE_TRANSFER"],
  });
  const QueueConfig = { QueueId, ContactFlowId: flows[0].Id };
  const QuickConnectConfig = { QuickConnectType: "QUEUE", QueueConfig };
  const quickConnect = await connect("CreateQuickConnect", { ...described, QuickConnectConfig, Tags });
  const { QuickConnectId } = quickConnect;
  await connect("AssociateQueueQuickConnects", { InstanceId, QueueId, QuickConnectIds: [QuickConnectId] });
  const address = { InstanceId, EmailAddress: `${SECRET}@example.com`, DisplayName: SECRET, Description: SECRET, Tags };
  const { EmailAddressId, EmailAddressArn } = await connect("CreateEmailAddress", address);
  const EmailAddressesConfig = [{ EmailAddressId }];
  await connect("AssociateQueueEmailAddresses", { InstanceId, QueueId, EmailAddressesConfig });
  const QueueReference = { QueueId, Channel: "VOICE" };
  const MediaConcurrencies = [{ Channel: "VOICE", Concurrency: 1 }];
  const QueueConfigs = [{ QueueReference, Priority: 1, Delay: 0 }];
  const profile = await connect("CreateRoutingProfile", {
    ...described,
    DefaultOutboundQueueId: QueueId,
    MediaConcurrencies,
    QueueConfigs,
    Tags,
  });
  const status = await connect("CreateAgentStatus", { ...described, State: "ENABLED", Tags });
  const integration = await connect("CreateIntegrationAssociation", {
    InstanceId,
    IntegrationType: "APPLICATION",
    IntegrationArn: `arn:aws:app-integrations:us-east-1:000000000000:application/${SECRET}`,
    Tags,
  });
  const { IntegrationAssociationId } = integration;
  const UseCaseType = "CONNECT_CAMPAIGNS";
  const useCase = await connect("CreateUseCase", { InstanceId, IntegrationAssociationId, UseCaseType, Tags });
  return {
    HoursOfOperationOverrideId: [override.HoursOfOperationOverrideId],
    ParentHoursOfOperationConfigs: [[{ HoursOfOperationId }]],
    ParentHoursOfOperationIds: [[HoursOfOperationId]],
    EffectiveFrom: [EffectiveFrom],
    EffectiveTill: [EffectiveFrom],
    FromDate: [EffectiveFrom],
    ToDate: [EffectiveFrom],
    QuickConnectId: [QuickConnectId],
    QuickConnectIds: [[QuickConnectId]],
    QuickConnectConfig: [QuickConnectConfig],
    RoutingProfileId: [profile.RoutingProfileId],
    DefaultOutboundQueueId: [QueueId],
    MediaConcurrencies: [MediaConcurrencies],
    QueueConfigs: [QueueConfigs],
    QueueReferences: [[QueueReference]],
    EmailAddressId: [EmailAddressId],
    EmailAddressesId: [[EmailAddressId]],
    EmailAddressesConfig: [EmailAddressesConfig],
    OutboundEmailConfig: [{ OutboundEmailAddressId: EmailAddressId }],
    AgentStatusId: [status.AgentStatusId],
    IntegrationAssociationId: [IntegrationAssociationId],
    UseCaseId: [useCase.UseCaseId],
    resourceArn: [
      quickConnect.QuickConnectARN,
      profile.RoutingProfileArn,
      status.AgentStatusARN,
      EmailAddressArn,
      integration.IntegrationAssociationArn,
      useCase.UseCaseArn,
    ],
  };
}

async function populateEvaluations(
  // biome-ignore lint/suspicious/noExplicitAny: answers of any operation.
  connect: (operation: string, input: object) => Promise<any>,
  contact: { readonly InstanceId: string; readonly ContactId: string },
) {
  const { InstanceId } = contact;
  const Question = { RefId: "said", Title: SECRET, QuestionType: "TEXT" };
  const Items = [{ Section: { RefId: "section", Title: SECRET, Items: [{ Question }] } }];
  const Tags = { note: SECRET };
  const form = await connect("CreateEvaluationForm", { InstanceId, Title: SECRET, Items, Tags });
  const { EvaluationFormId } = form;
  await connect("ActivateEvaluationForm", { InstanceId, EvaluationFormId, EvaluationFormVersion: 1 });
  const evaluation = await connect("StartContactEvaluation", { ...contact, EvaluationFormId, Tags });
  const { EvaluationId } = evaluation;
  const Answers = { said: { Value: { StringValue: SECRET } } };
  await connect("UpdateContactEvaluation", { InstanceId, EvaluationId, Answers, Notes: { said: { Value: SECRET } } });
  return {
    EvaluationFormId: [EvaluationFormId],
    EvaluationFormVersion: [1],
    EvaluationId: [EvaluationId],
    resourceArn: [form.EvaluationFormArn, evaluation.EvaluationArn],
  };
}

async function populateRules(
  // biome-ignore lint/suspicious/noExplicitAny: answers of any operation.
  connect: (operation: string, input: object) => Promise<any>,
  InstanceId: string,
) {
  const condition = {
    Operator: "CONTAINS_ANY",
    Operands: [SECRET],
    ComparisonValue: "$.ContactLens.PostCall.ExactMatch.Transcript",
  };
  const RuleFunction = { Operator: "AND", Operands: [condition] };
  const { RuleId, RuleArn } = await connect("CreateRule", {
    InstanceId,
    Name: SECRET,
    TriggerEventSource: { EventSourceName: "OnPostCallAnalysisAvailable" },
    Function: JSON.stringify({ Version: "2022-11-25", RuleFunction }),
    Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} }],
    PublishStatus: "PUBLISHED",
    Tags: { note: SECRET },
  });
  return { RuleId: [RuleId, RuleArn], resourceArn: [RuleArn] };
}

async function populateEvents(url: string, name: string, as: As) {
  const events = (operation: string, input: object) => call(url, "events", operation, { ...input }, as);
  const { EventBusArn } = await events("CreateEventBus", { Name: name, Description: SECRET });
  const EventPattern = JSON.stringify({ source: ["shop"] });
  const rule = { Name: name, EventBusName: name, Description: SECRET, EventPattern };
  const { RuleArn } = await events("PutRule", rule);
  const queueArn = EventBusArn.replace(":events:", ":sqs:").replace("event-bus/", "");
  await events("PutTargets", { Rule: name, EventBusName: name, Targets: [{ Id: "queue", Arn: queueArn }] });
  await events("PutPermission", {
    EventBusName: name,
    Action: "events:PutEvents",
    Principal: "999988887777",
    StatementId: "partner",
  });
  const source = `aws.partner/example.com/${name}`;
  await events("CreatePartnerEventSource", { Name: source, Account: EventBusArn.split(":")[4] });
  const archive = { ArchiveName: name, EventSourceArn: EventBusArn, Description: SECRET };
  const { ArchiveArn } = await events("CreateArchive", archive);
  const EventEndTime = 1_800_000_000;
  await events("StartReplay", {
    ReplayName: name,
    EventSourceArn: ArchiveArn,
    Description: SECRET,
    EventStartTime: 0,
    EventEndTime,
    Destination: { Arn: EventBusArn },
  });
  const AuthParameters = { ApiKeyAuthParameters: { ApiKeyName: "x-key", ApiKeyValue: SECRET } };
  const { ConnectionArn } = await events("CreateConnection", {
    Name: name,
    Description: SECRET,
    AuthorizationType: "API_KEY",
    AuthParameters,
  });
  await events("CreateApiDestination", {
    Name: name,
    Description: SECRET,
    ConnectionArn,
    InvocationEndpoint: "https://example.com",
    HttpMethod: "POST",
  });
  return {
    ConnectionArn: [ConnectionArn],
    AuthParameters: [AuthParameters],
    AuthorizationType: ["API_KEY"],
    InvocationEndpoint: ["https://example.com"],
    Name: [name, source],
    EventSourceName: [source],
    ArchiveName: [name],
    EventSourceArn: [EventBusArn, ArchiveArn],
    ReplayName: [name],
    EventEndTime: [EventEndTime],
    Destination: [{ Arn: EventBusArn }],
    ScheduleExpression: ["rate(5 minutes)", "cron(0 12 * * ? *)"],
    NamePrefix: [name],
    Rule: [name],
    EventBusName: [name, EventBusArn],
    TargetArn: [queueArn],
    ResourceARN: [RuleArn, EventBusArn],
    EventPattern: [EventPattern],
    StatementId: ["partner"],
    Ids: [["queue"]],
    TagKeys: [["note"]],
  };
}
