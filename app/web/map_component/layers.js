// The map itself: MapLibre without any tile, its sources and layers, and the look of each village in a year.

import { collection, feature, nameplates, outlines, place, points } from "./ground.js";
import { byArea, DONE, grown, stateIn, WAITING } from "./years.js";

const PADDING_PX = { top: 8, bottom: 8, left: 8, right: 44 }; // the buttons of the map lie at its right
const FONT = ["Open Sans Regular"];
const MEDIAN_RADIUS_PX = 4, FULL_MARKS_PX = 560, LEAST_MARK_SHARE = 0.55, COLUMN_SHARE = 0.02, ROLL_UP_BELOW = -0.4, ROLL_UP_LARGE = 1.2;
const SOMETIMES = ["points", "shapes", "flows", "origin"]; // a source that holds nothing costs as many tiles as any other
const state = (name, otherwise) => ["coalesce", ["feature-state", name], otherwise];

export function createMap(container, words) {
  return new maplibregl.Map({
    container,
    style: { version: 8, sources: {}, layers: [{ id: "paper", type: "background", paint: { "background-color": "#fff" } }] },
    attributionControl: false,
    boxZoom: false,
    dragRotate: true,
    maxPitch: 65,
    localIdeographFontFamily: "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, WenQuanYi Micro Hei, sans-serif",
    canvasContextAttributes: { preserveDrawingBuffer: true, antialias: false },
    locale: {
      "NavigationControl.ZoomIn": words.zoom_in,
      "NavigationControl.ZoomOut": words.zoom_out,
      "NavigationControl.ResetBearing": words.north,
      "ScaleControl.Kilometers": words.km,
      "ScaleControl.Meters": words.m,
      "Map.Title": words.map,
    },
    cooperativeGestures: false,
    fadeDuration: 0,
  });
}

export class Layers {
  constructor(map, payload, dark) {
    this.map = map;
    this.donuts = [];
    this.massed = false;
    this.draw(payload, dark);
  }

  /** Everything of a new payload. */
  draw(payload, dark) {
    this.payload = payload;
    this.plates = nameplates(payload);
    const { villages, step_m } = payload;
    const centers = points(villages.centers, step_m);
    const scale = MEDIAN_RADIUS_PX / Math.sqrt(median(villages.floor_m2) || 1);
    const marked = new Set(payload.marked ? payload.marked.villages : []);
    this.centers = centers;
    const shapes = outlines(villages, step_m, villages.ids.length);
    const circles = centers.map((at, id) => feature(id, { type: "Point", coordinates: at }, {
      radius: Math.min(3 * MEDIAN_RADIUS_PX, Math.max(2, scale * Math.sqrt(villages.floor_m2[id]))),
      order: payload.class_of[id],
      marked: marked.has(id),
    }));
    const marks = payload.points.flatMap((item) => points(item.at, step_m).map((at, k) =>
      feature(k, { type: "Point", coordinates: at }, { color: item.color, text: item.texts[k] })));
    this.source("areas", outlines(payload.areas, step_m, payload.areas.names.length));
    this.source("villages", shapes.map((item) => ({ ...item, properties: { order: payload.class_of[item.id] } })));
    this.source("circles", circles);
    this.source("points", marks);
    this.source("shapes", payload.shapes.flatMap((item) =>
      outlines(item, step_m, item.n).map((shape) => ({ ...shape, properties: { color: item.color } }))));
    const { flows } = payload, ends = flows ? points(flows.to, step_m) : [];
    const [origin] = flows ? points(flows.from, step_m) : [null];
    this.source("flows", ends.map((end, k) =>
      feature(k, { type: "LineString", coordinates: [origin, end] }, { width: flows.widths[k], color: flows.color, text: flows.texts[k] })));
    this.source("origin", flows ? [feature(0, { type: "Point", coordinates: origin }, { color: flows.color })] : []);
    this.source("names", this.plates.map(({ name, at }, id) => feature(id, { type: "Point", coordinates: at }, { name })));
    this.addLayers();
    this.map.setLayoutProperty("circles", "visibility", payload.marks && !this.massed ? "visible" : "none");
    this.ink(dark);
  }

  source(name, features) {
    const data = collection(features), known = this.map.getSource(name);
    if (known) known.setData(data);
    else if (features.length || !SOMETIMES.includes(name)) this.map.addSource(name, { type: "geojson", data, tolerance: 0, buffer: 8 });
  }

