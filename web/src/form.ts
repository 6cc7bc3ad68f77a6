/** The one-page form: when it is sent, everything is sealed here, and progress is shown file by file. */

import type { Medium, Received } from "./sending.ts";
import type { Thread } from "./thread.ts";
import type { FromWorker } from "./worker.ts";
import { ORIGINS } from "./media.ts";
import { watchPhotos } from "./photos.ts";

/** Takes over the form of the document. Once it has, nothing is sent but by the worker. */
export class Form {
  readonly #worker: Thread;
  readonly #receipt: string;
  readonly #language: string;
  readonly #assets: string;
  readonly #form = find<HTMLFormElement>("form[data-seal]");
  readonly #view = find("#sealing");
  readonly #bars: HTMLProgressElement[] = [];
  #held = false;
  readonly #guard = (event: BeforeUnloadEvent): void => event.preventDefault();

  constructor(worker: Thread, receipt: string, language: string, assets: string) {
    this.#worker = worker;
    this.#receipt = receipt;
    this.#language = language;
    this.#assets = assets;
    worker.listen((message) => this.#heard(message));
    this.#form.removeAttribute("action"); // whatever happens here, it is not sent in the plain way
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    watchPhotos(this.#form, text);
    find("#sealing-pause").addEventListener("click", () => this.#hold(!this.#held));
    // Leaving quickly must not be held up by a question.
    find(".quit").addEventListener("click", () => removeEventListener("beforeunload", this.#guard));
  }

  #send(): void {
    const data = new FormData(this.#form);
    const media = mediaOf(data);
    const fields = [...data].filter((field): field is [string, string] => typeof field[1] === "string");
    const mechanisms = [...document.querySelectorAll<HTMLElement>("[data-root]")];
    this.#show(media);
    this.#worker.post({
      kind: "send",
      receipt: this.#receipt,
      language: this.#language,
      fields,
      media,
      shown: {
        roots: Object.fromEntries(mechanisms.map((m) => [m.dataset["mechanism"]!, m.dataset["root"]!])),
        consent: [...document.querySelectorAll(".consent p:not(.hint)")].map((p) => p.textContent ?? ""),
      },
      countries: [...document.querySelectorAll<HTMLOptionElement>("#countries option")].map((option) => [
        option.value,
        option.dataset["code"]!,
      ]),
      assets: this.#assets,
    });
  }

  #show(media: readonly Medium[]): void {
    const list = find("#sealing-files");
    list.replaceChildren();
    this.#bars.length = 0;
    media.forEach((medium, i) => {
      const row = document.createElement("li");
      const label = document.createElement("label");
      const bar = document.createElement("progress");
      label.textContent = medium.name;
      label.htmlFor = bar.id = `sealing-file-${i + 1}`;
      bar.max = 2; // read once, and sent
      bar.value = 0;
      row.append(label, bar);
      list.append(row);
      this.#bars.push(bar);
    });
    find("#sealing-error").hidden = true;
    this.#form.hidden = true;
    this.#view.hidden = false;
    this.#hold(false);
    this.#say("sealing");
    focus(find("#sealing h2"));
    addEventListener("beforeunload", this.#guard);
  }

  #hold(hold: boolean): void {
    this.#held = hold;
    this.#worker.post({ kind: "pause", hold });
    find("#sealing-pause").textContent = text(hold ? "resume" : "pause");
    this.#say(hold ? "paused" : "sealing");
  }

  #say(name: string): void {
    const state = find("#sealing-state");
    const said = text(name);
    if (state.textContent !== said) state.textContent = said; // a reader reads it aloud each time it changes
  }

  #heard(message: FromWorker): void {
    switch (message.kind) {
      case "progress": {
        const { file, step, done, total } = message;
        this.#bars[file]!.value = (step === "sending" ? 1 : 0) + (total ? done / total : 1);
        if (!this.#held) this.#say("sealing");
        break;
      }
      case "waiting":
        if (!this.#held) this.#say(message.seconds ? "waiting" : "sealing");
        break;
      case "received":
        removeEventListener("beforeunload", this.#guard);
        this.#received(message.received);
        break;
      case "refused":
        removeEventListener("beforeunload", this.#guard);
        this.#refused(message.code, message.values);
    }
  }

  #refused(code: string, values: Readonly<Record<string, string>>): void {
    const known = document.querySelector(`#sealing-texts [data-code="${CSS.escape(code)}"]`);
    let said = (known ?? find("#sealing-texts [data-code=failed]")).textContent ?? "";
    for (const [name, value] of Object.entries(values)) said = said.replaceAll(`{${name}}`, value);
    this.#view.hidden = true;
    this.#form.hidden = false;
    find("#sealing-error p").textContent = said;
    find("#sealing-error").hidden = false;
    focus(find("#sealing-error h2"));
  }

  #received({ day, mechanisms, media, promise }: Received): void {
    const page = find("#received");
    // Not by the browser: few of them know the names of months in Belarusian.
    fill(page, "day", document.querySelector(`#sealing-texts [data-day="${day}"]`)?.textContent ?? day);
    fill(page, "files", media ? String(media) : text("none"));
    fill(page, "promise", promise ?? "");
    find("#received details").hidden = promise === null;
    find("#received [data-broken]").hidden = promise !== null;
    const names = mechanisms.map((name) => {
      const item = document.createElement("li");
      item.textContent = name;
      return item;
    });
    page.querySelector("[data-fill=mechanisms]")!.replaceChildren(...names);
    find("footer p").textContent = text("close");
    page.hidden = false;
    find("main").replaceChildren(page); // nothing of what was written is left in the page
    scrollTo(0, 0);
    focus(find("#received h1"));
  }
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

function text(name: string): string {
  return find(`#sealing-texts [data-text=${name}]`).textContent ?? "";
}

function fill(page: HTMLElement, name: string, said: string): void {
  page.querySelector(`[data-fill=${name}]`)!.textContent = said;
}

function focus(element: HTMLElement): void {
  element.tabIndex = -1;
  element.focus();
}
