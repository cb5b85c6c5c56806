// Streamlit's side of the map: takes what the page wants shown, tells it which villages are chosen, draws the controls.

import { Drawing } from "./draw.js";
import { createMap, Layers } from "./layers.js";
import { Paper } from "./paper.js";
import { totals } from "./years.js";

const by = (id) => document.getElementById(id);
const YEAR_S = 1, FRAMES_PER_S = 8, REACH_PX = 4;
const room = { map: null, layers: null, args: null, drawing: null, ring: null, drawn: null, before: null, chosen: [], told: "", year: 0, playing: 0, moved: false, begun: false };

function send(type, content = {}) {
  window.parent.postMessage({ isStreamlitMessage: true, type: `streamlit:${type}`, ...content }, "*");
}

/** While the page is printed, frame and map have their size from page.css. */
function onPaper() {
  return matchMedia("print").matches;
}

function fitFrame() {
  if (onPaper()) return;
  send("setFrameHeight", { height: Math.ceil(by("figure").getBoundingClientRect().height) + 4 });
}

function choose(villages) {
  room.chosen = villages;
  room.layers.select(villages);
  room.layers.show(room.year);
  tell();
}

/** What the page is told: the villages chosen and, once one was drawn, the area in meters from the middle. */
function tell() {
  const drawn = room.ring ? [{ ring: room.ring }] : [];
  send("setComponentValue", { value: [...room.chosen, ...drawn], dataType: "json" });
}

function toggle(village) {
  if (!room.args.many) choose([village]);
  else choose(room.chosen.includes(village) ? room.chosen.filter((name) => name !== village) : [...room.chosen, village]);
}

// ---- what the page says -------------------------------------------------------------------------------------------

function onRender({ args, theme }) {
  if (room.map === "none") return;
  room.args = args;
  document.documentElement.lang = /[\u4e00-\u9fff]/.test(args.words.map) ? "zh" : "en";
  const dark = theme && theme.base === "dark";
  document.documentElement.classList.toggle("dark", Boolean(dark));
  if (theme) {
    document.documentElement.style.setProperty("--ink", theme.textColor);
    document.documentElement.style.setProperty("--paper", theme.backgroundColor);
    document.documentElement.style.setProperty("--accent", theme.primaryColor);
    document.documentElement.style.setProperty("--line", dark ? "#444954" : "#c9c9c2");
  }
  by("map").style.height = `${Math.min(args.height, 0.9 * window.innerWidth + 60)}px`;
  captions(args);
  if (room.layers) draw(args, dark);
  else if (!room.begun) begin(dark);
}

/** Tell the page how much room the map takes before it is made: the page need not wait for the library. */
function begin(dark) {
  room.begun = true;
  setUpYears(room.args.map);
  tellYear();
  fitFrame();
  const library = document.querySelector('script[src="maplibre-gl.js"]');
  if (window.maplibregl) setTimeout(() => start(room.args, dark));
  else for (const end of ["load", "error"]) library.addEventListener(end, () => start(room.args, dark));
}

function start(args, dark) {
  try {
    room.map = createMap("map", args.words);
  } catch {
    by("figure").replaceChildren(args.words.no_webgl);
    room.map = "none";
    send("setComponentValue", { value: "picture", dataType: "json" });
    return;
  }
  room.map.addControl(new maplibregl.NavigationControl({ visualizePitch: true }), "top-right");
  room.map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), "bottom-left");
  room.map.once("style.load", () => {
    room.layers = new Layers(room.map, room.args.map, dark);
    room.layers.fit(false);
    listen();
    draw(room.args, dark);
    const paper = new Paper(room.map, args.words.up);
    room.map.on("idle", () => paper.draw(room.layers.donuts));
    room.map.getCanvas().setAttribute("aria-label", room.args.alt);
    room.map.once("idle", () => document.documentElement.setAttribute("data-drawn", "yes"));
  });
  new ResizeObserver(() => {
    if (onPaper()) return;
    room.map.resize();
    if (room.layers && !room.moved) room.layers.fit(false);
  }).observe(by("map"));
}

function draw(args, dark) {
  if (args.map !== room.drawn) {
    const [city, before] = [args.map.villages.ids.join(), room.city];
    room.layers.draw(args.map, dark);
    if (before !== undefined && city !== before) {
      room.moved = false;
      room.layers.fit(false);
    }
    room.city = city;
    room.drawn = args.map;
    setUpYears(args.map);
  }
  const told = JSON.stringify(args.selected);
  if (told !== room.told) {
    room.told = told;
    room.chosen = args.selected;
  }
  room.layers.ink(dark);
  room.layers.select(room.chosen);
  showYear(room.year);
}

