import { credentialsFile } from "../credentials.ts";
import { ConfigError, readFlags } from "../flags.ts";
import { RandomIds } from "../time/ids.ts";
import { addCredential, parseCredentials, readCredentialRows, removeCredential } from "../wire/credentials.ts";
import { flagsOf } from "./commands.ts";

/** `trunkline credentials add [KEY SECRET] --account ACCOUNT`, `list`, `remove KEY`. A running server sees the change. */
export async function credentials(args: readonly string[]): Promise<number> {
  const environment = process.env;
  const { values, names: given } = readFlags("credentials", flagsOf("credentials"), args, {
    environment,
    takesNames: true,
  });
  const named = values.credentials ?? environment.TRUNKLINE_CREDENTIALS;
  const file = credentialsFile({ data: String(values.data), ...(named && { credentialsFile: String(named) }) });
  if (file === undefined) throw new ConfigError("--data :memory: keeps no credentials; name a file with --credentials");
  const [verb = "", ...names] = given;
  // A third name is a secret with a blank, or was meant for something else.
  const namesMax = { add: 2, list: 0, remove: 1 }[verb] ?? names.length;
  if (names.length > namesMax) throw new ConfigError(`credentials ${verb} takes ${TAKES[verb]}`);
  switch (verb) {
    case "add": {
      const [accessKeyId = newAccessKeyId(), secretAccessKey = newSecret()] = names;
      addCredential(file, { accessKeyId, secretAccessKey, account: String(values.account) });
      console.log(`AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`);
      return 0;
    }
    case "list":
      for (const { accessKeyId, account } of parseCredentials(readCredentialRows(file), file)) {
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

const TAKES: Readonly<Record<string, string>> = {
  add: "the access key and its secret, or neither",
  list: "no names",
  remove: "one access key",
};

/** In the form that AWS gives them: 20 capital letters and digits, beginning with AKIA. */
function newAccessKeyId(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return `AKIA${[...new RandomIds().bytes(16)].map((byte) => letters[byte % letters.length]).join("")}`;
}

function newSecret(): string {
  return Buffer.from(new RandomIds().bytes(30)).toString("base64");
}
