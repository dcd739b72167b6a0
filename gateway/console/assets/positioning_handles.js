// The handles of the chosen seal: one for its size at a corner, one for its turn above it.

import { isWhole, resized, steps } from "./positioning_measures.js";

const TURN = 15; // degrees
const ROOM = 14; // mm that the handle for the turn needs above the seal

export class Handles {
  // `told` has {words, frame(), step(), preview(mark), done(mark), undone()}.
  constructor(layer, told) {
    this.layer = layer;
    this.told = told;
  }

  // Shows the handles of a mark, or none.
  show(mark) {
    this.box?.remove();
    this.box = null;
    if (!mark?.movable || !isWhole(mark)) return;
    this.mark = mark;
    const { words } = this.told;
    this.box = document.createElement("div");
    this.box.className = mark.y < ROOM ? "handles below" : "handles";
    this.box.append(
      this.#handle("size", words.sizeHandle, (event, from) => this.#size(event, from)),
      this.#handle("turn", words.turnHandle, (event, from) => this.#turn(event, from)),
    );
    this.layer.append(this.box);
  }

  #handle(name, title, wanted) {
    const handle = document.createElement("span");
    handle.className = `handle ${name}`;
    handle.title = title;
    handle.addEventListener("pointerdown", (event) => this.#pull(event, handle, wanted));
    return handle;
  }

  #pull(event, handle, wanted) {
    if (event.button !== 0) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const from = this.#point(event);
    let found = null;
    const move = (now) => {
      found = wanted(now, from);
      this.told.preview(found);
    };
    const end = (now) => {
      for (const name of ["pointermove", "pointerup", "pointercancel"]) handle.removeEventListener(name, name === "pointermove" ? move : end);
      if (found === null) return;
      if (now.type === "pointerup") this.told.done(found);
      else this.told.undone();
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  }

  // Where the pointer is on the page, in mm.
  #point(event) {
    const size = this.layer.getBoundingClientRect();
    const scale = this.told.frame().width / size.width;
    return { x: (event.clientX - size.left) * scale, y: (event.clientY - size.top) * scale };
  }

  // An upright seal is pulled from its upper left corner, a turned one grows about its centre.
  #size(event, from) {
    const { mark } = this;
    const [now, step] = [this.#point(event), event.altKey ? 0 : this.told.step()];
    const moved = { x: now.x - from.x, y: now.y - from.y };
    if (mark.rotation % 360 === 0) {
      const ratio = mark.seal_width / mark.seal_height;
      const pulled = mark.seal_width + (Math.abs(moved.x) > Math.abs(moved.y * ratio) ? moved.x : moved.y * ratio);
      return resized(mark, this.told.frame(), { seal_width: steps(pulled, step) }, "corner");
    }
    const centre = { x: mark.x + mark.width / 2, y: mark.y + mark.height / 2 };
    const grown = Math.hypot(now.x - centre.x, now.y - centre.y) / Math.hypot(from.x - centre.x, from.y - centre.y);
    return resized(mark, this.told.frame(), { seal_width: steps(mark.seal_width * grown, step) });
  }

  #turn(event, from) {
    const { mark } = this;
    const angle = ({ x, y }) => (Math.atan2(x - mark.x - mark.width / 2, mark.y + mark.height / 2 - y) * 180) / Math.PI;
    const turned = mark.rotation + angle(this.#point(event)) - angle(from);
    const rotation = (steps(turned, event.altKey ? 1 : TURN) + 720) % 360;
    return resized(mark, this.told.frame(), { rotation });
  }
}
