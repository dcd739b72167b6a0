// The form for one place, in the words of a rule: what it does not know, it leaves as it is.

const WAYS = {
  corner: ["corner", "margin"],
  edge: ["edge", "along", "margin"],
  point: ["x", "y", "pin"],
  text: ["at", "find", "pattern", "occurrence", "side"],
  "form-field": ["at", "find", "occurrence", "side"],
  comment: ["at", "find", "occurrence", "side"],
  field: ["field"],
  straddle: ["straddle"],
  table: ["table"],
};
const ALL = [...new Set(Object.values(WAYS).flat())];
const START = {
  corner: { corner: "bottom-right", margin: "15mm" },
  edge: { edge: "right", margin: "10mm" },
  point: { x: "20mm", y: "20mm" },
  text: { at: "text", find: "" },
  "form-field": { at: "form-field", find: "*" },
  comment: { at: "comment", find: "" },
  field: { field: "only" },
  straddle: { straddle: { edge: "right", pages: "all" } },
};
const STRADDLE = { edge: "right", pages: "all", along: "50%", slices: "equal", max: "20", duplex: "false" };

export function wayOf(place) {
  if (place.table) return "table";
  if (place.straddle) return "straddle";
  if (place.field) return "field";
  if (place.at) return place.at;
  if (place.edge) return "edge";
  return place.x === undefined ? "corner" : "point";
}

export class PlaceForm {
  constructor(form, changed) {
    this.form = form;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => this.#take(event.target, changed));
    form.addEventListener("change", (event) => this.#take(event.target, changed));
  }

  show(place, seals, own) {
    this.place = place;
    const way = wayOf(place);
    const controls = this.form.elements;
    for (const part of this.form.querySelectorAll("[data-ways]")) {
      part.hidden = !part.dataset.ways.split(" ").includes(way);
    }
    this.#set(controls.way, way);
    controls.way.querySelector('[value="table"]').hidden = way !== "table";
    const pages = place.page ?? place.pages;
    const texted = typeof pages === "object" && pages !== null;
    this.#set(controls.pages, (texted ? pages.pages ?? "all" : pages) ?? (place.at ? "all" : "last"));
    this.#set(controls.pagesText, texted ? pages.text ?? "" : "");
    this.#set(controls.corner, place.corner ?? "bottom-right");
    this.#set(controls.edge, place.edge ?? "right");
    this.#set(controls.margin, place.margin ?? "0mm");
    this.#set(controls.along, place.along ?? "50%");
    this.#set(controls.x, place.x ?? "");
    this.#set(controls.y, place.y ?? "");
    this.#set(controls.pin, place.pin ?? "top-left");
    this.#set(controls.find, place.pattern ?? place.find ?? "");
    controls.expression.checked = place.pattern !== undefined;
    this.#set(controls.occurrence, place.occurrence ?? "first");
    this.#set(controls.side, place.side ?? "over");
    this.#set(controls.field, place.field ?? "");
    this.#set(controls.offsetX, place.offset?.x ?? "0mm");
    this.#set(controls.offsetY, place.offset?.y ?? "0mm");
    this.#set(controls.fit, place.fit ?? "fail");
    controls.avoid.checked = place.avoid === "text";
    this.#showStraddle(place.straddle ?? {});
    this.#showFallback(place.fallback);
    this.#showSeals(seals, place.seal ?? "", own);
  }

  #set(control, value) {
    if (control.value !== value && control !== document.activeElement) control.value = value;
    control.removeAttribute("aria-invalid");
  }

