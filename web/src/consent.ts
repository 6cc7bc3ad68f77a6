/** What a person allows one mechanism: the twin of `intake/record/consent.py`, and what may be chosen today. */

import { type Bundle, keyFor, verifyBundle } from "./crypto/bundles.ts";
import { CLASSES, type Class } from "./crypto/compartments.ts";
import {
  type Bytes,
  canonicalJson,
  equal,
  hexEncode,
  isList,
  isObject,
  type Json,
  utf8,
} from "./crypto/encoding.ts";
import { FormatError, VerifyError } from "./crypto/errors.ts";
import { sha256 } from "./crypto/primitives.ts";
import { type Condition, type Profile, takesOn, verifyProfile } from "./crypto/profiles.ts";
import { type ConsentEntry, type Purpose, PURPOSES } from "./crypto/statement.ts";
import { Refused } from "./refused.ts";

export { Refused };

export const IDENTITY_USES = ["closed", "mechanism", "court", "public"] as const;
export const CONTACTS = ["never", "here", "safe_channel"] as const;

/**
 * Purposes and scope for one mechanism, with conditions. `expires` is a day or null.
 *
 * `identity` and `contact` are null where the person gave no answer: nothing is allowed then.
 */
export interface Choice {
  readonly mechanism: string;
  readonly purposes: readonly Purpose[];
  readonly classes: readonly Class[];
  readonly expires: string | null;
  readonly successor: boolean;
  readonly identity: string | null;
  readonly contact: string | null;
  readonly conditions: readonly Condition[];
  readonly states: readonly string[];
  readonly answers: Readonly<Record<string, Json>>;
}

/** The text that was shown before the consent. */
export interface ConsentText {
  readonly version: string;
  readonly language: string;
  readonly sha256: string;
  readonly text: string;
}

/** What a profile says to a sealer. A mechanism without one offers everything but conditions. */
export type Offered = Pick<
  Profile,
  "version" | "purposes" | "compartments" | "conditions" | "contact" | "questions" | "closes"
> & { readonly sha256: string | null };

const PLAIN: Offered = {
  version: 0,
  sha256: null,
  purposes: PURPOSES,
  compartments: CLASSES,
  conditions: [],
  contact: true,
  questions: [],
  closes: null,
};

/** Verified keys, and verified profiles, by mechanism. */
export class Mechanisms {
  readonly bundles: ReadonlyMap<string, Bundle>;
  readonly #profiles: ReadonlyMap<string, Profile>;

  constructor(bundles: ReadonlyMap<string, Bundle>, profiles: ReadonlyMap<string, Profile>) {
    this.bundles = bundles;
    this.#profiles = profiles;
  }

  /** The mechanism's profile, or the plain one of those that have none. */
  profile(mechanism: string): Offered {
    return this.#profiles.get(mechanism) ?? PLAIN;
  }

  /** The mechanism's name in this language, else in English. */
  name(mechanism: string, language: string): string {
    const names = this.bundles.get(mechanism)?.names;
    return (names && (names[language] ?? names["en"])) ?? mechanism;
  }

  /**
   * The answer of `GET /v1/mechanisms`, every signature checked.
   *
   * `roots` are the fingerprints that the page showed: another root is a `VerifyError`.
   */
  static read(answer: Json, roots: Readonly<Record<string, string>>): Mechanisms {
    if (!isObject(answer) || !isList(answer["mechanisms"])) throw new FormatError("no list of mechanisms");
    const bundles = new Map<string, Bundle>();
    for (const raw of answer["mechanisms"]) {
      const bundle = verifyBundle(canonicalJson(raw));
      const shown = Object.hasOwn(roots, bundle.mechanism) ? roots[bundle.mechanism] : bundle.rootFingerprint;
      if (bundle.rootFingerprint !== shown) throw new VerifyError("another root than the one that was shown");
      bundles.set(bundle.mechanism, bundle);
    }
    const profiles = new Map<string, Profile>();
    const given = answer["profiles"];
    for (const [name, raw] of isObject(given) ? Object.entries(given) : []) {
      const bundle = bundles.get(name);
      if (!bundle) continue;
      const profile = verifyProfile(canonicalJson(raw), bundle.root);
      if (profile.mechanism !== name) throw new VerifyError("the profile is another mechanism's");
      profiles.set(name, profile);
    }
    return new Mechanisms(bundles, profiles);
  }
}

