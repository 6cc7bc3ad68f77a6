/**
 * What opens one's own record and goes on with it, apart from the page. The receipt's keys are here only.
 *
 *     page → worker   {kind: "call", id, method, given}; {kind: "pause", hold}; of a draft that is gone on with
 *                     {kind: "ask", …}, as in `worker.ts`
 *     worker → page   {kind: "ready"} as soon as it runs; then answers and refusals by id, progress, waiting
 */

import { checkAccesses } from "./accesses.ts";
import { Api, ApiError } from "./api.ts";
import { AtDesk } from "./at_desk.ts";
import { choices } from "./choices.ts";
import { Mechanisms, readConsentText, Refused } from "./consent.ts";
import { type Bytes, isObject, type Json } from "./crypto/encoding.ts";
import { CryptoError, FormatError } from "./crypto/errors.ts";
import { MistypedReceipt, RANDOM_BYTES, Receipt, type WordList } from "./crypto/receipt.ts";
import { ORIGINS } from "./media.ts";
import { type Letters, readLetters, writeLetter } from "./messages.ts";
import { type Addition, type Answered, type Changed, Changes, type Offer } from "./changes.ts";
import { Own, statementsOf } from "./own.ts";
import { type View, viewOf } from "./own_view.ts";
import { random } from "./random.ts";
import type { Compared } from "./searched.ts";
import type { Shown } from "./sending.ts";
import { clean, holdsReceipt } from "./texts.ts";
import type { Ask } from "./worker.ts";

// Nine groups that could be a receipt, words or digits.
const WORDY = /(?:(?:[a-z]+(?:-[a-z]+)?|[0-9]{4})[^a-z0-9]+){8}(?:[a-z]|[0-9]{4})/i;

/** What stands on the page that the worker has to know. `countries` maps names to codes. */
export interface Page {
  readonly language: string;
  readonly shown: Shown;
  readonly countries: readonly (readonly [name: string, code: string])[];
  readonly assets: string;
}

/** A form for one mechanism; `shown` is what it says a consent is tied to, `keep`: the end date of before. */
export interface Chosen {
  readonly mechanism: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly shown: string;
  readonly keep: boolean;
}

/** What a receipt opens: a record, or what was saved and never sent. */
export type Found = { readonly view: View } | { readonly draft: ReadonlyMap<string, Json> };

/** Who may be named now, with the questions that each asks. */
export type Nameable = Readonly<Record<string, readonly Json[]>>;

let page: Page;
let own: Own | undefined;
const api = new Api("", (seconds) => {
  postMessage({ kind: "waiting", seconds });
  desk.waiting();
});
const desk = new AtDesk(api, (message) => postMessage(message));

const methods = {
  /** Type the receipt in. */
  async open(given: { receipt: string; page: Page }): Promise<Found> {
    page = given.page;
    own = undefined;
    const receipt = Receipt.parse(given.receipt, ...(await lists(given.receipt)));
    try {
      return { view: await read(await Own.read(api, await receipt.keys(), bundles)) };
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "receipt_unknown")) throw error;
      const draft = await (await desk.desk()).open(receipt.digits().join(" "), page.language, page.assets);
      if (!draft?.size) throw error;
      return { draft };
    }
  },

  /** Read everything anew. */
  async again(): Promise<View> {
    return read(await Own.read(api, mine().keys, bundles, mine()));
  },

  async nameable(): Promise<Nameable> {
    const { mechanisms } = await offer();
    return Object.fromEntries(
      [...mechanisms.bundles.keys()].map((id) => [id, mechanisms.profile(id).questions]),
    );
  },

  letters(): Promise<Letters> {
    return readLetters(mine().mailbox, mine().reader, mine().revisions, mine().standings);
  },

  async write({ mechanism, text }: { mechanism: string; text: string }): Promise<void> {
    const cleaned = clean(text);
    if (!cleaned.trim()) throw new Refused("message_empty");
    if (Array.from(cleaned).length > 8000) throw new Refused("message_too_long");
    await refuseReceipt(cleaned);
    const { letters } = await methods.letters();
    const answers = letters.filter((l) => l.mechanism === mechanism && !l.mine).at(-1)?.part ?? null;
    const day = new Date().toISOString().slice(0, 10);
    const letter = { mechanism, text: cleaned, language: page.language, answers, day };
    await writeLetter(mine().mailbox, mine().keys, mine().reader, letter);
  },

  async add(addition: Omit<Addition, "language">): Promise<Changed> {
    const text = clean(addition.text);
    await refuseReceipt(text);
    if (!addition.media.every((medium) => ORIGINS.includes(medium.origin))) throw new Refused("malformed");
    const progress = (file: number | null, step: string, done: number, total: number): void => {
      if (file !== null) postMessage({ kind: "progress", file, step, done, total });
    };
    return changes(await offer()).add({ ...addition, text, language: page.language }, progress);
  },

  async answer(answered: Answered): Promise<Changed> {
    return changes(await offer()).answer(answered);
  },

  async choose({ mechanism, fields, shown, keep }: Chosen): Promise<Changed> {
    const found = await offer();
    const said = `${found.text.version} ${found.mechanisms.profile(mechanism).sha256 ?? ""}`.trim();
    if (said !== shown) throw new Refused("consent_changed");
    const typed = new Map<string, string[]>([["mechanism", [mechanism]]]);
    for (const [name, value] of fields) {
      await refuseReceipt(value);
      if (name !== "mechanism") typed.set(name, [...(typed.get(name) ?? []), clean(value)]);
    }
    const today = new Date().toISOString().slice(0, 10);
    const [choice] = choices(typed, found.mechanisms, page.language, today, new Map(page.countries));
    const before = mine().choices().get(mechanism);
    return changes(found).allow(keep && before ? { ...choice!, expires: before.expires } : choice!);
  },

  async withdraw({ mechanism }: { mechanism: string }): Promise<Changed> {
    if (mine().restoration) {
      const withdrawn = await mine().end(mechanism);
      return { revision: mine().statement.revision, withdrawn, leftOut: [], promised: true };
    }
    return changes(await offer()).withdraw(mechanism);
  },

  forget: (): Promise<void> => mine().forget(),
  delete: (): Promise<string> => mine().delete(),
  cancel: (): Promise<void> => mine().keep(),
  object: ({ id, mechanism }: { id: string; mechanism: string }): Promise<void> =>
    mine().object(id, mechanism),
  file: ({ id }: { id: string }): Promise<{ data: Bytes; type: string; name: string }> => mine().file(id),

  /** Compare the list of accesses with the logs: they are fetched whole, and before the list is. */
  async compare(): Promise<Compared> {
    const found = mine();
    const { recordKey: key, statement } = found;
    if (!key) throw new Refused("receipt_restored");
    const { SignedLogs } = await import("./searched.ts");
    const shown = await api.get("/v1/logs");
    const named = new Set(statementsOf(found).flatMap(({ consent }) => consent.map((c) => c.mechanism)));
    const signed = await SignedLogs.read(api, isObject(shown) ? shown["logs"] : undefined, named);
    const answer = await found.mailbox.get("/accesses");
    return signed.compare(checkAccesses(answer, statement.record, statement.share, key), key);
  },

  /** The log proof for one mechanism. */
  async proof({ mechanism }: { mechanism: string }): Promise<string> {
    const { proofs } = await mine().mailbox.get("/proofs");
    const text = isObject(proofs) ? proofs[mechanism] : undefined;
    if (typeof text !== "string") throw new Refused("proof_other");
    return text;
  },
};

