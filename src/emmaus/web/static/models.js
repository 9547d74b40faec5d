// The models page: tries a model without leaving the page, and shows how far downloads are.
// Without this module every button works as a plain form.

import { send, sentence } from "./server.js";

const EVERY = 1000; // milliseconds between two looks at the downloads

function size(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

async function tryOut(form, button) {
  const result = (form.closest("li") || form).querySelector(".result");
  const fields = new FormData(form);
  button.disabled = true;
  result.textContent = "Trying; a model that is not loaded yet takes a while.";
  try {
    const body = { url: fields.get("url"), name: fields.get("name"), key: fields.get("key") || "" };
    const said = await (await send("POST", "/api/models/try", body)).json();
    result.textContent = `${said.sentence}.`;
  } catch (error) {
    result.textContent = `${sentence(error.message)}${error.message.endsWith(".") ? "" : "."}`;
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.try");
  if (!button || !button.form.reportValidity()) return;
  event.preventDefault();
  tryOut(button.form, button);
});

function show(one) {
  const row = document.getElementById(one.id);
  if (!row) return;
  row.dataset.state = one.state;
  row.querySelector(".state").textContent = one.state;
  const bar = row.querySelector("progress");
  bar.max = one.total || 1;
  bar.value = one.done;
  const left = one.seconds_left === null ? "" : `, ${Math.ceil(one.seconds_left)} s left`;
  const rate = one.bytes_per_second ? `, ${size(one.bytes_per_second)} a second${left}` : "";
  row.querySelector(".detail").textContent = `${size(one.done)} of ${size(one.total)}${rate}`;
}

async function watch() {
  const open = "#downloads [data-state=running], #downloads [data-state=waiting]";
  const waiting = [...document.querySelectorAll(open)].map((row) => row.id);
  if (!waiting.length) return;
  try {
    const found = await (await fetch("/api/models/downloads")).json();
    const mine = found.filter((one) => waiting.includes(one.id));
    mine.forEach(show);
    if (mine.some((one) => !["running", "waiting"].includes(one.state))) {
      location.reload();
      return;
    }
  } catch {
    // the program may be starting again: look once more
  }
  setTimeout(watch, EVERY);
}

watch();
