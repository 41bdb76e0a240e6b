/** Managed policies, and what they are attached to. */
import type { Tag } from "@aws-sdk/client-iam";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { IdentityKind } from "./identity.ts";

export interface ManagedPolicy {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly description?: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** At most five; in the order in which they were created. */
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersion: string;
  /** The number of the version that comes next: numbers are not used again. */
  readonly nextVersion: number;
  readonly tags: readonly Tag[];
}

export interface PolicyVersion {
  /** `v1` */
  readonly id: string;
  readonly document: string;
  readonly createdMs: number;
}

export const POLICIES: Collection<ManagedPolicy> = collection("iam_policies");

export function policyKey(account: string, name: string): string {
  return compositeKey(account, name.toLowerCase());
}

/** The document that counts. */
export function defaultDocument({ versions, defaultVersion }: ManagedPolicy): string {
  return versions.find(({ id }) => id === defaultVersion)?.document ?? "";
}

/** One managed policy on one identity. */
export interface Attachment {
  readonly account: string;
  readonly kind: IdentityKind;
  readonly name: string;
  readonly policyArn: string;
  readonly usage: "PermissionsPolicy" | "PermissionsBoundary";
}

/** In the order of the identities, and of their policies' ARNs. */
export const ATTACHMENTS: Collection<Attachment> = collection<Attachment>("iam_attachments", {
  policy: {
    type: "text",
    value: ({ account, policyArn, kind, name, usage }) =>
      compositeKey(account, policyArn, kind, name.toLowerCase(), usage),
  },
});

export function attachmentKey({ account, kind, name, policyArn, usage }: Attachment): string {
  return compositeKey(account, kind, name.toLowerCase(), usage, policyArn);
}

/** Bounded by the quotas of policies per identity. */
const ATTACHMENTS_READ = 100;

/** The managed policies of an identity, without its boundary. */
export async function attachmentsOf(
  reader: Reader,
  kind: IdentityKind,
  { account, name }: { readonly account: string; readonly name: string },
): Promise<readonly Attachment[]> {
  const prefix = compositeKey(account, kind, name.toLowerCase(), "PermissionsPolicy", "");
  return (await reader.list(ATTACHMENTS, { prefix, limit: ATTACHMENTS_READ })).documents;
}

const USES_READ = 1000;

/** What a managed policy is attached to in an account, and what it bounds: in the order of kinds and names. */
export async function usesOf(reader: Reader, account: string, policyArn: string): Promise<readonly Attachment[]> {
  const range = { index: "policy", prefix: compositeKey(account, policyArn, ""), limit: USES_READ };
  const uses: Attachment[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(ATTACHMENTS, { ...range, after });
    uses.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return uses;
}
