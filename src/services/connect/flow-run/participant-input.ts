import { constants, publicEncrypt } from "node:crypto";
import type { JsonObject } from "../flow-language/flow.ts";
import { isTrue } from "../flow-language/parameter-rules.ts";
import { callingCodeOf } from "../phone-number-plan.ts";
import { say } from "./messages.ts";
import { type ActionCode, FAILS, NEXT, numberParameter, objectAt, type Result, type Step, type Wake } from "./step.ts";

/** Seconds between keys where the flow names none. */
const BETWEEN_KEYS_SECONDS = 5;

/** What `$.StoredCustomerInput` is where no key came in time (our choice). */
const TIMEOUT = "Timeout";

/**
 * Asks the caller to press keys: one, on which the flow branches (a menu), or several, which are stored. Keys may be pressed while
 * the prompt plays; the time limit begins when it has ended.
 */
export const GetParticipantInput: ActionCode = {
  begin: async (step) => {
    const playingMs = await say(step, step.parameters);
    const limitMs = (numberParameter(step, "InputTimeLimitSeconds") ?? BETWEEN_KEYS_SECONDS) * 1_000;
    return { waits: { for: "keys", typed: "", dueMs: step.nowMs + playingMs + limitMs } };
  },
  goOn: (step, wake) => {
    const typed = step.progress.waiting?.typed ?? "";
    return isTrue(step.parameters.StoreInput) ? storing(step, wake, typed) : choosing(wake);
  },
};

function choosing(wake: Wake): Result {
  return wake.by === "keys" ? { result: wake.text.charAt(0) } : { error: "InputTimeLimitExceeded" };
}

function storing(step: Step, wake: Wake, before: string): Result {
  if (wake.by !== "keys") return keep(step, before === "" ? TIMEOUT : before);
  const keys = objectAt(step.parameters, "DTMFConfiguration");
  const terminator = typeof keys.InputTerminationSequence === "string" ? keys.InputTerminationSequence : "#";
  const isErasing = !isTrue(keys.DisableCancelKey);
  const lengthMax = numberParameter(
    { parameters: objectAt(objectAt(step.parameters, "InputValidation"), "CustomValidation") },
    "MaximumLength",
  );
  let typed = before;
  for (const key of wake.text) {
    typed = key === "*" && isErasing ? "" : typed + key;
    if (typed.endsWith(terminator)) return keep(step, typed.slice(0, -terminator.length));
    if (lengthMax !== undefined && typed.length >= lengthMax && !terminator.startsWith(key)) return keep(step, typed);
  }
  const seconds = numberParameter({ parameters: keys }, "InterdigitTimeLimitSeconds") ?? BETWEEN_KEYS_SECONDS;
  return { waits: { for: "keys", typed, dueMs: step.nowMs + seconds * 1_000 } };
}

function keep(step: Step, typed: string): Result {
  const phone = objectAt(objectAt(step.parameters, "InputValidation"), "PhoneNumberValidation");
  if (phone.NumberFormat !== undefined && typed !== TIMEOUT) {
    const number = phoneNumberOf(typed, phone);
    if (number === undefined) return { error: "InvalidPhoneNumber" };
    step.changeProgress({ input: number });
    return NEXT;
  }
  const encryption = objectAt(step.parameters, "InputEncryption");
  const input = typeof encryption.Key === "string" && typed !== TIMEOUT ? encrypted(typed, encryption.Key) : typed;
  if (input === undefined) return FAILS;
  step.changeProgress({ input });
  return NEXT;
}

/** A number in E.164; `Local` ones get the country's code in front. */
function phoneNumberOf(typed: string, { NumberFormat, CountryCode }: JsonObject): string | undefined {
  const code = NumberFormat === "Local" ? callingCodeOf(String(CountryCode)) : "";
  const number = code === undefined ? "" : `+${code}${typed}`;
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : undefined;
}

/**
 * The text that the holder of the private key can read, in Base64. The real service writes the message format of the AWS Encryption
 * SDK around the same encryption. `undefined`: the key is none.
 */
function encrypted(text: string, key: string): string | undefined {
  try {
    const options = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha512" };
    return publicEncrypt(options, Buffer.from(text)).toString("base64");
  } catch {
    // The flow's author wrote something that is no public key: the action fails.
    return undefined;
  }
}
