import { cameraOf, closeCamera, keepAwake, listCameras, openCamera } from "../reading/camera.ts";
import { eachPicture } from "../reading/files.ts";
import { eachFrame } from "../reading/frames.ts";
import { Pixels } from "../reading/pixels.ts";
import type { QrReader } from "../reading/qr.ts";
import { Refused } from "../refusal.ts";
import { rules } from "../rules.ts";
import { element, made, write } from "./dom.ts";
import type { Session, Source } from "./session.ts";

/** Shows the session pictures: of a camera, or of files. One source after another; what a stopped one still brings no longer counts. */
export class Looking {
  private readonly video = element<HTMLVideoElement>("picture");
  private readonly pixels = new Pixels();
  private source = new AbortController();

  constructor(
    private readonly session: Session,
    private readonly reader: Promise<QrReader>,
  ) {}

  /** With the camera of this id, or with the one that suits best. */
  withCamera(id: string | null): Promise<void> {
    element("finder").hidden = false;
    write(element("where"), "");
    return this.from("camera", async (signal) => {
      const camera = await openCamera(id);
      // Stopped while the browser was asking.
      if (signal.aborted) return closeCamera(camera);
      signal.addEventListener("abort", () => closeCamera(camera), { once: true });
      void keepAwake(signal);
      await offerCameras(cameraOf(camera));
      await this.watch(camera, signal);
    });
  }

  /** Through pictures and videos, in their order. */
  async through(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    element("camera-choice").hidden = true;
    element("finder").hidden = !files.some(({ type }) => type.startsWith("video/"));
    const where = (text: string): void => write(element("where"), text);
    await this.from("files", (signal) => eachPicture(files, this.video, this.pixels, signal, where, this.look));
  }

  stop(): void {
    this.source.abort();
  }

  private async from(kind: Source, start: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.stop();
    const source = (this.source = new AbortController());
    this.session.begin(kind, performance.now());
    try {
      await start(source.signal);
      if (!source.signal.aborted) this.session.sourceEnded();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (!source.signal.aborted) this.session.stop(error.refusal);
    } finally {
      source.abort();
    }
  }

  /** Until the signal. Refused with RECV-04 when it shows nothing, with RECV-05 when it goes away. */
  private async watch(camera: MediaStream, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    signal.addEventListener("abort", () => ended.abort(), { once: true });
    camera.getVideoTracks()[0].addEventListener("ended", () => ended.abort(), { once: true });
    this.video.srcObject = camera;
    await this.video.play().catch(() => {
      if (!signal.aborted) throw new Refused(rules.cameraBusy());
    });
    await eachFrame(this.video, this.pixels, ended.signal, this.look);
    if (!signal.aborted) throw new Refused(rules.cameraGone());
  }

  private readonly look = async (picture: ImageData): Promise<void> => {
    const texts = await (await this.reader).read(picture);
    element("finder").classList.toggle("seen", texts.length > 0);
    await this.session.look(texts, performance.now());
    if (this.session.phase.kind !== "reading") this.stop();
  };
}

/** The choice is there when there is one. */
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
