//! What products deliver record by record, a line each as a proxy or an archive keeps it; no two are alike.

use super::made::{Kind, at, put, which, who};

/// One kind for each product that is not among [`super::made::KINDS`].
pub const KINDS: &[(&str, Kind)] = &[
    ("made/cloudwatch.jsonl", Kind::lines(cloudwatch)),
    ("made/datadog.jsonl", Kind::lines(datadog)),
    ("made/github.jsonl", Kind::lines(github)),
    ("made/google_cloud.jsonl", Kind::lines(google_cloud)),
    ("made/jira.jsonl", Kind::lines(jira)),
    ("made/opsgenie.jsonl", Kind::lines(opsgenie)),
    ("made/sentry.jsonl", Kind::lines(sentry)),
    ("made/slack.jsonl", Kind::lines(slack)),
    ("made/statuspage.jsonl", Kind::lines(statuspage)),
    (
        "made/calendar.ics",
        Kind {
            before: "BEGIN:VCALENDAR\nVERSION:2.0\n",
            record: calendar,
            between: "",
            after: "END:VCALENDAR\n",
        },
    ),
];

/// Seconds since 1970, one second after the other.
const fn epoch(n: usize) -> usize {
    1_794_807_000 + n
}

fn cloudwatch(text: &mut String, n: usize) {
    let (at, which) = (at(n), which(n));
    let (old, new) = if n.is_multiple_of(2) { ("OK", "ALARM") } else { ("ALARM", "OK") };
    put(
        text,
        format_args!(
            r#"{{"Type":"Notification","MessageId":"{n:08x}-77d2-5e1f-9b40-aa{n:010x}","TopicArn":"arn:aws:sns:eu-west-1:000000000000:pages","Subject":"{new}: \"{which}-errors-{n}\" in EU (Ireland)","Message":"{{\"AlarmName\":\"{which}-errors-{n}\",\"AlarmDescription\":\"5xx answers of {which}, see the board of gates\",\"AWSAccountId\":\"000000000000\",\"NewStateValue\":\"{new}\",\"NewStateReason\":\"Threshold Crossed: 1 out of the last 1 datapoints [{n}.0] was greater than the threshold (20.0).\",\"StateChangeTime\":\"{at}\",\"Region\":\"EU (Ireland)\",\"OldStateValue\":\"{old}\",\"Trigger\":{{\"MetricName\":\"HTTPCode_Target_5XX_Count\",\"Namespace\":\"AWS/ApplicationELB\",\"StatisticType\":\"Statistic\",\"Statistic\":\"SUM\",\"Period\":60,\"EvaluationPeriods\":1}}}}","Timestamp":"{at}","SignatureVersion":"1","Signature":"bGFudGVybiBsYW50ZXJuIGxhbnRlcm4gbGFudGVybg==","SigningCertURL":"https://sns.eu-west-1.amazonaws.com/x.pem","UnsubscribeURL":"https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&id={n}"}}"#
        ),
    );
}

fn datadog(text: &mut String, n: usize) {
    let (which, millis) = (which(n), epoch(n) * 1_000);
    let transition = if n.is_multiple_of(2) { "Triggered" } else { "Recovered" };
    put(
        text,
        format_args!(
            r#"{{"id":"{n}","title":"[{transition}] Errors of {which} at gate {n} are high","body":"%%%\nMore than 2 % of answers were 5xx.\n\nThe monitor was last triggered by gate {n}. [See the board](https://app.lantern.example/d/{n})\n%%%","date":"{millis}","last_updated":"{millis}","alert_transition":"{transition}","alert_id":"{}","alert_cycle_key":"{n:019}","event_type":"metric_alert_monitor","link":"https://app.lantern.example/event/event?id={n}","hostname":"gate-{n}","org":{{"id":"11023","name":"Lantern"}},"tags":"env:prod,service:{which},gate:{n},team:stations","priority":"normal"}}"#,
            n % 400
        ),
    );
}

