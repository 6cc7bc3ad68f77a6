/**
 * From what a person says and allows to a signed record: the twin of `intake/record/compose.py` for the
 * first revision.
 *
 *     const composer = new Composer(writer, offered, text, today, choices);   checks the choices
 *     await composer.narrative(…); await composer.triage(…)                    parts, to be sent
 *     const composed = await composer.finish();                               audience, consents, grants to write
 */

import type { Recipient } from "./crypto/age_keys.ts";
import { keyFor } from "./crypto/bundles.ts";
import type { Class, Compartment } from "./crypto/compartments.ts";
import type { Json } from "./crypto/encoding.ts";
import { FormatError } from "./crypto/errors.ts";
import type { RecordWriter, SealedPart } from "./crypto/record_writer.ts";
import type { AudienceEntry, ConsentEntry, Kind } from "./crypto/statement.ts";
import { check, type Choice, type ConsentText, entry, fields, type Mechanisms, Refused } from "./consent.ts";

export const CAPACITIES = [
  "victim",
  "direct_witness",
  "relative",
  "on_behalf",
  "lawyer",
  "medic",
  "insider",
  "other",
] as const;

/** What goes into the statement; `readers` are (compartment, key) of the grants to be written. */
export interface Composed {
  readonly audience: readonly AudienceEntry[];
  readonly consent: readonly ConsentEntry[];
  readonly readers: readonly (readonly [compartment: string, reader: Recipient])[];
}

/** One first revision being composed. `today` is a day. */
export class Composer {
  readonly parts: SealedPart[] = [];
  readonly #writer: RecordWriter;
  readonly #offered: Mechanisms;
  readonly #text: ConsentText;
  readonly #today: string;
  readonly #choices: readonly Choice[];
  readonly #general = new Map<Class, Compartment>();
  readonly #alone = new Map<string, Compartment>();

  /** `Refused` if a choice cannot be followed. */
  constructor(
    writer: RecordWriter,
    offered: Mechanisms,
    text: ConsentText,
    today: string,
    choices: readonly Choice[],
  ) {
    for (const choice of choices) check(choice, offered, text.language, today);
    if (!choices.length || new Set(choices.map((c) => c.mechanism)).size !== choices.length) {
      throw new FormatError("each mechanism is named once");
    }
    this.#writer = writer;
    this.#offered = offered;
    this.#text = text;
    this.#today = today;
    this.#choices = choices;
  }

  /** A free text, in the account's compartment. */
  narrative(text: string, capacity: string, language: string): Promise<SealedPart> {
    return this.#add("narrative", this.medium("account"), { text, language, capacity });
  }

  /** The card that is sorted and counted by. `media` is the number of files. */
  triage(capacity: string, language: string, media: number): Promise<SealedPart> {
    return this.#add("triage", this.medium("triage"), { language, capacity, media });
  }

  /** Where a medium of this class goes. */
  medium(kind: Class): Compartment {
    const made = this.#writer.compartment(kind);
    this.#general.set(kind, made);
    return made;
  }

  /** Seal the choices, and say who is granted what. */
  async finish(): Promise<Composed> {
    for (const choice of this.#choices) {
      // What one mechanism and the person say to each other alone.
      const compartment = this.#writer.compartment("account", `with:${choice.mechanism}`);
      this.#alone.set(choice.mechanism, compartment);
      const profile = this.#offered.profile(choice.mechanism);
      const root = this.#offered.bundles.get(choice.mechanism)!.rootFingerprint;
      await this.#add("consent", compartment, fields(choice, this.#text, profile, root));
    }
    const audience: AudienceEntry[] = [];
    const readers: [string, Recipient][] = [];
    for (const choice of this.#choices) {
      const general = choice.classes
        .map((kind) => this.#general.get(kind))
        .filter((made) => made !== undefined);
      for (const compartment of [...general, this.#alone.get(choice.mechanism)!]) {
        const recipient = this.#key(choice.mechanism, compartment.kind);
        audience.push({
          mechanism: choice.mechanism,
          compartment: compartment.id,
          recipient: recipient.fingerprint,
        });
        readers.push([compartment.id, recipient]);
      }
    }
    return { audience, consent: this.#choices.map((choice) => entry(choice, this.#text)), readers };
  }

  #key(mechanism: string, kind: Class): Recipient {
    const bundle = this.#offered.bundles.get(mechanism);
    const key = bundle && keyFor(bundle, kind, this.#today);
    if (!key) {
      throw new Refused("mechanism_closed", {
        mechanism: this.#offered.name(mechanism, this.#text.language),
      });
    }
    return key.recipient;
  }

  async #add(kind: Kind, compartment: Compartment, values: Record<string, Json>): Promise<SealedPart> {
    const part = await this.#writer.structured(kind, compartment, values);
    this.parts.push(part);
    return part;
  }
}
