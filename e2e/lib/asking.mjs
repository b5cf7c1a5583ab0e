// What is asked of the server without a page: with the session of a window, by an address and a form.
import { cookie } from "./browser.mjs";
import { must } from "./checking.mjs";

const tokens = new Map();

/** Asks with a form, or only looks; answers the status, the place that is named, and the body with its slashes plain. */
export async function ask(w, path, form) {
  const session = await cookie(w);
  const body = form && filled({ csrf: await token(w, session), ...form });
  const answer = await fetch(w.demo.address + path, { method: form ? "POST" : "GET", headers: { cookie: session }, body, redirect: "manual" });
  return { status: answer.status, place: answer.headers.get("location") ?? "", body: (await answer.text()).replaceAll("&#x2f;", "/") };
}

/** A form as it is sent; a name may have many values. */
const filled = (form) => new URLSearchParams(Object.entries(form).flatMap(([name, values]) => [values].flat().map((value) => [name, value])));

/** A step that must lead somewhere else: a page in its place says why it was refused. */
export async function step(w, path, form = {}) {
  const answer = await ask(w, path, form);
  must(answer.status === 303, `${path} was refused: ${why(answer.body)}`);
  return answer.place;
}

/** The token that steps are sent with: one a session. */
async function token(w, session) {
  if (!tokens.has(session)) {
    const page = await fetch(`${w.demo.address}/kit`, { headers: { cookie: session } });
    tokens.set(session, /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "");
  }
  return tokens.get(session);
}

/** What a page says is wrong. */
const why = (page) => [...page.matchAll(/class="(?:note bad|why)"[^>]*>([^<]*)/g)].map(([, words]) => words).join("; ") || page.slice(0, 200);
