import { connectBy } from "../plays/connection.ts";
import type { Api } from "../simulator/index.ts";
import { signer, type Target } from "./client.ts";

/** Signs with the keys of the environment. */
export function connectTo({ url, region }: Target): Api {
  return connectBy({ url, signerOf: (service) => signer(region, service) });
}
