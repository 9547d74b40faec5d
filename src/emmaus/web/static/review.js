// The review: shows one answer after the other, keeps the next ones at hand, and sends what is decided.
// What an answer looks like is decided by the server alone: this module puts its HTML in place and never builds any.

import { send, sentence } from "./server.js";

const review = document.getElementById("review");
const place = document.getElementById("item");
const failed = document.getElementById("failed");
const state = document.getElementById("state");
const none = document.getElementById("none");
const deciding = document.getElementById("deciding");
const editing = document.getElementById("editing");
const rejecting = document.getElementById("rejecting");
const correction = document.getElementById("correction");
const note = document.getElementById("note");
const chips = [...rejecting.querySelectorAll("input")];
const keys = document.getElementById("keys");
const keysOn = document.getElementById("keys-on");
const buttons = Object.fromEntries([...deciding.querySelectorAll("[data-decision]")].map((button) => [button.dataset.decision, button]));
const DID = { accept: "Accepted.", edit: "Edited.", reject: "Rejected.", skip: "Skipped: it comes again at the end." };
const AT_ONCE = 6; // answers that are fetched together
const FEW = 3; // answers at hand below which more are fetched

let current = null; // { turn, version, html }
let items = []; // those that come next
let done = []; // { item, decision, version }: what can be taken back, the latest last
let waiting = Number(review.dataset.waiting);
let clock = 0; // counts decisions, so that a list that was asked for before one of them is known to be old
let loading = null;
let lost = false; // whether the last list did not come
let sent = Promise.resolve(); // decisions go out one after the other
let undelivered = 0; // decisions whose answer has not come: the page is not left without a word while there are any
const typed = new Map(); // what was written about a turn: it is never lost, whatever becomes of the decision
const decided = new Map(); // turn -> clock of its decision

// Gives what the server says.
const fetched = async (...request) => (await send(...request)).json();

const address = (turn) => `/api/reviews/${encodeURIComponent(turn)}`;
const itemOf = ({ waiting, html }) => ({ turn: waiting.turn.id, version: waiting.version, html });

function tell(message) {
  failed.textContent = message ? sentence(message) + (/[.!?]$/.test(message) ? "" : ".") : "";
  failed.hidden = !message;
}

function close() {
  editing.hidden = rejecting.hidden = true;
}

// The answer on the page

function show(item, { focus = true } = {}) {
  current = item;
  close();
  place.innerHTML = item ? item.html : "";
  prepare(focus);
}

function prepare(focus) {
  none.hidden = Boolean(current || loading || lost);
  deciding.hidden = !current && !done.length;
  for (const [name, button] of Object.entries(buttons)) button.disabled = name === "undo" ? !done.length : !current;
  const all = done.filter(({ decision }) => decision !== "skip").length + waiting;
  const counted = Math.min(done.length + 1, all);
  document.getElementById("place").textContent = current ? `${counted.toLocaleString()} of ${all.toLocaleString()}` : "";
  const before = current && typed.get(current.turn);
  correction.value = before?.correction ?? place.querySelector(".given")?.textContent ?? "";
  note.value = before?.note ?? "";
  for (const chip of chips) chip.checked = before?.reasons.includes(chip.value) ?? false;
  if (!focus) return;
  window.scrollTo(0, 0);
  (place.querySelector("h2") ?? none.querySelector("h2")).focus({ preventScroll: true });
}

async function next() {
  let listed;
  while (!items.length && listed !== clock && !lost) {
    const coming = load();
    if (!current) show(null, { focus: false });
    listed = await coming;
  }
  if (!current) show(items.shift() ?? null);
  if (items.length < FEW) load();
}

// What comes next is fetched while this one is read

// Gives the clock for which the list holds: what was decided since may have left nothing of it
function load() {
  loading ??= more().finally(() => (loading = null));
  return loading;
}

async function more() {
  try {
    const asked = clock;
    await sent; // all that was decided by then; what is decided from here on is told by its clock
    const from = new URLSearchParams({ limit: AT_ONCE, html: true });
    if (review.dataset.character) from.set("character", review.dataset.character);
    const found = await fetched("GET", `/api/reviews?${from}`);
    const mine = (turn) => current?.turn === turn || items.some((item) => item.turn === turn);
    const fresh = found.items.map(itemOf).filter(({ turn }) => !mine(turn) && (decided.get(turn) ?? 0) <= asked);
    items.push(...fresh);
    if (asked === clock) waiting = found.counts.reduce((sum, one) => sum + one.waiting, 0);
    lost = false;
    return asked;
  } catch (error) {
    lost = true; // what follows is not known; the next decision asks again
    tell(error.message);
    return clock;
  }
}

// Deciding: the next answer stands there before the server has answered

function decide(decision) {
  if (!current) return;
  const item = current;
  const body = { decision, version: item.version };
  if (decision === "edit") body.correction = correction.value;
  if (decision === "reject") {
    body.reasons = chips.filter((chip) => chip.checked).map((chip) => chip.value);
    body.note = note.value;
  }
  keep();
  tell("");
  lost = false;
  state.textContent = DID[decision];
  const entry = { item, decision, version: item.version };
  done.push(entry);
  decided.set(item.turn, ++clock);
  waiting -= decision !== "skip";
  current = null;
  undelivered += 1;
  sent = sent.then(() => deliver(entry, body)).finally(() => (undelivered -= 1));
  next();
}

