import type { Owner } from "../domain.ts";
import type { Integration } from "./integration.ts";

/** Where something is sent that an integration is to bring into its domain. */
export function ingestArn({
  account,
  region,
  domainName,
  uri,
}: Pick<Integration, keyof Owner | "domainName" | "uri">): string {
  return `arn:aws:profile:${region}:${account}:ingest/${domainName}/${uri}`;
}

/** `undefined`: it is no such ARN. */
export function parseIngestArn(arn: string): Pick<Integration, keyof Owner | "domainName" | "uri"> | undefined {
  const [, region, account, domainName, uri] =
    /^arn:aws[^:]*:profile:([^:]*):(\d{12}):ingest\/([^/]+)\/(.+)$/s.exec(arn) ?? [];
  if (region === undefined || account === undefined || domainName === undefined || uri === undefined) return undefined;
  return { account, region, domainName, uri };
}
