// Numbers of map_payload.py as GeoJSON. The city lies at 0, 0, where the web's projection keeps lengths and angles:
// the scale bar is right, and up is the grid's north, whatever the city's own projection.

const EARTH_M = 6378137;

export function place(x_m, y_m) {
  return [(x_m / EARTH_M) * (180 / Math.PI), Math.atan(Math.sinh(y_m / EARTH_M)) * (180 / Math.PI)];
}

/** The way back: meters from the middle. */
export function meters([lng, lat]) {
  return [(lng * Math.PI / 180) * EARTH_M, EARTH_M * Math.asinh(Math.tan(lat * Math.PI / 180))];
}

export function points(steps, step_m) {
  const all = [];
  for (let k = 0; k < steps.length; k += 2) all.push(place(steps[k] * step_m, steps[k + 1] * step_m));
  return all;
}

function rings({ lengths, moves }, step_m) {
  let at = 0;
  return lengths.map((length) => {
    let x = 0, y = 0;
    const ring = [];
    for (let k = 0; k < length; k += 1, at += 2) {
      x += moves[at];
      y += moves[at + 1];
      ring.push(place(x * step_m, y * step_m));
    }
    return ring;
  });
}

/** A feature for each owner, its id the owner's position. */
export function outlines(shapes, step_m, n) {
  const parts = Array.from({ length: n }, () => []);
  rings(shapes, step_m).forEach((ring, k) => parts[shapes.owner[k]].push([ring]));
  return parts.map((coordinates, id) => feature(id, { type: "MultiPolygon", coordinates }));
}

export function feature(id, geometry, properties = {}) {
  return { type: "Feature", id, geometry, properties };
}

export function collection(features) {
  return { type: "FeatureCollection", features };
}

/** A point inside the largest ring of each area, for its name: the mean of its villages if it has some, else of the ring. */
export function nameplates(payload) {
  const { areas, villages, step_m } = payload;
  const largest = areas.names.map(() => null);
  rings(areas, step_m).forEach((ring, k) => {
    const owner = areas.owner[k];
    if (!largest[owner] || extent(ring) > extent(largest[owner])) largest[owner] = ring;
  });
  const centers = points(villages.centers, step_m);
  return areas.names.map((name, k) => {
    const own = centers.filter((_, village) => villages.area[village] === k);
    return { name, at: mean(own.length ? own : largest[k] || [[0, 0]]), villages: own.length };
  });
}

function extent(ring) {
  const x = ring.map((p) => p[0]), y = ring.map((p) => p[1]);
  return (Math.max(...x) - Math.min(...x)) * (Math.max(...y) - Math.min(...y));
}

function mean(all) {
  return [0, 1].map((k) => all.reduce((sum, p) => sum + p[k], 0) / all.length);
}
