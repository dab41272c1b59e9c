import { plain } from "../artefact/plain.ts";
import { cameraOf, closeCamera, keepAwake, listCameras, openCamera } from "../reading/camera.ts";
import { eachPicture } from "../reading/files.ts";
import { eachFrame } from "../reading/frames.ts";
import { Pixels } from "../reading/pixels.ts";
import { openQrReader } from "../reading/qr.ts";
import { Refused } from "../refusal.ts";
import { rules } from "../rules.ts";
import { element, made, write } from "./dom.ts";
import type { Received } from "./received.ts";
import { saveFile } from "./save.ts";
import { Session, type Source } from "./session.ts";
import { View } from "./view.ts";

const video = element<HTMLVideoElement>("picture");
const pixels = new Pixels();
const view = new View();
const session = new Session(() => view.render(session));
const reader = openQrReader(() => Uint8Array.from(atob(element("zxing").textContent!), (letter) => letter.charCodeAt(0)).buffer);

/** Ends whatever is being looked at. */
let source = new AbortController();

async function lookAt(picture: ImageData): Promise<void> {
  const texts = await (await reader).read(picture);
  element("finder").classList.toggle("seen", texts.length > 0);
  await session.look(texts, performance.now());
}

/** One source after another: pictures of a stopped one no longer count. */
async function lookWith(from: Source, start: (signal: AbortSignal) => Promise<void>): Promise<void> {
  source.abort();
  const mine = (source = new AbortController());
  session.begin(from, performance.now());
  try {
    await start(mine.signal);
    if (!mine.signal.aborted) session.sourceEnded();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (!mine.signal.aborted) session.stop(error.refusal);
  } finally {
    mine.abort();
  }
}

function lookWithCamera(id: string | null): Promise<void> {
  element("finder").hidden = false;
  write(element("where"), "");
  return lookWith("camera", async (signal) => {
    const camera = await openCamera(id);
    signal.addEventListener("abort", () => closeCamera(camera), { once: true });
    // Stopped while the browser was asking.
    if (signal.aborted) return closeCamera(camera);
    const gone = new AbortController();
    signal.addEventListener("abort", () => gone.abort(), { once: true });
    camera.getVideoTracks()[0].addEventListener("ended", () => gone.abort(), { once: true });
    void keepAwake(signal);
    await offerCameras(cameraOf(camera));
    video.srcObject = camera;
    await video.play().catch(() => {
      if (!signal.aborted) throw new Refused(rules.cameraBusy());
    });
    await eachFrame(video, pixels, gone.signal, lookUntilDone);
    if (!signal.aborted) throw new Refused(rules.cameraGone());
  });
}

function lookThrough(files: readonly File[]): Promise<void> {
  if (files.length === 0) return Promise.resolve();
  element("camera-choice").hidden = true;
  element("finder").hidden = !files.some(({ type }) => type.startsWith("video/"));
  return lookWith("files", (signal) => eachPicture(files, video, pixels, signal, (where) => write(element("where"), where), lookUntilDone));
}

async function lookUntilDone(picture: ImageData): Promise<void> {
  await lookAt(picture);
  if (session.phase.kind !== "reading") source.abort();
}

async function offerCameras(chosen: string | null): Promise<void> {
  const cameras = await listCameras();
  element("camera-choice").hidden = cameras.length < 2;
  element("cameras").replaceChildren(
    ...cameras.map(({ id, label }) => {
      const option = made("option", label) as HTMLOptionElement;
      option.value = id;
      option.selected = id === chosen;
      return option;
    }),
  );
}

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

on("use-camera", "click", () => lookWithCamera(null));
on("choose-files", "click", () => element("files").click());
on("files", "change", () => {
  const input = element<HTMLInputElement>("files");
  const files = [...(input.files ?? [])];
  input.value = ""; // the same file may be chosen again
  return lookThrough(files);
});
on("cameras", "change", () => lookWithCamera(element<HTMLSelectElement>("cameras").value));
on("stop", "click", () => {
  source.abort();
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
on("next", "click", () => lookWithCamera(null));
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
  void lookThrough([...(event.dataTransfer?.files ?? [])]);
});
window.addEventListener("beforeunload", (event) => {
  if (session.kept.some(({ saved }) => !saved)) event.preventDefault();
});

// What nobody expected: the person is told, and what was received can still be saved.
function fail(event: Event, cause: unknown): void {
  event.preventDefault();
  source.abort();
  session.fail(rules.broken(plain(String(cause))));
}
window.addEventListener("error", (event) => fail(event, event.message));
window.addEventListener("unhandledrejection", (event) => fail(event, event.reason));

void reader.then(({ name }) => write(element("reader"), name === "qr" ? "Codes are read in plain JavaScript, which is slower: WebAssembly does not run here." : ""));
