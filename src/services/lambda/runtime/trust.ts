/** What handlers must trust to call us under TLS: a copy of the server's certificates that their user may read. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";

/**
 * Two PEM files below `base`: Node adds the one to what it trusts (`NODE_EXTRA_CA_CERTS`), botocore trusts the other alone (`AWS_CA_BUNDLE`). What this
 * process itself was told to trust is in both, such as the authority of a company.
 */
export async function trustOf(
  base: string,
  trustFile: string | undefined,
): Promise<{ readonly extra: string; readonly bundle: string } | undefined> {
  if (trustFile === undefined) return undefined;
  const [extra, bundle] = [join(base, "runtime", "ca.pem"), join(base, "runtime", "ca-bundle.pem")];
  const told = process.env.NODE_EXTRA_CA_CERTS;
  const own = [await readFile(trustFile, "utf8"), told ? await readFile(told, "utf8").catch(() => "") : ""].join("\n");
  await writeFile(extra, own, { mode: 0o644 });
  await writeFile(bundle, `${own}\n${rootCertificates.join("\n")}\n`, { mode: 0o644 });
  return { extra, bundle };
}
