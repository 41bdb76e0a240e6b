import { ModeledError } from "../../models/modeled-error.ts";
import type { Platform } from "../service.ts";

/** A service that acts as a role. */
export interface ServiceSession {
  readonly roleArn: string;
  /** `lambda.amazonaws.com`: the role's trust policy must name it. */
  readonly service: string;
  /** Names the session in the principal's ARN: the function's name. */
  readonly sessionName: string;
  /** How long the keys are good for, in seconds. Absent: an hour. */
  readonly durationSeconds?: number;
}

export interface TemporaryKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

/**
 * Keys by which a service comes through the front door as a role. They are durable by the time they are answered.
 *
 * Throws `ModeledError` AccessDenied where there is no such role, or it does not trust the service.
 */
export async function assumeRoleAsService(_platform: Platform, { roleArn }: ServiceSession): Promise<TemporaryKeys> {
  throw new ModeledError("AccessDenied", `The role ${roleArn} cannot be assumed.`);
}
