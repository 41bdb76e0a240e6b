import type {
  CancelParticipantAuthenticationRequest,
  CancelParticipantAuthenticationResponse,
  DescribeViewRequest,
  DescribeViewResponse,
  GetAuthenticationUrlRequest,
  GetAuthenticationUrlResponse,
} from "@aws-sdk/client-connectparticipant";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import type { Bearer } from "../participant-tokens.ts";
import { getSender, validation } from "./bearers.ts";

/** Views come with the flow block that shows them; there are none yet, so no token leads to one. */
export async function describeView(
  input: Validated<DescribeViewRequest>,
  context: Context,
  bearer: Bearer,
): Promise<DescribeViewResponse> {
  await getSender(context.store, bearer);
  throw new ModeledError("ResourceNotFoundException", `There is no view behind the token ${input.ViewToken}`);
}

/** Sessions begin with the flow block that authenticates customers; there are none yet, so no id names one. */
export async function getAuthenticationUrl(
  input: Validated<GetAuthenticationUrlRequest>,
  context: Context,
  bearer: Bearer,
): Promise<GetAuthenticationUrlResponse> {
  await getSender(context.store, bearer);
  throw unknownSession(input.SessionId);
}

export async function cancelParticipantAuthentication(
  input: Validated<CancelParticipantAuthenticationRequest>,
  context: Context,
  bearer: Bearer,
): Promise<CancelParticipantAuthenticationResponse> {
  await getSender(context.store, bearer);
  throw unknownSession(input.SessionId);
}

function unknownSession(sessionId: string): ModeledError {
  return validation(`There is no authentication session ${sessionId}`);
}
