/** Writes down that a call has ended. */
export async function handler(event) {
  console.log(`contact ${event.detail.contactId} has ended`);
}
