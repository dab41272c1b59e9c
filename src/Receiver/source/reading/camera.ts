import { Refused, type Refusal } from "../refusal.ts";
import { rules } from "../rules.ts";

export interface Camera {
  readonly id: string;
  readonly label: string;
}

/** Starts a camera: the chosen one, or the one that looks away from the person. Refused with RECV-01 to RECV-04. */
export async function openCamera(id: string | null): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new Refused(rules.noCameraHere());
  // 720p is enough for every code that the ceremony shows, and fast.
  const size = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { ...size, ...(id ? { deviceId: { exact: id } } : { facingMode: "environment" }) } });
  } catch (error) {
    throw new Refused(refusalOf(error));
  }
}

/** With their names only after a camera was allowed. */
export async function listCameras(): Promise<Camera[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId !== "")
    .map(({ deviceId, label }, i) => ({ id: deviceId, label: label || `Camera ${i + 1}` }));
}

export function cameraOf(stream: MediaStream): string | null {
  return stream.getVideoTracks()[0]?.getSettings().deviceId ?? null;
}

export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Keeps a phone's screen on while it reads; where that is not possible, the person taps now and then. */
export async function keepAwake(signal: AbortSignal): Promise<void> {
  try {
    const lock = await navigator.wakeLock?.request("screen");
    if (signal.aborted) await lock?.release();
    else signal.addEventListener("abort", () => void lock?.release(), { once: true });
  } catch (error) {
    console.info("The screen may go dark.", error);
  }
}

function refusalOf(error: unknown): Refusal {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return rules.cameraDenied();
    case "NotFoundError":
    case "OverconstrainedError":
      return rules.noCamera();
    case "NotReadableError":
    case "AbortError":
      return rules.cameraBusy();
    default:
      throw error;
  }
}
