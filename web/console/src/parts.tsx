/** Pieces that views are made of. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { CryptoError, NotMine } from "../../src/crypto/errors.ts";
import { MistypedReceipt, Receipt } from "../../src/crypto/receipt.ts";
import { Refused } from "./api.ts";
import { PRINTED_WORDS } from "./keys/vault.ts";
import { state } from "./state.ts";
import { t, told } from "./texts.ts";
import { Worded } from "./worded.ts";

/** Something that takes a moment, whether it is under way, and why it did not work. */
export function useWork(): {
  busy: boolean;
  failed: string;
  run: (work: () => Promise<void>) => void;
} {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    setFailed("");
    work()
      .catch((error: unknown) => setFailed(why(error)))
      .finally(() => setBusy(false));
  };
  return { busy, failed, run };
}

/** In words what went wrong. */
export function why(error: unknown): string {
  if (error instanceof Refused) return told(error.code, error.message);
  if (error instanceof Worded) return t(error.key, error.values);
  if (error instanceof MistypedReceipt) return t("login.mistyped");
  if (error instanceof DOMException && DECLINED.includes(error.name)) return t("login.declined");
  // While one's own keys are closed, what does not open is them, with the words of another printed key.
  if (error instanceof NotMine) return t(state.keys ? "shell.notsealed" : "login.otherprinted");
  if (error instanceof CryptoError) return t("shell.notheld", { why: error.message });
  return t("shell.failed", { why: error instanceof Error ? error.message : String(error) });
}

// What WebAuthn's ceremonies end with when nobody answered (W3C WebAuthn 3, 5.1.3 and 5.1.4).
const DECLINED = ["NotAllowedError", "AbortError", "TimeoutError"];

/** A heading to which the focus goes when its view opens: who listens, or uses the keyboard, is led there. */
export function Heading(props: { id: string; level?: "h2" | "h3"; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const Level = props.level ?? "h2";
  return (
    <Level id={props.id} ref={heading} tabIndex={-1}>
      {props.children}
    </Level>
  );
}

export function Failed({ text }: { text: string }) {
  return (
    <p role="alert" class="failed">
      {text}
    </p>
  );
}

/** A labelled field of one line; no spelling service or form filler reads along. */
export function Field(props: {
  label: string;
  name: string;
  value: string;
  hint?: string;
  max?: number;
  onInput: (value: string) => void;
}) {
  const hint = props.hint ? `${props.name}-hint` : undefined;
  return (
    <p>
      <label for={props.name}>{props.label}</label>
      <input
        id={props.name}
        name={props.name}
        value={props.value}
        maxLength={props.max ?? 200}
        autocomplete="off"
        autocapitalize="off"
        autocorrect="off"
        spellcheck={false}
        aria-describedby={hint}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      {hint && (
        <small id={hint} class="hint">
          {props.hint}
        </small>
      )}
    </p>
  );
}

/** The same of several lines. */
export function Area(props: {
  label: string;
  name: string;
  value: string;
  rows: number;
  hint: string;
  max?: number;
  onInput: (value: string) => void;
}) {
  const hint = `${props.name}-hint`;
  return (
    <p>
      <label for={props.name}>{props.label}</label>
      <textarea
        id={props.name}
        rows={props.rows}
        maxLength={props.max}
        spellcheck={false}
        aria-describedby={hint}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <small id={hint} class="hint">
        {props.hint}
      </small>
    </p>
  );
}

export function Choice(props: {
  label: string;
  name: string;
  value: string;
  options: readonly (readonly [string, string])[];
  /** The first option, without a value, is no choice: the browser asks for another one. */
  required?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <p>
      <label for={props.name}>{props.label}</label>
      <select
        id={props.name}
        name={props.name}
        value={props.value}
        required={props.required}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {props.options.map(([value, label]) => (
          <option key={value} value={value} selected={value === props.value}>
            {label}
          </option>
        ))}
      </select>
    </p>
  );
}

/** A form that does something; its button is off meanwhile. */
export function Form(props: {
  children?: ComponentChildren;
  go: string;
  busy: boolean;
  failed: string;
  onSend: () => void;
}) {
  return (
    <form
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (!props.busy) props.onSend();
      }}
    >
      {props.children}
      <p>
        <button type="submit" class="main" disabled={props.busy}>
          {props.busy ? t("shell.working") : props.go}
        </button>
      </p>
      {props.failed && <Failed text={props.failed} />}
    </form>
  );
}

/** Nine words as they were typed; `MistypedReceipt` if they are no printed key. */
export function readPrinted(typed: string): Receipt {
  return Receipt.parse(typed, PRINTED_WORDS);
}

/** Something that cannot be taken back: asked once more in its place. */
export function Sure(props: { label: string; question: string; busy: boolean; onYes: () => void }) {
  const [asked, ask] = useState<boolean>();
  const button = useRef<HTMLButtonElement>(null);
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that had the focus is gone. What is asked is answered with no, unless somebody chooses.
    if (asked !== undefined) (asked ? cancel : button).current?.focus();
  }, [asked]);
  if (!asked) {
    return (
      <button type="button" ref={button} disabled={props.busy} onClick={() => ask(true)}>
        {props.label}
      </button>
    );
  }
  return (
    <span class="sure" role="group" aria-label={props.question}>
      {props.question}{" "}
      <button
        type="button"
        class="main"
        disabled={props.busy}
        onClick={() => {
          ask(false);
          props.onYes();
        }}
      >
        {props.label}
      </button>{" "}
      <button type="button" ref={cancel} onClick={() => ask(false)}>
        {t("shell.cancel")}
      </button>
    </span>
  );
}

/** A file that the person keeps: made here, of what this page has. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** A list of nine words, numbered. */
export function Words({ words }: { words: readonly string[] }) {
  return (
    <ol class="words">
      {words.map((word) => (
        <li key={word}>{word}</li>
      ))}
    </ol>
  );
}

/** Hours since 1970 as `2026-11-28 14:00 UTC`. */
export const hourOf = (hours: number): string =>
  `${new Date(hours * 3_600_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** Hex in groups of four, to be compared by eye or read out. */
export function Grouped({ hex }: { hex: string }) {
  return <code class="grouped">{hex.match(/.{1,4}/g)?.join(" ")}</code>;
}

/** Whether the member who is logged in has one of these roles. */
export const may = (...roles: readonly string[]): boolean =>
  roles.some((role) => state.oneself?.roles.includes(role));

export const rolesText = (roles: readonly string[]): string =>
  roles.map((role) => t(`role.${role}`)).join(", ");

/** Does something, says what came of it, and shows how things are then. */
export type Act = (work: () => Promise<string | void>) => void;

/** A link with a secret: to be given to one person. */
export function Link({ link }: { link: string }) {
  return (
    <div role="status">
      <p>{t("people.link")}</p>
      <p>
        <code class="grouped link">{link}</code>
      </p>
    </div>
  );
}
