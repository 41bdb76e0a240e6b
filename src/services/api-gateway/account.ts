import type { Account, UpdateAccountRequest } from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { badRequest } from "./errors.ts";
import { type PatchTable, patched } from "./patch.ts";

interface AccountSettings {
  cloudwatchRoleArn?: string;
  features: string[];
}

const accounts: Collection<AccountSettings> = collection("apigateway_accounts");

/** What is said to be the account's limit on calls: "10,000 requests per second", with a burst of 5,000. */
const THROTTLE = { burstLimit: 5_000, rateLimit: 10_000 };

export async function getAccount(_: unknown, context: Context): Promise<Account> {
  return shown(await settingsOf(context.store, context));
}

async function settingsOf(reader: Reader, { account, region }: Context): Promise<AccountSettings> {
  return (await reader.get(accounts, compositeKey(account, region))) ?? { features: ["UsagePlans"] };
}

function shown(settings: AccountSettings): Account {
  return { ...settings, throttleSettings: THROTTLE, apiKeyVersion: "4" };
}

const accountPaths: PatchTable<AccountSettings> = {
  "/cloudwatchRoleArn": {
    replace(draft, value) {
      if (!value) {
        delete draft.cloudwatchRoleArn;
        return;
      }
      if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/.test(value)) {
        throw badRequest(
          "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.",
        );
      }
      draft.cloudwatchRoleArn = value;
    },
    remove: (draft) => delete draft.cloudwatchRoleArn,
  },
  "/features": {
    add(_, value) {
      if (value !== "UsagePlans") throw badRequest("Invalid feature specified. Valid options are UsagePlans");
    },
    remove() {
      throw badRequest("Usage Plans cannot be disabled once enabled");
    },
  },
};

export async function updateAccount(input: Validated<UpdateAccountRequest>, context: Context): Promise<Account> {
  return context.store.commit(async (unit) => {
    const before = await settingsOf(unit, context);
    const settings = patched(before, input.patchOperations, accountPaths, "names-path");
    unit.put(accounts, compositeKey(context.account, context.region), settings);
    return shown(settings);
  });
}
