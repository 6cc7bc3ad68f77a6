/**
 * What can go wrong in `crypto`: the same three failures as in the Python library.
 *
 *     CryptoError
 *     ├── FormatError     the bytes or the JSON are not of the form that the wire format asks for
 *     ├── NotMine         a well-formed file that this key does not open ("try another key")
 *     └── VerifyError     a signature, MAC, tag, hash or commitment does not hold ("do not trust this")
 */

/** Base of everything that `crypto` throws on purpose. */
export class CryptoError extends Error {
  override readonly name: string = "CryptoError"; // written out: builds shorten the names of classes
}

/** The input is malformed. */
export class FormatError extends CryptoError {
  override readonly name: string = "FormatError";
}

/** The input is well formed, but sealed to somebody else. */
export class NotMine extends CryptoError {
  override readonly name: string = "NotMine";
}

/** A check failed: the input was altered, cut, or does not belong here. */
export class VerifyError extends CryptoError {
  override readonly name: string = "VerifyError";
}
