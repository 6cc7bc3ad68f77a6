/**
 * A testimony, sealed here and sent: the twin of `intake/client/sealing.py` and `submit.py`.
 *
 *     digest → blind evaluation → seal and upload (tus) → statement
 *
 * Keys, their entries in the logs, profiles and the consent's text are verified before anything is sealed. A file is read twice: for
 * its digest, and to be sealed. Every MiB is compared with the first reading before, because a changed
 * file under the same key would betray both.
 */

import { type Api, ApiError } from "./api.ts";
import { Composer } from "./compose.ts";
import { type Choice, Mechanisms, readConsentText, Refused } from "./consent.ts";
import type { Class } from "./crypto/compartments.ts";
import { sealedLength } from "./crypto/age_stream.ts";
import { fileKeyAndNonce, LeafCheck } from "./crypto/content_key.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  fromUtf8,
  hexEncode,
  isList,
  isObject,
  type Json,
  utf8,
} from "./crypto/encoding.ts";
import { CryptoError, FormatError, VerifyError } from "./crypto/errors.ts";
import type { VerifierKey } from "./crypto/notes.ts";
import * as oprf from "./crypto/oprf.ts";
import * as padding from "./crypto/padding.ts";
import type { ReceiptKeys } from "./crypto/receipt.ts";
import { MediumSealer, RecordWriter, type SealedMedium, type SealedPart } from "./crypto/record_writer.ts";
import { statementHash } from "./crypto/statement.ts";
import { leavesOf, type Plan, readOnce } from "./leaves.ts";
import { Logs } from "./logged.ts";
import { deduplicates, type Origin, OTHER } from "./media.ts";
import { checkPromise, type Sent } from "./promises.ts";
import { random } from "./random.ts";
import type { Section, Terms } from "./record/questions.ts";
import { Uploads } from "./tus.ts";

export const CLIENT = "intake-web";
export const VERSION = "0.1.0";
const SMALL = 64 * 1024; // bytes of a payload that travels within the request
const EPOCHS = 3; // times that an epoch may close under our hands
// What arrived is not what was sent: something on the way, or the server, changed or dropped it.
const DIFFERS = ["payload_differs", "upload_incomplete", "upload_shared", "parts_differ"];

/**
 * One photo, video, recording or paper, as the person described it. `kind` is the class of its compartment,
 * `only` who alone may open it, `said` are answers for its label.
 */
export interface Medium {
  readonly file: Blob;
  readonly name: string;
  readonly origin: Origin;
  readonly intimate: boolean;
  readonly kind?: Class;
  readonly only?: readonly string[];
  readonly said?: Readonly<Record<string, Json>>;
}

/** A file of which the sealing has begun; `upload` is its name, "" before there is one. */
export interface Begun {
  readonly part: string;
  readonly fileKey: Bytes;
  readonly nonce: Bytes;
  readonly keyed: boolean;
  readonly upload: string;
}

/** A file that is sealed and uploaded, with what its label is going to say. */
export interface SealedFile {
  readonly medium: SealedMedium;
  readonly upload: string;
  readonly label: Readonly<Record<string, Json>>;
  readonly kind: Class;
  readonly only: readonly string[];
}

/** Answers to sections of the long form, in their order; the terms are for the triage card. */
export interface Answered {
  readonly sections: readonly (readonly [asked: Section, value: Json])[];
  readonly vocabularies: Readonly<Record<string, Terms>>;
}

/**
 * Everything that a person wrote, chose and allowed. `language` is that of the page. `sealed` are files that
 * were uploaded before.
 */
export interface Testimony {
  readonly language: string;
  readonly narrative: string;
  readonly written?: string; // the narrative's language, if it is another one
  readonly capacity: string;
  readonly media: readonly Medium[];
  readonly choices: (offered: Mechanisms, today: string) => readonly Choice[];
  readonly answered?: Answered;
  readonly sealed?: readonly SealedFile[];
}

/** What stood on the page: roots' fingerprints by mechanism, and the consent's paragraphs. */
export interface Shown {
  readonly roots: Readonly<Record<string, string>>;
  readonly consent: readonly string[];
}

/** How far it is: file number from 0 (or null for the texts), bytes done and in all. */
export type Progress = (
  file: number | null,
  step: "reading" | "sending",
  done: number,
  total: number,
) => void;

/** What the service acknowledged; `mechanisms` are names. `promise` is null if it does not hold. */
export interface Received {
  readonly record: string;
  readonly day: string;
  readonly mechanisms: readonly string[];
  readonly media: number;
  readonly promise: string | null;
}

/** Sends one testimony under one receipt. `assets` is the hash of the manifest of what runs here. */
export class Sending {
  readonly #api: Api;
  readonly #uploads: Uploads;
  readonly #keys: ReceiptKeys;
  readonly #assets: string | null;
  readonly #progress: Progress;
  /** What the request says of the parts that are ready, in the order in which they were sent. */
  readonly parts: Record<string, Json>[] = [];

