// What makes the console's pages quicker to use. Every page works without it.
"use strict";

(() => {
  const root = document.documentElement;

  // Fetch with what a form would bring; pages of ours only.
  window.sealgate = {
    csrf: () => document.querySelector('meta[name="csrf"]').content,
    post: (path, body) =>
      fetch(path, { method: "POST", body, headers: { "X-CSRF-Token": window.sealgate.csrf() } }),
  };

  // The theme changes at once; the form keeps it.
  document.querySelectorAll("button[name=theme]").forEach((button) => {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const form = new FormData(button.form);
      form.set("theme", button.value);
      root.dataset.theme = button.value;
      window.sealgate.post("/taste", form);
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
})();