  /** The layers of all sources that are there, in their order. */
  addLayers() {
    const color = state("color", "#b9b9b2");
    const layers = [
      ["areas", "fill", "areas", {}],
      ["villages", "fill", "villages", { "fill-color": color, "fill-opacity": state("fill", 0.8) }, { "fill-sort-key": ["get", "order"] }],
      ["area_lines", "line", "areas", { "line-width": 1.2 }],
      ["village_lines", "line", "villages", { "line-color": color, "line-width": 1 }],
      ["columns", "fill-extrusion", "villages", { "fill-extrusion-color": color, "fill-extrusion-opacity": 0.9 }, { visibility: "none" }],
      ["circles", "circle", "circles", {
        "circle-color": color,
        "circle-stroke-color": state("edge", "#ffffff"),
        "circle-stroke-width": state("stroke", 0.5),
      }, { "circle-sort-key": ["get", "order"] }],
      ["marked", "circle", "circles", ring(2), {}, { filter: ["get", "marked"] }],
      ["selected", "circle", "circles", { ...ring(2.5), "circle-stroke-opacity": state("selected", 0) }],
      ["selected_lines", "line", "villages", { "line-width": 3, "line-opacity": state("selected", 0) }],
      ["shapes", "line", "shapes", { "line-color": ["get", "color"], "line-width": 2.5 }],
      ["flows", "line", "flows", { "line-color": ["get", "color"], "line-width": ["get", "width"], "line-opacity": 0.85 }, { "line-cap": "round" }],
      ["origin", "circle", "origin", { "circle-color": "#ffffff", "circle-radius": 5, "circle-stroke-width": 2.5,
        "circle-stroke-color": ["get", "color"] }],
      ["points", "circle", "points", { "circle-color": ["get", "color"], "circle-radius": 5, "circle-stroke-width": 1.5,
        "circle-stroke-color": "#ffffff" }],
      ["names", "symbol", "names", { "text-halo-width": 1.6 }, {
        "text-field": ["get", "name"], "text-font": FONT, "text-size": 13, "text-padding": 1,
        "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
      }],
    ];
    const there = (name) => this.map.getLayer(name);
    layers.forEach(([id, type, source, paint, layout = {}, more = {}], k) => {
      if (there(id) || !this.map.getSource(source)) return;
      const [above] = layers.slice(k + 1).map(([name]) => name).filter(there);
      this.map.addLayer({ id, type, source, paint, layout, ...more }, above);
    });
  }

  /** Colors of paper and ink. */
  ink(dark) {
    const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim() || (dark ? "#0e1117" : "#ffffff");
    const [land, line, text] = dark ? ["#252930", "#6f7580", "#f2f2f2"] : ["#f6f6f2", "#8a8a80", "#262730"], halo = paper;
    this.paper = paper;
    const set = (layer, name, value) => this.map.setPaintProperty(layer, name, value);
    set("paper", "background-color", paper);
    set("areas", "fill-color", land);
    set("area_lines", "line-color", line);
    set("names", "text-color", text);
    set("names", "text-halo-color", halo);
    for (const layer of ["marked", "selected"]) set(layer, "circle-stroke-color", text);
    set("selected_lines", "line-color", text);
  }

  /** Show the whole, and set what depends on how large that is. */
  fit(animate) {
    const { window, step_m } = this.payload;
    const corners = [place(window[0] * step_m, window[1] * step_m), place(window[2] * step_m, window[3] * step_m)];
    this.map.setMinZoom(0);
    const zoom = this.map.cameraForBounds(corners, { padding: PADDING_PX, pitch: 0 }).zoom;
    this.map.setMinZoom(zoom - 0.9);
    this.map.fitBounds(corners, { padding: PADDING_PX, animate, pitch: this.map.getPitch(), bearing: 0 });
    this.zoomRanges(zoom);
  }

  zoomRanges(whole) {
    const village_m = this.villageWidth();
    const shapes = Math.max(whole + 0.5, Math.log2((14 * 40075017) / (512 * village_m)));
    const small = Math.min(1, Math.max(LEAST_MARK_SHARE, this.map.getContainer().clientWidth / FULL_MARKS_PX));
    const sized = (extra) => ["interpolate", ["linear"], ["zoom"],
      whole, ["+", ["*", small, ["get", "radius"]], extra], shapes + 1, ["+", ["*", 2.2, ["get", "radius"]], extra]];
    const fade = ["interpolate", ["linear"], ["zoom"], shapes, state("fill", 0.8), shapes + 1, 0];
    this.map.setPaintProperty("circles", "circle-radius", sized(0));
    this.map.setPaintProperty("circles", "circle-opacity", fade);
    this.map.setPaintProperty("circles", "circle-stroke-opacity",
      ["interpolate", ["linear"], ["zoom"], shapes, 1, shapes + 1, 0]);
    this.map.setPaintProperty("marked", "circle-radius", sized(2));
    this.map.setPaintProperty("selected", "circle-radius", sized(3));
    this.map.setPaintProperty("selected_lines", "line-opacity",
      ["interpolate", ["linear"], ["zoom"], shapes, 0, shapes + 1, state("selected", 0)]);
    const [x0, , x1] = this.payload.window;
    const column_m = COLUMN_SHARE * (x1 - x0) * this.payload.step_m;
    this.map.setPaintProperty("columns", "fill-extrusion-height", ["interpolate", ["exponential", 0.5], ["zoom"],
      whole, ["*", state("height", 0), column_m], whole + 6, ["*", state("height", 0), column_m / 64]]);
    const named = this.payload.marks && this.plates.some(({ name }) => name);
    this.rolled_below = named ? whole + (this.payload.rolled_up ? ROLL_UP_LARGE : ROLL_UP_BELOW) : -1;
    for (const layer of ["circles", "marked", "names", "villages", "village_lines", "selected_lines"]) this.map.setLayerZoomRange(layer, this.rolled_below, 24);
  }

