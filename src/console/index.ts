/** Serves the web console: its one page under every path of its own, and the files that `npm run build-console` made. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Ids } from "../time/ids.ts";
import type { PlainHandler, PlainRequest, PlainResponse } from "../wire/index.ts";

const PREFIX = "/_trunkline/console";
const FOLDER = join(import.meta.dirname, "../../web/dist");

/** What `scripts/build-console.mjs` writes beside the files. */
interface Manifest {
  /** Where the page begins: `main-HASH.js` and its styles. */
  readonly script: string;
  readonly style: string;
  /** Scripts that the first one imports at once. */
  readonly preloads: readonly string[];
  readonly files: readonly string[];
}

interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Finds the handler of the console's paths; `undefined` for every other path. */
export function createConsole({ ids }: { readonly ids: Ids }): (request: PlainRequest) => PlainHandler | undefined {
  let manifest: Manifest | undefined;
  const assets = new Map<string, Asset>();

  const answer = (request: PlainRequest): PlainResponse => {
    if (request.method !== "GET" && request.method !== "HEAD") return { status: 405, headers: { allow: "GET, HEAD" } };
    manifest ??= readManifest();
    if (manifest === undefined) {
      return plainText(503, "The console has not been built: npm run build-console\n");
    }
    const [, file] = /^\/_trunkline\/console\/assets\/([\w.-]+)$/.exec(request.path) ?? [];
    if (file === undefined) return page(manifest, nonce(ids));
    if (!manifest.files.includes(file)) return plainText(404, "There is no such file\n");
    const asset = assets.get(file) ?? readAsset(file);
    assets.set(file, asset);
    return sent(asset, request.headers["accept-encoding"] ?? "");
  };

  return ({ path }) => {
    if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return undefined;
    return async (request) => answer(request);
  };
}

function readManifest(): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(FOLDER, "manifest.json"), "utf8")) as Manifest;
  } catch {
    // It is looked for again at the next request: whoever reads the message may build it now.
    return undefined;
  }
}

function readAsset(file: string): Asset {
  const plain = readFileSync(join(FOLDER, file));
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } };
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return { type, plain, gzip: gzipSync(plain), brotli: brotliCompressSync(plain, quality) };
}

/** Names of files hold a hash of what is in them, so a browser that has one never asks again. */
function sent({ type, plain, gzip, brotli }: Asset, accepted: string): PlainResponse {
  const encoding = /\bbr\b/.test(accepted) ? "br" : /\bgzip\b/.test(accepted) ? "gzip" : undefined;
  const body = encoding === "br" ? brotli : encoding === "gzip" ? gzip : plain;
  return {
    status: 200,
    headers: {
      ...SECURITY,
      "content-type": type,
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
      ...(encoding && { "content-encoding": encoding }),
    },
    body,
  };
}

const SECURITY = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };

/** Nothing from any other host, nothing inline: what is shown may come from anybody, and never runs. */
function page({ script, style, preloads }: Manifest, styleNonce: string): PlainResponse {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    // The editor makes its own style elements, which carry this nonce.
    `style-src 'self' 'nonce-${styleNonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="style-nonce" content="${styleNonce}">
<title>Trunkline</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${PREFIX}/assets/${style}">
${preloads.map((file) => `<link rel="modulepreload" href="${PREFIX}/assets/${file}">\n`).join("")}<script type="module" src="${PREFIX}/assets/${script}"></script>
</head>
<body><div id="console"></div><noscript>The console needs JavaScript.</noscript></body>
</html>
`;
  return {
    status: 200,
    headers: {
      ...SECURITY,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "cache-control": "no-store",
    },
    body: html,
  };
}

function nonce(ids: Ids): string {
  return Buffer.from(ids.bytes(16)).toString("base64url");
}

function plainText(status: number, body: string): PlainResponse {
  return { status, headers: { ...SECURITY, "content-type": "text/plain; charset=utf-8" }, body };
}
