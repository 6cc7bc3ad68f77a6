/** The question for the passkey, when the server wants to know once more who it is. One at a time. */

import { useEffect, useRef, useState } from "preact/hooks";
import { confirmBy } from "./api.ts";
import { confirm } from "./keys/session.ts";
import { Form, useWork } from "./parts.tsx";
import { t } from "./texts.ts";

export function Confirming() {
  const [asked, ask] = useState<(confirmed: boolean) => void>();
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, failed, run } = useWork();
  useEffect(() => {
    let waiting: Promise<boolean> | undefined;
    confirmBy(
      () =>
        (waiting ??= new Promise<boolean>((resolve) => ask(() => resolve)).finally(() => {
          waiting = undefined;
          ask(undefined);
        })),
    );
  }, []);
  useEffect(() => {
    if (asked) dialog.current?.showModal();
    else dialog.current?.close();
  }, [asked]);
  const go = () =>
    run(async () => {
      await confirm();
      asked?.(true);
    });
  return (
    <dialog ref={dialog} aria-labelledby="confirming" onClose={() => asked?.(false)}>
      {asked && (
        <>
          <h2 id="confirming">{t("shell.confirm")}</h2>
          <p>{t("shell.confirmwhy")}</p>
          <Form go={t("shell.confirmgo")} busy={busy} failed={failed} onSend={go} />
          <p>
            <button type="button" onClick={() => asked(false)}>
              {t("shell.cancel")}
            </button>
          </p>
        </>
      )}
    </dialog>
  );
}
