import type { Role } from "./identity.ts";
import type { NewSession } from "./keys.ts";

/** A session as a role that nothing else is said of. */
export function roleSession({ account, name, id }: Role, sessionName: string): NewSession {
  return {
    account,
    principalArn: `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`,
    of: "role",
    name,
    identityId: id,
    userId: `${id}:${sessionName}`,
    tags: [],
    transitiveTagKeys: [],
  };
}
