/**
 * Coming back with the receipt, where a browser runs scripts: it is typed in here, and never sent.
 *
 * One document all the way. The blank pages are asked for before anything is typed in, and are the same for
 * everybody; what belongs to the person is in the worker and in this document, and in no address, history or
 * storage. Until the worker runs and the pages are there nothing changes: the form is sent in the plain way.
 */

import { signal } from "./came.ts";
import type { Choice } from "./consent.ts";
import type { Changed } from "./changes.ts";
import type { Json } from "./crypto/encoding.ts";
import { early } from "./early.ts";
import { guard, watch } from "./leaving.ts";
import { load } from "./load.ts";
import { fillForm, mediaOf } from "./own_forms.ts";
import { Sealing } from "./own_sealing.ts";
import { type OwnThread, startOwnWorker } from "./own_thread.ts";
import { OwnValues } from "./own_values.ts";
import type { Answering } from "./own_answers.ts";
import type { Told, View } from "./own_view.ts";
import { Words } from "./own_words.ts";
import type { Page } from "./own_worker.ts";
import { Refused } from "./refused.ts";
import { sealedWay } from "./showing.ts";
import { render, type Values } from "./render.ts";
import type { write } from "./write/open.ts";

type Form = HTMLFormElement;

/** The long form: questions for a record's sections, and going on with a draft. */
interface Written {
  readonly answering: (sections: readonly Told[]) => Answering;
  readonly write: typeof write;
  readonly pages: Document;
}

/** The pages of one person. */
class OwnPages {
  readonly #thread: OwnThread;
  readonly #words: Words;
  readonly #values: OwnValues;
  readonly #blank: Element;
  readonly #main = document.querySelector("main")!;
  readonly #written: () => Promise<Written>;
  #view: View | undefined;
  #answering: Answering | undefined;
  #busy = false;

  /** `written` gives what the long form is made of. */
  constructor(thread: OwnThread, blank: Element, language: string, written: () => Promise<Written>) {
    this.#thread = thread;
    this.#blank = blank;
    this.#written = written;
    this.#words = new Words(blank, language);
    this.#values = new OwnValues(this.#words);
    thread.heard = (message) => {
      if (message.kind === "waiting") this.#say(this.#words.word(message.seconds ? "waiting" : "working"));
    };
  }

