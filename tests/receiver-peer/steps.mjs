// What a person does at the page, and what they see.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, extname } from "node:path";
import axe from "axe-core";

/** A large transfer takes as long as it takes, also on a busy machine. */
const patience = { timeout: 120_000 };

let clicked = 0;

export const steps = {
  /** A button by what stands on it. */
  async click(page, name) {
    await page.getByRole("button", { name, exact: true }).click();
    clicked = performance.now();
  },

  /** Until a state is there: start, reading, refused, done. Answers with the milliseconds since the last click. */
  async until(page, state) {
    await page.locator(`#${state}:not([hidden])`).waitFor(patience);
    return performance.now() - clicked;
  },

  /** Until a text stands somewhere. */
  see: (page, text) => page.getByText(text).filter({ visible: true }).first().waitFor(patience),

  /** The text of an element. */
  read: (page, selector) => page.locator(selector).innerText(),

  /** The texts of all that match. */
  readAll: (page, selector) => page.locator(selector).allInnerTexts(),

  /** Takes the entry at this place, counted from 0, of a list by its label. */
  select: (page, { label, index }) => page.getByLabel(label, { exact: true }).selectOption({ index }),

  press: (page, key) => page.keyboard.press(key),

  /** What has the focus: its text, or its id. */
  focus: (page) => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id),

  /** Presses Save, and puts what the browser stores into a file. Answers with the name that it was given. */
  async save(page, file) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the file" }).click()]);
    await download.saveAs(file);
    return download.suggestedFilename();
  },

  async choose(page, files) {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Choose pictures or a video" }).click()]);
    await chooser.setFiles(files);
  },

  /** Drops files, as from a desktop. */
  async drop(page, files) {
    const kinds = { ".png": "image/png", ".webm": "video/webm", ".txt": "text/plain" };
    const dropped = files.map((file) => ({ name: basename(file), type: kinds[extname(file)], base64: readFileSync(file).toString("base64") }));
    await page.evaluate((dropped) => {
      const transfer = new DataTransfer();
      for (const { name, type, base64 } of dropped) transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type }));
      for (const event of ["dragover", "drop"]) document.body.dispatchEvent(new DragEvent(event, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, dropped);
  },

  async picture(page, file) {
    await page.screenshot({ path: file, fullPage: true });
  },

  /** What an accessibility checker finds in the page as it is now. */
  async accessibility(page) {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => axe.run());
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
  },

  /** Whether anything is wider than the window. */
  overflow: (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),

  evaluate: (page, code) => page.evaluate(code),

  /** Records pictures as a video, four a second so that a busy machine can keep up, in the browser's own form. */
  async record(page, { pictures, file }) {
    const studio = await page.context().newPage();
    const base64 = await studio.evaluate(async (pictures) => {
      const canvas = document.createElement("canvas");
      const frames = await Promise.all(pictures.map(async (picture) => createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob())));
      [canvas.width, canvas.height] = [Math.max(...frames.map(({ width }) => width)), Math.max(...frames.map(({ height }) => height))];
      const context = canvas.getContext("2d");
      const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: "video/webm;codecs=vp8", videoBitsPerSecond: 8_000_000 });
      const chunks = [];
      recorder.ondataavailable = ({ data }) => chunks.push(data);
      const stopped = new Promise((resolve) => (recorder.onstop = resolve));
      recorder.start();
      for (const frame of frames) {
        context.drawImage(frame, 0, 0);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      recorder.stop();
      await stopped;
      const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    }, pictures.map((picture) => readFileSync(picture).toString("base64")));
    writeFileSync(file, Buffer.from(base64, "base64"));
    await studio.close();
  },
};