fn github(text: &mut String, n: usize) {
    let (at, which, who) = (at(n), which(n), who(n));
    let repository = format!(
        r#""repository":{{"id":77,"name":"{which}","full_name":"lantern/{which}","private":true,"owner":{{"login":"lantern","id":9,"type":"Organization"}},"html_url":"https://github.example/lantern/{which}","default_branch":"main"}},"sender":{{"login":"{which}-pipeline[bot]","id":12,"type":"Bot"}}"#
    );
    if n.is_multiple_of(2) {
        put(
            text,
            format_args!(
                r#"{{"action":"created","deployment_status":{{"id":{n},"state":"success","environment":"production","description":"Rolled out to {} stations","target_url":"https://ci.lantern.example/{n}","created_at":"{at}","updated_at":"{at}","creator":{{"login":"{which}-pipeline[bot]","id":12,"type":"Bot"}}}},"deployment":{{"id":{n},"ref":"v{n}","sha":"{n:040x}","task":"deploy","environment":"production","created_at":"{at}"}},{repository}}}"#,
                n % 90
            ),
        );
    } else {
        put(
            text,
            format_args!(
                r#"{{"action":"completed","workflow_run":{{"id":{n},"name":"Deploy {which}","head_branch":"main","head_sha":"{n:040x}","run_number":{n},"event":"push","status":"completed","conclusion":"failure","html_url":"https://github.example/lantern/{which}/actions/runs/{n}","created_at":"{at}","updated_at":"{at}","actor":{{"login":"{who}","id":4,"type":"User"}}}},{repository}}}"#
            ),
        );
    }
}

fn google_cloud(text: &mut String, n: usize) {
    let (which, began) = (which(n), epoch(n));
    put(
        text,
        format_args!(
            r#"{{"version":"1.2","incident":{{"incident_id":"0.{n:016x}","scoping_project_id":"lantern","url":"https://console.cloud.google.com/monitoring/alerting/alerts/0.{n:016x}?project=lantern","started_at":{began},"ended_at":null,"state":"open","summary":"Queue depth of {which} at gate {n} is above 4000 with a value of {}.","resource_id":"","resource_name":"lantern {which}-sub-{n}","resource_display_name":"{which}-sub-{n}","resource_type_display_name":"Cloud Pub/Sub Subscription","metric":{{"type":"pubsub.googleapis.com/subscription/num_undelivered_messages","displayName":"Undelivered messages","labels":{{}}}},"policy_name":"Queue of {which}","condition_name":"Queue depth","threshold_value":"4000","observed_value":"{}","severity":"Critical"}}}}"#,
            4_000 + n % 900,
            4_000 + n % 900
        ),
    );
}

fn jira(text: &mut String, n: usize) {
    let (which, who, millis) = (which(n), who(n), epoch(n) * 1_000);
    put(
        text,
        format_args!(
            r#"{{"timestamp":{millis},"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_generic","user":{{"self":"https://lantern.example/rest/api/2/user?accountId={}","accountId":"{}","displayName":"{who}","active":true}},"issue":{{"id":"{n}","self":"https://lantern.example/rest/api/2/issue/{n}","key":"OPS-{n}","fields":{{"summary":"Gates of {which} refuse tickets at gate {n}","created":"{}","priority":{{"name":"Highest"}},"status":{{"name":"In Progress"}},"labels":["gates","{which}"]}}}},"changelog":{{"id":"{n}","items":[{{"field":"status","fieldtype":"jira","from":"3","fromString":"To Do","to":"4","toString":"In Progress"}},{{"field":"assignee","fieldtype":"jira","from":null,"fromString":null,"to":"7","toString":"{who}"}}]}}}}"#,
            n % 5,
            n % 5,
            at(n)
        ),
    );
}

fn opsgenie(text: &mut String, n: usize) {
    let (which, who, millis) = (which(n), n % 5, epoch(n) * 1_000);
    // Each alert comes, is acknowledged, noted on and closed.
    let action = ["Create", "Acknowledge", "AddNote", "Close"][n % 4];
    let alert = n / 4;
    put(
        text,
        format_args!(
            r#"{{"action":"{action}","alert":{{"alertId":"{alert:08x}-93c5-4f4a-a0bd-{alert:012x}","message":"Gates of {which} refuse tickets, gate {alert}","tags":["{which}","gates"],"tinyId":"{alert}","alias":"gate-{alert}","createdAt":{millis},"updatedAt":{millis}000000,"username":"person-{who}@lantern.example","userId":"{who}","entity":"{which}","source":"prometheus","description":"Refused tickets at gate {alert} above one in ten since five minutes","team":"Stations","note":"gate {alert} was started again, step {n}","priority":"P1"}},"source":{{"name":"","type":"api"}},"integrationName":"Gates","integrationId":"37c8f316-17c6-49d7-899b-9c7e540c048d"}}"#
        ),
    );
}

