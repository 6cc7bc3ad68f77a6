/**
 * The long form in a browser that seals: one document all the way, page after page, as `POST /…/write` would
 * answer. Whatever stands in a button's `at` and `go` means here what it means there.
 */

import type { Choice } from "../consent.ts";
import { type Json, utf8 } from "../crypto/encoding.ts";
import { guard, quietly } from "../leaving.ts";
import { Progress } from "../progress.ts";
import { answers, one, type Typed, writtenIn } from "../reading.ts";
import { showReceived } from "../received.ts";
import type { Section } from "../record/questions.ts";
import { check } from "../record/sections.ts";
import { Refused } from "../refused.ts";
import type { Thread } from "../thread.ts";
import { receiptFinder } from "../texts.ts";
import { Adding } from "./adding.ts";
import type { Blank } from "./blank.ts";
import { collect, showProblems, told } from "./fields.ts";
import { filesPage } from "./files_page.ts";
import { GATES, type Manuscript } from "./manuscript.ts";
import * as pages from "./pages.ts";
import { reviewPage } from "./review.ts";
import { Saver, type Standing } from "./saver.ts";
import { Typing } from "./typing.ts";

/** Shows pages in `main` until everything is sent, deleted or left. */
export class Writing {
  readonly #worker: Thread;
  readonly #blank: Blank;
  readonly #manuscript: Manuscript;
  readonly #main: HTMLElement;
  readonly #status = document.createElement("p");
  readonly #saver: Saver;
  readonly #typing: Typing;
  readonly #adding: Adding;
  #page: HTMLElement = document.createElement("div");
  #busy = false;

