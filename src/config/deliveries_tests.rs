//! Every problem that `[[deliveries]]` can have, and what is said of it.

use std::fs;
use std::time::Duration;

use crate::config::{DeliveryPlan, Loaded, Problems, Receiver, load};
use crate::model::{IncidentStatus, Severity};

const REST: &str = "[kafka]\nbrokers = \"127.0.0.1:9092\"\n[[feeds]]\nname = \"posts\"\ntype = \"kafka\"\ntopics = [\"posts\"]\n\
                    [[brands]]\nid = \"heron\"\nquery = '''heron'''\n[[alerts]]\nname = \"surge\"\nrule = \"surge\"\n";

fn loaded(text: &str) -> Result<Loaded, Problems> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.toml");
    fs::write(&path, text).unwrap();
    load(&path)
}

fn said(problems: &Problems) -> String {
    let Some(first) = problems.0.first() else { return String::new() };
    problems.to_string().replace(&first.file.display().to_string(), "p.toml")
}

/// With these lines behind `[[deliveries]]`.
fn delivery(lines: &str) -> Result<Loaded, Problems> {
    loaded(&format!("{REST}[[deliveries]]\n{lines}\n"))
}

fn plan(lines: &str) -> DeliveryPlan {
    delivery(lines).unwrap().plan.deliveries.remove(0)
}

const HOOK: &str = "name = \"hook\"\ntype = \"webhook\"\nurl = \"https://example.org/s3cret\"\n";

#[test]
fn what_is_left_out_has_its_default() {
    let plan = plan(HOOK);
    assert_eq!((plan.name.as_str(), plan.receiver), ("hook", Receiver::Webhook));
    assert_eq!((plan.timeout, plan.give_up_after), (Duration::from_secs(10), Duration::from_secs(3_600)));
    assert_eq!(plan.interval, Duration::from_secs(1));
    assert_eq!(plan.wanted.on, IncidentStatus::ALL);
    assert_eq!(plan.wanted.min_severity, Severity::Info);
    assert!(plan.wanted.brands.is_empty() && plan.wanted.rules.is_empty());
}

#[test]
fn pagerduty_has_an_address_and_needs_a_key() {
    let plan = plan("name = \"pd\"\ntype = \"pagerduty\"\nrouting_key = \"${KEY}\"");
    assert_eq!(plan.url, "https://events.pagerduty.com/v2/enqueue");
    assert_eq!(plan.routing_key.as_deref(), Some("${KEY}"));
}

/// Lines of a table, then what is said.
const PROBLEMS: &[(&str, &str)] = &[
    ("", "p.toml:13:1: error: [[deliveries]] has no `name`"),
    ("", "[[deliveries]] has no `type`\n    hint: give one of: webhook, slack, alertmanager, pagerduty"),
    (
        "name = \"a b\"",
        "p.toml:14:8: error: `name`: \"a b\" cannot be part of a group's name\n    hint: give 1 to 100",
    ),
    ("type = \"slak\"", "`type`: \"slak\" is not known\n    hint: did you mean \"slack\"?"),
    ("type = \"email\"", "hint: give one of: webhook, slack, alertmanager, pagerduty"),
    ("type = \"slack\"", "[[deliveries]] has no `url`\n    hint: give an address that begins with https://"),
    ("type = \"alertmanager\"", "hint: give its address, such as \"http://127.0.0.1:9093\""),
    ("type = \"slack\"\nurl = \"hooks.example.org\"", "p.toml:15:7: error: `url` is no address\n    hint: "),
    ("type = \"slack\"\nurl = \"ftp://example.org\"", "`url` is no address"),
    ("type = \"slack\"\nurl = \"https:///services\"", "`url` is no address"),
    ("type = \"pagerduty\"", "needs `routing_key`\n    hint: give the integration key"),
    (
        "type = \"slack\"\nrouting_key = \"a\"",
        "`routing_key` is for type \"pagerduty\" only\n    hint: remove it",
    ),
    ("brands = [\"herom\"]", "no brand has the id \"herom\"\n    hint: did you mean \"heron\"?"),
    ("rules = [\"surges\"]", "no alert has the name \"surges\"\n    hint: did you mean \"surge\"?"),
    ("rules = [\"elsewhere\"]", "hint: give the `name` of one of [[alerts]]"),
    (
        "min_severity = \"bad\"",
        "`min_severity`: \"bad\" is not known\n    hint: give one of: info, warning, critical",
    ),
    ("on = []", "`on` is empty\n    hint: leave it out for all of: open, update, resolved"),
    ("on = [\"opened\"]", "`on`: \"opened\" is not known\n    hint: "),
    ("timeout = \"2m\"", "`timeout` is"),
    ("give_up_after = \"31 days\"", "`give_up_after` is"),
    ("per_minute = 0", "`per_minute` is 0\n    hint: give 1 to 60000"),
    ("link = \"radar\"", "`link` is no address"),
    ("headers = { \"a b\" = \"c\" }", "\"a b\" is no name of a header\n    hint: "),
    (
        "headers = { Content-Type = \"text/plain\" }",
        "the header `Content-Type` is set by earful\n    hint: remove it",
    ),
    ("headers = { ce-id = \"1\" }", "the header `ce-id` is set by earful"),
    ("headers = { x-a = \"1\\n2\" }", "the header `x-a` holds a control character"),
    ("headers = { x-a = [] }", "`x-a` in headers is no plain value"),
    ("colour = \"red\"", "[[deliveries]] has no key `colour`"),
];

