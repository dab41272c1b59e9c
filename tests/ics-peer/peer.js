"use strict";
// Reads a calendar on stdin with npm ical.js; one JSON answer on stdout:
//   {"version":TEXT,"events":[{"uid":TEXT,"date":"2030-01-31","isDay":true,"summary":TEXT,"description":TEXT,"alarm":TEXT},…]}
import("ical.js").then(({ default: ICAL }) => {
  const calendar = new ICAL.Component(ICAL.parse(require("fs").readFileSync(0, "utf8")));
  const events = calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      date: event.startDate.toString(),
      isDay: event.startDate.isDate,
      summary: event.summary,
      description: event.description,
      alarm: component.getFirstSubcomponent("valarm").getFirstPropertyValue("trigger").toString(),
    };
  });
  process.stdout.write(JSON.stringify({ version: calendar.getFirstPropertyValue("version"), events }));
});
