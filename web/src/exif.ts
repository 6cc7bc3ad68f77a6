/**
 * What a photo says of itself: when, where and with what it was taken. A chunk of its own, loaded with the
 * first photo that somebody chooses.
 */

import { loadView } from "exifreader";

/** Null for what it does not say. `when` is `YYYY-MM-DD, HH:MM`; `where` latitude and longitude in degrees. */
export interface Said {
  readonly when: string | null;
  readonly where: string | null;
  readonly camera: string | null;
}

const NOTHING: Said = { when: null, where: null, camera: null };
const ASKED = { exif: ["DateTimeOriginal", "DateTime", "Make", "Model"], gps: true } as const;
const TIME = /^([0-9]{4}):([0-9]{2}):([0-9]{2}) ([0-9]{2}:[0-9]{2})/;
const PRECISE = 4; // decimal places: some ten metres

/** Of a JPEG, PNG, WebP, HEIC, AVIF or TIFF. What cannot be read says nothing. */
export function saidBy(data: ArrayBuffer): Said {
  try {
    const { exif, gps } = loadView(new DataView(data), {
      expanded: true,
      includeTags: { exif: [...ASKED.exif], gps: ASKED.gps },
    });
    const text = (name: (typeof ASKED.exif)[number]): string => (exif?.[name]?.description ?? "").trim();
    const [make, model] = [text("Make"), text("Model")];
    const { Latitude: latitude, Longitude: longitude } = gps ?? {};
    const known = latitude !== undefined && longitude !== undefined;
    return {
      when: time(text("DateTimeOriginal") || text("DateTime")),
      where: known ? `${latitude.toFixed(PRECISE)}, ${longitude.toFixed(PRECISE)}` : null,
      camera: (model.startsWith(make) ? model : `${make} ${model}`).trim() || null,
    };
  } catch {
    return NOTHING;
  }
}

function time(text: string): string | null {
  const [, year, month, day, clock] = TIME.exec(text) ?? [];
  return year === undefined || year === "0000" ? null : `${year}-${month}-${day}, ${clock}`;
}
