// What goes wrong while a message is on its way from a desk to its centre: it is lost, or its reply, the line is down, the
// power fails, the window is closed.
import { openWindow, signIn } from "./browser.mjs";
import { eventually } from "./checking.mjs";

/** What goes wrong on the way of a settlement, or of a refund. Each is told of which transaction, and sends it.
 * `arrives`: the centre does it, and the desk hears nothing of that. `asked`: no page goes on by itself. */
export const WAYS = {
  "request-lost": { arrives: false, go: (s, infno, send) => both(s.line.lose(infno, "request"), send) },
  "reply-lost": { arrives: true, go: (s, infno, send) => both(s.line.lose(infno, "reply"), send) },
  "line-down": { arrives: false, go: lineDown },
  "killed-before": { arrives: false, asked: true, go: (s, infno, send) => killed(s, infno, "request", send) },
  "killed-behind": { arrives: true, asked: true, go: (s, infno, send) => killed(s, infno, "reply", send) },
  "browser-closed": { arrives: false, asked: true, go: browserClosed },
};

/** Sends what meets with something on the line. */
export const both = (met, send) => Promise.all([met, send()]);

/** How a message went over the line. */
export const toldOf = ({ infno, reached, answered }) => `${infno}${answered ? "" : reached ? " (answer lost)" : " (lost)"}`;

/** The window of a cashier. */
export async function cashier(house) {
  const w = await openWindow(house.browser, house);
  await signIn(w);
  return w;
}

/** The line breaks while it is on its way, and is back once the machine has tried again. */
async function lineDown(s, infno, send) {
  await both(s.line.meet(infno, "request", async () => {
    await s.line.down();
    return false;
  }), send);
  const told = () => s.w.page.textContent("main");
  const tried = (words) => Number(/已试 (\d+) 次/.exec(words)?.[1] ?? 0);
  if (infno === "2207") await eventually(async () => tried(await told()) > 1, () => "the machine does not try again");
  await s.line.up();
}

/** The power fails at the desk, and comes back. */
async function killed(s, infno, stage, send) {
  await both(s.line.meet(infno, stage, async () => {
    await s.desk.kill();
    return false;
  }), send);
  await s.desk.start();
}

/** The window is closed while the message is on its way; the cashier signs in at another. */
async function browserClosed(s, infno, send) {
  const held = s.line.hold(infno, "reply");
  const going = send();
  await held.met;
  await s.w.close();
  held.release();
  await going;
  s.w = await cashier(s.house);
}
