/** The file of an export: what is known of it, and saving it. */

import { useEffect, useState } from "preact/hooks";
import { Failed, Grouped, useWork } from "../parts.tsx";
import { t } from "../texts.ts";
import type { Fetched, Held } from "../work/exported.ts";

export const NAME = "export.tar";

/** Have the browser save what is behind this address. */
export function saveExport(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = NAME;
  link.click();
}

/** `onEnd` when it came, or did not. */
export function ExportFile({ fetched, onEnd }: { fetched: Fetched; onEnd: () => void }) {
  const [held, set] = useState<Held>();
  const [, draw] = useState(0);
  const { busy, failed, run } = useWork();
  useEffect(() => {
    run(async () => {
      try {
        set(await fetched.whole);
      } finally {
        onEnd();
      }
    });
    const clock = setInterval(() => draw(fetched.bytes), 1000);
    return () => clearInterval(clock);
  }, [fetched]);
  return (
    <>
      {!held && busy && <p>{t("exports.coming", { count: fetched.bytes })}</p>}
      {failed && <Failed text={failed} />}
      <div role="status">
        {held && (
          <div class="note">
            <p>{t("exports.came")}</p>
            <p>
              {t("record.bytes", { count: held.size })}, SHA-256 <Grouped hex={held.sha256} />
            </p>
            <p>
              {t("exports.check")} <code>sha256sum {NAME}</code>
            </p>
            <p>
              <a href={held.address} download={NAME}>
                {t("exports.again")}
              </a>
            </p>
          </div>
        )}
      </div>
    </>
  );
}
