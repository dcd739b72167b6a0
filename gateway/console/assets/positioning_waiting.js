// The dialog in which documents that wait get the draft's places, each by a ticket of its own.

export class Waiting {
  constructor(dialog, server, words, told) {
    this.dialog = dialog;
    this.server = server;
    this.words = words;
    this.told = told; // {draft(), inbox(), source()}
    this.part = (name) => dialog.querySelector(`[data-part="${name}"]`);
    this.part("hand-all").addEventListener("change", (event) => {
      for (const box of this.#boxes()) box.checked = event.target.checked;
      this.#count();
    });
    this.part("hand-files").addEventListener("change", () => this.#count());
    this.part("hand-cancel").addEventListener("click", () => dialog.close());
    this.part("hand-form").addEventListener("submit", (event) => this.#place(event));
  }

  #boxes() {
    return [...this.part("hand-files").querySelectorAll("input")];
  }

  #chosen() {
    return this.#boxes().filter((box) => box.checked);
  }

  #count() {
    this.part("hand-write").disabled = this.#chosen().length === 0;
  }

  async begin() {
    const { files } = await this.server.ask("waiting", { inbox: this.told.inbox() });
    this.part("hand-none").hidden = files.length > 0;
    this.part("hand-files").replaceChildren(...files.map((name) => this.#file(name)));
    this.part("hand-all").checked = false;
    this.#count();
    this.dialog.showModal();
  }

  #file(name) {
    const item = document.createElement("li");
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", value: name });
    box.checked = name === this.told.source();
    const outcome = document.createElement("span");
    outcome.setAttribute("role", "status");
    label.append(box, name);
    item.append(label, outcome);
    return item;
  }

  async #place(event) {
    event.preventDefault();
    const chosen = this.#chosen();
    this.part("hand-write").disabled = true;
    try {
      const value = { ...this.told.draft(), inbox: this.told.inbox(), sources: chosen.map((box) => box.value) };
      const { done } = await this.server.ask("place", value);
      for (const one of done) this.#tell(chosen.find((box) => box.value === one.source), one);
    } catch (error) {
      this.part("hand-complaint").hidden = false;
      this.part("hand-complaint").textContent = error.message;
    }
    this.#count();
  }

  #tell(box, one) {
    const outcome = box.closest("li").querySelector("span");
    outcome.className = one.fault ? "bad" : "good";
    outcome.textContent = one.fault ? `${one.fault.sentence} ${one.fault.remedy}` : this.words.handed;
    box.checked = false;
    box.disabled = !one.fault;
  }
}
