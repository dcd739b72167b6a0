// The page with its seals: drawn in percent of the page, so that it fits any width and zoom.

import { Handles } from "./positioning_handles.js";
import { boxOf, isWhole, resized, sizeOf, snapped, within } from "./positioning_measures.js";

const SVG = "http://www.w3.org/2000/svg";

export class Sheet {
  constructor(element, server, words, told) {
    this.element = element;
    this.server = server;
    this.words = words;
    this.told = told; // {select(number), moved(number, box, size), hit(index)}
    this.picture = element.querySelector("img");
    this.layer = element.querySelector("[data-layer]");
    this.grid = element.querySelector("[data-grid]");
    this.step = 1;
    this.handles = new Handles(this.layer, {
      words,
      frame: () => this.frame,
      step: () => this.step,
      preview: (mark) => this.#lay(mark),
      done: (mark) => this.#tell(mark),
      undone: () => this.#lay(this.shown.marks[this.handles.mark.number]),
    });
  }

  // Shows one page; `shown` is the server's answer, `hits` are words that were looked for.
  draw(shown, sample, page, chosen, hits) {
    const frame = shown.pages[page];
    this.shown = shown;
    this.page = page;
    this.frame = frame;
    const address = this.server.page(sample, page, 1600);
    if (this.picture.getAttribute("src") !== address) this.picture.src = address;
    this.picture.alt = this.words.page.replace("{number}", page + 1);
    this.element.style.setProperty("--ratio", frame.width / frame.height);
    this.#drawGrid();
    const focused = this.layer.contains(document.activeElement) ? document.activeElement.dataset.mark : null;
    this.layer.replaceChildren(
      ...hits.filter((hit) => hit.page === page).map((hit) => this.#hit(hit)),
      ...shown.marks.filter((mark) => mark.page === page && mark.found).map((mark) => this.#anchor(mark)),
      ...shown.marks.filter((mark) => mark.page === page && mark.width > 0).map((mark) => this.#mark(mark, chosen)),
    );
    this.choose(chosen);
    if (focused !== null) this.layer.querySelector(`[data-mark="${focused}"]`)?.focus({ preventScroll: true });
  }

  // Shows which place's seal is chosen, with its handles.
  choose(chosen) {
    for (const button of this.layer.querySelectorAll("[data-mark]")) {
      button.setAttribute("aria-pressed", String(button.dataset.place === chosen));
    }
    const mark = this.shown.marks.find((one) => one.page === this.page && one.place === chosen && one.width > 0);
    this.handles.show(mark);
    if (mark) this.#lay(mark);
  }

  // Lays a mark's button, its seal and its handles where the mark is.
  #lay(mark) {
    const button = this.layer.querySelector(`[data-mark="${mark.number}"]`);
    this.#place(button, mark);
    layCanvas(button.querySelector("canvas"), mark);
    if (this.handles.box && this.handles.mark.number === mark.number) this.#place(this.handles.box, mark);
  }

  #tell(mark) {
    this.told.moved(mark.number, boxOf(mark), sizeOf(mark, this.shown.marks[mark.number]));
  }

  empty() {
    this.picture.removeAttribute("src");
    this.picture.alt = "";
    this.layer.replaceChildren();
  }

  #drawGrid() {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${this.frame.width} ${this.frame.height}`);
    svg.setAttribute("preserveAspectRatio", "none");
    for (let at = 10; at < this.frame.width; at += 10) svg.append(line(at, 0, at, this.frame.height));
    for (let at = 10; at < this.frame.height; at += 10) svg.append(line(0, at, this.frame.width, at));
    this.grid.replaceChildren(svg);
  }

