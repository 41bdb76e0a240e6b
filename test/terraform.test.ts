/**
 * `examples/terraform` through Terraform and its AWS provider. Neither comes with this project: `terraform` has to be in the PATH, and
 * TERRAFORM_AWS_PLUGIN names a folder with the provider's program, `terraform-provider-aws`.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startTrunkline, temporaryFolder } from "./server.ts";

const plugins = process.env.TERRAFORM_AWS_PLUGIN;
const skip = plugins === undefined && "TERRAFORM_AWS_PLUGIN names no folder with Terraform's AWS provider";

/** https://developer.hashicorp.com/terraform/cli/config/config-file#development-overrides-for-provider-developers */
const SETTINGS = `provider_installation {
  dev_overrides {
    "hashicorp/aws" = ${JSON.stringify(plugins)}
  }
  direct {}
}
`;

test("examples/terraform is made, then nothing is left to do; a change is made in place, and all of it goes", {
  skip,
}, async () => {
  const { url } = await startTrunkline("--clock", "real");
  const cwd = temporaryFolder();
  cpSync(join(import.meta.dirname, "../examples/terraform"), cwd, { recursive: true });
  const TF_CLI_CONFIG_FILE = join(cwd, "settings.tfrc");
  writeFileSync(TF_CLI_CONFIG_FILE, SETTINGS);
  const own = { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  const env = { ...process.env, ...own, TF_CLI_CONFIG_FILE, CHECKPOINT_DISABLE: "1" };
  const terraform = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)("terraform", [...args, "-no-color"], { cwd, env })).stdout;
  const noChanges = /No changes. Your infrastructure matches the configuration/;
  const change = ["-var", "greeting=Hello."];

  await terraform("apply", "-auto-approve");
  assert.match(await terraform("plan"), noChanges);
  assert.match(await terraform("apply", "-auto-approve", ...change), /0 added, 1 changed, 0 destroyed/);
  assert.match(await terraform("plan", ...change), noChanges);
  await terraform("destroy", "-auto-approve");
});
