import type { ServiceModel } from "./model.ts";

/**
 * Compiles a function for each name of a model once, at its first use. Asked again while it compiles (shapes can hold themselves), it
 * gives a function that will call the compiled one.
 */
export function compileOnce<A extends unknown[], R>(
  compile: (model: ServiceModel, name: string) => (...args: A) => R,
): (model: ServiceModel, name: string) => (...args: A) => R {
  const byModel = new WeakMap<ServiceModel, Map<string, (...args: A) => R>>();
  return (model, name) => {
    const functions = byModel.get(model) ?? new Map<string, (...args: A) => R>();
    byModel.set(model, functions);
    const known = functions.get(name);
    if (known !== undefined) return known;
    functions.set(name, (...args) => (functions.get(name) as (...args: A) => R)(...args));
    const compiled = compile(model, name);
    functions.set(name, compiled);
    return compiled;
  };
}