export type Methods = typeof methods;

export type ToOwnWorker =
  | { readonly kind: "call"; readonly id: number; readonly method: keyof Methods; readonly given: unknown }
  | Ask
  | { readonly kind: "pause"; readonly hold: boolean };

export type FromOwnWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | {
      readonly kind: "refused";
      readonly id: number;
      readonly code: string;
      readonly values: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "progress";
      readonly file: number;
      readonly step: string;
      readonly done: number;
      readonly total: number;
    }
  | { readonly kind: "waiting"; readonly seconds: number };

function mine(): Own {
  if (!own) throw new FormatError("nothing is open");
  return own;
}

function changes(made: Offer): Changes {
  return new Changes(api, mine(), made);
}

async function read(found: Own): Promise<View> {
  const { statement } = found;
  const accesses = await found.mailbox.get("/accesses");
  own = found;
  return viewOf(found, checkAccesses(accesses, statement.record, statement.share, found.recordKey));
}

/** Of mechanisms that take testimonies, with the roots that the page shows. */
async function bundles(): Promise<Mechanisms["bundles"]> {
  return Mechanisms.read(await api.get("/v1/mechanisms"), page.shown.roots).bundles;
}

/** Verified before anything is sealed to anybody: bundles, profiles, the text that the page shows. */
async function offer(): Promise<Offer> {
  const { language, shown, assets } = page;
  const mechanisms = Mechanisms.read(await api.get("/v1/mechanisms"), shown.roots);
  const text = readConsentText(await api.get("/v1/consent-texts"), language, shown.consent);
  return { mechanisms, text, assets };
}

/** Word lists that a text may need: they are large. */
async function lists(text: string): Promise<WordList[]> {
  return /[a-z]/i.test(text) ? [(await import("./crypto/receipt_words.ts")).ENGLISH] : [];
}

/** A receipt in a text would be read by everybody who may read the text. */
async function refuseReceipt(text: string): Promise<void> {
  const words = WORDY.test(text);
  if (holdsReceipt(text, ...(words ? await lists(text) : []))) throw new Refused("receipt_in_text");
}

/** In the words that the page has for it. */
function refusal(error: unknown): { code: string; values: Readonly<Record<string, string>> } {
  if (error instanceof Refused) return { code: error.code, values: error.values };
  if (error instanceof MistypedReceipt) {
    const { reason, group, found } = error;
    return { code: `receipt_${reason}`, values: { group: String(group), found: String(found) } };
  }
  if (error instanceof ApiError) return { code: error.code, values: {} };
  return { code: error instanceof CryptoError ? "server_untrue" : "failed", values: {} };
}

addEventListener("message", ({ data }: MessageEvent<ToOwnWorker>) => {
  if (data.kind === "pause") return api.pause(data.hold);
  if (data.kind === "ask") return desk.answer(data);
  const { id, method, given } = data;
  const work = methods[method] as (given: unknown) => Promise<unknown>;
  // Within a promise, so that what is thrown at once is a refusal, too.
  Promise.resolve(given)
    .then(work)
    .then(
      (value) => postMessage({ kind: "answer", id, value }),
      (error: unknown) => postMessage({ kind: "refused", id, ...refusal(error) }),
    );
});
postMessage({ kind: "ready" });
// What turns a receipt into keys comes in a piece of its own: here it is before one is typed in.
Receipt.fromRandom(random(RANDOM_BYTES))
  .keys()
  .catch(() => undefined);
