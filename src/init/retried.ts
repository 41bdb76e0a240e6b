import { setTimeout as elapsed } from "node:timers/promises";
import { RandomIds } from "../time/ids.ts";
import { Refused } from "./init-error.ts";
import type { Call } from "./kind.ts";

/** What says that a call came too soon, as SDKs know it; Kinesis says it in words. */
const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown|: Rate exceeded/;

/** Of a file with hundreds of queues each waits its turn, at two a second: SDKs, which make one call, give up sooner. */
const ATTEMPTS_MAX = 60;
const DELAY_MS_MIN = 100;
const DELAY_MS_MAX = 2_000;
/** After so many it is asked whether waiting is of any use. */
const ATTEMPTS_IN_VAIN = 6;
const ids = new RandomIds();

/**
 * Calls again what is throttled, after a random time below a bound that doubles; where the server's clock stands still, rates have no more to
 * give, and what was refused is told with that. `wait`: for so many milliseconds.
 */
export function retried(
  call: Call,
  clockStands: () => Promise<boolean> = async () => false,
  wait: (ms: number) => Promise<unknown> = elapsed,
): Call {
  return async (model, operation, input) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call(model, operation, input);
      } catch (error) {
        const isThrottled = error instanceof Refused && THROTTLED.test(`${error.code}: ${error.message}`);
        if (!isThrottled || attempt === ATTEMPTS_MAX) throw error;
        if (attempt === ATTEMPTS_IN_VAIN && (await clockStands())) {
          throw new Refused(
            error.code,
            `${error.message} (the clock is manual: move it by a second or more, and apply again)`,
          );
        }
        await wait(ids.random() * Math.min(DELAY_MS_MIN * 2 ** attempt, DELAY_MS_MAX));
      }
    }
  };
}
