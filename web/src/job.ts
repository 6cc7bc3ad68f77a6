/** The one-page form, sealed and sent. It is loaded once the page can be used. */

import type { Api } from "./api.ts";
import { choices } from "./choices.ts";
import { RANDOM_BYTES, Receipt } from "./crypto/receipt.ts";
import { ORIGINS } from "./media.ts";
import { writtenIn } from "./reading.ts";
import { CAPACITIES } from "./record/vocabulary.ts";
import { random } from "./random.ts";
import { Refused } from "./refused.ts";
import { type Progress, type Received, Sending } from "./sending.ts";
import { clean, holdsReceipt, wordLists } from "./texts.ts";
import type { Job } from "./worker.ts";

/** `Refused` for what can be mended in the form, and for all that `Sending.send` refuses. */
export async function send(api: Api, job: Job, progress: Progress): Promise<Received> {
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

/** What turns a receipt into keys comes in a piece of its own: it is here when this resolves. */
export async function ready(): Promise<void> {
  await Receipt.fromRandom(random(RANDOM_BYTES)).keys();
}
