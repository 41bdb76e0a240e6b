import type { Method, Resource } from "@aws-sdk/client-api-gateway";
import type { DeployedRestApi } from "../deployed-api.ts";
import { PathRouter } from "./path-router.ts";

export interface FoundResource {
  readonly resource: Resource;
  readonly method: Method;
  readonly pathParameters: Readonly<Record<string, string>>;
}

type Found = Omit<FoundResource, "pathParameters">;

const routers = new WeakMap<DeployedRestApi, PathRouter<Found>>();

/** The method of a deployed API that a call is for. */
export function findResource(deployed: DeployedRestApi, method: string, path: string): FoundResource | undefined {
  let router = routers.get(deployed);
  if (!router) {
    router = new PathRouter(
      deployed.resources.map((resource) => ({
        path: resource.path ?? "/",
        methods: Object.fromEntries(
          Object.entries(resource.resourceMethods ?? {}).map(([name, one]) => [name, { resource, method: one }]),
        ),
      })),
    );
    routers.set(deployed, router);
  }
  const route = router.find(method, path);
  return route && { ...route.found, pathParameters: route.pathParameters };
}
