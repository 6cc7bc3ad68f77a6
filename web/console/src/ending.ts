/** When a membership ends: told in time for the root's keeper, who works offline, to sign another one. */

const DAY = 24 * 3_600_000; // milliseconds
const WEEK = 7;
export const SOON = 14; // days, for colleagues

/** Whole days after today; 0 on the last day, less when it is over. Days are those of UTC, as signed. */
export const daysLeft = (expires: string, today = new Date().toISOString().slice(0, 10)): number =>
  Math.round((Date.parse(expires) - Date.parse(today)) / DAY);

/** Whether the member is told now: a week before the end, or in the last quarter of a shorter membership. */
export function endsNow(starts: string, expires: string, today?: string): boolean {
  const length = daysLeft(expires, starts) + 1;
  return daysLeft(expires, today) <= Math.min(WEEK, Math.ceil(length / 4));
}
