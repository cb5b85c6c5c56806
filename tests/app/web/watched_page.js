// Put into every frame before its own scripts: notes when something was sent, arrived, changed or was drawn.
// Times are absolute [ms], so that those of frames compare.

(() => {
  const now = () => performance.timeOrigin + performance.now();
  const noted = { sent: 0, arrived: 0, bytes: 0, changed: 0, drawn: 0 };
  window.noted = noted;
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...where) {
      super(...where);
      this.addEventListener("message", ({ data }) => {
        noted.arrived = now();
        noted.bytes += data.byteLength ?? data.size ?? data.length;
      });
    }
    send(content) {
      noted.sent = now();
      super.send(content);
    }
  };
  const quiet = '[data-testid="stHeader"], [data-testid="stStatusWidget"], [data-testid="stToolbar"]';
  const unseen = "canvas"; // the table for screen readers inside a grid's canvas, which the grid writes 0.2 s after it is drawn
  const counts = ({ target, attributeName }) => {
    const place = target.nodeType === 1 ? target : target.parentElement;
    return attributeName !== "data-test-script-state" && !place?.closest(quiet) && !(place?.closest(unseen) && attributeName !== "style");
  };
  new MutationObserver((changes) => {
    if (changes.some(counts)) noted.changed = now();
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });

  let library;
  Object.defineProperty(window, "maplibregl", {
    configurable: true,
    get: () => library,
    set: (given) => {
      class Watched extends given.Map {
        constructor(options) {
          super(options);
          window.watched_map = this;
          this.on("render", () => { noted.drawn = now(); });
        }
      }
      library = new Proxy(given, { get: (all, name) => (name === "Map" ? Watched : all[name]) });
    },
  });

  const frames = () => [...document.querySelectorAll('iframe[title*="village_map"]')].map(({ contentWindow }) => contentWindow);
  window.mapFrames = frames;
  const drawing = (frame) => !frame.watched_map || !frame.watched_map.loaded() || frame.watched_map.isMoving();

  /** Act, wait until nothing has happened for a while, and tell what did. */
  window.measure = (act, { opened, asks, maps: expected, quiet_ms, patience_ms }, done) => {
    const began = opened ? performance.timeOrigin : now(), before = opened ? 0 : noted.bytes;
    if (!opened) Object.assign(noted, { sent: 0, arrived: began, changed: began });
    const failed = act();
    if (failed) return done({ failed });
    const look = () => {
      const app = document.querySelector('[data-testid="stApp"]'), maps = frames();
      const running = !app || app.dataset.testScriptState !== "notRunning" || document.querySelector('[data-stale="true"]');
      const page = Math.max(noted.arrived, noted.changed), drawn = Math.max(began, ...maps.map((map) => (map.noted ? map.noted.drawn : began)));
      const waits = running || (asks && !noted.sent) || (expected && !maps.length) || maps.some(drawing) || now() - Math.max(page, drawn) < quiet_ms;
      if (waits && now() - began < patience_ms) return setTimeout(look, 20);
      done({
        failed: waits ? "it did not settle" : "",
        page_s: (page - began) / 1000,
        map_s: (Math.max(page, drawn) - began) / 1000,
        server_s: noted.sent ? (noted.arrived - noted.sent) / 1000 : 0,
        sent_bytes: noted.bytes - before,
      });
    };
    look();
  };

  /** A click on the map at a village that is seen; which one is told by a number. */
  window.pressVillage = (number) => {
    const [frame] = frames();
    if (!frame || !frame.watched_map) return "no map";
    const map = frame.watched_map, canvas = map.getCanvas(), box = canvas.getBoundingClientRect();
    const inside = ({ x, y }) => x > 60 && y > 60 && x < box.width - 60 && y < box.height - 60;
    const seen = map.queryRenderedFeatures({ layers: ["circles"] }).map(({ geometry }) => map.project(geometry.coordinates)).filter(inside);
    if (!seen.length) return "no village is seen";
    const { x, y } = seen[number % seen.length];
    const place = { bubbles: true, clientX: box.left + x, clientY: box.top + y, view: frame, button: 0, detail: 1 };
    for (const kind of ["mousedown", "mouseup", "click"]) canvas.dispatchEvent(new frame.MouseEvent(kind, place));
    return "";
  };

  /** The slider of the map's years. */
  window.moveYear = (share) => {
    const [frame] = frames(), slider = frame && frame.document.getElementById("year");
    if (!slider) return "no years";
    slider.value = Math.round(share * Number(slider.max));
    slider.dispatchEvent(new frame.Event("input"));
    return "";
  };
})();