async function deliver(entry, body) {
  try {
    entry.version = (await fetched("POST", address(entry.item.turn), body, { keepalive: true })).version;
  } catch (error) {
    done = done.filter((other) => other !== entry);
    waiting += entry.decision !== "skip";
    decided.delete(entry.item.turn);
    await failure(entry, error);
  }
}

// Somebody was faster, or it may not be read any more, or nothing answers: what was typed is there again
async function failure({ item, decision }, error) {
  let again = item;
  if (error.status) {
    try {
      again = itemOf(await fetched("GET", `${address(item.turn)}?html=true`));
    } catch (missing) {
      if (missing.status === 403 || missing.status === 404) {
        again = null; // it is not to be read, or gone
        typed.delete(item.turn);
      }
    }
  }
  if (again) {
    back(again);
    if (decision === "edit") open(editing);
    if (decision === "reject") open(rejecting);
  } else {
    waiting -= 1;
    prepare(false);
  }
  tell(error.message);
  state.textContent = "";
}

function back(item) {
  if (current) {
    keep();
    items.unshift(current);
  }
  show(item);
}

function undo() {
  undelivered += 1;
  return takeBack().finally(() => (undelivered -= 1));
}

async function takeBack() {
  await sent;
  const last = done.at(-1);
  if (!last || last.undoing) return;
  last.undoing = true;
  tell("");
  try {
    await send("POST", address(last.item.turn), { decision: "undo", version: last.version }, { keepalive: true });
  } catch (error) {
    last.undoing = false;
    if (error.status) done = done.filter((other) => other !== last);
    prepare(false);
    tell(error.message);
    return;
  }
  done = done.filter((other) => other !== last);
  items = items.filter((item) => item.turn !== last.item.turn);
  decided.set(last.item.turn, ++clock);
  waiting += last.decision !== "skip";
  try {
    back(itemOf(await fetched("GET", `${address(last.item.turn)}?html=true`)));
    state.textContent = "Taken back.";
  } catch (error) {
    prepare(false);
    tell(error.message);
  }
}

// What is typed

function keep() {
  if (!current) return;
  const given = place.querySelector(".given")?.textContent;
  const reasons = chips.filter((chip) => chip.checked).map((chip) => chip.value);
  const edited = correction.value !== given;
  if (!edited && !note.value && !reasons.length) return typed.delete(current.turn);
  typed.set(current.turn, { correction: edited ? correction.value : undefined, note: note.value, reasons });
}

function open(form) {
  if (!current) return;
  close();
  form.hidden = false;
  form.querySelector("textarea, input").focus({ preventScroll: true });
}

function press(decision) {
  if (decision === "undo") return undo();
  if (decision === "edit") return open(editing);
  if (decision === "reject") return rejecting.hidden ? open(rejecting) : decide("reject");
  return decide(decision);
}

editing.addEventListener("submit", (event) => {
  event.preventDefault();
  decide("edit");
});
rejecting.addEventListener("submit", (event) => {
  event.preventDefault();
  decide("reject");
});
for (const button of deciding.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => {
    close();
    place.querySelector("h2")?.focus({ preventScroll: true });
  });
}
for (const [decision, button] of Object.entries(buttons)) button.addEventListener("click", () => press(decision));

// Keys: never while somebody types, never with another key held, never where they were switched off

document.getElementById("ask-keys").addEventListener("click", () => keys.showModal());
keysOn.checked = localStorage.getItem("review-keys") !== "off";
keysOn.addEventListener("change", () => localStorage.setItem("review-keys", keysOn.checked ? "on" : "off"));

const LETTERS = { a: "accept", e: "edit", r: "reject", s: "skip", u: "undo" };

document.addEventListener("keydown", (event) => {
  if (keys.open || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && !(editing.hidden && rejecting.hidden)) {
    close();
    place.querySelector("h2")?.focus({ preventScroll: true });
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target === correction) {
    event.preventDefault();
    editing.requestSubmit();
    return;
  }
  const typing = event.target.matches("textarea, input:not([type=checkbox]), select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.repeat || !keysOn.checked) return;
  const chip = /^\d$/.test(event.key) && !rejecting.hidden && chips[(Number(event.key) + 9) % 10];
  const decision = LETTERS[event.key.toLowerCase()];
  if (!chip && !decision && event.key !== "?") return;
  event.preventDefault();
  if (chip) chip.checked = !chip.checked;
  else if (decision) press(decision);
  else keys.showModal();
});

note.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    rejecting.requestSubmit();
  }
});

window.addEventListener("beforeunload", (event) => {
  if (undelivered) event.preventDefault();
  if (!editing.hidden && correction.value !== place.querySelector(".given")?.textContent) event.preventDefault();
});

const first = place.querySelector(".item");
if (first) {
  current = { turn: first.dataset.turn, version: first.dataset.version, html: place.innerHTML };
  prepare(false);
  load();
}
