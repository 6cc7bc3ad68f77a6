/**
 * A mechanism's profile: what it is, may do, offers and announces, signed by its offline root.
 *
 *     signature = Ed25519(root, "intake/mechanism-profile/v1" ‖ 00 ‖ JCS(profile without it))
 *
 * A person chooses a mechanism by what its profile says, and a consent stays tied to that: what counts is
 * the hash of the canonical bytes. `docs/wire.md`, "Mechanism profile", has the meaning of each field.
 */

import * as checks from "./checks.ts";
import { CLASSES, type Class } from "./compartments.ts";
import {
  b64uDecode,
  type Bytes,
  canonicalJson,
  concat,
  equal,
  hexEncode,
  isObject,
  type Json,
  parseJson,
  utf8,
} from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { sha256, verifySignature } from "./primitives.ts";
import { type Purpose, PURPOSES } from "./statement.ts";

export const CONDITIONS = ["no_death_penalty", "not_to_states", "ask_first"] as const;
export type Condition = (typeof CONDITIONS)[number];
export const MAX_BYTES = 256 * 1024;
export const MAX_QUESTIONS = 64 * 1024; // bytes of their canonical JSON
export const MAX_TEXT = 4000; // characters
export const MAX_DELAY = 365; // days
const DOMAIN = utf8("intake/mechanism-profile/v1\0");
const NAMES =
  "v mechanism version day mandate purposes compartments conditions contact hold note questions" +
  " continues continued_by delay_days closes root signature";
const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;
// Line breaks are fine; other controls, and what makes a text read in another order than it stands, not.
const UNSEEN = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

/** Language tag → text; English is always there. */
export type Texts = Readonly<Record<string, string>>;

/**
 * A verified profile.
 *
 * `day` is when it was published, `closes` the last day on which the mechanism takes anything new;
 * `hold` announces that withdrawn material which was opened before is kept locked. `questions` is JSON
 * that is not looked into here. `sha256` (hex) is of `raw`, the canonical bytes.
 */
export interface Profile {
  readonly mechanism: string;
  readonly version: number;
  readonly day: string;
  readonly mandate: Texts;
  readonly purposes: readonly Purpose[];
  readonly compartments: readonly Class[];
  readonly conditions: readonly Condition[];
  readonly contact: boolean;
  readonly hold: Texts | null;
  readonly note: Texts | null;
  readonly questions: readonly Json[];
  readonly continues: readonly string[];
  readonly continuedBy: string | null;
  readonly delayDays: number;
  readonly closes: string | null;
  readonly root: Bytes;
  readonly sha256: string;
  readonly raw: Bytes;
}

/** `mandate`, `hold` or `note` in this language, else in English; "" if there is none. */
export function textIn(texts: Texts | null, language: string): string {
  return texts ? (Object.hasOwn(texts, language) ? texts[language] : "") || texts["en"]! : "";
}

/** Whether the mechanism takes new testimonies on this day (`YYYY-MM-DD`). */
export function takesOn(profile: Pick<Profile, "closes">, day: string): boolean {
  return profile.closes === null || day <= profile.closes;
}

/**
 * Parse a profile and check its signature; `FormatError` or `VerifyError`.
 *
 * With `root` (32 bytes) it must be signed by that key. Without, the caller checks `Profile.root`.
 */
export function verifyProfile(data: Bytes, root?: Bytes): Profile {
  if (data.length > MAX_BYTES) throw new FormatError("the profile is too long");
  const whole = parseJson(data);
  const top = checks.exactly(whole, NAMES) as Record<string, Json>;
  checks.version(top["v"]!, 1);
  const key = b64uDecode(top["root"], 32);
  const body = canonicalJson(checks.without(top, "signature"));
  verifySignature(key, b64uDecode(top["signature"], 64), concat(DOMAIN, body));
  if (root && !equal(key, root)) throw new VerifyError("the profile is signed by another root");
  const raw = canonicalJson(whole);
  const slug = (value: Json): string => checks.text(value, checks.SLUG);
  const day = (value: Json): string => checks.text(value, checks.DAY);
  const profile: Profile = {
    mechanism: slug(top["mechanism"]!),
    version: checks.positive(top["version"]!),
    day: day(top["day"]!),
    mandate: texts(top["mandate"]!),
    purposes: some(top["purposes"]!, PURPOSES),
    compartments: some(top["compartments"]!, CLASSES),
    conditions: some(top["conditions"]!, CONDITIONS),
    contact: checks.boolean(top["contact"]!),
    hold: checks.optional(top["hold"]!, texts),
    note: checks.optional(top["note"]!, texts),
    questions: questions(top["questions"]!),
    continues: eachOnce(checks.items(top["continues"]!, 50).map(slug)),
    continuedBy: checks.optional(top["continued_by"]!, slug),
    delayDays: delay(top["delay_days"]!),
    closes: checks.optional(top["closes"]!, day),
    root: key,
    sha256: hexEncode(sha256(raw)),
    raw,
  };
  checkSense(profile);
  return profile;
}

function checkSense(profile: Profile): void {
  const { mechanism, continues, continuedBy } = profile;
  if (!profile.purposes.length) throw new FormatError("a profile offers at least one purpose");
  if (!profile.compartments.includes("account")) {
    throw new FormatError("a profile offers the class account: it is what every testimony has");
  }
  if (continues.includes(mechanism) || continuedBy === mechanism) {
    throw new FormatError("a mechanism does not continue itself");
  }
  if (continuedBy !== null && continues.includes(continuedBy)) {
    throw new FormatError("two mechanisms do not continue each other");
  }
}

function texts(value: Json): Texts {
  if (!isObject(value) || !Object.hasOwn(value, "en") || Object.keys(value).length > 50) {
    throw new FormatError("a text is given by language, and at least in English");
  }
  for (const [language, text] of Object.entries(value)) {
    checks.text(language, LANGUAGE);
    if (typeof text !== "string" || !text.trim() || checks.characters(text) > MAX_TEXT || UNSEEN.test(text)) {
      throw new FormatError(`a text is 1 to ${MAX_TEXT} characters that can be seen`);
    }
  }
  return value as Texts;
}

function some<Value extends string>(value: Json, allowed: readonly Value[]): Value[] {
  return eachOnce(checks.items(value, allowed.length).map((item) => checks.oneOf(item, allowed)));
}

function eachOnce<Value>(found: Value[]): Value[] {
  if (new Set(found).size !== found.length) throw new FormatError("a list names something twice");
  return found;
}

function questions(value: Json): readonly Json[] {
  const found = checks.items(value, 1000);
  if (canonicalJson(found).length > MAX_QUESTIONS) {
    throw new FormatError(`the questions are longer than ${MAX_QUESTIONS / 1024} KiB`);
  }
  return found;
}

function delay(value: Json): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > MAX_DELAY) {
    throw new FormatError(`accesses are shown 0 to ${MAX_DELAY} days later`);
  }
  return value;
}
