// The page on which seals are placed: what is chosen, what the server says of it, what is saved.

import { PlaceForm, wayOf } from "./positioning_form.js";
import { Saving } from "./positioning_saving.js";
import { Waiting } from "./positioning_waiting.js";
import { Server } from "./positioning_server.js";
import { Sheet } from "./positioning_sheet.js";
import { boxOf, isWhole, resized, rounded, sizeOf, written } from "./positioning_measures.js";

const root = document.querySelector("[data-positioning]");
const words = JSON.parse(root.dataset.words);
const find = (name) => root.querySelector(`[data-part="${name}"]`);
const server = new Server(root);

const state = {
  rule: null, // {file, rule}
  known: "", // SHA-256 of the file that the draft was made from
  places: [],
  saved: [],
  sample: null, // {id, source, inbox}
  seal: "", // the rule's own
  seals: [],
  page: 0,
  chosen: "0", // number of the place that the form shows
  shown: null,
  hits: [],
  former: [], // drafts, to step back
};

const sheet = new Sheet(find("sheet"), server, words, {
  select: (number) => choose(state.shown.marks[number].place),
  moved: (number, box, size) => move(number, box, size),
  // Occurrences are counted on the pages of the place: those shown were found on all of them.
  hit: (number) => {
    const { page, pages, ...anywhere } = place();
    change({ ...anywhere, occurrence: String(number) });
  },
});
const form = new PlaceForm(find("form"), (changed) => change(changed));
const saving = new Saving(find("dialog"), server, words, {
  draft: () => draft(),
  saved: (answer) => open(state.rule, answer),
});

const waitingDocuments = new Waiting(find("hand-dialog"), server, words, {
  draft: () => draft(),
  inbox: () => state.inbox,
  source: () => state.sample?.source,
});

// --- what is drafted -------------------------------------------------------------------------

function draft() {
  return { ...state.rule, known: state.known, places: state.places, seal: state.seal };
}

function index() {
  return Math.min(Number(state.chosen.split(".")[0]), state.places.length - 1);
}

function place() {
  return state.places[index()];
}

function remember() {
  state.former.push(structuredClone(state.places));
  if (state.former.length > 200) state.former.shift();
}

function change(changed) {
  remember();
  const before = place();
  const searched = changed.at === "text" && changed.find === before.find && changed.pattern === before.pattern;
  state.places = state.places.map((one, at) => (at === index() ? changed : one));
  if (!searched) state.hits = [];
  refresh();
}

function replacePlaces(places, chosen) {
  remember();
  state.places = places;
  state.chosen = String(Math.max(0, Math.min(chosen, places.length - 1)));
  state.hits = [];
  refresh();
}

function choose(number) {
  if (state.chosen === number) return showMeasures();
  state.chosen = number;
  showPlaces();
  if (!state.shown) return;
  // Not drawn anew: what is chosen may be under a pointer that drags it.
  sheet.choose(number);
  showMeasures();
}

// --- what the server says of it --------------------------------------------------------------

let waiting = null;
let asking = null;

function refresh(delay = 150) {
  clearTimeout(waiting);
  showPlaces();
  waiting = setTimeout(() => ask("show", {}), delay);
}

function move(number, box, size = {}) {
  clearTimeout(waiting);
  const mark = state.shown.marks[number];
  state.chosen = mark.place;
  waiting = setTimeout(() => ask("drag", { mark: number, page: mark.page, ...box, ...size }), 120);
}

async function ask(verb, more) {
  if (!state.sample || !state.rule) return;
  asking?.abort();
  asking = new AbortController();
  find("state").textContent = words.working;
  root.setAttribute("aria-busy", "true");
  try {
    const value = { ...draft(), sample: state.sample.id, source: state.sample.source, ...more };
    const answer = await server.ask(verb, value, asking.signal);
    if (verb === "drag") remember();
    state.places = answer.places;
    take(answer);
  } catch (error) {
    if (error.name === "AbortError") return;
    refuse(error.told ?? { sentence: error.message });
  }
  root.removeAttribute("aria-busy");
}

function take(answer) {
  state.shown = answer;
  state.page = Math.min(state.page, answer.pages.length - 1);
  const marked = answer.marks.filter((mark) => mark.width > 0);
  // The first one is the signature's.
  if (state.jump && marked.length) state.page = marked[0].page;
  state.jump = false;
  redraw();
}

function refuse(told) {
  const problems = (told.problems ?? []).map((one) => `${one.where}: ${one.message} ${one.remedy}`);
  say("problem", [told.sentence, ...problems, told.remedy].filter(Boolean));
  find("message").scrollIntoView({ block: "nearest" });
  find("state").textContent = words.refused;
  if (told.code === "rules.conflict") find("reload").hidden = false;
}

function say(kind, lines) {
  const box = find("message");
  box.className = `message ${kind}`;
  box.hidden = lines.length === 0;
  box.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
}

// --- what is seen ----------------------------------------------------------------------------

