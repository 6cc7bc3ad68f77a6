/** The one-page form: when it is sent, everything is sealed here, and progress is shown file by file. */

import { ORIGINS } from "./media.ts";
import { guard } from "./leaving.ts";
import { focus, Progress, Texts } from "./progress.ts";
import { showReceived } from "./received.ts";
import type { Medium, Shown } from "./sending.ts";
import type { Thread } from "./thread.ts";
import type { FromWorker } from "./worker.ts";
import { watchPhotos } from "./photos.ts";

/** Takes over the form of the document. Once it has, nothing is sent but by the worker. */
export class Form {
  readonly #worker: Thread;
  readonly #receipt: string;
  readonly #language: string;
  readonly #assets: string;
  readonly #form = find<HTMLFormElement>("form[data-seal]");
  readonly #texts = new Texts(find("#sealing-texts"));
  readonly #progress: Progress;

  constructor(worker: Thread, receipt: string, language: string, assets: string) {
    this.#worker = worker;
    this.#receipt = receipt;
    this.#language = language;
    this.#assets = assets;
    this.#progress = new Progress(worker, find("#sealing"), this.#texts);
    worker.listen((message) => this.#heard(message));
    this.#form.removeAttribute("action"); // whatever happens here, it is not sent in the plain way
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    watchPhotos(this.#form, (name) => this.#texts.get(name));
  }

  #send(): void {
    const data = new FormData(this.#form);
    const media = mediaOf(data);
    const fields = [...data].filter((field): field is [string, string] => typeof field[1] === "string");
    find("#sealing-error").hidden = true;
    this.#form.hidden = true;
    this.#progress.show(media.map((medium) => medium.name));
    guard(() => true);
    this.#worker.post({
      kind: "send",
      receipt: this.#receipt,
      language: this.#language,
      fields,
      media,
      shown: shownIn(document),
      countries: countriesIn(document),
      assets: this.#assets,
    });
  }

  #heard(message: FromWorker): void {
    if (message.kind === "received") {
      guard(() => false);
      showReceived(find("#received"), message.received, this.#texts, document);
    } else if (message.kind === "refused") {
      guard(() => false);
      this.#refused(message.code, message.values);
    } else this.#progress.hear(message);
  }

  #refused(code: string, values: Readonly<Record<string, string>>): void {
    this.#progress.hide();
    this.#form.hidden = false;
    find("#sealing-error p").textContent = this.#texts.refusal(code, values);
    find("#sealing-error").hidden = false;
    focus(find("#sealing-error h2"));
  }
}

/** What stands on a page: roots' fingerprints by mechanism, and the consent's paragraphs. */
export function shownIn(page: ParentNode): Shown {
  const mechanisms = [...page.querySelectorAll<HTMLElement>("[data-root]")];
  return {
    roots: Object.fromEntries(mechanisms.map((m) => [m.dataset["mechanism"]!, m.dataset["root"]!])),
    consent: [...page.querySelectorAll(".consent p:not(.hint)")].map((p) => p.textContent ?? ""),
  };
}

/** Codes by the names of countries that may be typed, if the page has a question about them. */
export function countriesIn(page: ParentNode): [name: string, code: string][] {
  return [...page.querySelectorAll<HTMLOptionElement>("#countries option")].map((option) => [
    option.value,
    option.dataset["code"]!,
  ]);
}

/** Files in the order in which they stand on the page, each with what was said of its row. */
function mediaOf(data: FormData): Medium[] {
  const found: Medium[] = [];
  for (const [name, value] of data) {
    const row = /^media:([0-9]+)$/.exec(name)?.[1];
    if (row === undefined || !(value instanceof File) || !value.name) continue;
    const said = data.get(`origin:${row}`);
    const origin = ORIGINS.find((known) => known === said) ?? "unsaid";
    found.push({ file: value, name: value.name, origin, intimate: data.get(`intimate:${row}`) === "yes" });
  }
  return found;
}

function find<E extends HTMLElement = HTMLElement>(selector: string): E {
  return document.querySelector<E>(selector)!;
}
