import type { Checksum, ChecksumAlgorithm } from "../../models/checksum.ts";
import type { ObjectChecksum } from "./object.ts";

/** What S3 sums by itself where the client has not chosen: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
export const DEFAULT_ALGORITHM: ChecksumAlgorithm = "CRC64NVME";

export type ChecksumMembers = Readonly<Partial<Record<`Checksum${ChecksumAlgorithm}`, string>>>;

/** A checksum as the member that requests and answers have for it: `{ ChecksumCRC32: "…" }`. */
export function checksumMember({ algorithm, value }: Checksum): ChecksumMembers {
  return { [`Checksum${algorithm}`]: value };
}

export function checksumMembers(checksum: ObjectChecksum): ChecksumMembers & { ChecksumType: ObjectChecksum["type"] } {
  return { ...checksumMember(checksum), ChecksumType: checksum.type };
}

/** The checksum of this kind that a request or one of its parts names. */
export function findChecksum(members: object, algorithm: ChecksumAlgorithm): string | undefined {
  return (members as ChecksumMembers)[`Checksum${algorithm}`];
}
