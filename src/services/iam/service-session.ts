import { policyAllows } from "../policy/index.ts";
import type { Platform } from "../service.ts";
import { accessDenied } from "./errors.ts";
import { findRoleByArn, type Role } from "./identity.ts";
import { beginSession } from "./keys.ts";
import { roleSession } from "./role-session.ts";

/** A service that acts as a role. */
export interface ServiceSession {
  readonly roleArn: string;
  /** `lambda.amazonaws.com`: the role's trust policy must name it. */
  readonly service: string;
  /** Names the session in the principal's ARN: the function's name. */
  readonly sessionName: string;
  /** How long the keys are good for, in seconds. Absent: an hour. */
  readonly durationSeconds?: number;
  /** On whose behalf: what trust policies may ask for as `aws:SourceArn`. */
  readonly sourceArn?: string;
}

export interface TemporaryKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
  /** Whom they act as: `arn:aws:sts::…:assumed-role/ROLE/NAME`. */
  readonly principalArn: string;
}

const SESSION_SECONDS = 3600;
const SESSION_NAME_CHARACTERS_MAX = 64;

/**
 * Keys by which a service comes through the front door as a role. They are durable by the time they are answered.
 *
 * Throws `ModeledError` AccessDenied where there is no such role, or it does not trust the service.
 */
export async function assumeRoleAsService(platform: Platform, session: ServiceSession): Promise<TemporaryKeys> {
  const role = await findRoleByArn(platform.store, session.roleArn);
  if (role === undefined || !trustsService(role, session)) {
    throw accessDenied(`The role ${session.roleArn} cannot be assumed by ${session.service}.`);
  }
  const name = session.sessionName.replaceAll(/[^\w+=,.@-]/g, "-").slice(0, SESSION_NAME_CHARACTERS_MAX);
  const begun = await beginSession(platform, roleSession(role, name), session.durationSeconds ?? SESSION_SECONDS);
  const { accessKeyId, secretAccessKey, sessionToken, principalArn, expiresMs } = begun;
  return { accessKeyId, secretAccessKey, sessionToken, principalArn, expiresAtMs: expiresMs };
}

function trustsService({ account, trustPolicy }: Role, { service, sourceArn, roleArn }: ServiceSession): boolean {
  return policyAllows(trustPolicy, {
    principal: { account: "", arn: service },
    action: "sts:AssumeRole",
    resourceArn: roleArn,
    conditions: {
      "aws:SourceAccount": [sourceArn?.split(":")[4] || account],
      ...(sourceArn !== undefined && { "aws:SourceArn": [sourceArn] }),
      "aws:PrincipalIsAWSService": ["true"],
      "aws:PrincipalServiceName": [service],
    },
  });
}
