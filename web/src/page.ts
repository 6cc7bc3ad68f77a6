/**
 * The pages, where a browser runs scripts: from the first page to "Received" without the server seeing the
 * receipt, the text or a file.
 *
 * It is one document all the way: what the next page looks like is asked of the server, and what belongs
 * to the person stays in memory. Nothing gets into addresses, history or storage. A receipt that the server
 * has made belongs to the plain way, and is never sealed with: so everything begins on the first page.
 */

import { signal } from "./came.ts";
import { MistypedReceipt, Receipt } from "./crypto/receipt.ts";
import { Form } from "./form.ts";
import { watch } from "./leaving.ts";
import { load } from "./load.ts";
import { Texts } from "./progress.ts";
import { random } from "./random.ts";
import { Refused } from "./refused.ts";
import { sealedWay, show } from "./showing.ts";
import { startWorker, type Thread } from "./thread.ts";

const TRIES = 2;
const STEPS = "button[formaction]"; // of the receipt's page: to the long form

/** When this form is sent, do this instead; what cannot be done now is said beside it, and can be tried again. */
function instead(
  form: HTMLFormElement,
  work: (event: SubmitEvent) => Promise<void>,
  failed: (error: unknown, trouble: HTMLElement) => void = () => undefined,
): void {
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const trouble = form.parentElement!.querySelector<HTMLElement>("[data-trouble]");
    if (trouble) trouble.hidden = true;
    work(event)
      .catch((error: unknown) => {
        if (!trouble) return;
        failed(error, trouble);
        trouble.hidden = false;
      })
      .finally(() => (busy = false));
  });
}

/** Whether the page's forms are taken over. */
async function start(script: HTMLScriptElement): Promise<boolean> {
  const { worker: address, assets } = script.dataset;
  const begin = document.querySelector<HTMLFormElement>("form[data-begin]");
  const cover = document.querySelector<HTMLTemplateElement>("#cover")?.content.firstElementChild;
  const resume = document.querySelector<HTMLFormElement>("form[data-resume]");
  if (!begin || !resume || !address || !assets || !(cover instanceof HTMLElement)) return false;
  let worker: Thread | undefined = await startWorker(address);
  const language = document.documentElement.lang;
  let watching = false;

  /** From the second page on. */
  function watched(): void {
    if (!watching) watch(cover as HTMLElement, () => worker?.stop());
    watching = true;
  }

  /** The worker, with everything that it needs: what did not come once, only another worker asks for again. */
  async function prepared(): Promise<Thread> {
    for (let tries = 1; ; tries++) {
      const here: Thread = (worker ??= await startWorker(address!));
      try {
        await here.prepared();
        return here;
      } catch (error) {
        here.stop();
        worker = undefined;
        if (tries === TRIES) throw error;
      }
    }
  }

  async function receipt(): Promise<void> {
    const page = await load(`/${language}/receipt`, {});
    const thrown = page.querySelector<HTMLInputElement>("input[name=receipt]")!;
    const unused = thrown.value; // made by the server: it only opens the way to the next page
    thrown.remove();
    const made = Receipt.fromRandom(random(32));
    const digits = made.digits();
    page.querySelectorAll(".receipt .digits").forEach((group, i) => (group.textContent = digits[i]!));
    const words = page.querySelectorAll(".receipt .word");
    const said = words.length ? made.words((await import("./crypto/receipt_words.ts")).ENGLISH) : [];
    words.forEach((word, i) => (word.textContent = said[i] ?? ""));
    show(page);
    watched();
    const goOn = document.querySelector<HTMLFormElement>("#go-on")!;
    const steps = (event: SubmitEvent): boolean => event.submitter?.matches(STEPS) ?? false;
    instead(goOn, (event) => (steps(event) ? write(digits.join(" ")) : form(digits.join(" "), unused)));
  }

  async function form(receipt: string, unused: string): Promise<void> {
    const [page, worker] = await Promise.all([
      load(`/${language}/testimony`, { receipt: unused }),
      prepared(),
    ]);
    page.querySelector("input[name=receipt]")!.remove();
    show(page);
    new Form(worker, receipt, language, assets!);
  }

  async function write(receipt: string): Promise<void> {
    const [long, page, worker] = await Promise.all([
      import("./write/open.ts"),
      load(`/${language}/pages`),
      prepared(),
    ]);
    const entries = await worker.ask("open", receipt, language, assets!);
    long.write(worker, page, entries, language);
    watched();
  }

  async function again(): Promise<void> {
    const typed = resume!.querySelector<HTMLInputElement>("input[name=receipt]")!.value;
    const lists = /[a-z]/i.test(typed) ? [(await import("./crypto/receipt_words.ts")).ENGLISH] : [];
    await write(
      Receipt.parse(typed, ...lists)
        .digits()
        .join(" "),
    );
  }

  instead(begin, receipt);
  instead(resume, again, (error, trouble) => {
    const texts = new Texts(document.querySelector("#receipt-texts")!);
    trouble.textContent = texts.refusal(...reason(error));
  });
  sealedWay(document);
  return true;
}

/** What is wrong with a receipt, or with what is kept with it. */
function reason(error: unknown): [code: string, values?: Readonly<Record<string, string>>] {
  if (error instanceof MistypedReceipt) {
    const { reason, group, found } = error;
    return [reason === "count" ? `receipt_count:${found}` : `receipt_${reason}`, { group: String(group) }];
  }
  return [error instanceof Refused ? error.code : "failed"];
}

const script = document.querySelector<HTMLScriptElement>("script[data-worker]");
// Where it cannot be started nothing on the page has changed: the plain way remains, and the page says so.
if (script) start(script).then(signal, () => signal(false));
