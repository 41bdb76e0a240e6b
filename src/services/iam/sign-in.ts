/**
 * What users have beside access keys: passwords, MFA devices, certificates, SSH keys. Nobody has any here, since nobody signs in to a
 * console or a repository with them; tools that delete a user ask for each all the same.
 */
import type {
  DeleteLoginProfileRequest,
  GetLoginProfileRequest,
  GetLoginProfileResponse,
  ListMFADevicesRequest,
  ListMFADevicesResponse,
  ListServiceSpecificCredentialsRequest,
  ListServiceSpecificCredentialsResponse,
  ListSigningCertificatesRequest,
  ListSigningCertificatesResponse,
  ListSSHPublicKeysRequest,
  ListSSHPublicKeysResponse,
  ListVirtualMFADevicesResponse,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { userNameOf } from "./access-keys.ts";
import { noSuchEntity } from "./errors.ts";
import { getIdentity } from "./identity.ts";

type OfUser = { readonly UserName?: string | undefined };

/** Throws `NoSuchEntityException` where there is no such user. */
async function requireUser(input: OfUser, context: Context): Promise<string> {
  return (await getIdentity(context.store, "user", context, await userNameOf(input, context))).name;
}

async function noLoginProfile(input: OfUser, context: Context): Promise<never> {
  throw noSuchEntity(`Login Profile for User ${await requireUser(input, context)} cannot be found.`);
}

export async function getLoginProfile(
  input: Validated<GetLoginProfileRequest>,
  context: Context,
): Promise<GetLoginProfileResponse> {
  return noLoginProfile(input, context);
}

export async function deleteLoginProfile(input: Validated<DeleteLoginProfileRequest>, context: Context): Promise<void> {
  return noLoginProfile(input, context);
}

export async function listMfaDevices(
  input: Validated<ListMFADevicesRequest>,
  context: Context,
): Promise<ListMFADevicesResponse> {
  await requireUser(input, context);
  return { MFADevices: [], IsTruncated: false };
}

export async function listSshPublicKeys(
  input: Validated<ListSSHPublicKeysRequest>,
  context: Context,
): Promise<ListSSHPublicKeysResponse> {
  await requireUser(input, context);
  return { SSHPublicKeys: [], IsTruncated: false };
}

export async function listSigningCertificates(
  input: Validated<ListSigningCertificatesRequest>,
  context: Context,
): Promise<ListSigningCertificatesResponse> {
  await requireUser(input, context);
  return { Certificates: [], IsTruncated: false };
}

export async function listServiceSpecificCredentials(
  input: Validated<ListServiceSpecificCredentialsRequest>,
  context: Context,
): Promise<ListServiceSpecificCredentialsResponse> {
  // All users' at once, where the caller asks for that.
  if (input.AllUsers !== true) await requireUser(input, context);
  return { ServiceSpecificCredentials: [], IsTruncated: false };
}

export async function listVirtualMfaDevices(): Promise<ListVirtualMFADevicesResponse> {
  return { VirtualMFADevices: [], IsTruncated: false };
}
