// The dialog in which a draft is looked at once more: what changes in the file, and in the archive.

import { Refusal } from "./positioning_server.js";

export class Saving {
  constructor(dialog, server, words, told) {
    this.dialog = dialog;
    this.server = server;
    this.words = words;
    this.told = told; // {draft(), saved(answer)}
    this.part = (name) => dialog.querySelector(`[data-part="${name}"]`);
    this.part("effect").addEventListener("click", () => this.#effect());
    this.part("cancel").addEventListener("click", () => dialog.close());
    this.part("confirm").addEventListener("submit", (event) => this.#save(event));
    dialog.addEventListener("close", () => {
      this.stopped = true;
    });
  }

  begin(shown) {
    this.#showDifference(shown.difference);
    this.part("effects").replaceChildren();
    this.part("progress").hidden = true;
    this.part("tally").textContent = "";
    this.#complain("");
    this.dialog.showModal();
    this.part("reason").focus();
  }

  #showDifference(difference) {
    const lines = difference.split("\n").map((line) => {
      const head = line.startsWith("+++") || line.startsWith("---");
      const kind = head ? "span" : { "+": "ins", "-": "del" }[line[0]];
      const drawn = document.createElement(kind ?? "span");
      drawn.textContent = `${line}\n`;
      return drawn;
    });
    this.part("difference").replaceChildren(...lines);
  }

  // Part after part, so that it can be stopped and shows how far it is.
  async #effect() {
    const button = this.part("effect");
    const progress = this.part("progress");
    button.disabled = true;
    this.stopped = false;
    this.part("effects").replaceChildren();
    let [looked, changed, unreadable, after] = [0, 0, 0, ""];
    try {
      do {
        const part = await this.server.ask("effects", { ...this.told.draft(), after });
        looked += part.looked;
        changed += part.changed.length;
        unreadable += part.unreadable;
        after = part.after;
        progress.hidden = false;
        progress.max = part.total || 1;
        progress.value = part.total ? looked : 1;
        this.part("effects").append(...part.changed.map((one) => this.#changed(one)));
        const sentence = unreadable ? this.words.effectUnreadable : this.words.effect;
        this.part("tally").textContent = sentence
          .replace("{changed}", changed)
          .replace("{looked}", looked)
          .replace("{unreadable}", unreadable);
      } while (after && !this.stopped);
    } catch (error) {
      this.#complain(error.message);
    }
    button.disabled = false;
  }

  #changed(one) {
    const item = document.createElement("li");
    const name = document.createElement("strong");
    name.textContent = one.source;
    const before = document.createElement("span");
    before.textContent = one.before;
    const now = document.createElement("span");
    now.textContent = `→ ${one.after}`;
    item.append(name, before, now);
    if (one.drawable) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: this.words.picture });
      button.addEventListener("click", () => this.#picture(item, button, one.job));
      item.append(button);
    }
    return item;
  }

  async #picture(item, button, job) {
    button.disabled = true;
    try {
      const picture = document.createElement("canvas");
      await this.server.draw(picture, "effects/picture", { ...this.told.draft(), job });
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", this.words.pictureOf.replace("{name}", item.firstChild.textContent));
      button.replaceWith(picture);
    } catch (error) {
      this.#complain(error.message);
    }
  }

  async #save(event) {
    event.preventDefault();
    const button = this.part("write");
    button.disabled = true;
    try {
      const reason = this.part("reason").value;
      const answer = await this.server.ask("save", { ...this.told.draft(), reason });
      this.part("reason").value = "";
      this.dialog.close();
      this.told.saved(answer);
    } catch (error) {
      this.#complain(error instanceof Refusal ? `${error.message} ${error.told.remedy ?? ""}` : String(error));
    }
    button.disabled = false;
  }

  // Says that the change is written, with a button that takes it back.
  tell(answer, message) {
    const line = document.createElement("p");
    line.textContent = answer.request ? this.words.filed : answer.undone ? this.words.undone : this.words.saved;
    message.className = "message good";
    message.hidden = false;
    message.replaceChildren(line);
    message.scrollIntoView({ block: "nearest" });
    if (answer.undone || answer.request) return;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: this.words.undo });
    button.dataset.part = "undo";
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const undone = await this.server.ask("undo", { number: answer.number, reason: this.words.undoReason });
        this.told.saved({ undone: true, request: undone.request });
      } catch (error) {
        line.textContent = error.message;
      }
    });
    message.append(button);
  }

  #complain(sentence) {
    const box = this.part("complaint");
    box.hidden = !sentence;
    box.textContent = sentence;
  }
}