  #showStraddle(straddle) {
    const controls = this.form.elements;
    this.#set(controls.straddleEdge, straddle.edge ?? STRADDLE.edge);
    const pages = straddle.pages ?? STRADDLE.pages;
    this.#set(controls.straddlePages, typeof pages === "object" ? pages.pages ?? "all" : pages);
    this.#set(controls.straddleAlong, straddle.along ?? STRADDLE.along);
    this.#set(controls.straddleMax, straddle.max ?? STRADDLE.max);
    controls.straddleRandom.checked = straddle.slices === "random";
    controls.straddleDuplex.checked = (straddle.duplex ?? "false") === "true";
  }

  #showFallback(fallback) {
    const control = this.form.elements.fallback;
    const kept = fallback !== undefined && fallback !== "skip";
    control.querySelector('[value="kept"]').hidden = !kept;
    control.value = fallback === undefined ? "" : kept ? "kept" : "skip";
  }

  #showSeals(seals, chosen, own) {
    const control = this.form.elements.seal;
    const first = control.options[0];
    first.textContent = first.dataset.words.replace("{seal}", own);
    const others = seals.filter((name) => name !== own).map((name) => new Option(name, name));
    control.replaceChildren(first, ...others);
    control.value = chosen;
  }

  // A text that is being typed is taken when it is complete; see `input` and `change` above.
  #take(control, changed) {
    if (!control.name || !this.place) return;
    const place = structuredClone(this.place);
    this.#apply(place, control);
    if (JSON.stringify(place) === JSON.stringify(this.place)) return;
    this.place = place;
    changed(place, control);
  }

  #apply(place, control) {
    const { name, value } = control;
    switch (name) {
      case "way":
        return this.#turn(place, value);
      case "pages":
      case "pagesText":
        return this.#takePages(place);
      case "expression":
      case "find":
        return this.#takeWords(place);
      case "offsetX":
      case "offsetY":
        return this.#takeOffset(place);
      case "avoid":
        return put(place, "avoid", control.checked ? "text" : "");
      case "fallback":
        return this.#takeFallback(place, value);
      case "fit":
        return put(place, "fit", value, "fail");
      case "seal":
        return put(place, "seal", value);
      case "side":
        return put(place, "side", value, "over");
      case "occurrence":
        return put(place, "occurrence", value, "first");
      case "pin":
        return put(place, "pin", value, "top-left");
      default:
        if (name.startsWith("straddle")) return this.#takeStraddle(place);
        place[name] = value;
    }
  }

  #turn(place, way) {
    for (const key of ALL) delete place[key];
    if (way === "field" || way === "straddle") {
      for (const key of ["page", "pages", "offset", "avoid"]) delete place[key];
      if (way === "field") for (const key of ["seal", "fit", "width", "rotation"]) delete place[key];
    }
    Object.assign(place, structuredClone(START[way]));
    if (place.find === "") place.find = this.form.dataset.words;
  }

  #takePages(place) {
    const { pages, pagesText } = this.form.elements;
    const key = place.pages === undefined ? "page" : "pages";
    delete place[key];
    if (pagesText.value) place[key] = { text: pagesText.value, ...(pages.value === "all" ? {} : { pages: pages.value }) };
    else place[key] = pages.value;
  }

  #takeWords(place) {
    const { find, expression } = this.form.elements;
    delete place.find;
    delete place.pattern;
    place[expression.checked && place.at === "text" ? "pattern" : "find"] = find.value;
  }

  #takeOffset(place) {
    const { offsetX, offsetY } = this.form.elements;
    place.offset = { x: offsetX.value, y: offsetY.value };
    if (Object.values(place.offset).every((value) => /^[+-]?0+(\.0+)?\s*(mm|pt|in|%)$/.test(value))) delete place.offset;
  }

  #takeFallback(place, value) {
    if (value === "skip") place.fallback = "skip";
    else if (value === "corner") place.fallback = { page: "last", corner: "bottom-right", margin: "15mm" };
    else if (value === "") delete place.fallback;
  }

  #takeStraddle(place) {
    const controls = this.form.elements;
    const straddle = place.straddle;
    put(straddle, "edge", controls.straddleEdge.value);
    put(straddle, "along", controls.straddleAlong.value, STRADDLE.along);
    put(straddle, "max", controls.straddleMax.value, STRADDLE.max);
    put(straddle, "slices", controls.straddleRandom.checked ? "random" : "equal", STRADDLE.slices);
    put(straddle, "duplex", String(controls.straddleDuplex.checked), STRADDLE.duplex);
    const pages = controls.straddlePages.value;
    if (typeof straddle.pages === "object") straddle.pages.pages = pages;
    else put(straddle, "pages", pages);
  }
}

// Writes a value, or leaves the key out where it says what holds without it.
function put(place, key, value, without = "") {
  if (value === without || value === "") delete place[key];
  else place[key] = value;
}