/**
 * The current text in this language, out of the answer of `GET /v1/consent-texts`.
 *
 * `shown` are the paragraphs that stood on the page: a consent names the hash of nothing else.
 */
export function readConsentText(answer: Json, language: string, shown: readonly string[]): ConsentText {
  if (!isObject(answer) || !isList(answer["texts"])) throw new FormatError("no consent texts");
  const found = answer["texts"].find(
    (t) => isObject(t) && t["version"] === answer["current"] && t["language"] === language,
  );
  if (!isObject(found)) throw new FormatError("no consent text in this language");
  const { version, text, sha256: hash } = found;
  if (typeof version !== "string" || typeof text !== "string" || typeof hash !== "string") {
    throw new FormatError("no consent text");
  }
  const data: Bytes = utf8(text);
  if (hexEncode(sha256(data)) !== hash) throw new VerifyError("the consent text has another hash");
  const blocks = text.split("\n\n").map(plainSpaces).filter(Boolean);
  if (!equal(utf8(blocks.join("\n")), utf8(shown.map(plainSpaces).join("\n")))) {
    throw new Refused("offer_changed");
  }
  return { version, language, sha256: hash, text };
}

/** `Refused` unless the mechanism offers what is chosen, and can be sealed to today. */
export function check(choice: Choice, offered: Mechanisms, language: string, today: string): void {
  const bundle = offered.bundles.get(choice.mechanism);
  const profile = offered.profile(choice.mechanism);
  const mechanism = offered.name(choice.mechanism, language);
  if (!bundle || !takesOn(profile, today)) throw new Refused("mechanism_unknown");
  if (!choice.purposes.length) throw new Refused("purpose_missing", { mechanism });
  const known =
    within(choice.purposes, profile.purposes) &&
    within(choice.classes, profile.compartments) &&
    within(choice.conditions, profile.conditions) &&
    within([choice.identity ?? "closed"], IDENTITY_USES) &&
    within([choice.contact ?? "never"], CONTACTS) &&
    choice.classes.includes("account");
  if (!known || (choice.contact === "here" && !profile.contact)) {
    throw new Refused("consent_not_offered", { mechanism });
  }
  if (choice.conditions.includes("not_to_states") !== choice.states.length > 0) {
    throw new Refused("states_missing", { mechanism });
  }
  if (choice.expires !== null && choice.expires < today) throw new Refused("consent_expired", { mechanism });
  if (choice.classes.some((kind) => !keyFor(bundle, kind, today))) {
    throw new Refused("mechanism_closed", { mechanism });
  }
}

/**
 * The sealed part, with what was shown to the person. `root`: the mechanism's fingerprint (hex).
 *
 * What was not answered is left out, so that nobody reads as a refusal what was never said.
 */
export function fields(
  choice: Choice,
  text: ConsentText,
  profile: Offered,
  root: string | null,
): Record<string, Json> {
  return {
    mechanism: choice.mechanism,
    purposes: choice.purposes,
    classes: choice.classes,
    expires: choice.expires,
    successor: choice.successor,
    ...(choice.identity === null ? {} : { identity: choice.identity }),
    ...(choice.contact === null ? {} : { contact: choice.contact }),
    conditions: choice.conditions,
    states: choice.states,
    answers: choice.answers,
    text: { version: text.version, language: text.language, sha256: text.sha256 },
    profile: { version: profile.version, sha256: profile.sha256, root },
  };
}

/** What the statement says of it, in the clear. */
export function entry(choice: Choice, text: ConsentText): ConsentEntry {
  return {
    mechanism: choice.mechanism,
    purposes: PURPOSES.filter((p) => choice.purposes.includes(p)),
    expires: choice.expires,
    successor: choice.successor,
    text: { version: text.version, language: text.language, sha256: text.sha256 },
  };
}

function within(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one));
}

function plainSpaces(text: string): string {
  return text.split(/\s+/).filter(Boolean).join(" ");
}