  constructor(api: Api, keys: ReceiptKeys, assets: string | null, progress: Progress = () => undefined) {
    this.#api = api;
    this.#uploads = new Uploads(api);
    this.#keys = keys;
    this.#assets = assets;
    this.#progress = progress;
  }

  /**
   * Seal, upload, sign, hand over.
   *
   * `Refused` says what the person can mend, or that a file changed (`file_changed`), that what the server
   * said is not true (`server_untrue`), or that something else arrived than was sent (`arrived_differs`).
   * Nothing was received then, and what was uploaded is thrown away. Only after `answer_untrue` it is not
   * known whether it was.
   */
  async send(testimony: Testimony, shown: Shown): Promise<Received> {
    try {
      const received = await this.#send(testimony, shown);
      await this.settle(true);
      return received;
    } catch (error) {
      await this.settle(false);
      if (error instanceof CryptoError) throw new Refused("server_untrue", { detail: error.message });
      // A file of a draft that is not there any more has expired: that is nobody's doing.
      const expired =
        error instanceof ApiError && error.code === "upload_incomplete" && testimony.sealed?.length;
      if (error instanceof ApiError && DIFFERS.includes(error.code) && !expired) {
        throw new Refused("arrived_differs");
      }
      throw error;
    }
  }

  /** Those who may be chosen today, verified. */
  async offered(shown: Shown): Promise<Mechanisms> {
    return Mechanisms.read(await this.#api.get("/v1/mechanisms"), shown.roots);
  }

  async #send(testimony: Testimony, shown: Shown): Promise<Received> {
    const today = new Date().toISOString().slice(0, 10);
    const offered = await this.offered(shown);
    const text = readConsentText(await this.#api.get("/v1/consent-texts"), testimony.language, shown.consent);
    const writer = new RecordWriter(this.#keys, random);
    const choices = testimony.choices(offered, today);
    const composer = new Composer(writer, offered, text, today, choices);
    const logs = await Logs.current(this.#api);
    const promiseKey = logs.promiseKey;
    for (const { mechanism } of choices) logs.require(offered.bundles.get(mechanism)!, today);
    const { narrative, capacity, answered, sealed = [] } = testimony;
    const language = testimony.written ?? testimony.language;
    const media = testimony.media.length + sealed.length;
    await composer.narrative(narrative, capacity, language);
    for (const [asked, value] of answered?.sections ?? []) await composer.section(asked, value);
    const said = Object.fromEntries((answered?.sections ?? []).map(([{ id }, value]) => [id, value]));
    const vocabularies = answered?.vocabularies ?? {};
    await composer.triage({ capacity, language, media, sections: said, vocabularies });
    for (const file of sealed) await this.#label(writer, composer, file);
    for (const [i, medium] of testimony.media.entries()) await this.medium(writer, composer, medium, i);
    const body = await this.#signed(writer, composer, today);
    const promise = await this.#handOver(body, writer.record);
    const sent = {
      record: writer.record,
      statementHash: statementHash(utf8(body.statement)),
      mechanisms: choices.map((choice) => choice.mechanism),
      today,
    };
    return {
      record: writer.record,
      day: today,
      mechanisms: choices.map((c) => offered.name(c.mechanism, testimony.language)),
      media,
      promise: holds(promise, promiseKey, sent) ? promise : null,
    };
  }

  /** A submission has claimed what was uploaded; or nothing is going to, and it is thrown away. */
  async settle(claimed: boolean): Promise<void> {
    if (claimed) this.#uploads.claimed();
    else await this.#uploads.discard();
  }

  /** The promise in the answer, not checked. From here on the service may have received it all. */
  async #handOver(body: Json, record: string): Promise<Json | undefined> {
    const key = hexEncode(random(16));
    try {
      const answer = await this.#api.post("/v1/submissions", body, { "Idempotency-Key": key });
      if (isObject(answer) && answer["record"] === record) return answer["promise"];
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
    throw new Refused("answer_untrue");
  }

  async #signed(writer: RecordWriter, composer: Composer, today: string) {
    const composed = await composer.finish();
    for (const part of composer.parts) await this.small(part);
    const [statement, signature] = writer.statement({
      audience: composed.audience,
      consent: composed.consent,
      createdDay: today,
      sealedBy: "submitter",
      client: { name: CLIENT, version: VERSION, assets: this.#assets },
    });
    const grants = await writer.grants(composed.readers);
    return {
      statement: fromUtf8(statement),
      signature: b64uEncode(signature),
      receipt: {
        lookup: b64uEncode(this.#keys.lookup),
        auth: b64uEncode(this.#keys.auth),
        record_key: b64uEncode(this.#keys.recordKey(writer.share)),
      },
      parts: this.parts,
      grants: grants.map(({ compartment, recipient, file }) => ({
        compartment,
        recipient,
        file: b64uEncode(file),
      })),
    };
  }

  /** Seal a file and upload it; its label too. `where` says which compartment it goes into. */
  async medium(
    writer: RecordWriter,
    where: Pick<Composer, "medium">,
    medium: Medium,
    number: number,
  ): Promise<void> {
    const plan = await this.read(medium, number);
    const file = await this.seal(medium, plan, await this.begin(medium, plan), number);
    await this.#label(writer, where, file);
  }

  /** Read a file once: what it is, and what identifies its content. */
  read(medium: Medium, number: number): Promise<Plan> {
    return readOnce(medium, (done) => this.#progress(number, "reading", done, medium.file.size));
  }

  /** Choose under which key a file is sealed. What few may open gets one that nobody else could have. */
  async begin(medium: Medium, { kind, size, digest }: Plan): Promise<Begun> {
    const alone =
      medium.intimate || (medium.only ?? []).length > 0 || (medium.kind ?? "account") !== "account";
    const keyed = deduplicates(kind, size, medium.origin, alone);
    const [fileKey, nonce] = keyed ? await this.#contentKey(digest) : [random(16), random(16)];
    return { part: hexEncode(random(16)), fileKey, nonce, keyed, upload: "" };
  }

  /** Seal a file and upload it, or the rest of it; `created` hears the name of a new upload at once. */
  async seal(
    medium: Medium,
    plan: Plan,
    begun: Begun,
    number: number,
    created: (upload: string) => Promise<void> = async () => undefined,
  ): Promise<SealedFile> {
    let sealer: MediumSealer | undefined;
    let whole = false;

    async function* payload(): AsyncGenerator<Bytes, void> {
      const made = await MediumSealer.start(begun.part, begun.fileKey, begun.nonce, plan.digest);
      sealer = made;
      const leaves = await LeafCheck.start(plan.leaves);
      try {
        for await (const leaf of leavesOf(medium)) {
          await leaves.check(leaf);
          yield await made.update(leaf);
        }
        leaves.finish();
      } catch (error) {
        throw error instanceof VerifyError ? new Refused("file_changed", { name: medium.name }) : error;
      }
      yield* made.finish();
      whole = true;
    }

    const length = sealedLength(padding.paddedLength(plan.size, padding.FLOOR));
    const progress = (sent: number): void => this.#progress(number, "sending", sent, length);
    const upload = await this.#uploads.send(length, payload, progress, { name: begun.upload, created });
    if (!whole) for await (const _ of payload()); // all of it was there already: its hashes are still wanted
    const only = medium.only ?? [];
    return {
      medium: sealer!.sealed(),
      upload,
      label: {
        name: medium.name,
        type: plan.kind ?? OTHER,
        origin: medium.origin,
        ...medium.said,
        intimate: medium.intimate,
        dedup: begun.keyed ? "oprf" : "none",
        ...(only.length ? { apart: true } : {}),
      },
      kind: medium.kind ?? (medium.intimate ? "sensitive" : "account"),
      only,
    };
  }

  async #label(writer: RecordWriter, where: Pick<Composer, "medium">, file: SealedFile): Promise<void> {
    const { medium, upload, label, kind, only } = file;
    const compartment = where.medium(kind, only.length ? `medium:${medium.part}` : "", only);
    const [header, sealedLabel] = await writer.endMedium(medium, compartment, label);
    this.parts.push({ id: medium.part, header: b64uEncode(header), upload });
    await this.small(sealedLabel);
  }

  /** By OPRF of the digest: the server sees a random point. Starts over when the epoch closes. */
  async #contentKey(digest: Bytes): Promise<[fileKey: Bytes, nonce: Bytes]> {
    for (let i = 0; i < EPOCHS; i++) {
      const current = await this.#api.get("/v1/oprf");
      const epoch = isObject(current) ? current["epoch"] : undefined;
      if (typeof epoch !== "number") throw new FormatError("no epoch");
      const blinded = oprf.blind(digest, random(oprf.BLIND_RANDOM));
      let answer: Json;
      try {
        answer = await this.#api.post("/v1/oprf", { epoch, elements: [b64uEncode(blinded.element)] });
      } catch (error) {
        if (error instanceof ApiError && error.code === "epoch_closed") continue;
        throw error;
      }
      const found = isObject(answer) && answer["epoch"] === epoch ? answer["evaluations"] : undefined;
      if (!isList(found) || found.length !== 1) throw new FormatError("no evaluation of what was asked");
      const element = b64uDecode(found[0], oprf.ELEMENT_SIZE);
      return fileKeyAndNonce(oprf.finalize(digest, blinded, element), digest);
    }
    throw new FormatError("every epoch that the server names is closed");
  }

  /** Upload a structured part, or keep it to travel within the request. */
  async small(part: SealedPart): Promise<void> {
    const { header, payload, entry } = part;
    const sent =
      payload.length <= SMALL
        ? { payload: b64uEncode(payload) }
        : { upload: await this.#uploads.send(payload.length, () => once(payload)) };
    this.parts.push({ id: entry.id, header: b64uEncode(header), ...sent });
  }
}

/** Never an error: whether the promise holds or not, the testimony was received. */
function holds(promise: Json | undefined, key: VerifierKey, sent: Sent): promise is string {
  try {
    checkPromise(promise, key, sent);
    return true;
  } catch (error) {
    if (error instanceof CryptoError) return false;
    throw error;
  }
}

async function* once(payload: Bytes): AsyncGenerator<Bytes, void> {
  yield payload;
}
