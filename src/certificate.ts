/** The certificate that a server shows under TLS, and its key: PEM files of the operator's, read at the start and again when they change. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { ConfigError } from "./flags.ts";

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Certificate {
  /** PEM, with those that lead to an authority behind it. */
  readonly cert: string;
  readonly key: string;
  readonly leaf: X509Certificate;
}

/** Throws `ConfigError` for files that cannot be read, are no PEM, or do not belong together. */
export function readCertificate({ certFile, keyFile }: CertificateFiles): Certificate {
  const [cert, key] = [read("--tls-cert", certFile), read("--tls-key", keyFile)];
  const leaf = parsed("--tls-cert", `${certFile} holds no certificate (PEM)`, () => new X509Certificate(cert));
  const privateKey = parsed("--tls-key", keyTrouble(keyFile, key), (): KeyObject => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new ConfigError(`--tls-key: ${keyFile} is not the key of the certificate in ${certFile}`);
  }
  // What stands behind the first certificate, and keys too short for anybody to take.
  parsed("--tls-cert", `${certFile} is refused`, () => createSecureContext({ cert, key }));
  return { cert, key, leaf };
}

/** What will keep clients away, though the server can run: one line each. */
export function certificateWarnings({ leaf }: Certificate, url: string, nowMs: number): readonly string[] {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const isFor = isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host);
  return [
    ...(leaf.validToDate.getTime() <= nowMs ? [`The certificate has expired: it was valid until ${leaf.validTo}`] : []),
    ...(leaf.validFromDate.getTime() > nowMs ? [`The certificate is not valid before ${leaf.validFrom}`] : []),
    ...(isFor === undefined
      ? [`The certificate is not for ${host} but for ${leaf.subjectAltName ?? leaf.subject}: name that by --public-url`]
      : []),
  ];
}

function read(flag: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${flag}: ${path} cannot be read: ${code}`);
  }
}

function keyTrouble(path: string, key: string): string {
  return /ENCRYPTED/.test(key)
    ? `${path} is encrypted; give the key without a passphrase, in a file that only the server can read`
    : `${path} holds no private key (PEM)`;
}

function parsed<T>(flag: string, trouble: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ConfigError(`${flag}: ${trouble} (${(error as Error).message.split("\n")[0]})`);
  }
}