function captions({ map, words, alt }) {
  by("alt").textContent = alt;
  if (room.layers) room.map.getCanvas().setAttribute("aria-label", alt);
  by("title").textContent = map.title;
  by("whole").textContent = words.whole;
  by("massing").textContent = words.massing;
  by("find_label").textContent = words.find;
  by("note").textContent = map.frames ? map.frames.note : map.note || [words.size, map.timeline ? words.under_way : "", room.args.many ? words.many : "", room.args.draws ? words.draw_how : ""].filter(Boolean).join(" ");
  const marks = [...map.points.map(({ label, color }) => [label, color]), ...(map.marked ? [[map.marked.label, null]] : [])];
  const lines = [...(map.flows ? [[map.flows.label, map.flows.color]] : []), ...map.shapes.map(({ label, color }) => [label, color])];
  by("legend").replaceChildren(...[...map.classes.map(({ label, color }) => [label, color]), ...lines, ...marks].map(legendItem));
  by("massing").hidden = !map.timeline;
  by("draw").hidden = !room.args.draws;
  by("all").replaceChildren(...map.villages.ids.map((id, k) => new Option(`${map.villages.names[k]}`, id)));
}

function legendItem([label, color]) {
  const item = document.createElement("li"), swatch = document.createElement("i");
  if (color) swatch.style.background = color;
  else swatch.className = "ring";
  item.append(swatch, label);
  return item;
}

// ---- years --------------------------------------------------------------------------------------------------------

function lastYear() {
  const { timeline, frames } = room.args.map;
  return frames ? frames.labels.length - 1 : timeline.last;
}

function setUpYears({ timeline, frames }) {
  stop();
  by("years").hidden = !timeline && !frames;
  if (!timeline && !frames) return;
  const slider = by("year"), known = slider.dataset.set, at_end = !known || Number(slider.max) === room.year;
  slider.max = lastYear();
  slider.dataset.set = "yes";
  slider.setAttribute("aria-label", frames ? frames.name : room.args.words.year);
  if (frames) room.year = known ? Math.min(room.year, lastYear()) : frames.first;
  else room.year = at_end ? lastYear() : Math.min(room.year, lastYear());
}

function showYear(year) {
  room.year = year;
  room.layers.show(year);
  tellYear();
}

function tellYear() {
  const { timeline, frames } = room.args.map, { words } = room.args, { year } = room;
  if (!timeline && !frames) return;
  by("year").value = Math.floor(year);
  by("play").textContent = room.playing ? `❚❚ ${words.pause}` : `▶ ${frames ? frames.name : words.play}`;
  if (frames) {
    by("now").textContent = frames.labels[year];
    return;
  }
  const { begun, done, floor } = totals(timeline, year);
  by("now").textContent = words.now.replace("{year}", Math.floor(year)).replace("{begun}", begun).replace("{done}", done)
    .replace("{floor}", amount(floor, words.total));
}

function play() {
  if (room.playing) return stop();
  const last = lastYear(), steps = room.args.map.frames || matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : FRAMES_PER_S;
  if (room.year >= last) room.year = 0;
  room.playing = setInterval(() => {
    const next = room.year + 1 / steps;
    if (next >= last) stop();
    showYear(Math.min(next, last));
  }, (1000 * YEAR_S) / steps);
  showYear(room.year);
}

function stop() {
  clearInterval(room.playing);
  room.playing = 0;
  const { timeline, frames } = room.args.map;
  if (timeline || frames) by("play").textContent = `▶ ${frames ? frames.name : room.args.words.play}`;
}

// ---- what the visitor does ----------------------------------------------------------------------------------------

function listen() {
  const { map } = room;
  room.drawing = new Drawing(map, by("draw"), room.args.words, (ring) => {
    room.ring = ring;
    tell();
  });
  map.on("click", (event) => {
    if (room.drawing.takes(event)) return;
    const id = villageAt(event.point);
    if (id !== null) toggle(room.args.map.villages.ids[id]);
  });
  map.on("movestart", ({ originalEvent }) => { if (originalEvent) room.moved = true; });
  map.on("mousemove", ({ point }) => tip(point));
  map.getCanvas().addEventListener("mouseleave", () => { by("tip").hidden = true; });
  let below = null;
  map.on("zoom", () => {
    const now = map.getZoom() < room.layers.rolled_below;
    if (now !== below) room.layers.rollUp(room.year);
    below = now;
  });
  by("year").addEventListener("input", () => { stop(); showYear(Number(by("year").value)); });
  by("play").addEventListener("click", play);
  by("whole").addEventListener("click", () => {
    room.moved = false;
    room.layers.fit(true);
  });
  by("massing").addEventListener("click", () => {
    const on = by("massing").getAttribute("aria-pressed") !== "true";
    by("massing").setAttribute("aria-pressed", String(on));
    room.layers.massing(on);
  });
  by("find").addEventListener("change", find);
  selectBox(map);
}

