import { plain } from "../artefact/plain.ts";
import { openQrReader } from "../reading/qr.ts";
import { rules } from "../rules.ts";
import { element, write } from "./dom.ts";
import { Looking } from "./looking.ts";
import type { Received } from "./received.ts";
import { saveFile } from "./save.ts";
import { Session } from "./session.ts";
import { View } from "./view.ts";

const view = new View();
const session = new Session(() => view.render(session));
const reader = openQrReader(() => Uint8Array.from(atob(element("zxing").textContent!), (letter) => letter.charCodeAt(0)).buffer);

const looking = new Looking(session, reader);

function on(id: string, event: string, act: () => unknown): void {
  element(id).addEventListener(event, act);
}

/** What the session is about while the button is there to be pressed. */
function received(): Received {
  const { phase } = session;
  if (phase.kind !== "done") throw new Error(`nothing was received in ${phase.kind}`);
  return phase.received;
}

/** The button that was pressed goes away; the focus goes to what comes next. */
function startOver(): void {
  session.startOver(performance.now());
  element("reading-title").focus();
}

function answer(compared: Received["compared"], next: string): void {
  session.compare(received(), compared);
  element(next).focus();
}

on("use-camera", "click", () => looking.withCamera(null));
on("choose-files", "click", () => element("files").click());
on("files", "change", () => {
  const input = element<HTMLInputElement>("files");
  const files = [...(input.files ?? [])];
  input.value = ""; // the same file may be chosen again
  return looking.through(files);
});
on("cameras", "change", () => looking.withCamera(element<HTMLSelectElement>("cameras").value));
on("stop", "click", () => {
  looking.stop();
  session.stop(null);
});
on("start-over", "click", startOver);
on("take-other", "click", startOver);
on("give-up", "click", () => session.giveUp());
on("again", "click", () => session.giveUp());

on("equal", "click", () => answer("equal", "save"));
on("different", "click", () => answer("different", "remove"));
on("undo-compare", "click", () => answer("not yet", "equal"));
on("undo-differs", "click", () => answer("not yet", "equal"));
on("remove", "click", () => session.remove(received()));
on("save", "click", () => {
  saveFile(received().artefact);
  session.markSaved(received());
});
on("next", "click", () => looking.withCamera(null));
on("finish", "click", () => session.giveUp());

const forget = element<HTMLDialogElement>("forget");
on("reset", "click", () => {
  const unsaved = session.kept.filter(({ saved }) => !saved).length;
  write(element("forget-what"), unsaved === 0 ? "All files are saved." : `${unsaved === 1 ? "One file is" : `${unsaved} files are`} not saved.`);
  forget.showModal();
});
on("forget-no", "click", () => forget.close());
on("forget-yes", "click", () => {
  forget.close();
  session.reset();
});

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("drop");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("drop");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("drop");
  void looking.through([...(event.dataTransfer?.files ?? [])]);
});
window.addEventListener("beforeunload", (event) => {
  if (session.kept.some(({ saved }) => !saved)) event.preventDefault();
});

// What nobody expected: the person is told, and what was received can still be saved.
function fail(event: Event, cause: unknown): void {
  event.preventDefault();
  looking.stop();
  session.fail(rules.broken(plain(String(cause))));
}
window.addEventListener("error", (event) => fail(event, event.message));
window.addEventListener("unhandledrejection", (event) => fail(event, event.reason));

void reader.then(({ name }) => write(element("reader"), name === "qr" ? "Codes are read in plain JavaScript, which is slower: WebAssembly does not run here." : ""));
