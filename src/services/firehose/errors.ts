import { ModeledError } from "../../models/modeled-error.ts";

export function invalidArgument(message: string): ModeledError {
  return new ModeledError("InvalidArgumentException", message);
}
