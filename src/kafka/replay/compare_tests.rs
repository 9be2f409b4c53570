use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(minute * 60)
}

fn fired(started: i64, ended: Option<i64>, severity: Severity, last: i64) -> Fired {
    let (started_at, ended_at) = (at(started), ended.map(at));
    Fired { started_at, at: at(last), ended_at, severity, summary: format!("opened at {started}") }
}

/// `[same, gained, lost, moved, changed]` of one rule, compared until minute 100.
fn check_alerts(published: &[&Fired], replayed: &[&Fired], expected: [u64; 5]) {
    let mut comparison = Comparison::default();
    for (side, all) in [(Side::Published, published), (Side::Replayed, replayed)] {
        for fired in all {
            comparison.alert(side, "heron", "many", &fired.started_at.to_string(), (*fired).clone());
        }
    }
    let AlertDifference { same, gained, lost, moved, changed, examples } =
        comparison.finish(at(100), 9, &|_| String::new()).alerts;
    assert_eq!([same, gained, lost, moved, changed], expected, "{published:?} {replayed:?}");
    assert_eq!(examples.len() as u64, gained + lost + moved + changed);
}

#[test]
fn alerts_are_the_same_moved_gained_or_lost() {
    use Severity::{Critical, Warning};
    let early = fired(10, Some(30), Warning, 30);
    check_alerts(&[&early], &[&early], [1, 0, 0, 0, 0]);
    check_alerts(&[], &[&early], [0, 1, 0, 0, 0]);
    check_alerts(&[&early], &[], [0, 0, 1, 0, 0]);
    // Overlapping: the same trouble, at another time.
    check_alerts(&[&early], &[&fired(12, None, Warning, 12)], [0, 0, 0, 1, 0]);
    check_alerts(&[&early], &[&fired(30, None, Warning, 30)], [0, 1, 1, 0, 0]);
    let later = fired(40, Some(60), Warning, 60);
    check_alerts(&[&early, &later], &[&fired(11, Some(29), Warning, 29), &later], [1, 0, 0, 1, 0]);
    // Two of one side overlap one of the other.
    let long = fired(15, Some(50), Warning, 50);
    check_alerts(&[&early, &later], &[&long], [0, 0, 1, 1, 0]);
    check_alerts(&[&early], &[&fired(10, Some(30), Critical, 30)], [0, 0, 0, 0, 1]);
    check_alerts(&[&early], &[&fired(10, Some(31), Warning, 31)], [0, 0, 0, 0, 1]);
    // What opens behind the end of the comparison is not known to both.
    check_alerts(&[&fired(101, None, Warning, 101)], &[], [0; 5]);
    check_alerts(&[], &[&fired(101, None, Warning, 101)], [0; 5]);
}

#[test]
fn what_goes_on_behind_the_end_is_no_difference() {
    use Severity::{Critical, Info, Warning};
    let open = fired(90, None, Warning, 90);
    check_alerts(&[&fired(90, Some(130), Warning, 130)], &[&open], [1, 0, 0, 0, 0]);
    check_alerts(&[&fired(90, None, Critical, 120)], &[&open], [1, 0, 0, 0, 0]);
    check_alerts(&[&fired(90, None, Info, 120)], &[&open], [0, 0, 0, 0, 1]);
    check_alerts(&[&fired(90, Some(99), Warning, 99)], &[&open], [0, 0, 0, 0, 1]);
}

#[test]
fn the_last_state_counts_and_the_first_summary() {
    let mut comparison = Comparison::default();
    let states = [fired(10, None, Severity::Info, 10), fired(10, None, Severity::Critical, 20)];
    for (n, state) in states.into_iter().enumerate() {
        let state = Fired { summary: format!("state {n}"), ..state };
        comparison.alert(Side::Replayed, "heron", "many", "id", state);
    }
    let found = comparison.finish(at(100), 9, &|_| String::new()).alerts.examples.remove(0);
    let replayed = found.replayed.unwrap();
    assert_eq!((replayed.severity, replayed.summary.as_str()), (Severity::Critical, "state 0"));
    assert_eq!(found.published, None);
}

fn row(hash: u64, as_of: i64) -> Row {
    Row { hash, mentions: hash as i64, as_of: at(as_of) }
}