  /** Take over the form in which the receipt is typed. */
  start(open: Form, page: Page): void {
    open.addEventListener("submit", (event) => {
      if (event.submitter?.hasAttribute("data-plain")) return; // by the person's own choice
      event.preventDefault();
      const receipt = String(new FormData(open).get("receipt") ?? "");
      this.#work("opening", async () => {
        const found = await this.#thread.ask("open", { receipt, page });
        if ("draft" in found) return this.#goOn(found.draft, page.language);
        this.#view = found.view;
        open.reset();
        // A link that was followed from here would lead away from what is open.
        document.querySelector(".languages")?.remove();
        const help = this.#blank.ownerDocument!.querySelector("a.help")!;
        document.querySelector("a.help")?.replaceWith(document.importNode(help, true));
        this.#main.addEventListener("submit", (sent) => this.#submitted(sent));
        this.#main.addEventListener("click", (click) => this.#clicked(click));
        this.#overview();
      });
    });
  }

  /** Something was saved with the receipt, and never sent: it is gone on with. */
  async #goOn(draft: ReadonlyMap<string, Json>, language: string): Promise<void> {
    const { write, pages } = await this.#written();
    write(this.#thread.desk(), pages, draft, language);
  }

  // --- what was pressed ---

  #clicked(event: Event): void {
    const button = (event.target as Element).closest<HTMLElement>("button[data-go], button[data-do]");
    if (!button) return;
    const { go, do: act, id = "", other = "" } = button.dataset;
    if (go) this.#work("working", () => this.#go(go, id));
    else if (act) this.#work("working", () => this.#act(act, id, other));
  }

  #submitted(event: SubmitEvent): void {
    const form = event.target as Form;
    const { do: act, id = "" } = form.dataset;
    event.preventDefault();
    if (act) this.#work("working", () => this.#send(act, id, form));
    else this.#work("working", () => this.#answer(form, event.submitter as HTMLButtonElement | null));
  }

  async #go(page: string, id: string): Promise<void> {
    const view = this.#view!;
    switch (page) {
      case "overview":
        this.#view = await this.#thread.ask("again");
        if (!this.#answering?.follows(this.#view.sections)) this.#answering = undefined;
        return this.#overview();
      case "answers":
        this.#answering ??= (await this.#written()).answering(view.sections);
        return this.#put(this.#answering.page(id));
      case "ledger":
        return this.#show("ledger", this.#values.ledger(view));
      case "consent":
        return this.#show(
          "consent",
          this.#values.consent(view, Object.keys(await this.#thread.ask("nameable"))),
        );
      case "choose":
        return this.#choose(id);
      case "withdraw": {
        const name = this.#words.mechanism(id);
        return this.#show("withdraw", { id, name, hold: this.#words.word(`hold:${id}`) });
      }
      case "messages":
        return this.#show("messages", this.#values.messages(view, await this.#thread.ask("letters")));
      case "add":
        return this.#show("add", {});
      case "correct": {
        const { values } = view.texts.find((told) => told.id === id)!;
        this.#show("add", { correcting: true, id, text: String(values["text"] ?? "") });
        return fillForm(this.#form(), new Map([["capacity", [String(values["capacity"])]]]));
      }
      case "picture":
        return this.#picture(id);
      case "save":
        return this.#show("file", { id, name: view.files.find((file) => file.id === id)!.name });
      case "delete": {
        const holders = view.choices.filter(({ mechanism }) => this.#words.word(`hold:${mechanism}`));
        const names = holders.map(({ mechanism }) => ({ name: this.#words.mechanism(mechanism) }));
        return this.#show("delete", { holders: names });
      }
      default:
        return this.#show(page, {});
    }
  }

  async #act(act: string, id: string, other: string): Promise<void> {
    if (act === "cancel") {
      await this.#thread.ask("cancel");
      this.#show("done", { cancelled: true });
    } else if (act === "object") {
      await this.#thread.ask("object", { id, mechanism: other });
      this.#show("done", { objected: true });
    } else if (act === "compare") {
      this.#show("compared", this.#values.compared(await this.#thread.ask("compare")));
    } else if (act === "save") {
      const { data, name } = await this.#thread.ask("file", { id });
      const ending = /\.[A-Za-z0-9]{1,5}$/.exec(name)?.[0] ?? "";
      save(new Blob([data as BlobPart], { type: "application/octet-stream" }), `file${ending}`);
    }
  }

  async #send(act: string, id: string, form: Form): Promise<void> {
    const data = new FormData(form);
    const text = (name: string): string => String(data.get(name) ?? "");
    switch (act) {
      case "write":
        await this.#thread.ask("write", { mechanism: text("to"), text: text("text") });
        return this.#go("messages", "");
      case "add":
        return this.#add(data, id);
      case "answer": {
        const { changed: sections, vocabularies } = this.#answering!;
        const changed = await this.#thread.ask("answer", { sections, vocabularies });
        this.#answering = undefined;
        guard(() => false);
        return this.#done(changed, { added: true });
      }
      case "choose": {
        if (!data.has("mechanism") && this.#choiceOf(id)) return this.#go("withdraw", id);
        if (!data.has("mechanism")) throw new Refused("consent_missing");
        const fields = [...data].filter((field): field is [string, string] => typeof field[1] === "string");
        const given = { mechanism: id, fields, shown: form.dataset["shown"]!, keep: data.has("keep") };
        return this.#done(await this.#thread.ask("choose", given), { chosen: true });
      }
      case "withdraw": {
        const changed = await this.#thread.ask("withdraw", { mechanism: id });
        if (!this.#view!.restored) return this.#done(changed, { withdrawn: true });
        const ended = { withdrawn: true, ended: true }; // with the receipt itself
        return this.#show("done", { ...ended, ...this.#values.done(changed, new Set()) });
      }
      case "forget":
        await this.#thread.ask("forget");
        return this.#show("done", { forgotten: true });
      case "delete":
        return this.#show("done", { deletion: true, due: this.#words.day(await this.#thread.ask("delete")) });
      case "proof": {
        const proof = await this.#thread.ask("proof", { mechanism: text("mechanism") });
        save(new Blob([proof], { type: "text/plain" }), "notes.txt");
      }
    }
  }

  // --- pages ---

  #overview(): void {
    this.#show("overview", this.#values.overview(this.#view!));
  }

  async #choose(id: string): Promise<void> {
    const nameable = await this.#thread.ask("nameable");
    const questions = nameable[id];
    if (!questions) throw new Refused("mechanism_unknown");
    const choice = this.#choiceOf(id);
    const expires = choice?.expires ? this.#words.day(choice.expires) : "";
    const unread = choice !== undefined && this.#view!.unread.includes(id);
    this.#show(`choose-${id}`, { held: choice !== undefined, unread, expires });
    if (choice) fillForm(this.#form(), this.#values.typed(choice, questions));
  }

  async #add(data: FormData, id: string): Promise<void> {
    const media = mediaOf(data);
    const sealing = new Sealing(this.#thread, this.#words, this.#main, media);
    try {
      const text = String(data.get("narrative") ?? "");
      const capacity = String(data.get("capacity") ?? "");
      const changed = await this.#thread.ask("add", { text, capacity, media, revises: id || undefined });
      sealing.stop();
      await this.#done(changed, { added: true });
    } finally {
      sealing.stop();
      this.#answering?.watch();
    }
  }

  async #answer(form: Form, button: HTMLButtonElement | null): Promise<void> {
    this.#put(await this.#answering!.pressed(form, button));
  }

  /** A page with questions; without one, the list of all sections. */
  #put(page: HTMLElement | undefined): void {
    const classes = new Set<string>(this.#view!.choices.flatMap((choice) => choice.classes));
    if (!page) return this.#show("answers", { blind: this.#view!.blind, ...this.#answering!.list(classes) });
    this.#main.replaceChildren(page);
    scrollTo(0, 0);
    this.#main.focus();
  }

  async #picture(id: string): Promise<void> {
    const { data, type, name } = await this.#thread.ask("file", { id });
    const image = document.createElement("img");
    image.alt = name;
    const address = URL.createObjectURL(new Blob([data as BlobPart], { type }));
    image.onload = image.onerror = () => URL.revokeObjectURL(address);
    image.src = address;
    this.#show("file", { picture: true, name });
    this.#main.querySelector("[data-picture]")!.append(image);
  }

  async #done(changed: Changed, what: Values): Promise<void> {
    this.#view = await this.#thread.ask("again");
    const live = new Set(this.#view.choices.map((choice) => choice.mechanism));
    this.#show("done", { ...what, ...this.#values.done(changed, live) });
  }

  #choiceOf(id: string): Choice | undefined {
    return this.#view!.choices.find((choice) => choice.mechanism === id);
  }

  #form(): Form {
    return this.#main.querySelector("form")!;
  }

  #show(page: string, values: Values): void {
    const template = this.#blank.querySelector<HTMLTemplateElement>(`#own-${CSS.escape(page)}`)!;
    this.#main.replaceChildren(render(template, values));
    scrollTo(0, 0);
    this.#main.focus();
  }

  /** Do it, one thing at a time; what does not work is said on the page that is shown. */
  #work(doing: string, work: () => Promise<void>): void {
    if (this.#busy) return;
    this.#busy = true;
    const trouble = this.#main.querySelector<HTMLElement>("[data-trouble]");
    if (trouble) trouble.hidden = true;
    this.#say(this.#words.word(doing));
    work()
      .catch((error: unknown) => this.#refused(error))
      .finally(() => {
        this.#busy = false;
        this.#say("");
      });
  }

  #say(text: string): void {
    const state = this.#main.querySelector("[data-busy]");
    if (state) state.textContent = text;
  }

  #refused(error: unknown): void {
    const { code, values } = error instanceof Refused ? error : new Refused("failed");
    const said = this.#words.refusal(code, values);
    let box = this.#main.querySelector<HTMLElement>("[data-trouble]");
    if (!box) {
      this.#overview(); // a page on which nothing can go wrong by itself
      box = this.#main.querySelector<HTMLElement>("[data-trouble]")!;
    }
    box.querySelector("[data-trouble-text]")!.textContent = said;
    box.hidden = false;
    box.tabIndex = -1;
    box.focus();
  }
}

