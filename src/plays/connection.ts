import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { SignatureV4 } from "@smithy/signature-v4";
import type { Api, ApiAnswer, ApiRequest } from "../simulator/index.ts";

/** Where a server is, and who signs for each service. */
export interface Connection {
  readonly url: URL;
  signerOf(service: string): SignatureV4;
}

/** Signs and sends requests of plays and imports. Connections are kept: they make tens of thousands of requests. */
export function connectBy({ url, signerOf }: Connection): Api {
  const [agent, open] =
    url.protocol === "https:"
      ? [new HttpsAgent({ keepAlive: true }), httpsRequest]
      : [new HttpAgent({ keepAlive: true }), httpRequest];
  const signers = Object.fromEntries(
    (["connect", "kinesis", "events", "profile"] as const).map((service) => [service, signerOf(service)]),
  );
  return async ({ service, method, path, query = {}, headers, body }: ApiRequest): Promise<ApiAnswer> => {
    const bytes = body === undefined ? "" : JSON.stringify(body);
    const signed = await signers[service]?.sign({
      ...{ method, protocol: url.protocol, hostname: url.hostname, path, query: { ...query } },
      headers: { host: url.host, "content-type": "application/json", "user-agent": "trunkline", ...headers },
      body: bytes,
    });
    const search = new URLSearchParams(query).toString();
    const where = { agent, hostname: url.hostname, port: url.port, method };
    return new Promise((resolve, reject) => {
      const sent = open(
        {
          ...where,
          path: search === "" ? path : `${path}?${search}`,
          headers: { ...signed?.headers, "content-length": Buffer.byteLength(bytes) },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.once("error", reject);
          response.once("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            resolve({ status: response.statusCode ?? 0, body: parsed(text) });
          });
        },
      );
      sent.once("error", reject);
      sent.end(bytes);
    });
  };
}

/** Some answers have no body; one that is no JSON is shown as it is where it is not what was expected. */
function parsed(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return text;
  }
}
