/** Which room may use which. The reasons are what matters: whoever trips over a rule needs them more than the rule. */
const rooms = {
  time: [],
  models: ["time"],
  store: ["models", "time"],
  matching: ["store", "models", "time"],
  flow: ["matching", "store", "models", "time"],
  wire: ["models", "time"],
  services: ["flow", "matching", "store", "models", "time"],
  console: ["services", "flow", "matching", "store", "models", "time", "wire"],
  control: ["plays", "services", "flow", "matching", "store", "models", "time", "wire"],
  plays: ["simulator", "models", "time"],
  simulator: ["time"],
  init: ["wire", "models", "time"],
  // What users test with knows a server by its URL. It starts one by the package's own door, as users would.
  testing: ["index[.]ts$", "node-version[.]ts$", "models/sha256[.]ts$", "time"],
};
/** Doors of services form a line, so that there is no cycle: each may reach those behind it. */
const line = [
  "cloudformation",
  "rules",
  "cases",
  "contact-lens",
  "connect",
  "customer-profiles",
  "connect-campaigns",
  "app-integrations",
  "appflow",
  "api-gateway",
  "eventbridge",
  "sns",
  "firehose",
  "lambda",
  "kinesis",
  "sqs",
  "logs",
  "s3",
  "iam",
];

export default {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      comment: "A cycle means that two files are one thing, or that something stands in the wrong room.",
      from: {},
      to: { circular: true },
    },
    ...Object.entries(rooms).map(([room, below]) => ({
      name: `${room}-uses-only-what-is-below`,
      severity: "error",
      comment: `src/${room} may use ${below.length ? below.join(", ") : "no other room"}. Facts travel by logs, commands by doors; move what two rooms need further down.`,
      from: { path: `^src/${room}/`, pathNot: "[.]test[.]ts$|/contract[.]ts$" },
      to: {
        path: "^src/",
        pathNot: [`^src/${room}/`, ...below.map((name) => `^src/${name}${name.endsWith("$") ? "" : "/"}`)],
      },
    })),
    {
      name: "one-door-per-service",
      severity: "error",
      comment: "Reach another service through its index.ts, or ask whether the thing belongs in flow/.",
      from: { path: "^src/services/([^/]+)/" },
      to: {
        path: "^src/services/",
        pathNot: ["^src/services/$1/", "^src/services/[^/]+/index[.]ts$", "^src/services/[^/]+[.]ts$"],
      },
    },
    ...line.map((service, place) => ({
      name: `${service}-stands-in-line`,
      severity: "error",
      comment:
        "Doors form a line (docs/ARCHITECTURE.md): a service may call those behind it; those before it read its log.",
      from: { path: `^src/services/${service}/`, pathNot: "[.]test[.]ts$" },
      to: { path: `^src/services/(${line.slice(0, place).join("|") || "(?!)"})/` },
    })),
    {
      name: "an-engine-is-picked-in-app",
      severity: "error",
      comment: "Ask for a Store; only app.ts opens one.",
      from: { path: "^src/(services|flow|control|console|matching|wire)/", pathNot: "[.]test[.]ts$" },
      to: { path: "^src/store/(?!store[.]ts$)" },
    },
    {
      name: "production-knows-no-tests",
      severity: "error",
      comment: "What a test needs stays with the test.",
      from: { path: "^src/", pathNot: "[.]test[.]ts$" },
      to: { path: "[.]test[.]ts$|^test/|^bench/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
