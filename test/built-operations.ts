import { catalogEntry, loadModel } from "../src/models/catalog.ts";
import type { OperationModel, ServiceModel } from "../src/models/model.ts";
import { services } from "../src/services/index.ts";

/** An operation that has a handler. */
export interface BuiltOperation {
  readonly model: ServiceModel;
  readonly operation: string;
  readonly definition: OperationModel;
}

/** Every operation that is built, in the order of the services. */
export const builtOperations: readonly BuiltOperation[] = services.flatMap((service) =>
  Object.entries(service.operations).flatMap(([name, handlers]) => {
    const model = loadModel(name);
    return Object.keys(handlers).map((operation) => ({
      model,
      operation,
      definition: model.operations[operation] as OperationModel,
    }));
  }),
);

/** The codes of errors that an operation may answer to a bad request: those that it models, and those of its service's framework. */
export function errorCodes(model: ServiceModel, operation: string): ReadonlySet<string> {
  const modelled = (model.operations[operation]?.errors ?? []).flatMap((name) => {
    const shape = model.shapes[name];
    const code = shape?.type === "structure" ? shape.exception?.code : undefined;
    return code === undefined ? [name] : [name, code];
  });
  return new Set([...modelled, ...Object.values(catalogEntry(model.name).dialect.codes).flat()]);
}
