/** Calls that Terraform's AWS provider makes of itself: reads of what nobody configured, and what it compares with its plan. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateUserCommand,
  DeleteLoginProfileCommand,
  GetLoginProfileCommand,
  IAMClient,
  ListMFADevicesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListVirtualMFADevicesCommand,
} from "@aws-sdk/client-iam";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

test("a user has no password, no device and no certificate, and says so", async () => {
  const iam = new IAMClient(server.client);
  await iam.send(new CreateUserCommand({ UserName: "ann" }));
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
