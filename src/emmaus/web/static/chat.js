// The chat: asks, shows the answer as it comes, stops it, asks again, rates it, and saves what may be kept.
// What a turn looks like is decided by the server alone: this module puts its HTML in place and never builds any.

import { events, send, sentence } from "./server.js";

const talk = document.getElementById("talk");
const ask = document.getElementById("ask");
const question = document.getElementById("question");
const failed = document.getElementById("failed");
const state = document.getElementById("state");
const keeping = document.getElementById("keeping");
const compare = document.getElementById("compare");
const name = document.querySelector("h1").textContent;
const MEETS = 120; // pixels from the end of the page within which a reader is taken to follow the answer
const SLOW = 1500; // milliseconds after which a reader is told what is waited for
const PATIENCE = 2000; // milliseconds that a stop waits for the server's own end of the answer
const WAITS = {
  starting: "The model is starting",
  asleep: "The model is starting",
  restarting: "The model had stopped and is starting again",
};

let stopping = null;
let waiting = null; // a rating that waits for consent
let compared = null; // the turn that is compared with another answer

function tell(message) {
  failed.textContent = sentence(message);
  failed.hidden = !message;
}

function following() {
  return window.innerHeight + window.scrollY > document.body.scrollHeight - MEETS;
}

function follow(move) {
  const follows = following();
  move();
  if (follows) window.scrollTo(0, document.body.scrollHeight);
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function started(asked) {
  document.getElementById("begin")?.remove();
  const turn = document.createElement("article");
  turn.className = "turn pending";
  turn.setAttribute("aria-hidden", "true"); // it is read aloud once, when it is whole
  turn.innerHTML =
    '<div class="asked"><p></p></div><div class="answer"><p class="name"></p><p class="words"><span class="dots">…</span></p></div>';
  turn.querySelector(".asked p").textContent = asked;
  turn.querySelector(".name").append(document.getElementById("face").content.cloneNode(true), " ", name);
  talk.append(turn);
  window.scrollTo(0, document.body.scrollHeight);
  return turn;
}

// What came of an answer stays, and is told to be not whole.
function breakOff(pending) {
  pending.className = "turn broken";
  pending.removeAttribute("aria-hidden");
  pending.querySelector(".answer").append(document.getElementById("not-whole").content.cloneNode(true));
}

function busy(on) {
  document.getElementById("send").hidden = on;
  document.getElementById("stop").hidden = !on;
  talk.classList.toggle("busy", on);
  state.textContent = on ? `${name} is answering` : "";
}

// Tells what is waited for while no word has come.
function watched(come) {
  const look = async () => {
    if (come() || !stopping) return;
    try {
      const { state: now } = await (await send("GET", "/api/model")).json();
      if (!come() && stopping) state.textContent = WAITS[now] ?? `${name} is thinking: the model is slow to begin`;
    } catch (error) {
      state.textContent = error.message;
    }
    setTimeout(look, SLOW);
  };
  setTimeout(look, SLOW);
}

function after(turn) {
  const every = [...talk.querySelectorAll(".turn:not(.pending)")];
  return every.slice(every.indexOf(turn));
}

// Asks; `instead` is the turn whose place the new one takes, with all that follows it.
async function say(asked, instead = null) {
  tell("");
  compare.hidden = true;
  const before = instead ? (instead.classList.contains("broken") ? [instead] : after(instead)) : [];
  for (const old of before) old.hidden = true;
  const pending = started(asked);
  const words = pending.querySelector(".words");
  let text = "";
  let whole = false;
  stopping = new AbortController();
  busy(true);
  watched(() => text);
  try {
    const body = { question: asked, talk: talk.dataset.talk || null, instead: instead?.dataset.turn ?? null };
    const answer = await send("POST", `/api/chat/${talk.dataset.character}/stream`, body, { signal: stopping.signal });
    for await (const [kind, data] of events(answer)) {
      if (kind === "talk") {
        talk.dataset.talk = data.talk;
        history.replaceState(null, "", `/chat/${talk.dataset.character}?talk=${data.talk}`);
      } else if (kind === "text") {
        text += data.text;
        follow(() => (words.textContent = text));
      } else if (kind === "turn") {
        whole = true;
        for (const old of before) old.remove();
        follow(() => pending.replaceWith(made(data.html)));
        if (data.compare) offer(talk.lastElementChild);
      } else {
        follow(() => pending.replaceWith(made(data.html)));
        if (kind === "failed") throw Object.assign(new Error(data.error), { shown: data.html });
        whole = Boolean(data.html); // stopped: what came is shown, and can be asked for again
        if (!whole) throw new DOMException("stopped", "AbortError");
      }
    }
    if (!whole) throw new Error("the answer broke off: ask again");
  } catch (error) {
    if (!whole && text) breakOff(pending);
    else if (!whole) pending.remove();
    const back = !whole && !error.shown && !instead && !question.value;
    if (back) question.value = asked;
    const stopped = back ? "Stopped. Your question is back in the box." : "Stopped.";
    tell(error.name === "AbortError" ? stopped : error.message);
  } finally {
    for (const old of before) old.hidden = false;
    stopping = null;
    busy(false);
    question.focus();
  }
}

async function stop() {
  const going = stopping;
  if (!going) return;
  state.textContent = "Stopping";
  setTimeout(() => going === stopping && going.abort(), PATIENCE);
  try {
    await send("POST", "/api/stop", { talk: talk.dataset.talk });
  } catch {
    going.abort();
  }
}

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  const asked = question.value.trim();
  if (!asked || stopping) return;
  question.value = "";
  say(asked);
});

