import { derivedUuid } from "../../../time/ids.ts";
import { createFlow, deleteFlow, type FlowPlan, type FlowRef } from "../../appflow/index.ts";
import { hasBucket } from "../../s3/index.ts";
import { badRequest } from "../errors.ts";
import { ingestArn } from "./ingest-arn.ts";
import type { Integration } from "./integration.ts";
import { type IntegrationKind, requireObjectType } from "./integration-kind.ts";

/** `arn:aws:s3:::BUCKET/PREFIX`: brings the records of each object that is put into a bucket from now on, by a flow that nobody sees. */
export const storageIntegration: IntegrationKind = {
  async begin(unit, context, put) {
    const { domain, integration, old } = put;
    await requireObjectType(unit, put);
    const { bucket, prefix } = requirePlace(integration.uri);
    if (!(await hasBucket(unit, bucket, domain))) {
      throw badRequest(`Uri: the account has no bucket ${bucket}; FlowDefinition reads those outside, by a schedule`);
    }
    if (old) return;
    await createFlow(unit, context, {
      ...flowRef(integration),
      plan: planOf(bucket, prefix),
      destinationArn: ingestArn(integration),
      createdBy: context.principalArn,
      isHidden: true,
    });
  },

  async end(unit, platform, integration) {
    await deleteFlow(unit, platform, flowRef(integration));
  },
};

function requirePlace(uri: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket, prefix = ""] = /^arn:aws[^:]*:s3:::([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  if (bucket === undefined) throw badRequest(`Uri: ${uri} names no bucket; it is arn:aws:s3:::BUCKET/PREFIX`);
  return { bucket, prefix };
}

/** Each time that a domain has such an integration, another one. */
function flowRef({ account, region, uid, uri, createdMs }: Integration): FlowRef {
  return { account, region, name: `s3-${derivedUuid(uid, uri, String(createdMs))}` };
}

function planOf(bucket: string, prefix: string): FlowPlan {
  return {
    kmsArn: "",
    source: { connector: "S3", properties: { BucketName: bucket, BucketPrefix: prefix || undefined } },
    tasks: [],
    trigger: { type: "Event" },
  };
}
