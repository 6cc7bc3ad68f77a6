/**
 * Photos and videos: a blurred, much smaller picture first, the original on a click. What is intimate is not
 * even fetched without one. Nothing is kept: what was opened goes when it is closed, or the record is left.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { type Said, valuesOf } from "../../../../src/opened.ts";
import type { Said as Hidden } from "../../../../src/exif.ts";
import { Failed, Grouped, useWork, why } from "../../parts.tsx";
import { type Opened, openMedium } from "../../records/opening.ts";
import type { Named } from "../../records/terms.ts";
import { t } from "../../texts.ts";

const PICTURES = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"];
const PLAYED = ["video/mp4", "video/webm", "audio/mpeg", "audio/ogg", "audio/mp4", "audio/wav", "audio/flac"];
const LARGEST_PREVIEW = 24 * 2 ** 20; // bytes
const PREVIEW = 32; // pixels on the longer side: shapes and colours, no faces
const AT_ONCE = 3;

export function Media({ opened, named }: { opened: Opened; named: Named | undefined }) {
  const given = new Set(opened.answer.parts.map((part) => part.id));
  const labels = opened.record.of("label").filter((said) => given.has(String(said.fields.value("part"))));
  if (!labels.length) return null;
  return (
    <section aria-labelledby="media">
      <h3 id="media">{t("record.media", { count: labels.length })}</h3>
      <div class="media">
        {labels.map((label) => (
          <Medium key={label.entry.id} opened={opened} label={label} named={named} />
        ))}
      </div>
    </section>
  );
}

function Medium({ opened, label, named }: { opened: Opened; label: Said; named: Named | undefined }) {
  const [url, show] = useState<string>();
  const [whole, enlarge] = useState(false);
  const [hidden, tell] = useState<Hidden>();
  const { busy, failed, run } = useWork();
  const values = valuesOf(label);
  const [name, type] = [String(values["name"]), String(values["type"])];
  const entry = opened.record.reader.statement.compartments.find((one) => one.id === label.entry.compartment);
  const sensitive = entry?.kind === "sensitive";
  const origin = String(values["origin"] ?? "");
  useEffect(() => () => (url ? URL.revokeObjectURL(url) : undefined), [url]);
  const original = (): void =>
    run(async () => {
      const data = await openMedium(opened, label);
      show(URL.createObjectURL(data));
      if (picture && data.size <= LARGEST_PREVIEW) {
        const { saidBy } = await import("../../../../src/exif.ts");
        tell(saidBy(await data.arrayBuffer()));
      }
    });
  const picture = PICTURES.includes(type);
  const previewed = picture && !sensitive && Number(values["size"]) <= LARGEST_PREVIEW;
  return (
    <figure class={url && whole ? "panel whole" : "panel"}>
      {url && picture && (
        <button
          type="button"
          class="picture"
          aria-pressed={whole}
          title={t("record.fullsize")}
          onClick={() => enlarge(!whole)}
        >
          <img src={url} alt={name} />
        </button>
      )}
      {url && PLAYED.includes(type) && <Player url={url} name={name} />}
      {!url && previewed && <Preview opened={opened} label={label} />}
      {!url && sensitive && <p class="note">{t("record.sensitive")}</p>}
      <p class="bar">
        {url ? (
          <button
            type="button"
            onClick={() => {
              show(undefined);
              enlarge(false);
            }}
          >
            {t("record.close")}
          </button>
        ) : (
          (picture || PLAYED.includes(type)) && (
            <button
              type="button"
              disabled={busy}
              onClick={original}
              aria-label={t("record.showthis", { name })}
            >
              {busy ? t("shell.working") : t("record.show")}
            </button>
          )
        )}
      </p>
      {failed && <Failed text={failed} />}
      <figcaption>
        <strong>{name}</strong>
        <span class="hint">
          {t("record.sealedas", { what: t(`record.class.${entry?.kind ?? "account"}`) })} · {type}
          {origin && ` · ${named?.term("media_origins", origin) ?? origin}`}
        </span>
        <dl>
          <div>
            <dt>{t("record.file")}</dt>
            <dd>
              {t("record.bytes", { count: Number(values["size"]) })}, SHA-256{" "}
              <Grouped hex={String(values["sha256"])} />
            </dd>
          </div>
          {url && hidden && <HiddenData said={hidden} />}
          {named?.rows(named.terms.medium, values).map((row) => (
            <div key={row.label}>
              <dt>{row.label}</dt>
              <dd>{row.text}</dd>
            </div>
          ))}
        </dl>
      </figcaption>
    </figure>
  );
}

/** What the photo's own data says: it may be evidence, and it can be wrong or made up. */
function HiddenData({ said: { when, where, camera } }: { said: Hidden }) {
  const said = [when, where, camera].filter((each) => each !== null);
  return (
    <div>
      <dt>{t("record.hiddendata")}</dt>
      <dd>{said.join("; ") || t("record.nohiddendata")}</dd>
    </div>
  );
}

/** Played here only: no copy by the browser's own buttons, no window of its own, silent when it is not seen. */
function Player({ url, name }: { url: string; name: string }) {
  const player = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const hush = (): void => {
      if (document.hidden) player.current?.pause();
    };
    document.addEventListener("visibilitychange", hush);
    return () => document.removeEventListener("visibilitychange", hush);
  }, []);
  return (
    <video
      ref={player}
      src={url}
      controls
      controlsList="nodownload noremoteplayback"
      disablePictureInPicture
      disableRemotePlayback
      aria-label={name}
    />
  );
}

/** Fetched when it comes near to what is seen. Drawn small, and blurred by the style: the original's bytes are let go at once. */
function Preview({ opened, label }: { opened: Opened; label: Said }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failed, fail] = useState("");
  useEffect(() => {
    let live = true;
    const work = async (): Promise<void> => {
      if (!live) return;
      const data = await openMedium(opened, label);
      if (live && canvas.current) await draw(canvas.current, data);
    };
    const near = new IntersectionObserver(
      (seen) => {
        if (!seen.some((each) => each.isIntersecting)) return;
        near.disconnect();
        queued(work).catch((error: unknown) =>
          fail(error instanceof DOMException ? t("record.nopicture") : why(error)),
        );
      },
      { rootMargin: "100% 0px" },
    );
    near.observe(canvas.current!);
    return () => {
      live = false;
      near.disconnect();
    };
  }, []);
  if (failed) return <Failed text={failed} />;
  return <canvas ref={canvas} class="preview" width={PREVIEW} height={PREVIEW} aria-hidden="true" />;
}

async function draw(canvas: HTMLCanvasElement, data: Blob): Promise<void> {
  const picture = await createImageBitmap(data);
  const scale = PREVIEW / Math.max(picture.width, picture.height);
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  canvas.dataset["drawn"] = "yes";
  picture.close();
}

const waiting: (() => void)[] = [];
let running = 0;

/** A few at a time, in order: many photos would fill the memory, and hold up the first. */
async function queued(work: () => Promise<void>): Promise<void> {
  if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  running++;
  try {
    await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}