  #place(element, box) {
    element.style.left = `${(box.x / this.frame.width) * 100}%`;
    element.style.top = `${(box.y / this.frame.height) * 100}%`;
    element.style.width = `${(box.width / this.frame.width) * 100}%`;
    element.style.height = `${(box.height / this.frame.height) * 100}%`;
  }

  #hit(hit) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "hit";
    button.textContent = hit.number;
    button.title = this.words.hit.replace("{number}", hit.number).replace("{text}", hit.text);
    button.setAttribute("aria-label", button.title);
    this.#place(button, hit);
    button.addEventListener("click", () => this.told.hit(hit.number));
    return button;
  }

  #anchor(mark) {
    const box = document.createElement("div");
    box.className = "anchor";
    box.title = mark.found.what;
    this.#place(box, mark.found);
    return box;
  }

  #mark(mark, chosen) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "mark";
    button.dataset.mark = mark.number;
    button.dataset.place = mark.place;
    button.classList.toggle("fixed", !mark.movable);
    button.setAttribute("aria-pressed", String(mark.place === chosen));
    button.setAttribute("aria-label", this.#label(mark));
    this.#place(button, mark);
    const seal = document.createElement("canvas");
    this.server.seal(this.shown, this.shown.seals[mark.seal]).then((picture) => {
      paint(seal, picture);
    }, () => button.classList.add("blank"));
    layCanvas(seal, mark);
    button.append(seal);
    button.addEventListener("focus", () => this.told.select(mark.number));
    if (mark.movable) {
      button.addEventListener("pointerdown", (event) => this.#drag(event, button, mark));
      button.addEventListener("keydown", (event) => this.#key(event, mark));
    }
    return button;
  }

  #label(mark) {
    return this.words.mark
      .replace("{seal}", this.shown.seals[mark.seal].name)
      .replace("{x}", mark.x.toFixed(1))
      .replace("{y}", mark.y.toFixed(1))
      .replace("{page}", mark.page + 1);
  }

  #drag(event, button, mark) {
    if (event.button !== 0) return;
    event.preventDefault();
    button.focus({ preventScroll: true });
    button.setPointerCapture(event.pointerId);
    const size = this.element.getBoundingClientRect();
    const scale = this.frame.width / size.width;
    const start = { x: event.clientX, y: event.clientY };
    const others = this.shown.marks.filter((one) => one.page === mark.page && one.number !== mark.number);
    let box = null;
    const move = (now) => {
      const [across, down] = [now.clientX - start.x, now.clientY - start.y];
      if (box === null && Math.hypot(across, down) < 3) return;
      const wanted = within({ ...boxOf(mark), x: mark.x + across * scale, y: mark.y + down * scale }, this.frame);
      const found = now.altKey || !this.step ? { box: wanted, guides: [] } : snapped(wanted, this.frame, others, this.step);
      box = { ...mark, ...found.box };
      this.#lay(box);
      this.#guides(found.guides);
    };
    const end = (now) => {
      button.removeEventListener("pointermove", move);
      button.removeEventListener("pointerup", end);
      button.removeEventListener("pointercancel", end);
      this.#guides([]);
      if (box === null) return;
      if (now.type === "pointerup") this.#tell(box);
      else this.#lay(mark);
    };
    button.addEventListener("pointermove", move);
    button.addEventListener("pointerup", end);
    button.addEventListener("pointercancel", end);
  }

  #guides(guides) {
    for (const old of this.element.querySelectorAll(".guide")) old.remove();
    for (const guide of guides) {
      const drawn = document.createElement("div");
      drawn.className = guide.vertical ? "guide upright" : "guide";
      const extent = guide.vertical ? this.frame.width : this.frame.height;
      drawn.style[guide.vertical ? "left" : "top"] = `${(guide.at / extent) * 100}%`;
      this.element.append(drawn);
    }
  }

  // The mark that keys have changed counts on until the server has answered.
  #key(event, mark) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const changed = this.#keyed(event, mark.pending ?? mark);
    if (changed === null) return;
    event.preventDefault();
    mark.pending = changed;
    this.#lay(changed);
    this.#tell(changed);
  }

  #keyed(event, from) {
    const step = event.shiftKey ? 0.1 : 1;
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (way) return { ...from, ...within({ ...boxOf(from), x: from.x + way[0], y: from.y + way[1] }, this.frame) };
    if (!isWhole(from)) return null;
    const grown = { "+": 1, "=": 1, "-": -1, _: -1 }[event.key];
    if (grown) return resized(from, this.frame, { seal_width: from.seal_width + grown });
    const turned = { r: 15, R: -15 }[event.key];
    if (turned) return resized(from, this.frame, { rotation: (from.rotation + turned + 360) % 360 });
    return null;
  }
}

// The whole seal lies about the centre of the whole box, of which a slice shows a part.
function layCanvas(canvas, mark) {
  const { left, top, right, bottom } = mark.part;
  const [width, height] = [mark.width / (right - left), mark.height / (bottom - top)];
  canvas.style.width = `${(mark.seal_width / mark.width) * 100}%`;
  canvas.style.height = `${(mark.seal_height / mark.height) * 100}%`;
  canvas.style.left = `${(((width - mark.seal_width) / 2 - left * width) / mark.width) * 100}%`;
  canvas.style.top = `${(((height - mark.seal_height) / 2 - top * height) / mark.height) * 100}%`;
  canvas.style.transform = mark.rotation ? `rotate(${mark.rotation}deg)` : "";
}

// Canvases are scaled roughly by browsers: so the seal is painted in the size in which it is seen.
function paint(canvas, picture) {
  const seen = canvas.offsetWidth * window.devicePixelRatio;
  canvas.width = Math.max(1, Math.min(picture.width, Math.round(seen)));
  canvas.height = Math.max(1, Math.round((canvas.width * picture.height) / picture.width));
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
}

function line(x1, y1, x2, y2) {
  const drawn = document.createElementNS(SVG, "line");
  for (const [key, value] of Object.entries({ x1, y1, x2, y2 })) drawn.setAttribute(key, value);
  return drawn;
}
