//! The read view by itself: corrections, limits, idempotence.

use earful::http::view::{IncidentFilter, MentionFilter, RowFilter};
use earful::http::{View, ViewLimits};
use earful::model::{Fate, IncidentStatus, MetricStatus, Output, Polarity, Resolution, Timestamp};
use proptest::prelude::*;

use crate::samples::{self, START, delta, incident, mention, minute, row};

fn view(limits: ViewLimits) -> View {
    View::new(samples::brands(), limits)
}

fn minutes(view: &View, brands: &[u32]) -> Vec<(String, i64, i64, u32)> {
    let filter = RowFilter { brands: brands.to_vec(), resolution: Resolution::Minute, from: None, to: None };
    let index = |start: Timestamp| (start.millis() - START.millis()) / 60_000;
    view.rows(&filter, None, 1_000)
        .iter()
        .map(|r| (r.row.brand.clone(), index(r.row.start), r.row.mentions, r.revision))
        .collect()
}

fn ids(view: &View, filter: &MentionFilter) -> Vec<String> {
    view.mentions(filter, None, 1_000).iter().map(|m| m.key.id.to_string()).collect()
}

#[test]
fn a_delta_is_added_and_the_sentiments_follow() {
    let view = view(ViewLimits::default());
    let base = minute("aurora", 0, 4);
    view.publish_metric(&base);
    view.publish_metric(&delta(&base, 3, 1, 2));
    let stored = view.latest(0, Resolution::Minute).unwrap();
    let r = &stored.row;
    assert_eq!((r.mentions, r.positive, r.neutral, r.negative, r.engagement), (8, 3, 4, 1, 10));
    assert_eq!((r.status, stored.revision, r.as_of), (MetricStatus::Final, 2, base.end.plus(120_000)));
    assert_eq!(r.impressions, Some(40));
    assert_eq!(r.mean_score, Some(0.25));
    let (polar, total) = (r.net_sentiment_polar.unwrap(), r.net_sentiment_total.unwrap());
    assert_eq!((polar.value, polar.n, total.value, total.n), (0.5, 4, 0.25, 8));
    assert!(polar.low < 0.5 && polar.high > 0.5 && polar.high <= 1.0 && polar.low >= -1.0);
    let networks: Vec<_> = r.networks.iter().map(|e| (e.value.as_str(), e.count)).collect();
    assert_eq!(networks, [("bluesky", 4), ("x", 4)]);
    assert_eq!(r.authors, base.authors, "distinct authors cannot be added");
}

#[test]
fn a_row_or_delta_that_comes_again_changes_nothing() {
    let view = view(ViewLimits::default());
    let base = minute("aurora", 0, 4);
    view.publish_metric(&base);
    for after in [2, 2, 1] {
        view.publish_metric(&delta(&base, 1, 0, after));
    }
    assert_eq!(minutes(&view, &[0]), [("aurora".to_owned(), 0, 5, 2)]);
}

#[test]
fn an_edit_that_changes_the_score_alone_moves_the_mean() {
    let view = view(ViewLimits::default());
    let base = minute("aurora", 0, 4);
    view.publish_metric(&base);
    let mut edit = delta(&base, 0, 0, 1);
    (edit.positive, edit.neutral, edit.score_sum, edit.mean_score) = (1, -1, 2.0004, None);
    view.publish_metric(&edit);
    let r = view.latest(0, Resolution::Minute).unwrap().row;
    assert_eq!((r.mentions, r.positive, r.score_sum, r.mean_score), (4, 1, 1.0004, Some(0.2501)));
}

#[test]
fn everything_taken_back_leaves_nulls() {
    let view = view(ViewLimits::default());
    let base = minute("aurora", 0, 1);
    view.publish_metric(&base);
    let mut gone = delta(&base, 0, 0, 1);
    (gone.mentions, gone.neutral) = (-1, -1);
    gone.networks = vec![earful::model::TopEntry { value: "x".into(), count: -1 }];
    view.publish_metric(&gone);
    let r = view.latest(0, Resolution::Minute).unwrap().row;
    assert_eq!((r.mentions, r.net_sentiment_total, r.mean_score, r.networks.len()), (0, None, None, 0));
}

