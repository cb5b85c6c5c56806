// What stands on the map on paper, where its controls are not: scale bar, north, and districts rolled up. It is one drawing of the
// map's size, and becomes larger or smaller with the map.

const NORTH = "M0,-13 L5,5 L0,2 L-5,5 Z";

export class Paper {
  constructor(map, up) {
    Object.assign(this, { map, up });
    this.drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.drawing.id = "paper";
    this.drawing.setAttribute("preserveAspectRatio", "xMinYMin meet");
    this.drawing.setAttribute("aria-hidden", "true");
    map.getContainer().append(this.drawing);
  }

  draw(donuts) {
    const { clientWidth: width, clientHeight: height } = this.map.getCanvas();
    const scale = this.map.getContainer().querySelector(".maplibregl-ctrl-scale"), length = parseFloat(scale.style.width) || 0;
    const rings = donuts.map((marker) => {
      const { x, y } = this.map.project(marker.getLngLat()), [ring, name] = marker.getElement().children;
      const size = Number(ring.getAttribute("width"));
      return `<g transform="translate(${x - size / 2} ${y - size / 2 - 8})">${ring.outerHTML}
        <text x="${size / 2}" y="${size + 12}" text-anchor="middle">${name.innerHTML}</text></g>`;
    });
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.drawing.innerHTML = `<rect class="frame" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>${rings.join("")}
      <g transform="translate(12 ${height - 12})"><path class="bar" d="M0,-6 V0 H${length} V-6"/>
        <text x="${length / 2}" y="-6" text-anchor="middle">${scale.innerHTML}</text></g>
      <g transform="translate(${width - 22} 34) rotate(${-this.map.getBearing()})"><path d="${NORTH}"/><text y="-16" text-anchor="middle">${this.up}</text></g>`;
  }
}