function villageAt({ x, y }) {
  const box = [[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]];
  const layers = ["circles", "villages", "columns"].filter((name) => room.map.getLayoutProperty(name, "visibility") !== "none");
  const found = room.map.queryRenderedFeatures(box, { layers }).filter(({ id }) => room.args.map.class_of[id] >= 0);
  return found.length ? found[0].id : null;
}

function tip(point) {
  if (room.drawing.on) return;
  const id = villageAt(point), layers = ["points", "flows"].filter((name) => room.map.getLayer(name));
  const mark = room.map.queryRenderedFeatures([[point.x - 3, point.y - 3], [point.x + 3, point.y + 3]], { layers })[0];
  by("tip").hidden = id === null && !mark;
  room.map.getCanvas().style.cursor = id === null ? "" : "pointer";
  if (id === null && !mark) return;
  by("tip").textContent = mark ? mark.properties.text : about(id);
  const left = Math.min(point.x + 14, by("map").clientWidth - by("tip").offsetWidth - 4);
  by("tip").style.transform = `translate(${left}px, 0)`;
  by("tip").style.top = `${point.y + 14}px`;
}

function about(id) {
  const { villages, areas, lines, timeline } = room.args.map, { words } = room.args;
  const name = `${villages.ids[id]} ${villages.names[id]} ${areas.names[villages.area[id]] || ""}`, { frames } = room.args.map;
  if (frames) return `${name}\n${frames.value_text.replace("{n}", frames.values[room.year][id].toLocaleString("en"))}`;
  const floor = (m2) => amount(m2, words.one);
  const grows = timeline && timeline.start[id] ? [words.new_floor.replace("{floor}", floor(timeline.new_floor_m2[id]))] : [];
  if (!room.args.map.marks) return [name, lines.words[lines.of[id]]].filter(Boolean).join("\n");
  const had = words.existing_floor.replace("{floor}", floor(villages.floor_m2[id]));
  return [name, lines.words[lines.of[id]], had, ...grows].filter(Boolean).join("\n");
}

function amount(m2, { unit_m2, digits }) {
  return (m2 / unit_m2).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function find() {
  const { ids, names } = room.args.map.villages, wanted = by("find").value.trim();
  let id = ids.indexOf(wanted);
  if (id < 0) id = names.indexOf(wanted);
  if (id < 0) return;
  room.moved = true;
  room.map.easeTo({ center: room.layers.centers[id], zoom: Math.max(room.map.getZoom(), room.layers.rolled_below + 2) });
  if (!room.chosen.includes(ids[id])) toggle(ids[id]);
}

/** Shift and drag: every village in the box, where several may be chosen. */
function selectBox(map) {
  let from = null;
  map.getCanvas().addEventListener("mousedown", (event) => {
    if (!event.shiftKey || !room.args.many) return;
    from = [event.offsetX, event.offsetY];
    map.dragPan.disable();
  });
  window.addEventListener("mouseup", (event) => {
    if (!from) return;
    const frame = map.getCanvas().getBoundingClientRect(), to = [event.clientX - frame.left, event.clientY - frame.top];
    const inside = map.queryRenderedFeatures([from, to], { layers: ["circles", "villages"] }).map(({ id }) => room.args.map.villages.ids[id]);
    from = null;
    map.dragPan.enable();
    choose([...new Set([...room.chosen, ...inside])]);
  });
}

/** The map of the message, unpacked; the same object for the same digest. */
async function unpacked({ map: bytes, map_digest: digest }) {
  if (room.before && room.before.digest === digest) return room.before.map;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const map = await new Response(stream).json();
  room.before = { digest, map };
  return map;
}

let asked = 0;

/** What was asked last is shown, also where an earlier message is unpacked later. */
async function receive({ args, theme }) {
  asked += 1;
  const turn = asked, map = await unpacked(args);
  if (turn === asked) onRender({ args: { ...args, map }, theme });
}

window.addEventListener("message", ({ data }) => {
  if (data.type === "streamlit:render") receive(data);
});
new ResizeObserver(fitFrame).observe(by("figure"));
send("componentReady", { apiVersion: 1 });
