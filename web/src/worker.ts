/**
 * What seals and sends, apart from the page: it goes on smoothly however large the files are.
 *
 *     page → worker   {kind: "send", …} once; {kind: "pause", hold}
 *     worker → page   {kind: "ready"} as soon as it runs; then progress, waiting, and received or refused
 */

import { Api, ApiError } from "./api.ts";
import { CAPACITIES } from "./compose.ts";
import { choices, clean, holdsReceipt } from "./choices.ts";
import { Refused } from "./consent.ts";
import { Receipt } from "./crypto/receipt.ts";
import { ORIGINS } from "./media.ts";
import { type Medium, type Received, Sending, type Shown } from "./sending.ts";

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

export type ToWorker = Job | { readonly kind: "pause"; readonly hold: boolean };

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
  | { readonly kind: "refused"; readonly code: string; readonly values: Readonly<Record<string, string>> };

const api = new Api("", (seconds) => tell({ kind: "waiting", seconds }));

function tell(message: FromWorker): void {
  postMessage(message);
}

async function send(job: Job): Promise<Received> {
  const typed = new Map<string, string[]>();
  for (const [name, value] of job.fields) typed.set(name, [...(typed.get(name) ?? []), clean(value)]);
  for (const [name, value] of job.fields) if (name !== "receipt") await refuseReceipt(value);
  const narrative = typed.get("narrative")?.at(-1) ?? "";
  if (!narrative.trim() && !job.media.length) throw new Refused("empty");
  const capacity = typed.get("capacity")?.at(-1) ?? "";
  if (!CAPACITIES.some((known) => known === capacity)) throw new Refused("capacity_missing");
  if (!job.media.every((medium) => ORIGINS.includes(medium.origin))) throw new Refused("malformed");
  const keys = await Receipt.parse(job.receipt).keys();
  const countries = new Map(job.countries);
  const sending = new Sending(api, keys, job.assets, (file, step, done, total) => {
    if (file !== null) tell({ kind: "progress", file, step, done, total });
  });
  return sending.send(
    {
      language: job.language,
      narrative,
      capacity,
      media: job.media,
      choices: (offered, today) => choices(typed, offered, job.language, today, countries),
    },
    job.shown,
  );
}

/** A receipt in the text would be read by everybody who may read the text. */
async function refuseReceipt(text: string): Promise<void> {
  const latin = /(?:[a-z]+(?:-[a-z]+)?[\s,;.]+){8}[a-z]/i.test(text);
  const lists = latin ? [(await import("./crypto/receipt_words.ts")).ENGLISH] : [];
  if (holdsReceipt(text, ...lists)) throw new Refused("receipt_in_text");
}

/** In the words that the page has for it. */
function refusal(error: unknown): FromWorker {
  if (error instanceof Refused) return { kind: "refused", code: error.code, values: error.values };
  if (error instanceof ApiError) return { kind: "refused", code: error.code, values: {} };
  return { kind: "refused", code: "failed", values: {} };
}

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "pause") return api.pause(data.hold);
  send(data).then(
    (received) => tell({ kind: "received", received }),
    (error: unknown) => tell(refusal(error)),
  );
});
tell({ kind: "ready" });
