// What every village looks like in a year, and what that adds up to. No drawing.

export const WAITING = 0, UNDER_WAY = 1, DONE = 2;

/** State of one village in a year; without a timeline everything is done. */
export function stateIn(timeline, village, year) {
  if (!timeline) return DONE;
  const start = timeline.start[village];
  if (start === 0 || start > year) return WAITING;
  return timeline.end[village] <= year ? DONE : UNDER_WAY;
}

/** How much of a village's new floor stands, 0 to 1: it grows evenly from start to completion. */
export function grown(timeline, village, year) {
  const start = timeline.start[village];
  if (start === 0 || start > year) return 0;
  return Math.min(1, (year - start) / Math.max(1, timeline.end[village] - start));
}

/** Villages begun and done, and the new floor of those that are done [m2]. */
export function totals(timeline, year) {
  let begun = 0, done = 0, floor = 0;
  timeline.start.forEach((_, village) => {
    const state = stateIn(timeline, village, year);
    begun += state !== WAITING;
    done += state === DONE;
    floor += state === DONE ? timeline.new_floor_m2[village] : 0;
  });
  return { begun, done, floor };
}

/** Villages of each class in each area; one that waits counts in the first class. */
export function byArea(payload, year) {
  const counts = payload.areas.names.map(() => payload.classes.map(() => 0));
  payload.class_of.forEach((group, village) => {
    if (group < 0 || payload.villages.area[village] >= counts.length) return;
    const waiting = stateIn(payload.timeline, village, year) === WAITING;
    counts[payload.villages.area[village]][waiting ? 0 : group] += 1;
  });
  return counts;
}
