/**
 * What seals and sends, apart from the page: it goes on smoothly however large the files are.
 *
 *     page → worker   {kind: "send", …} for the one-page form; {kind: "ask", …} for a method of `Desk`, answered
 *                     once; {kind: "pause", hold}
 *     worker → page   {kind: "ready"} as soon as it runs; then progress, waiting; received or refused; answers
 */

import { Api } from "./api.ts";
import { AtDesk, refusal } from "./at_desk.ts";
import { choices } from "./choices.ts";
import { Receipt } from "./crypto/receipt.ts";
import { ORIGINS } from "./media.ts";
import { writtenIn } from "./reading.ts";
import { CAPACITIES } from "./record/vocabulary.ts";
import { Refused } from "./refused.ts";
import { type Medium, type Received, Sending, type Shown } from "./sending.ts";
import { clean, holdsReceipt, wordLists } from "./texts.ts";

/** A filled-in form. `countries` maps names in the page's language to codes. */
export interface Job {
  readonly kind: "send";
  readonly receipt: string;
  readonly language: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly media: readonly Medium[];
  readonly shown: Shown;
  readonly countries: readonly (readonly [name: string, code: string])[];
  readonly assets: string;
}

/** What can be asked of the long form's desk. */
export type Method = "open" | "save" | "clear" | "add" | "stop" | "remove" | "choose" | "send";

/** A call of one of its methods; `id` comes back with the answer. */
export interface Ask {
  readonly kind: "ask";
  readonly id: number;
  readonly method: Method;
  readonly with: readonly unknown[];
}

export type ToWorker = Job | Ask | { readonly kind: "pause"; readonly hold: boolean };

/** Why something was not done: the code of its text. */
export interface Refusal {
  readonly code: string;
  readonly values: Readonly<Record<string, string>>;
}

export type FromWorker =
  | { readonly kind: "ready" }
  | {
      readonly kind: "progress";
      readonly file: number;
      readonly step: string;
      readonly done: number;
      readonly total: number;
    }
  | { readonly kind: "waiting"; readonly seconds: number }
  | { readonly kind: "received"; readonly received: Received }
  | ({ readonly kind: "refused" } & Refusal)
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | ({ readonly kind: "failed"; readonly id: number } & Refusal);

const api = new Api("", (seconds) => {
  tell({ kind: "waiting", seconds });
  desk.waiting();
});
const desk = new AtDesk(api, tell);

function tell(message: FromWorker): void {
  postMessage(message);
}

function progress(file: number | null, step: string, done: number, total: number): void {
  if (file !== null) tell({ kind: "progress", file, step, done, total });
}

async function send(job: Job): Promise<Received> {
  const typed = new Map<string, string[]>();
  for (const [name, value] of job.fields) typed.set(name, [...(typed.get(name) ?? []), clean(value)]);
  const texts = job.fields.filter(([name]) => name !== "receipt").map(([, value]) => value);
  const lists = await wordLists(texts);
  // A receipt in the text would be read by everybody who may read the text.
  if (texts.some((text) => holdsReceipt(text, ...lists))) throw new Refused("receipt_in_text");
  const narrative = typed.get("narrative")?.at(-1) ?? "";
  if (!narrative.trim() && !job.media.length) throw new Refused("empty");
  const capacity = typed.get("capacity")?.at(-1) ?? "";
  if (!CAPACITIES.some((known) => known === capacity)) throw new Refused("capacity_missing");
  if (!job.media.every((medium) => ORIGINS.includes(medium.origin))) throw new Refused("malformed");
  const keys = await Receipt.parse(job.receipt).keys();
  const countries = new Map(job.countries);
  const sending = new Sending(api, keys, job.assets, progress);
  return sending.send(
    {
      language: job.language,
      narrative,
      written: writtenIn(typed, job.language),
      capacity,
      media: job.media,
      choices: (offered, today) => choices(typed, offered, job.language, today, countries),
    },
    job.shown,
  );
}

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case "pause":
      return api.pause(data.hold);
    case "send":
      send(data).then(
        (received) => tell({ kind: "received", received }),
        (error: unknown) => tell({ kind: "refused", ...refusal(error) }),
      );
      return;
    case "ask":
      desk.answer(data);
  }
});
tell({ kind: "ready" });
