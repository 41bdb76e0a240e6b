/** What a function's URL tells browsers of origins. https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors */
import type { Cors } from "@aws-sdk/client-lambda";

interface Asked {
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** A browser asks whether it may call. */
export function isPreflight(request: Asked): boolean {
  return request.method === "OPTIONS" && headerOf(request, "access-control-request-method") !== undefined;
}

/** The headers for a request from a page elsewhere, in lower case. None where its origin is not let in. */
export function crossOriginHeaders(cors: Cors | undefined, request: Asked): readonly [string, string][] {
  const origin = headerOf(request, "origin");
  if (!cors || origin === undefined) return [];
  const { AllowOrigins: origins = [], AllowMethods: methods = [], AllowHeaders: allowed = [] } = cors;
  const isAny = origins.includes("*");
  if (!isAny && !origins.includes(origin)) return [];
  const sent: [string, string][] = [["access-control-allow-origin", isAny && !cors.AllowCredentials ? "*" : origin]];
  if (!isAny || cors.AllowCredentials) sent.push(["vary", "Origin"]);
  if (cors.AllowCredentials) sent.push(["access-control-allow-credentials", "true"]);
  if (cors.ExposeHeaders?.length) sent.push(["access-control-expose-headers", cors.ExposeHeaders.join(",")]);
  if (!isPreflight(request)) return sent;
  if (methods.length > 0) sent.push(["access-control-allow-methods", methods.join(",")]);
  if (allowed.length > 0) sent.push(["access-control-allow-headers", allowed.join(",")]);
  if (cors.MaxAge !== undefined) sent.push(["access-control-max-age", String(cors.MaxAge)]);
  return sent;
}

function headerOf({ headers }: Asked, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}