  villageWidth() {
    const { lengths, moves } = this.payload.villages;
    const widths = [];
    for (let ring = 0, at = 0; ring < lengths.length; at += 2 * lengths[ring], ring += 1) {
      let x = 0, low = 0, high = 0;
      for (let k = 1; k < lengths[ring]; k += 1) {
        x += moves[at + 2 * k];
        low = Math.min(low, x);
        high = Math.max(high, x);
      }
      widths.push((high - low) * this.payload.step_m);
    }
    return median(widths) || 300;
  }

  /** The look of every village in a year, and of the districts rolled up. */
  show(year) {
    if (this.payload.frames) return this.showFrame(year);
    const { classes, class_of, timeline } = this.payload;
    const rest = classes.length ? classes[0].color : "#b9b9b2";
    class_of.forEach((group, id) => {
      const now = stateIn(timeline, id, year), chosen = group > 0 && now !== WAITING;
      const color = group < 0 ? "#00000000" : chosen ? classes[group].color : rest;
      const look = {
        color,
        fill: group < 0 ? 0 : !chosen ? 0.45 : now === DONE ? 0.92 : 0.25,
        edge: chosen && now !== DONE ? color : this.paper,
        stroke: group < 0 ? 0 : chosen && now !== DONE ? 1.6 : 0.5,
        height: timeline && chosen ? grown(timeline, id, year) * timeline.density[id] : 0,
      };
      this.map.setFeatureState({ source: "circles", id }, look);
      this.map.setFeatureState({ source: "villages", id }, look);
    });
    this.rollUp(year);
  }

  /** The look of every village in a frame. */
  showFrame(frame) {
    const { classes, frames } = this.payload;
    frames.class_of[frame].forEach((group, id) => {
      const look = { color: classes[group].color, fill: 0.85, edge: this.paper, stroke: 0.5, height: 0 };
      for (const source of ["circles", "villages"]) this.map.setFeatureState({ source, id }, look);
    });
  }

  select(villages) {
    for (const source of ["circles", "villages"]) this.map.removeFeatureState({ source }, undefined);
    const chosen = new Set(villages);
    this.payload.villages.ids.forEach((name, id) => {
      if (!chosen.has(name)) return;
      for (const source of ["circles", "villages"]) this.map.setFeatureState({ source, id }, { selected: 1 });
    });
  }

  massing(on) {
    this.massed = on;
    this.map.setLayoutProperty("columns", "visibility", on ? "visible" : "none");
    this.map.setLayoutProperty("circles", "visibility", on || !this.payload.marks ? "none" : "visible");
    this.map.easeTo({ pitch: on ? 50 : 0, duration: 400 });
  }

  /** District by district while the whole is small: a ring of classes, the number chosen in it. */
  rollUp(year) {
    this.donuts.forEach((marker) => marker.remove());
    this.donuts = [];
    if (!(this.map.getZoom() < this.rolled_below)) return;
    const counts = byArea(this.payload, year);
    const most = Math.max(...counts.map((row) => row.reduce((a, b) => a + b, 0)), 1);
    this.plates.forEach((plate, k) => {
      const total = counts[k].reduce((a, b) => a + b, 0);
      if (!total) return;
      const chosen = total - counts[k][0];
      const element = donut(plate.name, counts[k], this.payload.classes, 11 + 12 * Math.sqrt(total / most), chosen);
      element.addEventListener("click", (originalEvent) =>
        this.map.easeTo({ center: plate.at, zoom: this.rolled_below + 0.6 }, { originalEvent }));
      this.donuts.push(new maplibregl.Marker({ element }).setLngLat(plate.at).addTo(this.map));
    });
  }
}

function ring(width) {
  return { "circle-color": "#00000000", "circle-stroke-width": width };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function donut(name, counts, classes, radius, chosen) {
  const size = 2 * radius + 2, thickness = radius / 2.2, r = radius - thickness / 2, length = 2 * Math.PI * r;
  const total = counts.reduce((a, b) => a + b, 0);
  let before = 0;
  const arcs = counts.map((count, k) => {
    const share = count / total, arc = `<circle r="${r}" cx="${size / 2}" cy="${size / 2}" fill="none" stroke="${classes[k].color}"
      stroke-width="${thickness}" stroke-dasharray="${share * length} ${length}" stroke-dashoffset="${-before * length}"/>`;
    before += share;
    return count ? arc : "";
  });
  const element = document.createElement("button");
  element.type = "button";
  element.className = "donut";
  element.setAttribute("aria-label", `${name}: ${chosen} / ${total}`);
  element.innerHTML = `<svg width="${size}" height="${size}"><g transform="rotate(-90 ${size / 2} ${size / 2})">${arcs.join("")}</g>
    <text x="50%" y="50%" dy="0.35em" text-anchor="middle" font-size="11" fill="currentColor">${chosen}</text></svg>`;
  const label = document.createElement("span");
  label.textContent = name;
  element.append(label);
  return element;
}
