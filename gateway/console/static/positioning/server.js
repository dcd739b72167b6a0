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
    this.token = root.dataset.token;
    this.unreachable = root.dataset.unreachable;
    this.seals = new Map();
  }

  async ask(path, value, signal) {
    return (await this.#send(path, JSON.stringify(value), "application/json", signal)).json();
  }

  // Draws a picture on a canvas: unlike an address of a blob, that needs no leave of the page's
  // content security policy.
  async draw(canvas, path, value) {
    const answer = await this.#send(path, JSON.stringify(value), "application/json");
    const picture = await createImageBitmap(await answer.blob());
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    picture.close();
  }

  async upload(file) {
    return (await this.#send("samples/upload", file, "application/pdf")).json();
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
    const answer = await fetch(`${this.base}/seal.png?${query}`);
    if (!answer.ok) throw new Refusal({ sentence: `${answer.status} ${answer.statusText}` });
    return createImageBitmap(await answer.blob());
  }

  async #send(path, body, type, signal) {
    let answer;
    try {
      answer = await fetch(`${this.base}/${path}`, {
        method: "POST",
        body,
        signal,
        headers: { "Content-Type": type, "X-CSRF-Token": this.token },
      });
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