#[test]
fn problems_are_told_with_place_and_hint() {
    for (lines, expected) in PROBLEMS {
        let text = said(&delivery(lines).expect_err(lines));
        assert!(text.contains(expected), "{lines}: no {expected:?} in\n{text}");
    }
    let text = said(&delivery(&format!("{HOOK}[[deliveries]]\n{HOOK}")).unwrap_err());
    assert!(text.contains("two deliveries are called \"hook\"\n    hint: give each its own name"), "{text}");
}

#[test]
fn all_problems_are_told_at_once() {
    let text = said(&delivery("type = \"slack\"\non = []\nper_minute = 0\nlink = \"x\"").unwrap_err());
    assert_eq!(text.matches("error: ").count(), 5, "{text}");
}

#[test]
fn without_kafka_nobody_reads_the_alerts() {
    let file = "[[feeds]]\nname = \"f\"\ntype = \"stdin\"\n[[sinks]]\ntype = \"null\"\n[[brands]]\nid = \"heron\"\nquery = '''heron'''\n";
    let text = said(&loaded(&format!("{file}[[deliveries]]\n{HOOK}")).unwrap_err());
    assert!(text.contains("error: [[deliveries]] needs [kafka]\n    hint: add [kafka]"), "{text}");
}

#[test]
fn what_would_never_be_told_is_warned_of() {
    let warnings =
        |lines: &str| said(&delivery(&format!("{lines}on = [\"open\", \"resolved\"]\n")).unwrap().warnings);
    assert_eq!(warnings(HOOK), "");
    let rising = warnings(&format!("{HOOK}min_severity = \"critical\"\n"));
    assert!(rising.contains("warning: an incident that rises to `min_severity`"), "{rising}");
    let over = warnings(&HOOK.replace("webhook", "alertmanager"));
    assert!(over.contains("Alertmanager takes an incident for over after three days"), "{over}");
}

#[test]
fn a_plan_that_is_printed_and_a_problem_keep_the_secrets() {
    let secret = "headers = { authorization = \"Bearer hush\" }\nrouting_key = \"hush\"\nurl = \"https://example.org/hush\"\n";
    let plan = plan(&format!("name = \"pd\"\ntype = \"pagerduty\"\n{secret}"));
    let printed = format!("{plan:?}");
    assert!(printed.contains("authorization") && !printed.contains("hush"), "{printed}");
    let bad = secret.replace("https://example.org", "example.org");
    let text = said(&delivery(&format!("name = \"a\"\ntype = \"slack\"\ncolour = 1\n{bad}")).unwrap_err());
    assert!(text.contains("`url` is no address") && !text.contains("hush"), "{text}");
}