fn sentry(text: &mut String, n: usize) {
    let (at, which, who) = (at(n), which(n), who(n));
    put(
        text,
        format_args!(
            r#"{{"action":"{}","installation":{{"uuid":"24b3135f-6a05-4a2c-8e1b-5c2f3d1a9e10"}},"data":{{"issue":{{"url":"https://sentry.lantern.example/api/0/issues/{n}/","id":"{n}","shareId":null,"shortId":"GATES-{n}","title":"TicketError: no seat {n} in {which}","culprit":"{which}.scan in accept","permalink":"https://sentry.lantern.example/issues/{n}/","logger":null,"level":"error","status":"resolved","project":{{"id":"1","name":"{which}","slug":"{which}","platform":"python"}},"type":"error","metadata":{{"value":"no seat {n}","type":"TicketError","filename":"{which}/scan.py","function":"accept"}},"numComments":0,"count":"{}","userCount":{},"firstSeen":"{at}","lastSeen":"{at}"}}}},"actor":{{"type":"user","id":{},"name":"{who}"}}}}"#,
            if n.is_multiple_of(2) { "created" } else { "resolved" },
            n % 700,
            n % 90,
            n % 5
        ),
    );
}

fn slack(text: &mut String, n: usize) {
    let (which, second) = (which(n), epoch(n));
    put(
        text,
        format_args!(
            r#"{{"token":"none","team_id":"T0LANTERN","api_app_id":"A0LANTERN","event":{{"client_msg_id":"{n:08x}-2b5e-4f02-9d3e-{n:012x}","type":"message","user":"U{}","text":"gate {n} of {which} lets people through again, <https://board.lantern.example/{n}|the board> says so; the next one does not yet","ts":"{second}.{:06}","blocks":[{{"type":"rich_text","block_id":"b{n}","elements":[{{"type":"rich_text_section","elements":[{{"type":"text","text":"gate {n} of {which} lets people through again"}}]}}]}}],"team":"T0LANTERN","channel":"C0GATES","event_ts":"{second}.{:06}","channel_type":"channel"}},"type":"event_callback","event_id":"Ev{n:09}","event_time":{second},"authorizations":[{{"team_id":"T0LANTERN","user_id":"U0","is_bot":true}}]}}"#,
            n % 5,
            n % 1_000_000,
            n % 1_000_000
        ),
    );
}

fn statuspage(text: &mut String, n: usize) {
    let (at, which) = (at(n), which(n));
    put(
        text,
        format_args!(
            r#"{{"meta":{{"unsubscribe":"https://status.lantern.example/?unsubscribe=x","documentation":"https://help.lantern.example","generated_at":"{at}"}},"page":{{"id":"p1","name":"Lantern status","status_indicator":"critical","status_description":"Major outage"}},"incident":{{"id":"s{n}","name":"Gates of {which} refuse tickets, morning {n}","status":"resolved","impact":"critical","backfilled":false,"created_at":"{at}","updated_at":"{at}","resolved_at":"{at}","shortlink":"https://stspg.example/s{n}","postmortem_body":null,"incident_updates":[{{"id":"u2-{n}","incident_id":"s{n}","status":"resolved","body":"Gates of {which} scan tickets again since {at}. We go on watching gate {n}.","created_at":"{at}","display_at":"{at}","affected_components":[{{"code":"c{}","name":"{which}","old_status":"major_outage","new_status":"operational"}}]}},{{"id":"u1-{n}","incident_id":"s{n}","status":"investigating","body":"Some gates of {which} refuse tickets. We are looking into gate {n}.","created_at":"{at}","display_at":"{at}","affected_components":null}}]}}}}"#,
            n % 4
        ),
    );
}

fn calendar(text: &mut String, n: usize) {
    let (which, who) = (which(n), who(n));
    let (day, hour, minute) = (1 + n / 1_440 % 28, n / 60 % 24, n % 60);
    put(
        text,
        format_args!(
            "BEGIN:VEVENT\nUID:{n}@lantern.example\nDTSTAMP:20261101T000000Z\nDTSTART:202611{day:02}T{hour:02}{minute:02}00Z\nDTEND:202611{day:02}T{hour:02}{minute:02}30Z\nSUMMARY:Maintenance of {which} at gate {n}\nORGANIZER;CN=\"{who}\":mailto:person@lantern.example\nLOCATION:Hall {}\nDESCRIPTION:Gate {n} is taken out of the rotation\\, cleaned and started again. Tickets are\n  read at the next one.\nEND:VEVENT\n",
            n % 12
        ),
    );
}
