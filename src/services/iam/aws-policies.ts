/**
 * AWS's own managed policies: those that people attach to what Trunkline hosts. Their statements are as AWS publishes them, where
 * nothing else is said. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/
 */
import type { ManagedPolicy } from "./managed-policy.ts";

interface Published {
  /** Below `policy`: `/`, `/service-role/`. */
  readonly path?: string;
  readonly description: string;
  readonly statements: readonly object[];
}

const allow = (Action: string | readonly string[], Resource: string | readonly string[] = "*"): object => ({
  Effect: "Allow",
  Action,
  Resource,
});

const WRITE_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

const PUBLISHED: Readonly<Record<string, Published>> = {
  AdministratorAccess: {
    description: "Provides full access to AWS services and resources.",
    statements: [allow("*")],
  },
  AWSLambdaBasicExecutionRole: {
    path: "/service-role/",
    description: "Provides write permissions to CloudWatch Logs.",
    statements: [allow(WRITE_LOGS)],
  },
};

/** When all of them came to be, as far as anybody can tell here. */
const PUBLISHED_MS = Date.UTC(2015, 1, 6, 18, 39, 46);

const policies: ReadonlyMap<string, ManagedPolicy> = new Map(
  Object.entries(PUBLISHED).map(([name, { path = "/", description, statements }]) => {
    const arn = `arn:aws:iam::aws:policy${path}${name}`;
    const document = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    return [
      arn,
      {
        account: "aws",
        name,
        path,
        id: `ANPA${Buffer.from(name.toUpperCase().replaceAll(/[^A-Z]/g, ""))
          .toString("latin1")
          .padEnd(17, "A")
          .slice(0, 17)}`,
        arn,
        description,
        createdMs: PUBLISHED_MS,
        updatedMs: PUBLISHED_MS,
        versions: [{ id: "v1", document, createdMs: PUBLISHED_MS }],
        defaultVersion: "v1",
        nextVersion: 2,
        tags: [],
      },
    ];
  }),
);

export function awsPolicy(arn: string): ManagedPolicy | undefined {
  return policies.get(arn);
}

/** In the order of their names. */
export const awsPolicies: readonly ManagedPolicy[] = [...policies.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
