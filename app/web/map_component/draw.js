// An area drawn on the map: corner after corner by clicks, closed by a double click, Enter or the button; Escape ends it.

import { collection, feature, meters } from "./ground.js";

const SAME_CORNER_PX = 4, INK = "#b5361c";

export class Drawing {
  constructor(map, button, words, done) {
    Object.assign(this, { map, button, words, done, corners: [], on: false });
    button.addEventListener("click", () => (this.on ? this.close() : this.begin()));
    map.on("dblclick", (event) => {
      if (!this.on) return;
      event.preventDefault();
      this.close();
    });
    window.addEventListener("keydown", ({ key }) => {
      if (this.on && key === "Enter") this.close();
      if (this.on && key === "Escape") this.end();
    });
    this.label();
  }

  addLayers() {
    this.map.addSource("drawn", { type: "geojson", data: collection([]) });
    this.map.addLayer({ id: "drawn", type: "line", source: "drawn", paint: { "line-color": INK, "line-width": 2.5, "line-dasharray": [2, 1] } });
    this.map.addLayer({ id: "drawn_corners", type: "circle", source: "drawn", filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-color": INK, "circle-radius": 4, "circle-stroke-width": 1.5, "circle-stroke-color": "#ffffff" } });
  }

  begin() {
    if (!this.map.getSource("drawn")) this.addLayers();
    this.on = true;
    this.corners = [];
    this.show();
  }

  /** Whether a click on the map is a corner. */
  takes({ lngLat, point }) {
    if (!this.on) return false;
    const last = this.corners.at(-1), at = last && this.map.project(last);
    if (!at || Math.hypot(at.x - point.x, at.y - point.y) > SAME_CORNER_PX) this.corners.push([lngLat.lng, lngLat.lat]);
    this.show();
    return true;
  }

  close() {
    const ring = this.corners.map(meters);
    this.end();
    if (ring.length >= 3) this.done(ring);
  }

  end() {
    this.on = false;
    this.corners = [];
    this.show();
  }

  show() {
    const line = this.corners.length > 2 ? [...this.corners, this.corners[0]] : this.corners;
    const drawn = line.length > 1 ? [feature(0, { type: "LineString", coordinates: line })] : [];
    const marks = this.corners.map((at, k) => feature(k + 1, { type: "Point", coordinates: at }));
    this.map.getSource("drawn").setData(collection([...drawn, ...marks]));
    this.label();
  }

  label() {
    this.button.textContent = this.on ? this.words.draw_close : this.words.draw;
    this.button.setAttribute("aria-pressed", String(this.on));
    this.map.getCanvas().style.cursor = this.on ? "crosshair" : "";
  }
}
