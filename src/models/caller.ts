/** Who calls, and in which request. Resources belong to an (account, region). */
export interface Caller {
  /** Empty for an operation that is not signed, as `region`, `accessKeyId` and `principalArn` are. */
  readonly account: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** ARN of the principal: `arn:aws:iam::000000000000:root`. */
  readonly principalArn: string;
  /** The address that the request came from, of IPv4 or IPv6. Absent where it did not come over a network. */
  readonly sourceIp?: string | undefined;
  readonly requestId: string;
  /** Aborted when the client goes away or the server stops: ends long polls and pushes. */
  readonly signal: AbortSignal;
}
