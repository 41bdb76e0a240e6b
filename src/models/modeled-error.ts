/**
 * An error that the caller caused and that the service's API model names: the wire layer finds its status in the model.
 *
 * `message` is the real service's text. `members` are further members of the error's shape (`ResourceType`, `PropertyList`, …).
 */
export class ModeledError extends Error {
  readonly code: string;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "ModeledError";
    this.code = code;
    this.members = members;
  }
}