#[test]
fn rows_are_compared_by_key_up_to_the_end() {
    let mut comparison = Comparison::default();
    for (side, key, row) in [
        (Side::Published, "same", row(1, 1)),
        (Side::Replayed, "same", row(1, 1)),
        (Side::Published, "changed", row(1, 3)),
        (Side::Replayed, "changed", row(2, 3)),
        (Side::Published, "lost", row(7, 2)),
        (Side::Replayed, "gained", row(8, 2)),
        (Side::Published, "behind", row(9, 101)),
        (Side::Replayed, "behind too", row(9, 101)),
    ] {
        comparison.row(side, key, row);
    }
    assert!(comparison.is_other("same", &row(2, 1)) && !comparison.is_other("same", &row(1, 1)));
    assert!(!comparison.is_other("gained", &row(1, 1)));
    let found = comparison.finish(at(100), 2, &|_| String::new()).metrics;
    assert_eq!((found.same, found.changed, found.lost, found.gained), (1, 1, 1, 1));
    let shown: Vec<_> = found.examples.iter().map(|e| (e.key.as_str(), e.published, e.replayed)).collect();
    assert_eq!(shown, [("gained", None, Some(8)), ("lost", Some(7), None)]);
}

fn labels(hash: u64, offset: i64, brands: &[(&str, Polarity)]) -> Option<Labels> {
    let brands = brands.iter().map(|(brand, label)| (Label::from(*brand), *label)).collect();
    Some(Labels { hash, substance: hash, brands, place: (1, offset) })
}

fn of_version(hash: u64, offset: i64) -> Option<Labels> {
    labels(hash, offset, &[("heron", Polarity::Neutral)]).map(|labels| Labels { substance: 77, ..labels })
}

#[test]
fn mentions_are_compared_by_their_last_state() {
    use Polarity::{Negative, Neutral};
    use Side::{Published, Replayed};
    let mut comparison = Comparison::default();
    let heron = |hash, offset| labels(hash, offset, &[("heron", Neutral)]);
    for (side, key, state) in [
        (Published, "x:same", heron(1, 1)),
        (Replayed, "x:same", heron(9, 1)),
        (Replayed, "x:same", heron(1, 2)),
        (Published, "x:gone", heron(1, 3)),
        (Published, "x:gone", None),
        (Replayed, "x:gone", None),
        (Published, "x:lost", heron(1, 5)),
        (Replayed, "x:lost", heron(1, 5)),
        (Replayed, "x:lost", None),
        (Replayed, "x:gained", heron(1, 4)),
        (Published, "x:label", heron(1, 7)),
        (Replayed, "x:label", labels(2, 7, &[("heron", Negative), ("tern", Neutral)])),
        (Published, "x:bytes", heron(1, 8)),
        (Replayed, "x:bytes", heron(2, 8)),
        (Replayed, "x:later", heron(1, 9)),
        (Published, "x:version", of_version(1, 10)),
        (Replayed, "x:version", of_version(2, 10)),
    ] {
        comparison.mention(side, key, state);
    }
    comparison.supersede("x:later");
    comparison.supersede("x:never");
    let found = comparison.finish(at(0), 9, &|lane| format!("posts/{lane}"));
    assert!(!found.is_empty());
    assert_eq!(found.compared(), 6);
    let found = found.mentions;
    assert_eq!((found.same, found.changed, found.gained, found.lost, found.superseded), (1, 2, 1, 1, 1));
    assert_eq!(found.same_but_version, 1);
    let brand = |name: &str| found.brands.get(&Label::from(name)).copied().unwrap();
    assert_eq!(brand("heron"), BrandDifference { gained: 1, lost: 1, relabelled: 1 });
    assert_eq!(brand("tern"), BrandDifference { gained: 1, lost: 0, relabelled: 0 });
    let shown: Vec<_> = found.examples.iter().map(|e| (e.key.as_str(), e.record.as_str())).collect();
    let expected = [
        ("x:gained", "posts/1/4"),
        ("x:lost", "posts/1/5"),
        ("x:label", "posts/1/7"),
        ("x:bytes", "posts/1/8"),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn the_version_of_a_query_alone_is_no_difference() {
    let mut comparison = Comparison::default();
    comparison.mention(Side::Published, "x:version", of_version(1, 1));
    comparison.mention(Side::Replayed, "x:version", of_version(2, 1));
    let found = comparison.finish(at(0), 9, &|_| String::new());
    assert!(found.is_empty() && found.mentions.brands.is_empty() && found.mentions.examples.is_empty());
    assert_eq!(found.mentions.same_but_version, 1);
}

#[test]
fn nothing_differs_from_nothing() {
    let found = Comparison::default().finish(at(0), 9, &|_| String::new());
    assert!(found.is_empty() && found.compared() == 0);
}
