// How every page talks with the server: a request that fails says why in a sentence, and a stream gives its events.

export const UNREACHABLE = "Emmaus cannot be reached: see whether it still runs in its terminal, then try again.";

// `options` are those of fetch: a signal that ends it, or keepalive for what goes out although the page is left.
export async function send(method, address, body, options = {}) {
  let answer;
  try {
    answer = await fetch(address, {
      ...options,
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    throw told(error);
  }
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(said.detail || UNREACHABLE), { status: answer.status });
  }
  return answer;
}

// A browser's own words for a line that broke tell nobody what to do.
function told(error) {
  return error.name === "AbortError" ? error : new Error(UNREACHABLE);
}

// Gives each event of a stream as [name, data].
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw told(error);
    });
    if (done) return;
    const blocks = (waiting + value).split("\n\n");
    waiting = blocks.pop();
    for (const block of blocks) {
      const said = block.match(/^event: (.*)\ndata: (.*)$/);
      if (said) yield [said[1], JSON.parse(said[2])]; // anything else only keeps the line open
    }
  }
}

export function sentence(words) {
  return words ? words[0].toUpperCase() + words.slice(1) : "";
}