#[test]
fn shares_of_voice_follow_a_correction_for_the_whole_peer_set() {
    let view = view(ViewLimits::default());
    let base = minute("aurora", 0, 1);
    view.publish_metric(&base);
    view.publish_metric(&minute("borealis", 0, 1));
    view.publish_metric(&delta(&base, 2, 0, 1));
    let share = |brand| view.latest(brand, Resolution::Minute).unwrap().row.share_of_voice;
    assert_eq!((share(0), share(1)), (Some(0.75), Some(0.25)));
}

#[test]
fn a_late_post_in_an_empty_pane_makes_a_row_but_not_one_of_before_the_restart() {
    let view = view(ViewLimits::default());
    view.resumed_at(START.plus(5 * 60_000));
    view.publish_metric(&delta(&minute("aurora", 4, 0), 1, 0, 1));
    view.publish_metric(&delta(&minute("aurora", 5, 0), 1, 0, 1));
    assert_eq!(minutes(&view, &[0]), [("aurora".to_owned(), 5, 1, 1)]);
}

#[test]
fn open_rows_are_replaced_and_give_way_to_final_ones() {
    let view = view(ViewLimits::default());
    view.publish_open(vec![minute("aurora", 0, 1), minute("aurora", 1, 1)]);
    view.publish_metric(&minute("aurora", 0, 2));
    let expected = [("aurora".to_owned(), 0, 2, 1), ("aurora".to_owned(), 1, 1, 0)];
    assert_eq!(minutes(&view, &[0]), expected);
    assert_eq!(view.latest(0, Resolution::Minute).unwrap().revision, 0);
    view.publish_open(Vec::new());
    assert_eq!(minutes(&view, &[0]).len(), 1);
    assert_eq!(view.sizes().open_rows, 0);
}

#[test]
fn the_oldest_rows_give_way_by_number_and_do_not_come_back() {
    let view = view(ViewLimits { rows_per_brand: [3, 1, 1], ..ViewLimits::default() });
    for index in 0..5 {
        view.publish_metric(&minute("aurora", index, index));
    }
    view.publish_metric(&minute("borealis", 0, 9));
    view.publish_metric(&delta(&minute("aurora", 0, 0), 7, 0, 1));
    let kept: Vec<_> = minutes(&view, &[0, 1]).into_iter().map(|(b, i, ..)| (b, i)).collect();
    let name = |b: &str, i| (b.to_owned(), i);
    assert_eq!(kept, [name("aurora", 2), name("aurora", 3), name("aurora", 4), name("borealis", 0)]);
}

#[test]
fn bytes_are_bounded_and_minutes_leave_room_for_days() {
    let view = view(ViewLimits { rows_bytes: [8_000; 3], ..ViewLimits::default() });
    view.publish_metric(&row("aurora", Resolution::Day, 0, 1));
    for index in 0..200 {
        view.publish_metric(&minute("aurora", index, 1));
    }
    assert!(view.sizes().rows < 15, "{:?}", view.sizes());
    assert!(view.latest(0, Resolution::Day).is_some());
    assert_eq!(minutes(&view, &[0]).last().unwrap().1, 199);
}

#[test]
fn a_row_that_gave_way_does_not_come_back_in_part() {
    let view = view(ViewLimits { rows_bytes: [8_000; 3], ..ViewLimits::default() });
    let mut big = minute("aurora", 0, 1);
    big.top_links.entries = vec![big.top_links.entries[0].clone(); 80];
    view.publish_metric(&big);
    assert_eq!(minutes(&view, &[0])[0].1, 0);
    view.publish_metric(&minute("aurora", 1, 1));
    view.publish_metric(&minute("aurora", 2, 1));
    let held = minutes(&view, &[0]);
    assert_eq!(held[0].1, 1, "the big row gave way and left room");
    view.publish_metric(&delta(&big, 1, 0, 5));
    assert_eq!(minutes(&view, &[0]), held);
}

#[test]
fn mentions_come_newest_first_and_a_delete_removes() {
    let view = view(ViewLimits::default());
    view.publish_mention(&mention("a", &[(0, Polarity::Negative)], "one"), Fate::Kept);
    view.publish_mention(
        &mention("b", &[(0, Polarity::Positive), (1, Polarity::Negative)], "two"),
        Fate::Late,
    );
    view.publish_mention(&mention("a", &[(0, Polarity::Positive)], "one, edited"), Fate::Retracted);
    let all = MentionFilter::default();
    assert_eq!(ids(&view, &all), ["a", "b"]);
    assert_eq!(ids(&view, &MentionFilter { brand: Some(1), ..all.clone() }), ["b"]);
    let negative = MentionFilter { sentiment: Some(Polarity::Negative), ..all.clone() };
    assert_eq!(ids(&view, &negative), ["b"]);
    assert!(ids(&view, &MentionFilter { brand: Some(0), ..negative }).is_empty());
    view.apply(&Output::Tombstone(mention("a", &[], "").key()));
    assert_eq!(ids(&view, &all), ["b"]);
}