/** Let the browser store a file, under a name that says nothing. */
function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(content);
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser reads it while it stores it
}

/** Whether the page's forms are taken over. */
async function start(script: HTMLScriptElement): Promise<boolean> {
  const { worker: address, assets } = script.dataset;
  const open = document.querySelector<Form>("form[data-open]");
  const cover = document.querySelector<HTMLTemplateElement>("#cover")?.content.firstElementChild;
  if (!open || !address || !assets || !(cover instanceof HTMLElement)) return false;
  const language = document.documentElement.lang;
  const blank = (await load(`/${language}/own`)).querySelector("#own")!;
  const thread = await startOwnWorker(address);
  // Asked for before it is known whether somebody needs them: that is nothing for the server to learn.
  const written = early(async (): Promise<Written> => {
    const [{ answeringIn }, { write }, pages] = await Promise.all([
      import("./own_answers.ts"),
      import("./write/open.ts"),
      load(`/${language}/pages`),
    ]);
    return { answering: answeringIn(pages, language), write, pages };
  });
  const pages = new OwnPages(thread, blank, language, written);
  const templates = [...blank.querySelectorAll("template")].map((template) => template.content);
  const mechanisms = templates.flatMap((content) => [
    ...content.querySelectorAll<HTMLElement>("[data-root]"),
  ]);
  const consent = templates.map((content) => [...content.querySelectorAll(".consent p:not(.hint)")]);
  const countries = new Words(blank, language).terms.countries;
  const shown = {
    roots: Object.fromEntries(mechanisms.map((m) => [m.dataset["mechanism"]!, m.dataset["root"]!])),
    consent: (consent.find((paragraphs) => paragraphs.length) ?? []).map((p) => p.textContent ?? ""),
  };
  pages.start(open, { language, shown, countries, assets });
  sealedWay(document);
  watch(cover, () => thread.stop());
  return true;
}

const script = document.querySelector<HTMLScriptElement>("script[data-worker]");
// Where it cannot be started nothing on the page has changed: the plain way remains, and the page says so.
if (script) start(script).then(signal, () => signal(false));
