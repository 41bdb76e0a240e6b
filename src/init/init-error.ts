/** Its message is for the user: a line for each problem, with the place in the file where there is one. */
export class InitError extends Error {
  override readonly name = "InitError";
}

/** What an operation answered that is no success. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
