/** What tests of functions share: roles that Lambda may assume, and zips. Holds no test itself. */
import { buffer } from "node:stream/consumers";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  type FunctionConfiguration,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { ZipFile } from "yazl";
import type { TestServer } from "./server.ts";

type Client = TestServer["client"];

/** A zip of files by their names. */
export async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(content), name, { mode: name === "bootstrap" ? 0o755 : 0o644 });
  }
  zip.end();
  return buffer(zip.outputStream as NodeJS.ReadableStream);
}

/** A role that Lambda may assume and that may do what `actions` say, everywhere. Answers its ARN. */
export async function createRole(client: Client, name: string, actions: readonly string[] = []): Promise<string> {
  const iam = new IAMClient(client);
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    }),
  );
  if (actions.length > 0) {
    const allow = { Effect: "Allow", Action: actions, Resource: "*" };
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: name,
        PolicyName: "may",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [allow] }),
      }),
    );
  }
  return Role?.Arn as string;
}

/** A function of one file, `index.mjs`, whose `handler` it runs. */
export async function createFunction(
  client: Client,
  source: string | Readonly<Record<string, string>>,
  input: Partial<CreateFunctionCommandInput> & Pick<CreateFunctionCommandInput, "FunctionName" | "Role">,
): Promise<FunctionConfiguration> {
  return new LambdaClient(client).send(
    new CreateFunctionCommand({
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Code: { ZipFile: await zipOf(typeof source === "string" ? { "index.mjs": source } : source) },
      // More than the usual 3 seconds: a busy machine may stand still for those.
      Timeout: 20,
      ...input,
    }),
  );
}

export interface Invoked {
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly answer: unknown;
  readonly log: string;
  readonly version: string | undefined;
}

/** Invokes a function with a JSON event and reads what it answers. */
export async function invoke(
  client: Client,
  name: string,
  event: unknown = {},
  input: Partial<InvokeCommandInput> = {},
): Promise<Invoked> {
  const answer = await new LambdaClient(client).send(
    new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)), ...input }),
  );
  const text = Buffer.from(answer.Payload ?? []).toString();
  return {
    status: answer.StatusCode,
    error: answer.FunctionError,
    answer: text === "" ? undefined : JSON.parse(text),
    log: Buffer.from(answer.LogResult ?? "", "base64").toString(),
    version: answer.ExecutedVersion,
  };
}