question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    ask.requestSubmit();
  }
});

document.getElementById("stop").addEventListener("click", stop);
document.addEventListener("keydown", (event) => event.key === "Escape" && stop());

// What can be done with a turn

function edit(turn) {
  const asked = turn.querySelector(".asked");
  if (asked.querySelector("form")) return;
  const before = asked.innerHTML;
  const form = document.createElement("form");
  form.innerHTML =
    '<label class="hidden">Your question</label><textarea rows="3" maxlength="6000" required></textarea>' +
    '<div class="row"><button class="plain strong" type="submit">Ask this instead</button>' +
    '<button class="plain" type="button">Cancel</button></div>';
  const field = form.querySelector("textarea");
  field.id = `edit-${turn.dataset.turn}`;
  form.querySelector("label").htmlFor = field.id;
  field.value = turn.querySelector(".question").textContent;
  const close = () => {
    asked.innerHTML = before;
    turn.querySelector('[data-do="edit"]').focus();
  };
  form.querySelector("button[type=button]").addEventListener("click", close);
  form.addEventListener("keydown", (event) => event.key === "Escape" && close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = field.value.trim();
    if (!words || stopping) return;
    asked.innerHTML = before;
    say(words, turn);
  });
  asked.replaceChildren(form);
  field.focus();
}

async function copy(words, said) {
  try {
    await navigator.clipboard.writeText(words);
    said.textContent = "Copied.";
  } catch {
    said.textContent = "The browser did not allow to copy.";
  }
}

const DOES = {
  edit,
  again: (turn) => !stopping && say(turn.querySelector(".question").textContent, turn),
  copy: (turn) => copy(turn.querySelector(".words").textContent, turn.querySelector(".said-back")),
  "copy-question": (turn) => copy(turn.querySelector(".question").textContent, turn.querySelector(".said-back") ?? state),
  dismiss: async (turn) => {
    try {
      if (talk.dataset.talk) {
        await send("DELETE", `/api/drafts/${turn.dataset.turn}?talk=${talk.dataset.talk}`);
      } else {
        await send("DELETE", `/api/drafts/${turn.dataset.turn}`);
      }
      turn.remove();
      question.focus();
    } catch (error) {
      tell(error.message);
    }
  },
};

talk.addEventListener("click", (event) => {
  const tool = event.target.closest("[data-do]");
  if (tool) DOES[tool.dataset.do](tool.closest(".turn"));
});

// A verse is shown where the mouse rests on its reference; a tap and the keyboard open it by themselves.
talk.addEventListener("pointerover", (event) => {
  const cite = event.target.closest(".cite");
  if (cite && event.pointerType === "mouse") document.getElementById(cite.getAttribute("popovertarget")).showPopover({ source: cite });
});
talk.addEventListener("pointerout", (event) => {
  const cite = event.target.closest(".cite");
  if (cite && event.pointerType === "mouse") document.getElementById(cite.getAttribute("popovertarget")).hidePopover();
});

// What is said of an answer

function askToKeep(again) {
  waiting = again;
  keeping.open = true;
  keeping.querySelector(".said-back").textContent =
    "A rating keeps this conversation, up to the answer you rate. Switch on “Keep” and save, and it is sent.";
  keeping.scrollIntoView({ block: "start" });
  keeping.querySelector(".switch input").focus();
}

