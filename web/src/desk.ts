/**
 * What the long form asks of the worker: the twin of `intake/submissions/workbench.py` for a first testimony.
 *
 * A draft's entries have the names and values that the form without scripts gives them, so that either way
 * can go on with it. Two are of this way only, and the other passes them over:
 *
 *     typing           {"at", "typed"}: a page that is being filled in, as it is
 *     sending:<part>   a file of which not everything has arrived (`Interrupted`)
 */

import { type Api, ApiError } from "./api.ts";
import { choices } from "./choices.ts";
import { check, type Choice, type Mechanisms, Refused } from "./consent.ts";
import { hexDecode, hexEncode, type Json } from "./crypto/encoding.ts";
import { CryptoError } from "./crypto/errors.ts";
import { Receipt, type ReceiptKeys } from "./crypto/receipt.ts";
import { Drafts, type Entries } from "./drafts.ts";
import type { Plan } from "./leaves.ts";
import { deduplicates } from "./media.ts";
import type { Typed } from "./reading.ts";
import type { Section, Terms } from "./record/questions.ts";
import { CAPACITIES } from "./record/vocabulary.ts";
import { type Begun, type Medium, type Received, type SealedFile, Sending, type Shown } from "./sending.ts";

/** The entry `file:<part>`. */
export interface DraftFile {
  readonly upload: string;
  readonly part: string;
  readonly file_key: string;
  readonly payload_id: string;
  readonly size: number;
  readonly digest: string;
  readonly sha256: string;
  readonly label: Readonly<Record<string, Json>>;
  readonly kind: SealedFile["kind"];
  readonly only: readonly string[];
}

/** The entry `sending:<part>`: enough to go on when the same bytes are chosen again. */
export interface Interrupted {
  readonly part: string;
  readonly name: string;
  readonly size: number;
  readonly digest: string;
  readonly file_key: string;
  readonly nonce: string;
  readonly keyed: boolean;
  readonly upload: string;
}

/** The entry `narrative`. */
export interface Text {
  readonly text: string;
  readonly capacity: string;
  readonly language: string;
}

/** The entry `consent`: as it was typed, with what was shown. */
export interface Consent {
  readonly typed: Readonly<Record<string, readonly string[]>>;
  readonly language: string;
  readonly version: string;
  readonly profiles: Readonly<Record<string, string | null>>;
}

/** What a page shows, and what names of countries mean. */
export interface Offer {
  readonly shown: Shown;
  readonly countries: ReadonlyMap<string, string>;
}

/** A draft as it is to be sent. `media` are files that only the page has. */
export interface Ready {
  readonly text: Text;
  readonly sections: readonly (readonly [asked: Section, value: Json])[];
  readonly vocabularies: Readonly<Record<string, Terms>>;
  readonly files: readonly DraftFile[];
  readonly media: readonly Medium[];
  readonly consent: Consent;
  readonly version: string; // of the consent's text that the page shows
}

/** What has become of a file: entries to remember; `refused` if it was not added. */
export interface Added {
  readonly changes: Entries;
  readonly refused?: { readonly code: string; readonly values: Readonly<Record<string, string>> };
}

type Progress = (file: number, step: string, done: number, total: number) => void;

/** One person at the long form. */
export class Desk {
  readonly #api: Api;
  readonly #progress: Progress;
  readonly #uploads = new Map<string, string>(); // by the name of the entry
  #keys: ReceiptKeys | undefined;
  #drafts: Drafts | undefined;
  #language = "en";
  #adding: "" | "going on" | "stopped" = "";
  #assets = "";

  constructor(api: Api, progress: Progress) {
    this.#api = api;
    this.#progress = progress;
  }

