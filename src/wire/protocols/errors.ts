/** Errors as every protocol needs them: code, status, members. Knows no envelope. */
import { catalogEntry, type Dialect, type ProblemKind } from "../../models/catalog.ts";
import type { OperationModel, ServiceModel, StructureShape } from "../../models/model.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import { Refusal } from "../refusal.ts";

/** An error that is ready for an envelope. */
export interface WireError {
  /** The exception's name. */
  readonly name: string;
  /** The code of query and XML envelopes, where it is another. */
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly members: Readonly<Record<string, unknown>>;
  /** The exception's shape, if the model has it. */
  readonly shape: StructureShape | undefined;
}

/** What a service says of bad input, with the code that the operation models. */
export function inputError(
  dialect: Dialect,
  operation: OperationModel,
  kind: ProblemKind,
  message: string,
): ModeledError {
  const codes = dialect.codes[kind];
  return new ModeledError(codes.find((code) => operation.errors?.includes(code)) ?? String(codes[0]), message);
}

/** The wire's view of any error. What is not the caller's fault says nothing about itself, but that the disk is full: whoever reads that can mend it. */
export function wireError(model: ServiceModel | undefined, error: unknown): WireError {
  if (!(error instanceof ModeledError)) return internalError(model, isDiskFull(error));
  const shape = model?.shapes[error.code];
  const exception = shape?.type === "structure" ? shape.exception : undefined;
  const status = error instanceof Refusal ? error.status : (exception?.status ?? statusOf(model, error.code));
  return {
    name: error.code,
    code: exception?.code ?? error.code,
    status,
    message: error.message,
    members: error.members,
    shape: exception && (shape as StructureShape),
  };
}

const SQLITE_FULL = 13;

/** Whether that is at the bottom of an error. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode, cause } = error as NodeJS.ErrnoException & { readonly errcode?: number };
  return code === "ENOSPC" || code === "EDQUOT" || errcode === SQLITE_FULL || isDiskFull(cause);
}

function internalError(model: ServiceModel | undefined, isFull: boolean): WireError {
  const name = model === undefined ? "InternalFailure" : catalogEntry(model.name).dialect.internalError;
  const shape = model?.shapes[name];
  return {
    name,
    code: name,
    status: 500,
    message: isFull
      ? "The server's disk is full: nothing of this request was kept. It is taken again once there is room."
      : "The request processing has failed because of an unknown error, exception or failure.",
    members: {},
    shape: shape?.type === "structure" ? shape : undefined,
  };
}

/** The status of an error that no model has. JSON-RPC services answer all that is the caller's fault with 400. */
function statusOf(model: ServiceModel | undefined, code: string): number {
  const status = commonStatus[code] ?? 400;
  return model?.protocol === "json" && status < 500 ? 400 : status;
}

/** Statuses other than 400 of errors that belong to no model. https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
const commonStatus: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AccessDeniedException: 403,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  InternalFailure: 500,
  InvalidPartNumber: 416,
  InvalidRange: 416,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchUpload: 404,
  NoSuchWebsiteConfiguration: 404,
  NotModified: 304,
  NotImplemented: 501,
  NotImplementedException: 501,
  ObjectLockConfigurationNotFoundError: 404,
  OwnershipControlsNotFoundError: 404,
  PreconditionFailed: 412,
  ReplicationConfigurationNotFoundError: 404,
  ServerSideEncryptionConfigurationNotFoundError: 404,
  ServiceUnavailable: 503,
  SlowDown: 503,
  TooManyRequestsException: 429,
};

/** Members of an error's body: those of its shape that the handler gave, and its text where the shape (or the service) has it. */
export function errorMembers(error: WireError, dialect: Dialect | undefined): Record<string, unknown> {
  const members: Record<string, unknown> = { ...error.members };
  const textMember = messageMember(error.shape, dialect);
  if (textMember !== undefined && error.message !== "") members[textMember] ??= error.message;
  return members;
}

/** An exception whose shape has members but none for a text (`InvalidContactFlowException`) has no text. */
function messageMember(shape: StructureShape | undefined, dialect: Dialect | undefined): string | undefined {
  const fallback = dialect?.messageMember ?? "message";
  const names = Object.keys(shape?.members ?? {});
  return names.length === 0 ? fallback : names.find((name) => name === "message" || name === "Message");
}

/** Whose fault an error is, in the words of the query protocol. */
export function fault(error: WireError): "Sender" | "Receiver" {
  return error.status < 500 ? "Sender" : "Receiver";
}
