/** Quotas: those on what an API holds always hold, counts of an account with `--enforce-limits`. `--limit` changes them. */
import type { Limit } from "../service.ts";

const REST_PAGE =
  "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html";
const HTTP_PAGE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html";

export const REGIONAL_APIS_MAX = 600;
export const EDGE_APIS_MAX = 120;
export const PRIVATE_APIS_MAX = 600;
export const HTTP_APIS_MAX = 600;
export const RESOURCES_MAX = 300;
export const STAGES_MAX = 10;
export const AUTHORIZERS_MAX = 10;
export const API_KEYS_MAX = 10_000;
export const USAGE_PLANS_MAX = 300;
export const DOCUMENTATION_PARTS_MAX = 2_000;
export const ROUTES_MAX = 300;
export const INTEGRATIONS_MAX = 300;

export const apiGatewayLimits: readonly Limit[] = [
  {
    name: "apigateway.regional-apis",
    default: REGIONAL_APIS_MAX,
    meaning: "Regional REST APIs of an account in a Region",
    source: REST_PAGE,
  },
  {
    name: "apigateway.edge-apis",
    default: EDGE_APIS_MAX,
    meaning: "Edge-optimized REST APIs of an account in a Region",
    source: REST_PAGE,
  },
  {
    name: "apigateway.private-apis",
    default: PRIVATE_APIS_MAX,
    meaning: "Private REST APIs of an account in a Region",
    source: REST_PAGE,
  },
  {
    name: "apigateway.http-apis",
    default: HTTP_APIS_MAX,
    meaning: "HTTP APIs of an account in a Region",
    source: HTTP_PAGE,
  },
  {
    name: "apigateway.resources-per-api",
    default: RESOURCES_MAX,
    meaning: "Resources of a REST API",
    source: REST_PAGE,
    always: true,
  },
  {
    name: "apigateway.routes-per-api",
    default: ROUTES_MAX,
    meaning: "Routes of an HTTP API",
    source: HTTP_PAGE,
    always: true,
  },
  {
    name: "apigateway.integrations-per-api",
    default: INTEGRATIONS_MAX,
    meaning: "Integrations of an HTTP API",
    source: HTTP_PAGE,
    always: true,
  },
  { name: "apigateway.stages-per-api", default: STAGES_MAX, meaning: "Stages of an API", source: REST_PAGE },
  {
    name: "apigateway.authorizers-per-api",
    default: AUTHORIZERS_MAX,
    meaning: "Authorizers of an API",
    source: REST_PAGE,
  },
  {
    name: "apigateway.documentation-parts-per-api",
    default: DOCUMENTATION_PARTS_MAX,
    meaning: "Documentation parts of a REST API",
    source: REST_PAGE,
  },
  {
    name: "apigateway.api-keys",
    default: API_KEYS_MAX,
    meaning: "API keys of an account in a Region",
    source: REST_PAGE,
  },
  {
    name: "apigateway.usage-plans",
    default: USAGE_PLANS_MAX,
    meaning: "Usage plans of an account in a Region",
    source: REST_PAGE,
  },
];
