/** The file of an export: what is known of it, and saving it. */

import { useEffect, useState } from "preact/hooks";
import { Failed, useWork } from "../parts.tsx";
import { t } from "../texts.ts";
import type { Fetched, Held } from "../work/exported.ts";

export const NAME = "export.tar";

// The same everywhere: by these names systems are known, and the commands are typed as they are.
const COMMANDS = [
  ["Linux", `sha256sum ${NAME}`],
  ["Mac", `shasum -a 256 ${NAME}`],
  ["Windows", `certutil -hashfile ${NAME} SHA256`],
] as const;

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
              {/* Not grouped: it is compared with what a command prints. */}
              {t("record.bytes", { count: held.size })}, SHA-256 <code class="grouped">{held.sha256}</code>
            </p>
            <p>{t("exports.check")}</p>
            <ul>
              {COMMANDS.map(([system, command]) => (
                <li key={system}>
                  {system}: <code>{command}</code>
                </li>
              ))}
            </ul>
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
