/**
 * Photos and videos: a blurred, much smaller picture first, the original on a click. What is intimate is not
 * even fetched without one. Nothing is kept: what was opened goes when it is closed, or the record is left.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Bytes } from "../../../../src/crypto/encoding.ts";
import { type Said, valuesOf } from "../../../../src/opened.ts";
import { Failed, useWork, why } from "../../parts.tsx";
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
      show(URL.createObjectURL(new Blob([data as BlobPart], { type })));
    });
  const picture = PICTURES.includes(type);
  const previewed = picture && !sensitive && Number(values["size"]) <= LARGEST_PREVIEW;
  return (
    <figure class="panel">
      {url && picture && <img src={url} alt={name} />}
      {url && PLAYED.includes(type) && <video src={url} controls aria-label={name} />}
      {!url && previewed && <Preview opened={opened} label={label} />}
      {!url && sensitive && <p class="note">{t("record.sensitive")}</p>}
      <p class="bar">
        {url ? (
          <button type="button" onClick={() => show(undefined)}>
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
          {t(`record.class.${entry?.kind ?? "account"}`)} · {type}
          {origin && ` · ${named?.term("media_origins", origin) ?? origin}`}
        </span>
        <dl>
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

/** Drawn small, and blurred by the style: the original's bytes are let go at once. */
function Preview({ opened, label }: { opened: Opened; label: Said }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failed, fail] = useState("");
  useEffect(() => {
    let live = true;
    const work = async (): Promise<void> => {
      if (!live) return;
      const data = await openMedium(opened, label);
      if (live && canvas.current) await draw(canvas.current, data, String(label.fields.value("type")));
    };
    queued(work).catch((error: unknown) => fail(why(error)));
    return () => {
      live = false;
    };
  }, []);
  if (failed) return <Failed text={failed} />;
  return <canvas ref={canvas} class="preview" width={PREVIEW} height={PREVIEW} aria-hidden="true" />;
}

async function draw(canvas: HTMLCanvasElement, data: Bytes, type: string): Promise<void> {
  const picture = await createImageBitmap(new Blob([data as BlobPart], { type }));
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
