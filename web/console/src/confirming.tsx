/** The question for the passkey, when the server wants to know once more who it is. One at a time. */

import { useEffect, useRef, useState } from "preact/hooks";
import { confirmBy } from "./api.ts";
import { confirm } from "./keys/session.ts";
import { Form, useWork } from "./parts.tsx";
import { t } from "./texts.ts";

export function Confirming() {
  const [asked, ask] = useState(false);
  const answer = useRef<((confirmed: boolean) => void) | undefined>(undefined);
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, failed, run } = useWork();
  const say = (confirmed: boolean) => answer.current?.(confirmed);
  useEffect(() => {
    let waiting: Promise<boolean> | undefined;
    confirmBy(
      () =>
        (waiting ??= new Promise<boolean>((resolve) => {
          answer.current = resolve;
          ask(true);
        }).finally(() => {
          waiting = undefined;
          answer.current = undefined;
          ask(false);
        })),
    );
    // Whoever waits for an answer does not wait for ever.
    return () => {
      say(false);
      confirmBy(async () => false);
    };
  }, []);
  useEffect(() => {
    if (asked) dialog.current?.showModal();
    else dialog.current?.close();
  }, [asked]);
  const go = () =>
    run(async () => {
      await confirm();
      say(true);
    });
  return (
    <dialog ref={dialog} aria-labelledby="confirming" onClose={() => say(false)}>
      {asked && (
        <>
          <h2 id="confirming">{t("shell.confirm")}</h2>
          <p>{t("shell.confirmwhy")}</p>
          <Form go={t("shell.confirmgo")} busy={busy} failed={failed} onSend={go} />
          <p>
            <button type="button" onClick={() => say(false)}>
              {t("shell.cancel")}
            </button>
          </p>
        </>
      )}
    </dialog>
  );
}
