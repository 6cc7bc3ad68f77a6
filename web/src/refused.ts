/** The one error that is meant for people: the page has a text for each code. */

/** Why something cannot be sent as it is: `code` is stable, `values` fill in its text. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;
  readonly values: Readonly<Record<string, string>>;

  constructor(code: string, values: Readonly<Record<string, string>> = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}
