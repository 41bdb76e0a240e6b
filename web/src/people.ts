/** Names of users, for the ids and ARNs that the APIs tell. */
import { signal } from "@preact/signals";
import { call } from "./server.ts";

/** By instance and user. An empty name: they are not there any more. */
const names = signal<ReadonlyMap<string, string>>(new Map());
const asked = new Set<string>();

export interface UserPlace {
  readonly instanceId: string;
  readonly userId: string;
}

/** Where a user's ARN points to: `arn:aws:connect:REGION:ACCOUNT:instance/ID/agent/ID`. */
export function parseUserArn(arn: string): UserPlace | undefined {
  const [, instanceId, userId] =
    /^arn:[^:]+:connect:[^:]*:[^:]*:instance\/([^/]+)\/(?:agent|user)\/([^/]+)$/.exec(arn) ?? [];
  return instanceId && userId ? { instanceId, userId } : undefined;
}

/** A user's name as soon as it is known; whoever reads it is shown anew then. */
export function nameOfUser({ instanceId, userId }: UserPlace): string | undefined {
  const key = `${instanceId}/${userId}`;
  const known = names.value.get(key);
  if (known === undefined && !asked.has(key)) {
    asked.add(key);
    void askFor({ instanceId, userId }, key);
  }
  return known || undefined;
}

async function askFor({ instanceId, userId }: UserPlace, key: string): Promise<void> {
  const input = { InstanceId: instanceId, UserId: userId };
  const name = await call<{ User?: { Username?: string } }>("connect", "DescribeUser", input).then(
    ({ User }) => User?.Username ?? "",
    // Who may not look, or looks for somebody who is gone, sees the id.
    () => "",
  );
  names.value = new Map([...names.value, [key, name]]);
}