async function rate(form, value) {
  const said = form.querySelector(".said-back");
  const fields = new FormData(form);
  const body = {
    talk: talk.dataset.talk,
    turn: form.closest(".turn").dataset.turn,
    value,
    reason: fields.get("reason"),
    reasons: fields.getAll("reasons"),
    correction: fields.get("correction") || null,
    flag: fields.get("flag") === "on",
  };
  try {
    await send("POST", "/api/rate", body);
    for (const thumb of form.querySelectorAll(".thumb")) {
      thumb.setAttribute("aria-pressed", String(Number(thumb.dataset.value) === value));
    }
    said.textContent = "Thank you, kept.";
    if (value === -1 && !form.querySelector(".more").open) form.querySelector(".more").open = true;
  } catch (error) {
    if (error.status !== 403) said.textContent = error.message;
    else
      askToKeep(() => {
        form.scrollIntoView({ block: "center" });
        form.querySelector(".thumb").focus();
        return rate(form, value);
      });
  }
}

talk.addEventListener("click", (event) => {
  const thumb = event.target.closest(".thumb");
  if (!thumb) return;
  const on = thumb.getAttribute("aria-pressed") === "true";
  rate(thumb.form, on ? 0 : Number(thumb.dataset.value));
});

talk.addEventListener("submit", (event) => {
  if (!event.target.classList.contains("rating")) return;
  event.preventDefault();
  const pressed = event.target.querySelector('.thumb[aria-pressed="true"]');
  rate(event.target, pressed ? Number(pressed.dataset.value) : 0);
});

keeping.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const said = form.querySelector(".said-back");
  const fields = new FormData(form);
  try {
    const answer = await send("PUT", "/api/consent", { scopes: fields.getAll("scope"), words: fields.get("words") });
    await send("PUT", "/api/comparing", { on: fields.has("compare") });
    const { scopes } = await answer.json();
    const kept = [...form.querySelectorAll(".switch")].filter((label) => scopes.includes(label.querySelector("input").value));
    const titles = kept.map((label) => label.querySelector("strong").textContent);
    const summary = keeping.querySelector("summary");
    summary.textContent = titles.length ? `You allow: ${titles.join(", ")}` : "Nothing of this is kept. Choose what may be";
    said.textContent = "";
    keeping.open = false;
    if (waiting && scopes.includes("store")) await waiting();
    else summary.focus();
    waiting = null;
  } catch (error) {
    said.textContent = error.message;
  }
});

// Which of two answers is better

function offer(turn) {
  compared = turn;
  compare.querySelector(".compare-offer").hidden = false;
  compare.querySelector(".two").hidden = compare.querySelector(".compare-neither").hidden = true;
  compare.hidden = false;
}

async function another() {
  const [first, second] = compare.querySelectorAll(".side .words");
  compare.querySelector(".compare-offer").hidden = true;
  compare.querySelector(".two").hidden = false;
  first.textContent = compared.querySelector(".words").textContent;
  second.textContent = "…";
  let text = "";
  stopping = new AbortController();
  busy(true);
  try {
    const body = { talk: talk.dataset.talk, turn: compared.dataset.turn };
    const answer = await send("POST", `/api/chat/${talk.dataset.character}/another`, body, { signal: stopping.signal });
    for await (const [kind, data] of events(answer)) {
      if (kind === "text") second.textContent = text += data.text;
      else if (kind === "turn") compare.querySelector(".compare-neither").hidden = false;
      else if (kind !== "talk") throw new Error(data.error || "stopped");
    }
  } catch (error) {
    compare.hidden = true;
    tell(error.message);
  } finally {
    stopping = null;
    busy(false);
  }
}

async function prefer(better) {
  try {
    const body = { talk: talk.dataset.talk, turn: compared.dataset.turn, better };
    const answer = await send("POST", "/api/prefer", body);
    compared.replaceWith(made((await answer.json()).html));
    compare.hidden = true;
    state.textContent = "Thank you, kept.";
    question.focus();
  } catch (error) {
    if (error.status === 403) askToKeep(() => prefer(better));
    else tell(error.message);
  }
}

compare.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || stopping) return;
  if (button.dataset.compare === "show") another();
  else if (button.dataset.compare === "close") compare.hidden = true;
  else if (button.dataset.compare === "neither") prefer("neither");
  else prefer(button.closest(".side") === compare.querySelector(".side") ? "turn" : "other");
});

if (question.value) question.focus();
if (talk.children.length) window.scrollTo(0, document.body.scrollHeight);
