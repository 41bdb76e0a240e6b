import { apiGateway } from "./api-gateway/index.ts";
import { appIntegrations } from "./app-integrations/index.ts";
import { appFlow } from "./appflow/index.ts";
import { cases } from "./cases/index.ts";
import { cloudFormation } from "./cloudformation/index.ts";
import { connect } from "./connect/index.ts";
import { connectCampaigns } from "./connect-campaigns/index.ts";
import { contactLens } from "./contact-lens/index.ts";
import { customerProfiles } from "./customer-profiles/index.ts";
import { eventBridge } from "./eventbridge/index.ts";
import { firehose } from "./firehose/index.ts";
import { iam } from "./iam/index.ts";
import { kinesis } from "./kinesis/index.ts";
import { lambda } from "./lambda/index.ts";
import { logs } from "./logs/index.ts";
import { rules } from "./rules/index.ts";
import { s3 } from "./s3/index.ts";
import type { Service } from "./service.ts";
import { sns } from "./sns/index.ts";
import { sqs } from "./sqs/index.ts";
import { ssm } from "./ssm/index.ts";

/** Every service that is built. Their order is the order of start: what others send to comes first. */
export const services: readonly Service[] = [
  iam,
  s3,
  sqs,
  logs,
  kinesis,
  lambda,
  firehose,
  sns,
  ssm,
  eventBridge,
  apiGateway,
  appFlow,
  appIntegrations,
  connectCampaigns,
  customerProfiles,
  connect,
  contactLens,
  cases,
  rules,
  cloudFormation,
];
