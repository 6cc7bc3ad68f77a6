/**
 * What seals and sends, apart from the page: it goes on smoothly however large the files are.
 *
 *     page → worker   {kind: "prepare", id}, answered once; {kind: "send", …} for the one-page form; {kind: "ask", …} for a method of `Desk`, answered
 *                     once; {kind: "pause", hold}
 *     worker → page   {kind: "ready"} as soon as it runs; then progress, waiting; received or refused; answers
 */

import { Api } from "./api.ts";
import { AtDesk, refusal } from "./at_desk.ts";
import { early } from "./early.ts";
import type { Medium, Received, Shown } from "./sending.ts";

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

/** Load everything that seals and sends, so that a broken connection keeps nobody from sending later. */
export interface Prepare {
  readonly kind: "prepare";
  readonly id: number;
}

export type ToWorker = Job | Ask | Prepare | { readonly kind: "pause"; readonly hold: boolean };

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

async function prepare(): Promise<void> {
  const [{ ready }] = await Promise.all([sending(), desk.desk()]);
  await ready();
}

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case "pause":
      return api.pause(data.hold);
    case "send":
      sending()
        .then(({ send }) => send(api, data, progress))
        .then(
          (received) => tell({ kind: "received", received }),
          (error: unknown) => tell({ kind: "refused", ...refusal(error) }),
        );
      return;
    case "prepare":
      prepare().then(
        () => tell({ kind: "answer", id: data.id, value: null }),
        (error: unknown) => tell({ kind: "failed", id: data.id, ...refusal(error) }),
      );
      return;
    case "ask":
      desk.answer(data);
  }
});
tell({ kind: "ready" });
// What seals is here before anybody has written anything; if it does not come, it is asked for again then.
const sending = early(() => import("./job.ts"));
