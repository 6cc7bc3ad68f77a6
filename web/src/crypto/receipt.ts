/**
 * The receipt: the one secret that lets a submitter come back. `docs/wire.md`, "Receipt".
 *
 * Nine groups. Eight are random numbers 0–7775 (103 bits); the ninth holds the version and a checksum.
 * A group is shown as four digits or as a word of a 7,776-word list; both are renderings of one secret
 * and may be mixed when it is typed in. Lists are large: the caller loads those it needs.
 *
 *     secret = eight u16be → Argon2id (19 MiB, 2 passes, 1 lane) → 32 bytes → HKDF → five keys
 */

import { Identity } from "./age_keys.ts";
import { SPACE } from "./checks.ts";
import { type Bytes, concat, utf8 } from "./encoding.ts";
import { FormatError } from "./errors.ts";
import { argon2id, hkdf, sha256, SigningKey } from "./primitives.ts";

export const GROUPS = 9;
export const RANDOM_BYTES = 8 * 4;
const SIZE = 7776;
const CHECKS = 1296; // checksum values per version; 7776 / 1296 = six versions
const VERSIONS: readonly number[] = [1]; // never change the parameters of one: old receipts must open for ever
const LABEL = "intake/receipt/v1";
const BETWEEN = new RegExp(`[${SPACE},;.]+`);
const AROUND = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");
const DIGITS = /^[0-9]+$/;

/** 7,776 words, in the order of their numbers. */
export type WordList = readonly string[];

/**
 * What was typed is no receipt.
 *
 * `reason` is `count` (with `found` groups), `word` or `range` (group number `group`, from 1), or
 * `checksum` (one of the groups is mistyped, but it cannot be told which).
 */
export class MistypedReceipt extends FormatError {
  readonly reason: "count" | "word" | "range" | "checksum";
  readonly group: number;
  readonly found: number;

  constructor(reason: MistypedReceipt["reason"], { group = 0, found = 0 } = {}) {
    super(`not a receipt: ${reason}`);
    this.reason = reason;
    this.group = group;
    this.found = found;
  }
}

/** What follows from a receipt. `lookup`, `auth` and `accessTag` are 32 bytes each. */
export class ReceiptKeys {
  readonly #base: Bytes; // private, and so not printed
  #signing: SigningKey | undefined;
  #identity: Identity | undefined;

  /** `base` is what Argon2id gave, 32 bytes. */
  constructor(base: Bytes) {
    this.#base = base;
  }

  get lookup(): Bytes {
    return this.#derive("lookup");
  }

  get auth(): Bytes {
    return this.#derive("auth");
  }

  get accessTag(): Bytes {
    return this.#derive("access-tag");
  }

  /** Signs the record's statements. */
  get signing(): SigningKey {
    return (this.#signing ??= new SigningKey(this.#derive("sign")));
  }

  /** Opens the submitter's own grants, and replies. */
  get identity(): Identity {
    return (this.#identity ??= new Identity(this.#derive("age-pq")));
  }

  /** K_record = HKDF(access-tag ‖ share, "intake/k-record/v1"), 32 bytes. */
  recordKey(share: Bytes): Bytes {
    return hkdf(concat(this.accessTag, share), "intake/k-record/v1");
  }

  #derive(name: string): Bytes {
    return hkdf(this.#base, `${LABEL}/${name}`);
  }
}

/** Eight numbers below 7776, and a version. */
export class Receipt {
  readonly version: number;
  readonly #numbers: readonly number[];

  constructor(numbers: readonly number[], version = 1) {
    this.#numbers = numbers;
    this.version = version;
  }

  /** From 32 fresh random bytes, four to a number: the bias of the remainder is below 2⁻¹⁹. */
  static fromRandom(randomness: Bytes): Receipt {
    if (randomness.length !== RANDOM_BYTES)
      throw new FormatError(`a receipt needs ${RANDOM_BYTES} random bytes`);
    const view = new DataView(randomness.buffer, randomness.byteOffset);
    return new Receipt(Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i) % SIZE));
  }

  /** From words of these lists, four-digit groups, or a mixture. `MistypedReceipt` says what is wrong. */
  static parse(text: string, ...lists: readonly WordList[]): Receipt {
    const numberOf = new Map(lists.flatMap((list) => list.map((word, number) => [word, number] as const)));
    const numbers = groupsOf(text).map((group, i) => numberIn(group, i + 1, numberOf));
    if (numbers.length !== GROUPS) throw new MistypedReceipt("count", { found: numbers.length });
    const last = numbers[8]!;
    const receipt = new Receipt(numbers.slice(0, 8), Math.floor(last / CHECKS) + 1);
    if (!VERSIONS.includes(receipt.version) || receipt.#lastGroup() !== last)
      throw new MistypedReceipt("checksum");
    return receipt;
  }

  /** The eight numbers: the secret itself. */
  get numbers(): readonly number[] {
    return this.#numbers;
  }

  /** Nine groups of four digits. */
  digits(): string[] {
    return this.#all().map((number) => String(number).padStart(4, "0"));
  }

  /** Nine words of this list. */
  words(list: WordList): string[] {
    if (list.length !== SIZE) throw new FormatError(`a word list has ${SIZE} words`);
    return this.#all().map((number) => list[number]!);
  }

  /** Derive the keys: about 60 ms and 19 MiB, by design; many times that without WebAssembly. */
  async keys(): Promise<ReceiptKeys> {
    const parameters = { memoryKib: 19 * 1024, passes: 2, lanes: 1 };
    return new ReceiptKeys(await argon2id(this.#secret(), utf8(LABEL), parameters));
  }

  #secret(): Bytes {
    return Uint8Array.from(this.#numbers.flatMap((number) => [number >> 8, number & 255]));
  }

  #lastGroup(): number {
    const check = sha256(utf8("intake/receipt/checksum/v1"), this.#secret());
    return (this.version - 1) * CHECKS + (new DataView(check.buffer, check.byteOffset).getUint32(0) % CHECKS);
  }

  #all(): number[] {
    return [...this.#numbers, this.#lastGroup()];
  }
}

/** Split what a person typed: spaces, commas, line breaks; hyphens too between digits. */
function groupsOf(text: string): string[] {
  let groups = text.replace(AROUND, "").toLowerCase().split(BETWEEN);
  const digitsOnly = groups.join("").replaceAll("-", "");
  if (DIGITS.test(digitsOnly)) {
    if (digitsOnly.length === 4 * GROUPS) return digitsOnly.match(/.{4}/g)!;
    groups = groups.flatMap((group) => group.split("-"));
  }
  return groups.filter((group) => group);
}

function numberIn(group: string, position: number, numberOf: ReadonlyMap<string, number>): number {
  if (DIGITS.test(group)) {
    if (group.length !== 4 || Number(group) >= SIZE) throw new MistypedReceipt("range", { group: position });
    return Number(group);
  }
  const number = numberOf.get(group);
  if (number === undefined) throw new MistypedReceipt("word", { group: position });
  return number;
}
