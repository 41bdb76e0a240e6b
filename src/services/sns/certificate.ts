/** A self-signed X.509 certificate, as little of it as who checks a signature needs: Node makes keys, but no certificates. */
import { createSign, type KeyObject } from "node:crypto";

/** Object identifiers, as DER. */
const SHA256_WITH_RSA = Buffer.from("06092a864886f70d01010b", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");

/** ASN.1 tags. */
const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const NULL = 0x05;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const VERSION = 0xa0;

/** PEM. Valid for ever, as certificates go; `serial` must be a positive number of at most 20 bytes. */
export function selfSignedCertificate(
  keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  name: string,
  serial: Buffer,
): string {
  const algorithm = der(SEQUENCE, SHA256_WITH_RSA, der(NULL));
  const subject = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from(name)))));
  const validity = der(SEQUENCE, time("20200101000000Z"), time("99991231235959Z"));
  const publicKey = keys.publicKey.export({ type: "spki", format: "der" });
  const version3 = der(VERSION, der(INTEGER, Buffer.of(2)));
  const toBeSigned = der(SEQUENCE, version3, der(INTEGER, serial), algorithm, subject, validity, subject, publicKey);
  const signature = createSign("sha256").update(toBeSigned).sign(keys.privateKey);
  const certificate = der(SEQUENCE, toBeSigned, algorithm, der(BIT_STRING, Buffer.of(0), signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function time(text: string): Buffer {
  return der(GENERALIZED_TIME, Buffer.from(text));
}

/** Tag, length, contents. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content]);
  const length = Buffer.from(content.length.toString(16).padStart(content.length < 0x100 ? 2 : 4, "0"), "hex");
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, content]);
}
