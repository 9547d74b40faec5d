// The chat: asks, shows the answer as it comes, stops it, rates it, and saves what may be kept.
// What a turn looks like is decided by the server alone: this module puts its HTML in place and never builds any.

const talk = document.getElementById("talk");
const ask = document.getElementById("ask");
const question = document.getElementById("question");
const failed = document.getElementById("failed");
const state = document.getElementById("state");
const keeping = document.getElementById("keeping");
const name = document.querySelector("h1").textContent;
const UNREACHABLE = "Emmaus cannot be reached: see whether it still runs in its terminal, then ask again.";
const MEETS = 120; // pixels from the end of the page within which a reader is taken to follow the answer

let stopping = null;
let waiting = null; // a rating that waits for consent

function tell(message) {
  failed.textContent = message ? message[0].toUpperCase() + message.slice(1) : "";
  failed.hidden = !message;
}

async function send(method, address, body, signal) {
  let answer;
  try {
    answer = await fetch(address, {
      method,
      signal,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Error(UNREACHABLE);
  }
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(said.detail || UNREACHABLE), { status: answer.status });
  }
  return answer;
}

async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (waiting + value).split("\n\n");
    waiting = blocks.pop();
    for (const block of blocks) {
      const said = block.match(/^event: (.*)\ndata: (.*)$/); // a comment says that the answer is still coming
      if (said) yield [said[1], JSON.parse(said[2])];
    }
  }
}

function following() {
  return window.innerHeight + window.scrollY > document.body.scrollHeight - MEETS;
}

function follow(move) {
  const follows = following();
  move();
  if (follows) window.scrollTo(0, document.body.scrollHeight);
}

function started(asked) {
  document.getElementById("begin")?.remove();
  const turn = document.createElement("article");
  turn.className = "turn pending";
  turn.setAttribute("aria-hidden", "true"); // it is read aloud once, when it is whole
  turn.innerHTML =
    '<p class="asked"></p><div class="answer"><p class="name"></p><p class="words"><span class="dots">…</span></p></div>';
  turn.querySelector(".asked").textContent = asked;
  turn.querySelector(".name").append(document.getElementById("face").content.cloneNode(true), " ", name);
  talk.append(turn);
  window.scrollTo(0, document.body.scrollHeight);
  return turn;
}

function busy(on) {
  document.getElementById("send").hidden = on;
  document.getElementById("stop").hidden = !on;
  state.textContent = on ? `${name} is answering` : "";
}

async function say(asked) {
  tell("");
  const pending = started(asked);
  const words = pending.querySelector(".words");
  let text = "";
  let whole = false;
  stopping = new AbortController();
  busy(true);
  try {
    const body = { question: asked, talk: talk.dataset.talk || null };
    const answer = await send("POST", `/api/chat/${talk.dataset.character}/stream`, body, stopping.signal);
    for await (const [kind, data] of events(answer)) {
      if (kind === "talk") {
        talk.dataset.talk = data.talk;
        history.replaceState(null, "", `/chat/${talk.dataset.character}?talk=${data.talk}`);
      } else if (kind === "text") {
        text += data.text;
        follow(() => (words.textContent = text));
      } else if (kind === "turn") {
        whole = true;
        const made = document.createElement("template");
        made.innerHTML = data.html;
        follow(() => pending.replaceWith(made.content));
      } else {
        throw new Error(data.error);
      }
    }
    if (!whole) throw new Error("the answer broke off: ask again");
  } catch (error) {
    if (!whole) pending.remove();
    if (!question.value) question.value = asked;
    if (error.name === "AbortError") state.textContent = "Stopped";
    else tell(error.message);
  } finally {
    const stopped = state.textContent === "Stopped";
    busy(false);
    if (stopped) tell("Stopped. Nothing of this answer is kept; your question is back in the box.");
    stopping = null;
    question.focus();
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

document.getElementById("stop").addEventListener("click", () => stopping?.abort());
document.addEventListener("keydown", (event) => event.key === "Escape" && stopping?.abort());

function askToKeep(form, value) {
  waiting = () => {
    form.scrollIntoView({ block: "center" });
    form.querySelector(".thumb").focus();
    return rate(form, value);
  };
  keeping.open = true;
  keeping.querySelector(".said-back").textContent =
    "A rating keeps this conversation, up to the answer you rate. Switch on “Keep” and save, and it is sent.";
  keeping.scrollIntoView({ block: "start" });
  keeping.querySelector("input").focus();
}

async function rate(form, value) {
  const said = form.querySelector(".said-back");
  const fields = new FormData(form);
  const body = {
    talk: talk.dataset.talk,
    turn: form.closest(".turn").dataset.turn,
    value,
    reason: fields.get("reason"),
    correction: fields.get("correction") || null,
    flag: fields.get("flag") === "on",
  };
  try {
    await send("POST", "/api/rate", body);
    for (const thumb of form.querySelectorAll(".thumb")) {
      thumb.setAttribute("aria-pressed", String(Number(thumb.dataset.value) === value));
    }
    said.textContent = "Thank you, kept.";
  } catch (error) {
    if (error.status === 403) askToKeep(form, value);
    else said.textContent = error.message;
  }
}

talk.addEventListener("click", (event) => {
  const thumb = event.target.closest(".thumb");
  if (!thumb) return;
  const on = thumb.getAttribute("aria-pressed") === "true";
  rate(thumb.form, on ? 0 : Number(thumb.dataset.value));
});

talk.addEventListener("submit", (event) => {
  event.preventDefault();
  const pressed = event.target.querySelector('.thumb[aria-pressed="true"]');
  rate(event.target, pressed ? Number(pressed.dataset.value) : 0);
});

keeping.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const said = form.querySelector(".said-back");
  try {
    const answer = await send("PUT", "/api/consent", { scopes: new FormData(form).getAll("scope") });
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

if (question.value) question.focus();
if (talk.children.length) window.scrollTo(0, document.body.scrollHeight);
