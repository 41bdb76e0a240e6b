import type { CreateUserRequest, UserIdentityInfo } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { invalidParameter } from "./errors.ts";
import type { Instance } from "./instances.ts";

/** Characters of a user name; SAML allows the longer ones (CreateUser). */
const USERNAME_MAX = 20;
const SAML_USERNAME_MAX = 64;
const USERNAME = /^[a-zA-Z0-9_.-]+$/;

/** Characters of names where the instance manages its users itself (UserIdentityInfo); the model's bounds are SAML's. */
const FIRST_NAME_MAX = 255;
const LAST_NAME_MAX = 256;

/** What UserIdentityInfo documents for a secondary address: for the first one too, and for user names that are addresses (our choice). */
const EMAIL = /^(?=.{0,265}$)[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,63}$/;

/** Throws where a new user is not what the instance's kind of identity management asks for. */
export function requireNewIdentity(instance: Instance, input: Validated<CreateUserRequest>): void {
  const { identityManagement } = instance;
  requireUsername(identityManagement === "SAML" ? SAML_USERNAME_MAX : USERNAME_MAX, input.Username);
  if ((identityManagement === "CONNECT_MANAGED") !== (input.Password !== undefined)) {
    throw invalidParameter("Password is required if Amazon Connect manages identities, and an error otherwise");
  }
  // Trunkline reaches no directory, so a user of one is only known by that id.
  if ((identityManagement === "EXISTING_DIRECTORY") !== (input.DirectoryUserId !== undefined)) {
    throw invalidParameter("DirectoryUserId is required for an existing directory, and an error otherwise");
  }
  requireIdentity(instance, input.IdentityInfo ?? {});
}

/** Throws where the new identity of a user is not what the instance's identity management allows. */
export function requireIdentity({ identityManagement }: Instance, identity: Validated<UserIdentityInfo>): void {
  const { FirstName = "", LastName = "", Email, SecondaryEmail } = identity;
  const managed = identityManagement === "CONNECT_MANAGED";
  if (identityManagement !== "EXISTING_DIRECTORY" && (FirstName === "" || LastName === "")) {
    throw invalidParameter("FirstName and LastName are required");
  }
  if (managed && (FirstName.length > FIRST_NAME_MAX || LastName.length > LAST_NAME_MAX)) {
    throw invalidParameter(`FirstName has at most ${FIRST_NAME_MAX} characters, LastName ${LAST_NAME_MAX}`);
  }
  if (FirstName !== FirstName.normalize("NFC") || LastName !== LastName.normalize("NFC")) {
    throw invalidParameter("FirstName and LastName must be in Unicode Normalization Form C");
  }
  if (identityManagement === "SAML" && Email !== undefined) throw invalidParameter("Email is an error with SAML");
  if ([Email, SecondaryEmail].some((address) => address !== undefined && !EMAIL.test(address))) {
    throw invalidParameter("Email and SecondaryEmail must be e-mail addresses");
  }
}

function requireUsername(lengthMax: number, username: string): void {
  const wellFormed = USERNAME.test(username) || EMAIL.test(username);
  if (!wellFormed || username.length > lengthMax) {
    throw invalidParameter(
      `Username has at most ${lengthMax} characters: letters, digits, "_", "." and "-", or an e-mail address`,
    );
  }
}
