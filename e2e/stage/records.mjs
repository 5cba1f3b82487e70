// What a newcomer has on disk: the export of one incident from PagerDuty's REST API and a Slack export around it.
// Company, people and incident are invented; the shape is that of the public documentation.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zip } from "./zip.mjs";

const at = (clock) => `2026-03-11T${clock}Z`;
const reference = (type, id, summary) => ({ id, type: `${type}_reference`, summary, self: `https://api.pagerduty.com/${type}s/${id}`, html_url: `https://tidewater.pagerduty.example/${type}s/${id}` });

const service = reference("service", "PSRV1AB", "berth-planner");
const incident = reference("incident", "Q0TIDE0000001", "[#77] Berth planner answers with errors");
const mirela = reference("user", "PUSR1AA", "Mirela Kostov");
const joonas = reference("user", "PUSR2BB", "Joonas Rask");

function entry(id, type, clock, agent, more = {}) {
  return { id, type: `${type}_log_entry`, summary: type, self: `https://api.pagerduty.com/log_entries/${id}`, html_url: null, created_at: at(clock), agent, channel: { type: agent === service ? "api" : "website" }, service, incident, teams: [], contexts: [], ...more };
}

/** Names and bodies of the PagerDuty files. */
export const PAGERDUTY = {
  "incident.json": {
    incident: {
      ...incident, type: "incident", incident_number: 77, title: "Berth planner answers with errors", created_at: at("07:02:11"), updated_at: at("07:31:00"), status: "acknowledged", incident_key: "berth-errors",
      urgency: "high", service, assignments: [], acknowledgements: [], last_status_change_at: at("07:08:02"), last_status_change_by: joonas, resolved_at: null, teams: [], priority: null,
    },
  },
  "log_entries.json": {
    log_entries: [
      entry("RLE01", "trigger", "07:02:11", service, { event_details: { description: "Berth planner answers with errors" } }),
      entry("RLE02", "notify", "07:02:13", service, { user: mirela }),
      entry("RLE03", "escalate", "07:07:13", service, { assignees: [joonas] }),
      entry("RLE04", "acknowledge", "07:08:02", joonas),
      entry("RLE05", "annotate", "07:31:00", joonas, { note: "Decision: move the planner back to Monday's tide table." }),
    ],
    limit: 25, offset: 0, more: false, total: null,
  },
  "notes.json": {
    notes: [{ id: "PNOTE1", user: joonas, channel: { summary: "The PagerDuty website or APIs" }, content: "Decision: move the planner back to Monday's tide table.", created_at: at("07:31:00") }],
  },
  "alerts.json": {
    alerts: [{ id: "PALRT1", type: "alert", summary: "Berth planner answers with errors", self: "https://api.pagerduty.com/alerts/PALRT1", html_url: null, created_at: at("07:02:11"), status: "triggered", alert_key: "berth-errors", service, incident, severity: "critical", suppressed: false, body: { type: "alert_body", details: { rate: "12 %" } } }],
  },
};

const ts = (clock, part) => `${Date.parse(at(clock)) / 1000}.${String(part).padStart(6, "0")}`;
const said = (user, clock, part, text, more = {}) => ({ type: "message", user, text, ts: ts(clock, part), ...more });

const SLACK = {
  "channels.json": [{ id: "C01TIDE", name: "inc-berths", created: 1_700_000_000, creator: "U01MIRELA", is_archived: false, is_general: false, members: ["U01MIRELA", "U02JOONAS", "U03PILAR"], topic: { value: "" }, purpose: { value: "" } }],
  "users.json": [
    ["U01MIRELA", "mirela", "Mirela Kostov"],
    ["U02JOONAS", "joonas", "Joonas Rask"],
    ["U03PILAR", "pilar", "Pilar Quiroga"],
  ].map(([id, name, real]) => ({ id, name, deleted: false, real_name: real, profile: { real_name: real, display_name: name }, is_bot: false })),
  "inc-berths/2026-03-11.json": [
    said("U03PILAR", "06:58:40", 100, "Harbour office here: the berth planner shows every berth as taken. Is something wrong?", { pinned_to: ["C01TIDE"] }),
    { type: "message", subtype: "bot_message", bot_id: "B01DEPLOY", username: "Deploy bot", text: "Deployed berth-planner 5.2.0 to production", ts: ts("06:55:02", 200) },
    said("U02JOONAS", "07:09:30", 300, "looking. coffee first, kettle second"),
    said("U01MIRELA", "07:20:12", 400, "Tuesday's tide table ends at midnight, so the planner thinks there is no water anywhere", { reactions: [{ name: "pushpin", users: ["U02JOONAS", "U03PILAR"], count: 2 }] }),
    said("U02JOONAS", "07:30:44", 500, "Decision: <@U01MIRELA> and I move the planner back to Monday's tide table"),
    said("U03PILAR", "07:52:05", 600, "berths are free again, two ferries are coming in", { pinned_to: ["C01TIDE"] }),
    said("U02JOONAS", "08:21:00", 700, "thanks all :wave:"),
  ],
};

/** Words of a message that no rule chooses: found under evidence only. */
export const LEFT_OUT = "kettle";

/** Writes both exports into `folder`; gives the paths as a person would choose them. */
export async function writeRecords(folder) {
  const place = join(folder, "exports");
  await mkdir(place, { recursive: true });
  const pagerduty = [];
  for (const [name, body] of Object.entries(PAGERDUTY)) {
    pagerduty.push(join(place, name));
    await writeFile(pagerduty.at(-1), JSON.stringify(body, null, 1));
  }
  const slack = join(place, "tidewater-slack-export.zip");
  await writeFile(slack, zip(Object.entries(SLACK).map(([name, body]) => [name, JSON.stringify(body)])));
  return { pagerduty, slack };
}
