// What makes the console's pages quicker to use. Every page works without it.
"use strict";

(() => {
  const root = document.documentElement;

  // Fetch with what a form would bring; pages of ours only.
  window.sealgate = {
    csrf: () => document.querySelector('meta[name="csrf"]').content,
    post: (path, body, more) =>
      fetch(path, { method: "POST", body, headers: { "X-CSRF-Token": window.sealgate.csrf() }, ...more }),
  };

  // On a narrow window the menu is pushed sideways: where one is has to be seen.
  const current = document.querySelector(".menu [aria-current]");
  if (current) current.scrollIntoView({ block: "nearest", inline: "nearest" });

  // The theme changes at once; the form keeps it.
  document.querySelectorAll("button[name=theme]").forEach((button) => {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const form = new FormData(button.form);
      form.set("theme", button.value);
      root.dataset.theme = button.value;
      window.sealgate.post("/taste", form, { keepalive: true });  // even if the page is left at once
      const other = [...document.querySelectorAll("button[name=theme]")].find((one) => one !== button);
      requestAnimationFrame(() => other.focus());
    });
  });

  // Forms that cannot be taken back are asked about.
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.ask ?? event.target.dataset.ask;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // Fields that filter send their form when they change.
  document.querySelectorAll("form[data-filter] select").forEach((field) => {
    field.addEventListener("change", () => field.form.requestSubmit());
  });

  // A document is found by the hash of its bytes, which do not leave this machine.
  document.querySelectorAll("[data-find]").forEach((label) => {
    if (!window.crypto?.subtle) return;
    const form = label.closest("form");
    const find = async (file) => {
      if (!file) return;
      form.classList.add("busy-form");
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      form.elements.text.value = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      form.requestSubmit();
    };
    label.hidden = false;
    label.querySelector("input").addEventListener("change", (event) => find(event.target.files[0]));
    const over = (on) => form.classList.toggle("over", on);
    form.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
    form.addEventListener("dragleave", () => over(false));
    form.addEventListener("drop", (event) => { event.preventDefault(); over(false); find(event.dataTransfer.files[0]); });
  });

  // A board that is open follows what happens; after a while without anybody it stops asking.
  const live = document.querySelector("[data-live-events]");
  if (live && window.EventSource) {
    let used = Date.now();
    let source = null;
    let head = null;
    ["pointermove", "keydown", "scroll"].forEach((name) =>
      addEventListener(name, () => { used = Date.now(); if (!source) open(); }, { passive: true }));
    const refresh = async () => {
      const answer = await fetch(location.href);
      if (!answer.ok || answer.redirected) return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelectorAll("[data-live]").forEach((part) => {
        if (part.contains(document.activeElement) || part.querySelector(".busy-form")) return;
        const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
        if (fresh && fresh.innerHTML !== part.innerHTML) {
          part.innerHTML = fresh.innerHTML;
          part.querySelectorAll("[data-drop]").forEach(dropping);
        }
      });
    };
    const close = () => { source?.close(); source = null; live.hidden = true; };
    const open = () => {
      if (document.hidden) return;
      source = new EventSource(live.dataset.liveEvents);
      source.onopen = () => { live.hidden = false; };
      source.onmessage = (event) => {
        if (Date.now() - used > 900000) return close();
        if (head !== null && event.data !== head) refresh();
        head = event.data;
      };
      source.onerror = () => { live.hidden = true; };
    };
    document.addEventListener("visibilitychange", () => (document.hidden ? close() : source || open()));
    open();
  }

  // Files can be dropped onto an inbox.
  function dropping(form) {
    const over = (on) => form.classList.toggle("over", on);
    form.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
    form.addEventListener("dragleave", () => over(false));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      const field = form.querySelector("input[type=file]");
      field.files = event.dataTransfer.files;
      if (field.files.length) form.requestSubmit();
    });
    form.querySelector("input[type=file]").addEventListener("change", () => form.classList.add("busy-form"));
  }
  document.querySelectorAll("[data-drop]").forEach(dropping);

  // A seal is drawn while its words are typed.
  document.querySelectorAll("[data-seal-preview]").forEach((form) => {
    const picture = document.getElementById("seal-preview");
    const problem = document.getElementById("seal-problem");
    const choice = form.querySelector("select[name=template]");
    let waiting = 0;
    let latest = 0;
    const draw = async () => {
      const words = choice.selectedOptions[0].dataset.words.split(" ");
      form.querySelectorAll("[data-word]").forEach((label) => {
        label.hidden = !words.includes(label.dataset.word);
        label.querySelector("input").disabled = label.hidden;
      });
      const mine = ++latest;
      const answer = await window.sealgate.post(form.dataset.sealPreview, new FormData(form));
      if (mine !== latest) return;
      problem.textContent = answer.ok ? "" : problem.dataset.failed;
      if (!answer.ok) return;
      URL.revokeObjectURL(picture.src);
      picture.src = URL.createObjectURL(await answer.blob());
      picture.hidden = false;
    };
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(draw, 300); });
    draw();
  });
})();
