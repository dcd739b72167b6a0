// What the page asks the server: JSON there, JSON back; every refusal is an Error with words.

export class Refusal extends Error {
  constructor(told) {
    super(told.sentence || "…");
    this.told = told;
  }
}

export class Server {
  constructor(root) {
    this.base = root.dataset.base;
    this.unreachable = root.dataset.unreachable;
    this.token = document.querySelector('meta[name="csrf"]').content;
    this.seals = new Map();
  }

  async ask(path, value, signal) {
    return (await this.#post(path, { question: JSON.stringify(value) }, signal)).json();
  }

  // Draws a picture on a canvas.
  async draw(canvas, path, value) {
    const answer = await this.#post(path, { question: JSON.stringify(value) });
    const picture = await createImageBitmap(await answer.blob());
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    picture.close();
  }

  async upload(file) {
    return (await this.#post("samples/upload", { file })).json();
  }

  page(sample, index, longest) {
    return `${this.base}/pages/${sample}/${index}.png?longest=${longest}`;
  }

  // Returns a seal's picture, fetched once for each look: the browser itself must not keep it.
  seal(draft, seal) {
    if (!this.seals.has(seal.label)) this.seals.set(seal.label, this.#fetchSeal(draft, seal));
    return this.seals.get(seal.label);
  }

  async #fetchSeal(draft, seal) {
    const query = new URLSearchParams({ file: draft.file, rule: draft.rule, seal: seal.name });
    const answer = await this.#send(`seal.png?${query}`, {});
    return createImageBitmap(await answer.blob());
  }

  #post(path, fields, signal) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return this.#send(path, { method: "POST", body, signal, headers: { "X-CSRF-Token": this.token } });
  }

  async #send(path, options) {
    let answer;
    try {
      // Who is logged out is sent to the log-in, which is no answer.
      answer = await fetch(`${this.base}/${path}`, { ...options, redirect: "error" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refusal({ sentence: this.unreachable });
    }
    if (answer.ok) return answer;
    let told = {};
    try {
      told = await answer.json();
    } catch {
      told = { sentence: `${answer.status} ${answer.statusText}` };
    }
    throw new Refusal(told);
  }
}