#[test]
fn a_loud_brand_does_not_push_out_a_quiet_one() {
    let view = view(ViewLimits { mentions_per_brand: 2, mentions: 5, ..ViewLimits::default() });
    view.publish_mention(&mention("quiet", &[(1, Polarity::Neutral)], ""), Fate::Kept);
    for i in 0..50 {
        view.publish_mention(&mention(&format!("loud{i}"), &[(0, Polarity::Neutral)], ""), Fate::Kept);
    }
    assert_eq!(ids(&view, &MentionFilter::default()), ["loud49", "loud48", "quiet"]);
}

#[test]
fn a_mention_stays_while_one_of_its_brands_lists_it() {
    let view = view(ViewLimits { mentions_per_brand: 2, ..ViewLimits::default() });
    let both = [(0, Polarity::Neutral), (1, Polarity::Neutral)];
    view.publish_mention(&mention("both", &both, ""), Fate::Kept);
    for id in ["a", "b"] {
        view.publish_mention(&mention(id, &both[..1], ""), Fate::Kept);
    }
    assert_eq!(ids(&view, &MentionFilter { brand: Some(0), ..MentionFilter::default() }), ["b", "a"]);
    assert_eq!(ids(&view, &MentionFilter { brand: Some(1), ..MentionFilter::default() }), ["both"]);
    assert_eq!(ids(&view, &MentionFilter::default()), ["b", "a", "both"]);
}

#[test]
fn a_mention_too_big_for_the_view_is_not_held() {
    let view = view(ViewLimits { mentions_bytes: 10_000, ..ViewLimits::default() });
    view.publish_mention(&mention("big", &[(0, Polarity::Neutral)], &"long ".repeat(10_000)), Fate::Kept);
    assert_eq!(view.sizes().mentions, 0);
}

#[test]
fn incidents_keep_their_life_and_resolved_ones_give_way_first() {
    let view = view(ViewLimits { incidents: 2, incident_revisions: 3, ..ViewLimits::default() });
    for revision in [1, 2, 2, 3, 4, 1] {
        view.publish_incident(&incident("old", revision, "aurora", 0, IncidentStatus::Update));
    }
    let revisions: Vec<u32> = view.incident("old").unwrap().revisions().map(|i| i.revision).collect();
    assert_eq!(revisions, [1, 3, 4]);
    view.publish_incident(&incident("done", 1, "aurora", 1, IncidentStatus::Resolved));
    view.publish_incident(&incident("new", 1, "borealis", 2, IncidentStatus::Open));
    let found = view.incidents(&IncidentFilter::default(), None, 10);
    let order: Vec<_> = found.iter().map(|h| h.latest().unwrap().id.as_str()).collect();
    assert_eq!(order, ["new", "old"]);
}

proptest! {
    /// Whatever comes in, the limits hold, and each brand's list agrees with the list of all.
    #[test]
    fn limits_hold_for_any_sequence(steps in prop::collection::vec((0u8..4, 0u32..3, 0u32..40), 1..400)) {
        let view = view(ViewLimits { mentions_per_brand: 4, mentions: 7, ..ViewLimits::default() });
        for (kind, brand, id) in steps {
            let other = (brand + 1) % 3;
            let matched = [(brand.min(other), Polarity::Neutral), (brand.max(other), Polarity::Negative)];
            let post = mention(&id.to_string(), &matched[..1 + usize::from(kind == 0)], "");
            if kind == 3 { view.remove_mention(post.key()) } else { view.publish_mention(&post, Fate::Kept) }
            let all = ids(&view, &MentionFilter::default());
            prop_assert!(all.len() <= 7);
            let mut listed: Vec<String> = Vec::new();
            for brand in 0..3 {
                let of_brand = ids(&view, &MentionFilter { brand: Some(brand), ..MentionFilter::default() });
                prop_assert!(of_brand.len() <= 4);
                listed.extend(of_brand);
            }
            listed.sort();
            listed.dedup();
            let mut all = all;
            all.sort();
            prop_assert_eq!(listed, all);
        }
    }
}
