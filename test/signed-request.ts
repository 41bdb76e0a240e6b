/** Raw HTTP requests, signed as an SDK signs them: for what no SDK would send, and for load that an SDK would be too slow for. */
import { Agent, request } from "node:http";
import { cbor } from "@smithy/core/cbor";
import { Sha256Node } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";

export interface Sketch {
  /** In the signature's scope. */
  readonly service: string;
  readonly method?: string;
  /** Encoded, without the query. */
  readonly path?: string;
  /** Encoded, without the `?`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Default: `test`. */
  readonly accessKeyId?: string;
  /** Default: the same text as the key. */
  readonly secretAccessKey?: string;
  /** How far the clock that it is signed by goes ahead. */
  readonly clockOffsetMs?: number;
  readonly region?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The code of an error, in whatever envelope it came. */
  readonly code: string | undefined;
}

const agent = new Agent({ keepAlive: true });
const signers = new Map<string, SignatureV4>();

/**
 * Signs and sends a request, and reads the answer; of one that is pushed without an end, only the head (`headOnly`). Rejects where the
 * connection breaks.
 */
export async function sendSigned(url: string, sketch: Sketch, headOnly: boolean = false): Promise<Answer> {
  const { method = "POST", path = "/", query = "", body = "" } = sketch;
  const { host, hostname, port } = new URL(url);
  const bytes = Buffer.from(body as string);
  // Forms write a blank as "+", which a signer would take for a plus sign.
  const sentQuery = query.replaceAll("+", "%20");
  const unsigned = {
    method,
    protocol: "http:",
    hostname,
    path,
    query: parameters(sentQuery),
    headers: { host, ...sketch.headers },
    body: bytes,
  };
  const signingDate = new Date(Date.now() + (sketch.clockOffsetMs ?? 0));
  const signed = await signerOf(sketch).sign(unsigned, { signingDate });
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        hostname,
        port,
        method,
        path: sentQuery === "" ? path : `${path}?${sentQuery}`,
        headers: { ...signed.headers, "content-length": bytes.length },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        const finish = (): void => {
          const { statusCode = 0, headers } = response;
          const received = Buffer.concat(chunks);
          resolve({ status: statusCode, headers, body: received, code: codeOf(headers, received) });
        };
        response.once("end", finish);
        if (headOnly && response.statusCode === 200) {
          finish();
          response.destroy();
        }
      },
    );
    sent.once("error", reject);
    sent.end(bytes);
  });
}

function signerOf(sketch: Sketch): SignatureV4 {
  const { service, region = "us-east-1", accessKeyId = "test", secretAccessKey = accessKeyId } = sketch;
  const key = `${service} ${region} ${accessKeyId} ${secretAccessKey}`;
  const signer =
    signers.get(key) ??
    new SignatureV4({
      service,
      region,
      credentials: { accessKeyId, secretAccessKey },
      sha256: Sha256Node,
      uriEscapePath: service !== "s3",
    });
  signers.set(key, signer);
  return signer;
}

function parameters(query: string): Record<string, string[]> {
  // Names can be odd, such as those that every object has.
  const bag: Record<string, string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) {
    bag[name] ??= [];
    bag[name].push(value);
  }
  return bag;
}

function codeOf(headers: Answer["headers"], body: Buffer): string | undefined {
  const header = headers["x-amzn-errortype"];
  if (typeof header === "string") return header.split(":")[0];
  const type = headers["content-type"];
  if (typeof type === "string" && type.includes("cbor")) return cbor.deserialize(body).__type;
  const text = body.toString("latin1");
  return /"__type":\s*"(?:[^"#]*#)?([^"]+)"/.exec(text)?.[1] ?? /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
}
