/** Calls that Terraform's AWS provider makes of itself: reads of what nobody configured, and what it compares with its plan. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { APIGatewayClient, CreateDocumentationPartCommand, CreateRestApiCommand } from "@aws-sdk/client-api-gateway";
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  ConnectClient,
  CreateInstanceCommand,
  CreateUserCommand,
  DescribeUserCommand,
  ListRoutingProfilesCommand,
  ListSecurityProfilesCommand,
} from "@aws-sdk/client-connect";
import {
  CreateUserCommand as CreateIamUserCommand,
  DeleteLoginProfileCommand,
  GetLoginProfileCommand,
  IAMClient,
  ListMFADevicesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListVirtualMFADevicesCommand,
} from "@aws-sdk/client-iam";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

test("a user has no password, no device and no certificate, and says so", async () => {
  const iam = new IAMClient(server.client);
  await iam.send(new CreateIamUserCommand({ UserName: "ann" }));
  const ann = { UserName: "ann" };
  const missing = { name: "NoSuchEntityException", message: "Login Profile for User ann cannot be found." };
  await assert.rejects(iam.send(new GetLoginProfileCommand(ann)), missing);
  await assert.rejects(iam.send(new DeleteLoginProfileCommand(ann)), missing);
  assert.deepEqual((await iam.send(new ListMFADevicesCommand(ann))).MFADevices, []);
  assert.deepEqual((await iam.send(new ListSSHPublicKeysCommand(ann))).SSHPublicKeys, []);
  assert.deepEqual((await iam.send(new ListSigningCertificatesCommand(ann))).Certificates, []);
  const specific = await iam.send(new ListServiceSpecificCredentialsCommand(ann));
  assert.deepEqual(specific.ServiceSpecificCredentials, []);
  assert.deepEqual((await iam.send(new ListVirtualMFADevicesCommand({}))).VirtualMFADevices, []);
  const nobody = { UserName: "bob" };
  await assert.rejects(iam.send(new ListMFADevicesCommand(nobody)), { name: "NoSuchEntityException" });
  await assert.rejects(iam.send(new GetLoginProfileCommand(nobody)), {
    message: "The user with name bob cannot be found.",
  });
});

test("a copy's source may be percent-encoded as a whole", async () => {
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "copies" }));
  await s3.send(new PutObjectCommand({ Bucket: "copies", Key: "calls/one two.json", Body: "{}" }));
  for (const CopySource of ["copies%2Fcalls%2Fone%20two.json", "copies/calls%2fone%20two.json"]) {
    await s3.send(new CopyObjectCommand({ Bucket: "copies", Key: "copy.json", CopySource }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "copies", Key: "copy.json" }));
    assert.equal(await Body?.transformToString(), "{}");
    await s3.send(new DeleteObjectCommand({ Bucket: "copies", Key: "copy.json" }));
  }
  const nowhere = new CopyObjectCommand({ Bucket: "copies", Key: "copy.json", CopySource: "%2Fcopies" });
  await assert.rejects(s3.send(nowhere), { name: "InvalidArgument" });
});

test("a stack tells within what time it was to be made", async () => {
  const cloudformation = new CloudFormationClient(server.client);
  const TemplateBody = '{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}';
  await cloudformation.send(new CreateStackCommand({ StackName: "timed", TemplateBody, TimeoutInMinutes: 5 }));
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: "timed" }));
  assert.equal(Stacks?.[0]?.TimeoutInMinutes, 5);
});

test("a user of an instance that manages its users needs names, but no e-mail address", async () => {
  const connect = new ConnectClient(server.client);
  const { Id: InstanceId = "" } = await connect.send(
    new CreateInstanceCommand({
      InstanceAlias: "centre",
      IdentityManagementType: "CONNECT_MANAGED",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  const { SecurityProfileSummaryList } = await connect.send(new ListSecurityProfilesCommand({ InstanceId }));
  const { RoutingProfileSummaryList } = await connect.send(new ListRoutingProfilesCommand({ InstanceId }));
  const user = {
    InstanceId,
    Username: "anna",
    Password: "Password123",
    PhoneConfig: { PhoneType: "SOFT_PHONE" as const },
    SecurityProfileIds: [SecurityProfileSummaryList?.[0]?.Id ?? ""],
    RoutingProfileId: RoutingProfileSummaryList?.[0]?.Id,
  };
  await assert.rejects(connect.send(new CreateUserCommand(user)), { message: "FirstName and LastName are required" });
  const IdentityInfo = { FirstName: "Anna", LastName: "Archer" };
  const { UserId } = await connect.send(new CreateUserCommand({ ...user, IdentityInfo }));
  const { User } = await connect.send(new DescribeUserCommand({ InstanceId, UserId }));
  assert.deepEqual(User?.IdentityInfo, IdentityInfo);
});

test("members of a documentation part's location that are empty are not there", async () => {
  const gateway = new APIGatewayClient(server.client);
  const { id: restApiId } = await gateway.send(new CreateRestApiCommand({ name: "documented" }));
  const part = { restApiId, properties: '{"description":"all"}' };
  const nowhere = { path: "", method: "", statusCode: "", name: "" };
  const ofApi = new CreateDocumentationPartCommand({ ...part, location: { ...nowhere, type: "API" } });
  assert.deepEqual((await gateway.send(ofApi)).location, { type: "API" });
  const ofModel = { ...part, location: { ...nowhere, type: "MODEL" as const } };
  await assert.rejects(gateway.send(new CreateDocumentationPartCommand(ofModel)), {
    message: "Invalid location specified: name is required for type MODEL",
  });
});
