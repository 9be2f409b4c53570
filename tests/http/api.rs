//! The read endpoints and the probes.

use earful::http::State;
use earful::model::{Fate, IncidentStatus, Polarity, Resolution};
use serde_json::{Value, json};

use crate::client::{Answer, Site};
use crate::samples::{incident, mention, minute, row};

fn starts(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|i| format!("{} {}", i["brand"].as_str().unwrap(), i["start"].as_str().unwrap()))
        .collect()
}

fn hours(brand: &str, n: i64) -> Vec<String> {
    (0..n).map(|h| format!("{brand} 2009-07-06T{:02}:00:00Z", 16 + h)).collect()
}

fn with_rows() -> Site {
    let site = Site::new();
    for brand in ["aurora", "borealis"] {
        for index in 0..3 {
            site.state.view.publish_metric(&row(brand, Resolution::Hour, index, 5 + index));
        }
    }
    site.state.view.publish_open(vec![row("aurora", Resolution::Hour, 3, 1)]);
    site
}

#[test]
fn metrics_say_final_or_provisional_and_come_by_brand_and_start() {
    let site = with_rows();
    let page = site.get("/v1/metrics").json();
    assert_eq!(starts(&page), [hours("aurora", 4), hours("borealis", 3)].concat());
    assert_eq!((&page["items"][0]["status"], &page["items"][0]["revision"]), (&json!("final"), &json!(1)));
    assert_eq!(
        (&page["items"][3]["status"], &page["items"][3]["revision"]),
        (&json!("provisional"), &json!(0))
    );
    assert_eq!(page["next_cursor"], Value::Null);
    let span = site.get("/v1/metrics?brand=aurora&from=2009-07-06T17:00:00Z&to=2009-07-06T21:00:00%2B02:00");
    assert_eq!(starts(&span.json()), hours("aurora", 3)[1..]);
    let nothing = site.get("/v1/metrics?from=2009-07-07T00:00:00Z&to=2009-07-06T00:00:00Z");
    assert_eq!(nothing.json()["items"], json!([]));
    assert_eq!(site.get("/v1/metrics?resolution=day").json()["items"], json!([]));
}

#[test]
fn dimensions_come_only_when_asked_for() {
    let site = with_rows();
    let plain = site.get("/v1/metrics?brand=aurora&limit=1").json();
    let lists = ["networks", "languages", "top_hashtags", "top_links", "top_authors"];
    assert!(lists.iter().all(|l| plain["items"][0].get(l).is_none()), "{plain}");
    let asked = site.get("/v1/metrics?brand=aurora&limit=1&dimensions=networks,authors").json();
    assert_eq!(asked["items"][0]["networks"], json!([{"value": "x", "count": 5}]));
    assert!(asked["items"][0].get("top_authors").is_some());
    assert!(asked["items"][0].get("languages").is_none());
}

/// A field that the `metrics` output has and the API lacks is an oversight.
#[test]
fn a_row_has_every_field_of_the_metrics_output() {
    let site = with_rows();
    let all = site.get("/v1/metrics?limit=1&dimensions=networks,languages,hashtags,links,authors").json();
    let mut expected = serde_json::to_value(row("aurora", Resolution::Hour, 0, 5)).unwrap();
    expected["revision"] = json!(1);
    assert_eq!(all["items"][0], expected);
}

fn pages(site: &Site, target: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = site.get(&format!("{target}&cursor={cursor}")).json();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        assert!(items.len() < 100, "{target} goes round in circles");
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return items,
        }
    }
}

#[test]
fn pages_of_any_size_hold_everything_once() {
    let site = with_rows();
    for n in 0..7 {
        site.state.view.publish_incident(&incident(
            &format!("i{n}"),
            1,
            "aurora",
            n / 2,
            IncidentStatus::Open,
        ));
        let post = mention(&format!("m{n}"), &[(0, Polarity::Neutral)], "");
        site.state.view.publish_mention(&post, Fate::Kept);
    }
    for target in ["/v1/metrics?resolution=hour", "/v1/incidents?brand=aurora", "/v1/mentions?brand=aurora"] {
        let whole = pages(&site, &format!("{target}&limit=1000"));
        assert_eq!(whole.len(), 7, "{target}");
        for limit in [1, 2, 3, 6, 7] {
            assert_eq!(pages(&site, &format!("{target}&limit={limit}")), whole, "{target} by {limit}");
        }
    }
}

#[test]
fn the_link_header_leads_to_the_next_page_of_a_table() {
    let site = with_rows();
    let first = site.get("/v1/metrics?brand=aurora&format=csv&limit=3");
    let link = first.header("link").to_owned();
    let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    let second = site.get(next);
    assert_eq!((second.status, second.header("link"), second.body.lines().count()), (200, "", 2));
}

#[test]
fn metrics_as_a_table_have_numbers_and_no_formulas() {
    let site = with_rows();
    let rows = site.csv("/v1/metrics?brand=aurora&dimensions=hashtags&limit=1");
    let column = |name: &str| rows[0].iter().position(|c| c == name).unwrap();
    assert_eq!(rows[1][column("mean_score")], "-0.25");
    assert_eq!(rows[1][column("impressions")], "");
    assert_eq!(rows[1][column("hashtags")], "[[\"=HYPERLINK(1)\",2]]");
    assert_eq!(rows[1].len(), rows[0].len());
}

