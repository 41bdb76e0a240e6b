/** Told of each contact that ends; what it prints is in CloudWatch Logs. */
export const handler = async ({ detail }) => {
  console.log(`${detail.channel} ${detail.contactId} ended: ${detail.disconnectReason}`);
};
