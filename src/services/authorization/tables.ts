import type { ActionTable } from "./action-table.ts";
import { apiGatewayActions } from "./api-gateway-actions.ts";
import { cloudFormationActions } from "./cloudformation-actions.ts";
import { connectActions, contactLensActions } from "./connect-actions.ts";
import {
  appFlowActions,
  appIntegrationsActions,
  campaignsActions,
  casesActions,
  customerProfilesActions,
} from "./contact-data-actions.ts";
import { eventsActions, lambdaActions } from "./event-actions.ts";
import { iamActions, stsActions } from "./iam-actions.ts";
import { snsActions, sqsActions } from "./messaging-actions.ts";
import { s3Actions, s3ControlActions } from "./s3-actions.ts";
import { ssmActions } from "./ssm-actions.ts";
import { firehoseActions, kinesisActions, logsActions } from "./stream-actions.ts";

/** The tables by model. Those that are made of a model load it, so each is made at the first request of somebody who has policies. */
export const actionTables: Readonly<Record<string, () => ActionTable | undefined>> = {
  apigateway: () => apiGatewayActions("apigateway"),
  apigatewayv2: () => apiGatewayActions("apigatewayv2"),
  appflow: () => appFlowActions,
  appintegrations: () => appIntegrationsActions,
  cloudformation: () => cloudFormationActions,
  connect: () => connectActions,
  "connect-contact-lens": () => contactLensActions,
  connectcampaignsv2: () => campaignsActions,
  connectcases: () => casesActions,
  // Participants of chats prove who they are with tokens.
  connectparticipant: () => undefined,
  "customer-profiles": () => customerProfilesActions,
  events: () => eventsActions,
  firehose: () => firehoseActions,
  iam: iamActions,
  kinesis: () => kinesisActions,
  lambda: () => lambdaActions,
  logs: () => logsActions,
  s3: () => s3Actions,
  s3control: () => s3ControlActions,
  sns: () => snsActions,
  sqs: () => sqsActions,
  ssm: () => ssmActions,
  sts: () => stsActions,
};
