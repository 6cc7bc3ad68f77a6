/** An error that the member is told in words: a text's key, and its values. */
export class Worded extends Error {
  override name = "Worded";
  readonly key: string;
  readonly values: Readonly<Record<string, string | number>>;
  constructor(key: string, values: Readonly<Record<string, string | number>> = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}
