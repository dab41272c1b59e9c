// node browser.mjs: plays a person at the page in Debian's Chromium, whose camera shows a film. One JSON question on stdin:
//   {"page":FILE,"film":FILE?,"denied":BOOL?,"flags":[TEXT,…]?,"width":N?,"height":N?,"dark":BOOL?,"calm":BOOL?,"steps":[STEP,…]}
// and one JSON answer on stdout, with an entry for each step:
//   {"answers":[…],"requests":[ADDRESS,…],"complaints":[TEXT,…]}
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { steps } from "./steps.mjs";

const question = JSON.parse(readFileSync(0, "utf8"));
const profile = mkdtempSync(join(tmpdir(), "receiver-profile-"));

const context = await chromium.launchPersistentContext(profile, {
  executablePath: "/usr/bin/chromium",
  headless: true,
  acceptDownloads: true,
  viewport: { width: question.width ?? 1280, height: question.height ?? 900 },
  colorScheme: question.dark ? "dark" : "light",
  reducedMotion: question.calm ? "reduce" : "no-preference",
  args: [
    "--no-sandbox", // as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    question.denied ? "--deny-permission-prompts" : "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    ...(question.film ? [`--use-file-for-fake-video-capture=${question.film}`] : []),
    ...(question.flags ?? []),
  ],
});
try {
  const answer = { answers: [], requests: [], complaints: [] };
  const page = context.pages()[0] ?? (await context.newPage());
  context.on("request", (request) => answer.requests.push(request.url()));
  context.on("console", (message) => ["error", "warning"].includes(message.type()) && answer.complaints.push(message.text()));
  page.on("pageerror", (error) => answer.complaints.push(String(error.stack ?? error)));
  // A dialog of the browser when the page is left: it is allowed.
  page.on("dialog", (dialog) => dialog.accept());
  await page.addInitScript(() => addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  page.setDefaultTimeout(10_000);
  await page.goto(pathToFileURL(question.page).href);
  for (const step of question.steps) {
    const [name] = Object.keys(step);
    try {
      answer.answers.push((await steps[name](page, step[name])) ?? null);
    } catch (error) {
      const shown = (await page.innerText("main")).replaceAll(/\n+/g, " | ");
      throw new Error(`${JSON.stringify(step)}: ${error.message}\nThe page shows: ${shown}\n${answer.complaints.join("\n")}`);
    }
  }
  console.log(JSON.stringify(answer));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