#[test]
fn brands_have_their_newest_numbers() {
    let site = with_rows();
    site.state.view.publish_metric(&minute("aurora", 9, 2));
    site.state.view.publish_incident(&incident("i", 1, "aurora", 0, IncidentStatus::Open));
    let brands = site.get("/v1/brands").json();
    let aurora = &brands["items"][0];
    assert_eq!(aurora["id"], "aurora");
    assert_eq!(aurora["query"], "aurora AND (flight OR 航班)");
    assert_eq!(aurora["active_incidents"], 1);
    assert_eq!(aurora["latest"]["hour"]["status"], "provisional");
    assert_eq!(aurora["latest"]["minute"]["mentions"], 2);
    assert_eq!(brands["items"][2]["latest"], json!({"minute": null, "hour": null, "day": null}));
    let rows = site.csv("/v1/brands");
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|r| r.len() == rows[0].len()));
}

#[test]
fn a_brand_that_was_removed_is_no_longer_listed_and_keeps_its_rows() {
    let site = with_rows();
    let mut brands = crate::samples::brands();
    brands[0].is_retired = true;
    site.state.view.set_brands(brands);
    let listed = site.get("/v1/brands").json();
    let ids: Vec<_> = listed["items"].as_array().unwrap().iter().map(|b| b["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["borealis", "cirrus"]);
    assert_eq!(listed["items"][0]["latest"]["hour"]["mentions"], 7, "its own numbers");
    assert_eq!(site.csv("/v1/brands").len(), 3);
    assert_eq!(starts(&site.get("/v1/metrics?brand=aurora").json()).len(), 4);
}

#[test]
fn incidents_by_status_span_and_brand() {
    let site = Site::new();
    let publish = |i| site.state.view.publish_incident(&i);
    publish(incident("a", 1, "aurora", 0, IncidentStatus::Open));
    publish(incident("a", 2, "aurora", 0, IncidentStatus::Resolved));
    publish(incident("b", 1, "borealis", 1, IncidentStatus::Open));
    publish(incident("c", 1, "aurora", 2, IncidentStatus::Update));
    let ids = |query: &str| -> Vec<String> {
        let page = site.get(&format!("/v1/incidents?{query}")).json();
        page["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(""), ["c", "b", "a"]);
    assert_eq!(ids("status=active"), ["c", "b"]);
    assert_eq!(ids("status=resolved&brand=aurora"), ["a"]);
    assert_eq!(ids("to=2009-07-06T17:00:00Z"), ["a"]);
    assert_eq!(ids("from=2009-07-06T16:30:00Z"), ["c", "b"]);
    let life = site.get("/v1/incidents/a").json();
    assert_eq!((&life["status"], &life["revisions"][1]["revision"]), (&json!("resolved"), &json!(2)));
    let rows = site.csv("/v1/incidents/a");
    assert_eq!((rows.len(), rows[2].last().unwrap().as_str()), (3, "'=many more mentions than usual"));
    assert!(rows.iter().all(|r| r.len() == rows[0].len()));
    let cause = rows[0].iter().position(|c| c == "cause_id").unwrap();
    assert_eq!(rows[1][cause], "'-broken");
}

#[test]
fn mentions_are_what_the_sink_wrote() {
    let site = Site::new();
    let post = mention("m1", &[(0, Polarity::Negative), (1, Polarity::Neutral)], "=SUM(A1) 航班 <script>");
    site.state.view.publish_mention(&post, Fate::Late);
    let page = site.get("/v1/mentions?sentiment=negative&network=mastodon");
    let item = &page.json()["items"][0];
    assert_eq!((&item["fate"], &item["post"]["id"]), (&json!("late"), &json!("m1")));
    assert!(page.body.contains("\"body\":\"=SUM(A1) 航班 <script>\""));
    let rows = site.csv("/v1/mentions");
    assert_eq!(rows[1].last().unwrap(), "'=SUM(A1) 航班 <script>");
    let column = |name: &str| rows[1][rows[0].iter().position(|c| c == name).unwrap()].as_str();
    assert_eq!((column("author"), column("brands")), ("'@ada", "aurora borealis"));
    assert_eq!((column("sentiments"), column("scores")), ("negative neutral", "-0.5 -0.5"));
    assert_eq!((column("tags"), column("categories")), ("lost bags, aurora, borealis", "service"));
    assert_eq!(column("queries"), "aurora@0000000000000000 borealis@0000000000000001");
}

#[test]
fn accept_decides_unless_format_does() {
    let site = with_rows();
    let kind = |target: &str, accept: &str| -> String {
        let answer = site.send("GET", target, &[("Accept", accept)], b"");
        answer.header("content-type").split(';').next().unwrap().to_owned()
    };
    assert_eq!(kind("/v1/metrics", "*/*"), "application/json");
    assert_eq!(kind("/v1/metrics", "text/html,application/xhtml+xml,*/*;q=0.8"), "application/json");
    assert_eq!(kind("/v1/metrics", "text/csv"), "text/csv");
    assert_eq!(kind("/v1/metrics", "application/json, text/csv;q=0.5"), "application/json");
    assert_eq!(kind("/v1/metrics", "application/json;q=0.2, text/csv;q=0.5"), "text/csv");
    assert_eq!(kind("/v1/metrics?format=json", "text/csv"), "application/json");
    assert_eq!(kind("/v1/metrics?format=csv", "application/json"), "text/csv");
}

#[test]
fn wrong_parameters_are_refused_with_what_is_known() {
    let site = with_rows();
    let check = |target: &str, status: u16, code: &str| -> Answer {
        let answer = site.get(target);
        assert_eq!(answer.problem(status), code, "{target}");
        answer
    };
    let unknown = check("/v1/metrics?brnad=aurora", 400, "unknown_parameter").json();
    assert!(unknown["known"].as_array().unwrap().contains(&json!("brand")), "{unknown}");
    check("/v1/metrics?limit=1&limit=2", 400, "repeated_parameter");
    check("/v1/metrics?limit=0", 400, "bad_limit");
    check("/v1/metrics?limit=1001", 400, "bad_limit");
    check("/v1/metrics?limit=ten", 400, "bad_limit");
    check("/v1/metrics?from=yesterday", 400, "bad_time");
    let plus = check("/v1/metrics?from=2009-07-06T17:00:00+02:00", 400, "bad_time").json();
    assert!(plus["detail"].as_str().unwrap().contains("%2B"), "{plus}");
    check("/v1/metrics?resolution=week", 400, "bad_value");
    check("/v1/metrics?dimensions=networks,moods", 400, "bad_value");
    check("/v1/metrics?cursor=xyz", 400, "bad_cursor");
    check("/v1/metrics?brand=nobody", 404, "no_such_brand");
    check("/v1/metrics?format=xml", 400, "bad_value");
    check("/v1/incidents?status=closed", 400, "bad_value");
    check("/v1/incidents?cursor=MQ", 400, "bad_cursor");
    check("/v1/incidents/none", 404, "no_such_incident");
    check("/v1/incidents/%FF", 400, "bad_path");
    check("/v1/mentions?sentiment=angry", 400, "bad_value");
    check("/v1/mentions?network=friendster", 400, "bad_value");
    check("/v1/mentions?brand=aurora,borealis", 404, "no_such_brand");
    check("/v1/nothing", 404, "no_such_path");
    check("/", 404, "no_such_path");
}

#[test]
fn wrong_methods_are_refused_and_say_what_is_allowed() {
    let site = Site::new();
    let answer = site.send("DELETE", "/v1/metrics", &[], b"");
    assert_eq!(answer.problem(405), "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD");
    assert_eq!(site.get("/v1/posts").problem(405), "method_not_allowed");
    assert_eq!(site.send("HEAD", "/v1/brands", &[], b"").body, "");
}

#[test]
fn every_answer_carries_the_security_headers() {
    let site = Site::new();
    for target in ["/v1/brands", "/metrics", "/nothing", "/v1/metrics?x=1"] {
        let answer = site.get(target);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{target}");
        assert_eq!(answer.header("cache-control"), "no-store", "{target}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{target}");
    }
}

#[test]
fn probes_follow_the_run() {
    let site = Site::new();
    site.state.readiness.set(State::Starting("reading the journal of 3 lanes".to_owned()));
    assert_eq!(site.get("/healthz").json()["status"], "alive");
    let starting = site.get("/readyz");
    assert_eq!(starting.problem(503), "starting");
    assert!(starting.body.contains("reading the journal of 3 lanes"));
    site.state.readiness.set(State::Ready);
    assert_eq!(site.get("/readyz").json()["status"], "ready");
    site.state.readiness.set(State::Stopping("SIGTERM".to_owned()));
    assert_eq!(site.get("/readyz").problem(503), "stopping");
    assert_eq!(site.get("/healthz").status, 200);
}

#[test]
fn metrics_text_is_read_line_by_line() {
    let site = with_rows();
    site.state.metrics.observe_stage("annotate", 0.002);
    site.get("/v1/brands");
    let answer = site.get("/metrics");
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let mut described = std::collections::HashSet::new();
    for line in answer.body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            assert!(["HELP", "TYPE"].contains(&words.next().unwrap()), "{line}");
            described.insert(words.next().unwrap().to_owned());
            assert!(!words.next().unwrap().is_empty(), "{line}");
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let name = series.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|s| name.strip_suffix(s)).unwrap_or(name);
        assert!(described.contains(name) || described.contains(family), "{line}");
        assert!(!series.contains('{') || series.ends_with('}'), "{line}");
    }
    assert!(answer.body.contains("earful_view_entries{kind=\"rows\"} 6"), "{}", answer.body);
    assert!(answer.body.contains("earful_http_requests_total{route=\"/v1/brands\",status=\"2xx\"} 1"));
    assert!(answer.body.contains("earful_build_info{version=\""));
}
