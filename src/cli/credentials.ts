import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ConfigError } from "../config.ts";
import { credentialsFile } from "../credentials.ts";
import { RandomIds } from "../time/ids.ts";
import { addCredential, parseCredentials, removeCredential } from "../wire/credentials.ts";

/** `trunkline credentials add [KEY SECRET] --account ACCOUNT`, `list`, `remove KEY`. A running server sees the change. */
export async function credentials(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const { credentials: named, data } = values;
  const file = credentialsFile({ data, ...(named && { credentialsFile: named }) });
  if (file === undefined) throw new ConfigError("--data :memory: keeps no credentials; name a file with --credentials");
  const [verb, ...names] = positionals;
  switch (verb) {
    case "add": {
      const [accessKeyId = newAccessKeyId(), secretAccessKey = newSecret()] = names;
      addCredential(file, { accessKeyId, secretAccessKey, account: values.account ?? "000000000000" });
      console.log(`AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`);
      return 0;
    }
    case "list":
      for (const { accessKeyId, account } of existsSync(file)
        ? parseCredentials(readFileSync(file, "utf8"), file)
        : []) {
        console.log(`${accessKeyId} ${account}`);
      }
      return 0;
    case "remove":
      if (names[0] === undefined) throw new ConfigError("credentials remove takes the access key");
      removeCredential(file, names[0]);
      return 0;
    default:
      throw new ConfigError("credentials takes add, list or remove");
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        account: { type: "string" },
        credentials: { type: "string", default: process.env.TRUNKLINE_CREDENTIALS },
        data: { type: "string", default: process.env.TRUNKLINE_DATA ?? ".trunkline" },
      },
    });
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

/** In the form that AWS gives them: 20 capital letters and digits, beginning with AKIA. */
function newAccessKeyId(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return `AKIA${[...new RandomIds().bytes(16)].map((byte) => letters[byte % letters.length]).join("")}`;
}

function newSecret(): string {
  return Buffer.from(new RandomIds().bytes(30)).toString("base64");
}
