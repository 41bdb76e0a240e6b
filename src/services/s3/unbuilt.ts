import { invalidArgument, notImplemented } from "./errors.ts";

/** Members that ask for what is not built, with the values that ask for nothing beyond what there is. */
const UNBUILT: Readonly<Record<string, readonly unknown[]>> = {
  ACL: ["private", "bucket-owner-full-control"],
  GrantFullControl: [],
  GrantRead: [],
  GrantReadACP: [],
  GrantWrite: [],
  GrantWriteACP: [],
  ObjectOwnership: ["BucketOwnerEnforced"],
  ObjectLockEnabledForBucket: [false],
  BucketNamespace: ["global"],
  ObjectLockMode: [],
  ObjectLockRetainUntilDate: [],
  ObjectLockLegalHoldStatus: [],
  ObjectLockEventHold: [],
  ObjectLockEventHoldDurationDays: [],
  ObjectLockEventHoldDurationYears: [],
  BypassGovernanceRetention: [false],
  MFA: [],
  ServerSideEncryption: ["AES256"],
  SSEKMSKeyId: [],
  SSEKMSEncryptionContext: [],
  BucketKeyEnabled: [false],
  SSECustomerAlgorithm: [],
  SSECustomerKey: [],
  SSECustomerKeyMD5: [],
  CopySourceSSECustomerAlgorithm: [],
  CopySourceSSECustomerKey: [],
  CopySourceSSECustomerKeyMD5: [],
  StorageClass: [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    // Its objects are read as all others are, unlike those of the other archives.
    "GLACIER_IR",
  ],
  ChecksumAlgorithm: ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5"],
  ChecksumXXHASH64: [],
  ChecksumXXHASH3: [],
  ChecksumXXHASH128: [],
  WriteOffsetBytes: [],
  IfMatchInitiatedTime: [],
  IfMatchLastModifiedTime: [],
  IfMatchSize: [],
  AnnotationDirective: [],
  OptionalObjectAttributes: [],
};

/** Throws `NotImplemented` for input that asks for what is not built, and `InvalidArgument` for a version, of which there is but one. */
export function refuseUnbuilt(input: object): void {
  const members = input as Readonly<Record<string, unknown>>;
  for (const [name, harmless] of Object.entries(UNBUILT)) {
    const value = members[name];
    if (value !== undefined && !harmless.includes(value)) {
      throw notImplemented(typeof value === "string" && harmless.length > 0 ? `${name} ${value}` : name);
    }
  }
  const version = members.VersionId;
  if (version !== undefined && version !== "null") {
    throw invalidArgument("Invalid version id specified", "versionId", version);
  }
}
