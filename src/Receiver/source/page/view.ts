import type { Refusal } from "../refusal.ts";
import { rules } from "../rules.ts";
import { element, made, showRefusal, write } from "./dom.ts";
import type { Received } from "./received.ts";
import type { Notice, Phase, Session } from "./session.ts";

/** Writes what the session says into the page. Keeps nothing but what was last said aloud and where the focus was set. */
export class View {
  private shown: Phase["kind"] = "start";
  private shownReceived: Received | null = null;
  private spokenQuarter = -1;
  private spokenNotice = "";

  render(session: Session): void {
    const { phase } = session;
    for (const kind of ["start", "reading", "refused", "done"] as const) element(kind).hidden = phase.kind !== kind;
    switch (phase.kind) {
      case "start":
        this.renderStart(phase.refusal, session.unfinished);
        break;
      case "reading":
        this.renderReading(phase);
        break;
      case "refused":
        showRefusal(element("refusal"), phase.refusal);
        break;
      case "done":
        renderReceived(phase.received);
        break;
    }
    renderKept(session, phase);
    this.moveOn(phase);
  }

  /** Said by a screen reader, politely. */
  speak(text: string): void {
    element("status").textContent = text;
  }

  private renderStart(refusal: Refusal | null, unfinished: { readonly rank: number; readonly pieces: number } | null): void {
    const box = element("start-refusal");
    box.hidden = !refusal;
    if (refusal) showRefusal(box, refusal);
    element("unfinished").hidden = !unfinished;
    if (unfinished) element("unfinished-what").textContent = `${unfinished.rank} of ${unfinished.pieces} pieces of a file are kept. Starting again goes on with it.`;
    element("use-camera").textContent = unfinished ? "Go on with the camera" : "Start the camera";
  }

  private renderReading({ from, progress, notice }: Extract<Phase, { kind: "reading" }>): void {
    const percent = progress ? Math.floor((100 * progress.rank) / progress.pieces) : 0;
    write(element("reading-title"), from === "files" ? "Looking at what you chose" : progress ? "Hold still" : "Aim at the moving code");
    write(element("count"), progress ? `${progress.rank} of ${progress.pieces} pieces` : "Looking for a code…");
    write(element("remaining"), progress?.secondsLeft != null ? `about ${inWords(progress.secondsLeft)} left` : "");
    const bar = element("bar");
    bar.setAttribute("aria-valuenow", String(percent));
    (bar.firstElementChild as HTMLElement).style.width = `${percent}%`;
    element("start-over").hidden = !progress || notice?.kind === "other";
    const told = from === "camera" ? renderNotice(notice) : renderNotice(null);
    document.title = progress ? `${percent} % · KeyCeremony receiver` : "KeyCeremony receiver";

    const quarter = progress ? Math.floor(percent / 25) : -1;
    if (told !== this.spokenNotice) this.speak(told);
    else if (progress && quarter !== this.spokenQuarter) this.speak(`${percent} percent received`);
    this.spokenQuarter = quarter;
    this.spokenNotice = told;
  }

  /** A new state: the focus goes to its title, so that a keyboard or a screen reader is where the page is. */
  private moveOn(phase: Phase): void {
    const received = phase.kind === "done" ? phase.received : null;
    if (phase.kind === this.shown && received === this.shownReceived) return;
    this.shown = phase.kind;
    this.shownReceived = received;
    const title = element(`${phase.kind}-title`);
    title.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
    if (phase.kind === "done") this.speak("The file has arrived. Compare the words.");
    const refusal = phase.kind === "refused" || phase.kind === "start" ? phase.refusal : null;
    if (refusal) this.speak(`${refusal.message} ${refusal.remedy}`);
    if (phase.kind !== "reading") document.title = received ? `${received.described.title} · KeyCeremony receiver` : "KeyCeremony receiver";
  }
}

/** Answers with what it tells. */
function renderNotice(notice: Notice | null): string {
  element("notice").hidden = !notice;
  element("take-other").hidden = notice?.kind !== "other";
  if (!notice) return "";
  const said = "refusal" in notice ? notice.refusal : hints[notice.kind];
  showRefusal(element("notice"), said);
  return `${said.message} ${said.remedy}`;
}

/** No rule was broken. */
const hints: Record<"no code" | "known", Refusal> = {
  "no code": { rule: "", message: "No code is seen.", remedy: "The whole code with its white border belongs into the picture, as large as it can be, sharp and without reflections." },
  known: { rule: "", message: "You have received what is on the screen now.", remedy: "Ask the room to show the next file." },
};

function renderReceived(received: Received): void {
  const { artefact, described, compared } = received;
  element("done-title").textContent = `${described.title} received`;
  element("about").textContent = described.about || artefact.name;
  element("first-words").replaceChildren(...received.words.slice(0, 4).map((word) => made("li", word)));
  element("all-words").replaceChildren(...received.words.map((word) => made("li", word)));
  element("hex").replaceChildren(...received.hex.match(/.{4}/g)!.map((four) => made("span", four)));
  element("facts").replaceChildren(...described.facts.flatMap(({ label, lines }) => [made("dt", label), definition(lines)]));
  element("file-name").textContent = artefact.name;
  element("file-size").textContent = `${artefact.data.length.toLocaleString("en")} bytes`;

  element("compare-actions").hidden = compared !== "not yet";
  element("compare-how").hidden = compared !== "not yet";
  element("compared").hidden = compared !== "equal";
  element("differs").hidden = compared !== "different";
  showRefusal(element("differs"), rules.wordsDiffer());
  element<HTMLButtonElement>("save").disabled = compared === "different";
  element("save").classList.toggle("primary", compared === "equal" && !received.saved);
  element("next").classList.toggle("primary", compared === "equal" && received.saved);
  element("saved").hidden = !received.saved;
}

/** The files that arrived before the one in view. */
function renderKept(session: Session, phase: Phase): void {
  const others = session.kept.filter((received) => !(phase.kind === "done" && phase.received === received));
  element("kept").hidden = session.kept.length === 0 || phase.kind === "reading";
  element("kept-title").hidden = others.length === 0;
  element("kept-list").replaceChildren(...others.map((received) => keptItem(session, received)));
}

function definition(lines: readonly string[]): HTMLElement {
  const definition = document.createElement("dd");
  definition.append(...lines.map((line) => made("span", line)));
  return definition;
}

function keptItem(session: Session, received: Received): HTMLElement {
  const what = document.createElement("p");
  what.className = "what";
  what.append(made("span", [received.described.title, received.described.about].filter(Boolean).join(": ")));
  const state = made("span", `${received.artefact.name} · ${stateOf(received)}`);
  state.className = "quiet";
  what.append(state);
  const show = made("button", "Show");
  show.setAttribute("type", "button");
  show.setAttribute("aria-label", `Show ${received.artefact.name}`);
  show.addEventListener("click", () => session.show(received));
  const entry = document.createElement("li");
  entry.append(what, show);
  return entry;
}

function stateOf({ compared, saved }: Received): string {
  const comparison = { "not yet": "not compared", equal: "compared: right", different: "WRONG WORDS" }[compared];
  return `${comparison}, ${saved ? "saved" : "not saved"}`;
}

function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds} second${seconds === 1 ? "" : "s"}`;
  const minutes = Math.round(seconds / 60);
  return `${minutes} minute${minutes === 1 ? "" : "s"}`;
}