function redraw() {
  const { shown } = state;
  showPlaces();
  if (!shown) return;
  sheet.draw(shown, state.sample.id, state.page, state.chosen, state.hits);
  showPages();
  showMeasures();
  const notes = shown.marks.flatMap((mark) => mark.notes);
  const lines = shown.fault ? [shown.fault.sentence, shown.fault.remedy] : [...new Set(notes)];
  if (!shown.fault && shown.matched !== state.rule.rule) {
    lines.push(shown.matched ? words.other.replace("{rule}", shown.matched) : words.none);
  }
  say(shown.fault ? "problem" : "note", lines);
  const count = shown.marks.filter((mark) => mark.width > 0).length;
  find("state").textContent = shown.fault ? words.refused : words.placed.replace("{count}", count);
  find("save").disabled = shown.difference === "";
  find("back").disabled = state.former.length === 0;
}

function showPages() {
  const { pages, marks } = state.shown;
  find("page-number").value = state.page + 1;
  find("page-number").max = pages.length;
  find("page-count").textContent = words.of.replace("{count}", pages.length);
  find("previous").disabled = state.page === 0;
  find("next").disabled = state.page === pages.length - 1;
  find("sealed-pages").replaceChildren(...pageButtons(marks.filter((mark) => mark.width > 0)));
  find("hit-pages").replaceChildren(...pageButtons(state.hits));
  find("hit-count").textContent = state.hits.length ? words.hits.replace("{count}", state.hits.length) : "";
}

// Buttons that turn to the pages on which something is.
function pageButtons(found) {
  const numbers = [...new Set(found.map((one) => one.page))].sort((a, b) => a - b);
  return numbers.slice(0, 40).map((number) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = number + 1;
    button.setAttribute("aria-label", words.page.replace("{number}", number + 1));
    button.setAttribute("aria-current", String(number === state.page));
    button.addEventListener("click", () => turn(number));
    return button;
  });
}

function turn(number) {
  if (!state.shown) return;
  state.page = Math.min(Math.max(number, 0), state.shown.pages.length - 1);
  redraw();
}

function current() {
  const marks = (state.shown?.marks ?? []).filter((mark) => mark.place === state.chosen && mark.width > 0);
  return marks.find((mark) => mark.page === state.page) ?? marks[0];
}

function showMeasures() {
  const mark = current();
  const frame = mark && state.shown.pages[mark.page];
  const values = mark
    ? {
        left: mark.x,
        top: mark.y,
        right: frame.width - mark.x - mark.width,
        bottom: frame.height - mark.y - mark.height,
        width: mark.seal_width,
        rotation: mark.rotation,
      }
    : {};
  for (const input of find("measures").querySelectorAll("input")) {
    input.disabled = !mark?.movable;
    if (input !== document.activeElement) input.value = mark ? written(values[input.name]) : "";
  }
  find("size").textContent = mark ? `${written(mark.seal_width)} × ${written(mark.seal_height)}` : "–";
}

