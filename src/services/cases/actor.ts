import type { UserUnion } from "@aws-sdk/client-connectcases";

/** Who did something, as audit and events tell it. */
export interface Actor {
  /** Whom the call named. */
  readonly user?: UserUnion | undefined;
  /** The caller's ARN, or that of the role of a service. */
  readonly principalArn: string;
}

/** What the system's user fields have of them. */
export function actorName({ user, principalArn }: Actor): string {
  if (user?.userArn !== undefined) return user.userArn;
  return user?.customEntity ?? principalArn;
}