  /** Derive the keys of a receipt, in digits, and open what is kept; null if a testimony was received with it. */
  async open(receipt: string, language: string, assets: string): Promise<Map<string, Json> | null> {
    this.#keys = await Receipt.parse(receipt).keys();
    this.#drafts = new Drafts(this.#api, this.#keys);
    this.#language = language;
    this.#assets = assets;
    if (await this.#drafts.received()) return null;
    try {
      const found = await this.#drafts.all();
      this.#note(found);
      return found;
    } catch (error) {
      throw error instanceof CryptoError ? new Refused("other-draft") : error;
    }
  }

  /** Keep entries; those with null are forgotten. */
  async save(entries: Entries): Promise<void> {
    this.#note(entries);
    await this.#drafts!.put(entries, [...this.#uploads.values()]);
  }

  /** Forget everything that is kept, files too. */
  async clear(): Promise<void> {
    await this.#drafts!.clear();
    await Promise.allSettled([...this.#uploads.values()].map((upload) => this.#discard(upload)));
    this.#uploads.clear();
  }

  /** Seal a file and upload it, or what is left of one that was interrupted. */
  async add(medium: Medium, number: number, interrupted: readonly Interrupted[]): Promise<Added> {
    const changes = new Map<string, Json>();
    this.#adding = "going on";
    const note = async (name: string, value: Json): Promise<void> => {
      changes.set(name, value);
      await this.#api.attempts(() => this.save(new Map([[name, value]])));
    };
    try {
      const sending = this.#sending();
      const plan = await sending.read(medium, number);
      const begun = goOn(medium, plan, interrupted) ?? (await sending.begin(medium, plan));
      const name = `sending:${begun.part}`;
      const file = await sending.seal(medium, plan, begun, number, (upload) =>
        note(name, { ...interruptedOf(medium, plan, begun, upload) }),
      );
      await this.#api.attempts(() =>
        this.save(
          new Map<string, Json>([
            [`file:${begun.part}`, { ...encode(file) }],
            [name, null],
          ]),
        ),
      );
      changes.set(`file:${begun.part}`, { ...encode(file) }).set(name, null);
      return { changes };
    } catch (error) {
      this.#adding = "";
      if (error instanceof ApiError) return { changes, refused: { code: error.code, values: {} } };
      if (!(error instanceof Refused)) throw error;
      // Without a connection it stays where it is, to be removed or gone on with later.
      const names = [...changes.keys()];
      if (names.length) {
        const gone = await this.remove(names).then(
          () => true,
          () => false,
        );
        if (gone) for (const name of names) changes.set(name, null);
      }
      return { changes, refused: { code: error.code, values: error.values } };
    } finally {
      this.#adding = "";
    }
  }

  /** No more of the file that is being added: `add` then refuses it as `stopped`, and forgets what was sent. */
  async stop(): Promise<void> {
    if (this.#adding) this.#adding = "stopped";
  }

  /** What is done while nothing can be sent: nobody waits for a file that is no longer wanted. */
  waiting(): void {
    if (this.#adding === "stopped") throw new Refused("stopped");
  }

  /** Forget entries of files, and what they have uploaded. */
  async remove(names: readonly string[]): Promise<void> {
    const uploads = names.map((name) => this.#uploads.get(name)).filter((upload) => upload !== undefined);
    await this.save(new Map(names.map((name) => [name, null])));
    await Promise.allSettled(uploads.map((upload) => this.#discard(upload)));
  }

  /** What was chosen, if it can be followed today, and the hash of what each mechanism says of itself. */
  async choose(typed: Typed, offer: Offer): Promise<{ chosen: Choice[]; profiles: Consent["profiles"] }> {
    try {
      const offered = await this.#sending().offered(offer.shown);
      const today = new Date().toISOString().slice(0, 10);
      const chosen = this.#choices(typed, offered, today, offer);
      return { chosen, profiles: profilesOf(chosen, offered) };
    } catch (error) {
      throw error instanceof CryptoError ? new Refused("server_untrue") : error;
    }
  }

  /** Seal, sign and hand over. `Refused` says what can be mended: then nothing was received. */
  async send(ready: Ready, offer: Offer): Promise<Received> {
    const { text, sections, vocabularies, consent, media } = ready;
    if (!text.text.trim() && !media.length && !ready.files.length) throw new Refused("empty");
    if (!CAPACITIES.some((known) => known === text.capacity)) throw new Refused("capacity_missing");
    if (consent.version !== ready.version || consent.language !== this.#language) {
      throw new Refused("consent_changed"); // another text was shown then than the one that stands here
    }
    const typed = new Map(Object.entries(consent.typed));
    const received = await this.#sending().send(
      {
        language: this.#language,
        narrative: text.text,
        written: text.language,
        capacity: text.capacity,
        media,
        choices: (offered, today) => {
          const chosen = this.#choices(typed, offered, today, offer);
          const profiles = profilesOf(chosen, offered);
          const same = chosen.every(({ mechanism: m }) => (consent.profiles[m] ?? null) === profiles[m]);
          if (!same) throw new Refused("consent_changed");
          return chosen;
        },
        answered: { sections, vocabularies },
        sealed: ready.files.map(decode),
      },
      offer.shown,
    );
    this.#uploads.clear();
    return received;
  }

  #choices(typed: Typed, offered: Mechanisms, today: string, { countries }: Offer): Choice[] {
    const chosen = choices(typed, offered, this.#language, today, countries);
    for (const choice of chosen) check(choice, offered, this.#language, today);
    return chosen;
  }

  #sending(): Sending {
    return new Sending(this.#api, this.#keys!, this.#assets, (file, step, done, total) => {
      this.waiting();
      if (file !== null) this.#progress(file, step, done, total);
    });
  }

  #note(entries: Entries): void {
    for (const [name, value] of entries) {
      if (!/^(?:file|sending):/.test(name)) continue;
      if (value === null) this.#uploads.delete(name);
      else this.#uploads.set(name, (value as unknown as { upload: string }).upload);
    }
  }

  async #discard(upload: string): Promise<void> {
    await this.#api.once(`/v1/uploads/${upload}`, {
      method: "DELETE",
      headers: { "Tus-Resumable": "1.0.0" },
    });
  }
}

/** An interrupted file that has the same bytes, and may still have the same key. */
function goOn(medium: Medium, plan: Plan, interrupted: readonly Interrupted[]): Begun | undefined {
  const alone = medium.intimate || !!medium.only?.length || (medium.kind ?? "account") !== "account";
  const keyed = deduplicates(plan.kind, plan.size, medium.origin, alone);
  const digest = hexEncode(plan.digest);
  const found = interrupted.find(
    (one) => one.digest === digest && one.size === plan.size && one.keyed === keyed,
  );
  return (
    found && {
      part: found.part,
      fileKey: hexDecode(found.file_key, 16),
      nonce: hexDecode(found.nonce, 16),
      keyed,
      upload: found.upload,
    }
  );
}

function interruptedOf(medium: Medium, plan: Plan, begun: Begun, upload: string): Interrupted {
  return {
    part: begun.part,
    name: medium.name,
    size: plan.size,
    digest: hexEncode(plan.digest),
    file_key: hexEncode(begun.fileKey),
    nonce: hexEncode(begun.nonce),
    keyed: begun.keyed,
    upload,
  };
}

/** As an entry of a draft. */
export function encode({ medium, upload, label, kind, only }: SealedFile): DraftFile {
  return {
    upload,
    part: medium.part,
    file_key: hexEncode(medium.fileKey),
    payload_id: medium.payloadId,
    ...medium.measurements,
    label,
    kind,
    only,
  };
}

/** Inverse of `encode`. */
export function decode(entry: DraftFile): SealedFile {
  const { part, file_key, payload_id, size, digest, sha256, upload, label, kind, only } = entry;
  const medium = {
    part,
    fileKey: hexDecode(file_key, 16),
    payloadId: payload_id,
    measurements: { size, digest, sha256 },
  };
  return { medium, upload, label, kind, only };
}

function profilesOf(chosen: readonly Choice[], offered: Mechanisms): Record<string, string | null> {
  return Object.fromEntries(chosen.map(({ mechanism: m }) => [m, offered.profile(m).sha256]));
}