function showPlaces() {
  const list = find("places");
  list.replaceChildren(
    ...state.places.map((one, number) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words.ways[wayOf(one)] + (one.seal ? ` · ${one.seal}` : "");
      button.setAttribute("aria-current", String(number === index()));
      button.addEventListener("click", () => choose(String(number)));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
  find("remove").disabled = state.places.length < 2;
  if (place()) form.show(place(), state.seals, state.seal);
}

function showOwnSeal() {
  const select = find("own-seal");
  select.replaceChildren(...state.seals.map((name) => new Option(name, name)));
  select.value = state.seal;
}

// --- rules and samples -----------------------------------------------------------------------

async function open(rule, told = null) {
  try {
    const answer = await server.ask("rule", rule);
    Object.assign(state, { rule, known: answer.known, places: answer.places, former: [], hits: [], jump: true });
    state.ruleIndex = find("rules").selectedIndex;
    Object.assign(state, { saved: answer.places, seal: answer.seal, savedSeal: answer.seal, seals: answer.seals });
    showOwnSeal();
    find("hand").hidden = !answer.own_place || find("hand").dataset.may !== "yes";
    if (!told) state.chosen = "0";
    find("reload").hidden = true;
    await listSamples(answer.inbox);
    await ask("show", {});
    if (!state.sample) showPlaces();
    if (told) saving.tell(told, find("message"));
  } catch (error) {
    refuse(error.told ?? { sentence: error.message });
  }
}

async function listSamples(inbox) {
  if (state.inbox === inbox) return;
  state.inbox = inbox;
  const answer = await server.ask("samples", { inbox });
  const select = find("samples");
  const groups = answer.groups.map((group) => {
    const element = document.createElement("optgroup");
    element.label = words.whence[group.whence];
    element.append(...group.files.map((file) => new Option(file.source, JSON.stringify({ whence: group.whence, inbox, ...file }))));
    return element;
  });
  select.replaceChildren(select.options[0], ...groups.filter((group) => group.children.length));
}

async function takeSample(getting) {
  find("state").textContent = words.working;
  try {
    state.sample = await getting;
    Object.assign(state, { page: 0, hits: [], jump: true });
    await ask("show", {});
  } catch (error) {
    refuse(error.told ?? { sentence: error.message });
  }
}

async function search() {
  const one = place();
  if (!state.sample || !(one.find || one.pattern)) return;
  try {
    const value = { sample: state.sample.id, words: one.pattern ?? one.find, expression: one.pattern !== undefined };
    const answer = await server.ask("hits", value);
    state.hits = answer.hits;
    if (answer.hits.length && !answer.hits.some((hit) => hit.page === state.page)) state.page = answer.hits[0].page;
    redraw();
    if (!answer.hits.length) find("hit-count").textContent = words.hits.replace("{count}", 0);
  } catch (error) {
    refuse(error.told ?? { sentence: error.message });
  }
}

async function proof() {
  const mark = current();
  const page = mark ? mark.page : state.page;
  const dialog = find("proof-dialog");
  const picture = dialog.querySelector("canvas");
  try {
    const value = { ...draft(), sample: state.sample.id, source: state.sample.source, page };
    await server.draw(picture, "proof", value);
    picture.setAttribute("aria-label", words.page.replace("{number}", page + 1));
    dialog.showModal();
  } catch (error) {
    refuse(error.told ?? { sentence: error.message });
  }
}

// --- controls --------------------------------------------------------------------------------

find("rules").addEventListener("change", (event) => {
  if (!isUnsaved() || window.confirm(words.discard)) open(JSON.parse(event.target.value));
  else event.target.selectedIndex = state.ruleIndex;
});
find("samples").addEventListener("change", (event) => {
  if (event.target.value) takeSample(server.ask("samples/take", JSON.parse(event.target.value)));
});
find("upload").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (!file) return;
  find("samples").value = "";
  takeSample(server.upload(file).then((sample) => ({ ...sample, source: file.name })));
});
find("previous").addEventListener("click", () => turn(state.page - 1));
find("next").addEventListener("click", () => turn(state.page + 1));
find("page-number").addEventListener("change", (event) => turn(Number(event.target.value) - 1));
find("add").addEventListener("click", () => {
  replacePlaces([...state.places, { page: "last", corner: "top-left", margin: "15mm" }], state.places.length);
});
find("remove").addEventListener("click", () => {
  replacePlaces(state.places.filter((_, number) => number !== index()), index());
});
find("search").addEventListener("click", search);
find("proof").addEventListener("click", proof);
find("save").addEventListener("click", () => saving.begin(state.shown));
find("hand").addEventListener("click", () => {
  waitingDocuments.begin().catch((error) => refuse(error.told ?? { sentence: error.message }));
});
find("back").addEventListener("click", stepBack);
find("reset").addEventListener("click", () => {
  state.seal = state.savedSeal;
  showOwnSeal();
  replacePlaces(structuredClone(state.saved), 0);
});
find("own-seal").addEventListener("change", (event) => {
  state.seal = event.target.value;
  refresh(0);
});
find("reload").addEventListener("click", () => open(state.rule));
find("snap").addEventListener("change", (event) => {
  sheet.step = Number(event.target.value);
});
find("show-grid").addEventListener("change", (event) => find("sheet").classList.toggle("gridded", event.target.checked));
find("zoom").addEventListener("change", () => redraw());
find("zoom").addEventListener("input", (event) => find("sheet").style.setProperty("--zoom", event.target.value));
find("measures").addEventListener("change", (event) => {
  const mark = current();
  const value = Number(event.target.value);
  if (!mark || !Number.isFinite(value) || event.target.value === "") return showMeasures();
  const frame = state.shown.pages[mark.page];
  if (["width", "rotation"].includes(event.target.name)) return resize(mark, event.target.name, value);
  const box = boxOf(mark);
  if (event.target.name === "left") box.x = value;
  if (event.target.name === "top") box.y = value;
  if (event.target.name === "right") box.x = rounded(frame.width - mark.width - value);
  if (event.target.name === "bottom") box.y = rounded(frame.height - mark.height - value);
  move(mark.number, box);
});
// Of a slice the server knows where the whole seal is.
function resize(mark, name, value) {
  const wanted = name === "width" ? { seal_width: value } : { rotation: ((value % 360) + 360) % 360 };
  if (name === "width" && value <= 0) return showMeasures();
  const changed = isWhole(mark) ? resized(mark, state.shown.pages[mark.page], wanted) : { ...mark, ...wanted };
  move(mark.number, boxOf(changed), sizeOf(changed, mark));
}

root.addEventListener("keydown", (event) => {
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.target.matches("input, textarea")) return;
  event.preventDefault();
  stepBack();
});

function stepBack() {
  if (!state.former.length) return;
  state.places = state.former.pop();
  refresh(0);
}

window.addEventListener("beforeunload", (event) => {
  if (isUnsaved()) event.preventDefault();
});

function isUnsaved() {
  return state.seal !== state.savedSeal || JSON.stringify(state.places) !== JSON.stringify(state.saved);
}

const first = find("rules").value;
if (first) open(JSON.parse(first));