  constructor(worker: Thread, blank: Blank, manuscript: Manuscript, main: HTMLElement) {
    this.#worker = worker;
    this.#blank = blank;
    this.#manuscript = manuscript;
    this.#main = main;
    this.#status.setAttribute("role", "status");
    this.#status.className = "hint";
    this.#saver = new Saver(worker, manuscript.entries, (standing) => this.#say(standing));
    this.#typing = new Typing(manuscript, this.#saver);
    this.#adding = new Adding(worker, blank, manuscript, this.#saver);
    worker.listen((message) => {
      if (message.kind === "waiting" && this.#busy) {
        this.#status.textContent = message.seconds ? blank.texts.get("waiting") : "";
      }
    });
    main.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#pressed(event.target as HTMLFormElement, event.submitter as HTMLButtonElement | null);
    });
    main.addEventListener("input", ({ target }) => {
      if (target instanceof HTMLInputElement && target.id === "only-here") this.#keep(!target.checked);
      else this.#typing.changed(this.#form());
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.#typing.keep();
    });
    guard(
      () => this.#busy || this.#typing.open || this.#saver.pending || (this.#saver.off && !manuscript.empty),
    );
    const typing = manuscript.typing;
    if (typing) this.#show(typing.at, new Map(Object.entries(typing.typed)));
    else this.#show(manuscript.empty ? `section:${GATES}` : "overview");
  }

  get #sheet(): pages.Sheet {
    return { blank: this.#blank, manuscript: this.#manuscript, kept: !this.#saver.off };
  }

  /** Whether anything is kept on the server: asked before there is anything. */
  #keep(kept: boolean): void {
    if (kept) this.#saver.goOn();
    else void this.#saver.stop();
  }

  /** The form of this page that has something to be typed into. */
  #form(): HTMLFormElement | undefined {
    return [...this.#main.querySelectorAll("form")].find((form) => form.querySelector("[name=go]"));
  }

  async #pressed(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const here = form.querySelector<HTMLInputElement>("input[name=at]")?.value ?? "";
      if (button?.name !== "go") {
        this.#typing.forget();
        await this.#go(button?.name === "at" ? button.value : here);
      } else if (button.value === "send") await this.#send();
      else if (button.value === "delete") await this.#delete();
      else {
        const typed = collect(form);
        if (await this.#save(here, button.value, typed, form)) {
          this.#typing.forget();
          await this.#go(this.#next(here, button.value));
        }
      }
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#busy = false;
    }
  }

  /** Which page follows one that was saved. */
  #next(at: string, go: string): string {
    const [kind, id = ""] = at.split(":");
    const asked = kind === "section" ? this.#blank.section(id) : undefined;
    if (go === "next") {
      const raised = id === GATES && this.#manuscript.raised().length > 0;
      return raised ? "overview" : pages.pageAfter(this.#blank, at);
    }
    const held = asked?.repeated ? (this.#manuscript.answers(asked) as readonly Json[]).length : 0;
    if (asked && go === "another") return `section:${id}:${held}`;
    if (asked?.repeated) return held ? `section:${id}` : "overview";
    return kind === "files" && go !== "save" ? "files" : "overview";
  }

  async #go(at: string): Promise<void> {
    if (at === "review") await this.#review();
    else this.#show(at);
  }

  #show(at: string, typed?: Typed): void {
    this.#put(this.#made(at, typed));
    this.#typing.opened(at);
  }

  #made(at: string, typed?: Typed): HTMLElement {
    const [kind = "", id = "", item = ""] = at.split(":");
    const sheet = this.#sheet;
    if (kind === "narrative") return pages.narrative(sheet, typed);
    if (kind === "files") return filesPage(sheet, typed);
    if (kind === "consent") return pages.consentPage(sheet, typed);
    if (kind === "delete") return this.#blank.page("delete");
    const asked = kind === "section" ? this.#blank.section(id) : undefined;
    if (!asked) return pages.overview(sheet);
    const some = asked.repeated && (this.#manuscript.answers(asked) as readonly Json[]).length > 0;
    return some && !item
      ? pages.itemsPage(sheet, asked)
      : pages.sectionPage(sheet, asked, Number(item), typed);
  }

  #put(page: HTMLElement): void {
    quietly(page);
    this.#page = page;
    this.#status.textContent = "";
    this.#main.replaceChildren(page, this.#status);
    for (const part of document.querySelectorAll<HTMLElement>("[data-kept]")) {
      part.hidden = (part.dataset["kept"] === "page") !== this.#saver.off;
    }
    scrollTo(0, 0);
    this.#main.focus();
  }

  /** Take a filled-in page; false if it is shown again, with what is wrong. */
  async #save(at: string, go: string, typed: Typed, form: HTMLFormElement): Promise<boolean> {
    const [kind, id = "", item = ""] = at.split(":");
    if (kind === "narrative") return this.#saveText(typed);
    if (kind === "consent") return this.#saveConsent(typed);
    if (kind === "files") {
      return this.#adding.pressed(go, typed, form, this.#page, this.#sheet, await receiptFinder(typed));
    }
    const asked = this.#blank.section(id);
    return asked ? this.#saveSection(asked, Number(item), go, typed) : false;
  }

  async #saveText(typed: Typed): Promise<boolean> {
    const text = typed.get("narrative")?.at(-1) ?? "";
    const capacity = one(typed, "capacity");
    const limit = this.#blank.store.querySelector<HTMLElement>("[data-code=draft_text_too_long]")!;
    if (utf8(text).length > Number(limit.dataset["limit"])) throw new Refused("draft_text_too_long");
    if ((await receiptFinder(typed))(text)) throw new Refused("receipt_in_text");
    const value = { text, capacity, language: writtenIn(typed, this.#blank.language) };
    this.#set("narrative", text.trim() || capacity ? value : null);
    return true;
  }

  async #saveSection(asked: Section, item: number, go: string, typed: Typed): Promise<boolean> {
    let value = this.#manuscript.answers(asked);
    if (go.startsWith("remove:")) value = pages.withItem(value, Number(go.slice(7)), undefined);
    else {
      const read = answers(asked.questions, typed, "q:", this.#blank.form, await receiptFinder(typed));
      if (read.problems.length) return this.#wrong(read.problems, asked);
      value = asked.repeated ? pages.withItem(value, item, read.answers) : read.answers;
    }
    const whole = check(asked, value, this.#blank.form).filter(({ path }) => !path.includes("/"));
    if (whole.length) return this.#wrong(whole, asked);
    const empty = Object.keys(value as object).length === 0;
    this.#set(`section:${asked.id}`, empty ? null : { value, revises: null });
    return true;
  }

  #wrong(problems: Parameters<typeof told>[0], asked: Section): false {
    showProblems(this.#page, this.#blank, told(problems, asked.questions, this.#blank));
    return false;
  }

  async #saveConsent(typed: Typed): Promise<boolean> {
    const fields = [...typed].filter(([name]) => name !== "at");
    if (!typed.get("mechanism")?.length) {
      this.#set("consent", null);
      return true;
    }
    const { profiles } = await this.#worker.ask("choose", new Map(fields), this.#blank.offer());
    const { language, form } = this.#blank;
    this.#set("consent", { typed: Object.fromEntries(fields), language, version: form.consent, profiles });
    return true;
  }

  async #review(refused?: Refused): Promise<void> {
    const { manuscript } = this.#sheet;
    const { text = "", capacity = "" } = manuscript.text ?? {};
    const missing = refused ? [refused] : [];
    let chosen: readonly Choice[] = [];
    try {
      chosen = await this.#chosen();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      missing.push(error);
    }
    if (!manuscript.files.length && !text.trim()) missing.push(new Refused("draft_nothing"));
    else if (!capacity) missing.push(new Refused("draft_capacity"));
    const sending = manuscript.interrupted.length > 0;
    const page = reviewPage(this.#sheet, chosen, !missing.length && !sending);
    const { texts } = this.#blank;
    const said = missing.map(({ code, values }) => ["", "", texts.refusal(code, values)] as const);
    if (sending) said.push(["", "", texts.get("still-sending")]);
    if (said.length) showProblems(page, this.#blank, said, "not-lost");
    this.#put(page);
    this.#typing.opened("review");
  }

  /** Those of the manuscript, as they were shown; `Refused` if that is not what holds now. */
  async #chosen(): Promise<readonly Choice[]> {
    const kept = this.#manuscript.consent;
    const { form, language } = this.#blank;
    if (!kept) throw new Refused("draft_consent");
    if (kept.version !== form.consent || kept.language !== language) throw new Refused("consent_changed");
    const typed = new Map(Object.entries(kept.typed));
    const { chosen, profiles } = await this.#worker.ask("choose", typed, this.#blank.offer());
    if (chosen.some(({ mechanism: m }) => (kept.profiles[m] ?? null) !== profiles[m])) {
      throw new Refused("consent_changed");
    }
    return chosen;
  }

  async #send(): Promise<void> {
    const { form, store, texts } = this.#blank;
    const { held, text, consent, files } = this.#manuscript;
    if (!text || !consent) return this.#review();
    const wasOff = this.#saver.off;
    await this.#saver.stop();
    const view = store.querySelector<HTMLElement>("#sealing")!;
    const progress = new Progress(this.#worker, view, texts);
    this.#main.replaceChildren(view);
    progress.show([...held.values()].map(({ name }) => name));
    guard(() => true);
    const before = this.#worker.listen((message) => progress.hear(message));
    const sections = form.sections
      .filter(({ id }) => this.#manuscript.answered(id))
      .map((asked) => [asked, this.#manuscript.answers(asked)] as const);
    const ready = {
      text,
      sections,
      vocabularies: form.vocabularies,
      files: files.filter(({ part }) => !held.has(part)),
      media: [...held.values()],
      consent,
      version: form.consent,
    };
    try {
      const received = await this.#worker.ask("send", ready, this.#blank.offer());
      guard(() => false);
      this.#manuscript.clear();
      showReceived(store.querySelector<HTMLElement>("#received")!, received, texts, store);
    } catch (error) {
      store.append(view);
      this.#worker.listen(before);
      if (!wasOff) this.#saver.goOn();
      await this.#review(error instanceof Refused ? error : new Refused("failed"));
    }
  }

  async #delete(): Promise<void> {
    await this.#saver.stop();
    await this.#worker.ask("clear");
    this.#manuscript.clear();
    guard(() => false);
    this.#put(this.#blank.page("deleted"));
  }

  #set(name: string, value: Json): void {
    if (value === null) this.#manuscript.entries.delete(name);
    else this.#manuscript.entries.set(name, value);
    this.#saver.changed(name);
  }

  #refused(error: unknown): void {
    const { code, values } = error instanceof Refused ? error : new Refused("failed");
    showProblems(this.#page, this.#blank, [["", "", this.#blank.texts.refusal(code, values)]]);
  }

  #say(standing: Standing): void {
    const said =
      standing instanceof Refused
        ? this.#blank.texts.refusal(standing.code)
        : standing && this.#blank.texts.get(standing);
    if (this.#status.textContent !== said) this.#status.textContent = said;
  }
}
